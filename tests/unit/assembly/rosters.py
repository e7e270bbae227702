"""Statutes and reports in short, for the roll-up tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from federation.assembly.positions import PositionChoice, Split
from federation.assembly.roll_up import Report, ReportStatus
from federation.assembly.statute import Constituent, Statute, read_statute, statute_governance
from federation.assembly.tally import Tally
from federation.assembly.weighing.leaves import Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping


def statute_of(
    weights: Mapping[str, int],
    mode: str = "weights",
    *,
    members: Mapping[str, int] | None = None,
    rule: dict[str, Any] | None = None,
    **terms: Any,
) -> Statute:
    """A statute as its readers see it, over constituents named by letters."""
    governance = statute_governance(
        assembly="did:web:above",
        name="Above",
        version=1,
        mode=mode,
        weight_denominator=10,
        constituents=[
            Constituent(
                body=name,
                actor=f"https://{name}/body",
                name=name,
                kind="coop",
                key=name,
                weight=weight,
                members=(members or {}).get(name),
            )
            for name, weight in weights.items()
        ],
        rule=rule or {"preset": "majority"},
        margin_seconds=0,
        adopted_at=datetime(2026, 1, 1, tzinfo=UTC),
        terms=terms,
    )
    return read_statute({"attributedTo": "https://above/body", "governance": governance})


def sized(mode: str, sizes: Mapping[str, int], **more: Any) -> Statute:
    """A statute whose constituents have so many members, and weigh one each where weights are laid down."""
    return statute_of(dict.fromkeys(sizes, 1), mode, members=sizes, **more)


def counted(choice: str, members: Tally | None = None, level: int = 1) -> Report:
    return Report(status=ReportStatus.COUNTED, choice=PositionChoice(choice), members=members, level=level)


def split(in_favour: int, against: int, abstain: int = 0) -> Report:
    parts = Split(in_favour, against, abstain)
    return Report(status=ReportStatus.COUNTED, choice=PositionChoice.FOR, split=parts)


def voted(in_favour: int, against: int, abstain: int = 0, silent: int = 0) -> Report:
    """A co-op's counted report with its own tally, by majority, and itself as its leaf."""
    tally = Tally(in_favour, against, abstain, in_favour + against + abstain + silent)
    choice = "for" if in_favour > against else "against" if against > in_favour else "abstain"
    return Report(status=ReportStatus.COUNTED, choice=PositionChoice(choice), tally=tally, members=tally)


def leaf(body: str, tally: Tally, *, minute: int = 0, counts: bool = True) -> Leaf:
    at = datetime(2026, 1, 1, 12, minute, tzinfo=UTC)
    return Leaf(body=body, at=at, outcome=f"sha256:{minute:064x}", tally=tally, counts=counts)
