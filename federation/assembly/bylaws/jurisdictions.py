"""Named presets of terms that follow co-operative law in some place. Have a lawyer confirm them before you rely on one.

Called by whoever writes a statute, and by its checks: a statute that names a preset must have its terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from federation.assembly.bylaws.terms import Terms, terms_document

CONFIRM: Final = "This is a starting point and no legal advice: have a lawyer confirm it for your co-op."


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A preset: what it is for, the terms it sets, and how many others one delegate may represent, where limited."""

    title: str
    terms: Mapping[str, object]
    most_represented: int | None = None
    note: str = CONFIRM


def _frozen(**members: object) -> Mapping[str, object]:
    return MappingProxyType(members)


SPANISH_CAP: Final = {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity", "3": "2/5"}}

JURISDICTIONS: Final[Mapping[str, Jurisdiction]] = {
    "es-second-degree": Jurisdiction(
        "Spanish second-degree co-operatives: nobody above a third of the votes, 40 % among three, two only together",
        _frozen(cap=SPANISH_CAP),
    ),
    "es-madrid": Jurisdiction(
        "Madrid: as in Spain, and nobody represents more than two others",
        _frozen(cap=SPANISH_CAP),
        most_represented=2,
    ),
    "eu-sce": Jurisdiction(
        "European Co-operative Society: two thirds of valid votes change the statute; half must take part at the first"
        " call, nobody need at the second",
        _frozen(
            amendment={
                "method": "threshold",
                "preset": "two-thirds",
                "threshold": "2/3",
                "strict": False,
                "of": "decisive",
                "quorum": {
                    "kind": "participation",
                    "share": "1/2",
                    "abstain_counts": True,
                    "second_call": {"after_seconds": 7 * 86_400, "share": "0/1"},
                },
                "tie": "status_quo",
                "closes_early": False,
            }
        ),
    ),
}


def differs_from(name: str, terms: Terms) -> bool:
    """Whether these terms set a member of the preset otherwise."""
    written = terms_document(terms)
    return any(written[member] != value for member, value in JURISDICTIONS[name].terms.items())
