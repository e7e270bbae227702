"""Frozen terms against what binds them: the proposal above, the time it leaves, and the statute they are decided under.

Called by the walk for every proposal before anything in it is counted (G6, G7).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from federation.assembly.bylaws.strictness import check_rule_of
from federation.assembly.refusals import AmendmentRefusal, RuleError
from federation.assembly.statute import Statute
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.line import Line
from node.governance.proposals import RATIFICATION, ElectorateKind, FrozenProposal, Upstream

DEEPEST: Final = 32


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the level above asked for: its proposal and the root's, the frozen text, and the bodies on the way down.

    It closes at `closes_at` in its first call and at `ends_at` in the one that decides; those below a `margin` before
    the end of the call in which they were asked. Only whole seconds of a margin are looked at.
    """

    upstream: Upstream
    text_digest: str
    path: tuple[str, ...]
    closes_at: datetime
    ends_at: datetime
    margin: timedelta


def mandate_of(
    frozen: FrozenProposal, *, ends_at: datetime, cited_as: Upstream, statute: Statute, path: tuple[str, ...]
) -> Mandate:
    """What an assembly asks of those below with this proposal, as it was frozen."""
    return Mandate(
        upstream=cited_as,
        text_digest=frozen.text_digest,
        path=(*path, frozen.body),
        closes_at=frozen.closes_at,
        ends_at=ends_at,
        margin=timedelta(seconds=int(statute.margin_seconds)),
    )


def check_mandate(number: int, terms: FrozenProposal, mandate: Mandate) -> None:
    """Nothing, if these terms answer what was asked, in time; otherwise raises EvidenceRefusal."""
    if terms.upstream != mandate.upstream:
        raise EvidenceRefusal("proposal-upstream", number)
    if terms.text_digest != mandate.text_digest:
        raise EvidenceRefusal("proposal-text", number)
    if terms.body in mandate.path:
        raise EvidenceRefusal("tree-cycle", number, terms.body)
    if len(mandate.path) >= DEEPEST:
        raise EvidenceRefusal("tree-too-deep", number)
    is_asked_again = terms.opens_at >= mandate.closes_at
    if terms.closes_at > (mandate.ends_at if is_asked_again else mandate.closes_at) - mandate.margin:
        raise EvidenceRefusal("proposal-window", number, "it closes after the margin of the assembly began")


def check_ratifies(number: int, terms: FrozenProposal) -> None:
    """Nothing, if these terms ratify a decision of constituents by constituents, or do not claim to ratify anything."""
    is_claimed = terms.ratifies is not None or (terms.type == RATIFICATION and terms.upstream is None)
    if is_claimed and (terms.ratifies is None or terms.electorate.kind is not ElectorateKind.CONSTITUENTS):
        raise EvidenceRefusal("ratification", number, "it names no decision of constituents")


def check_under(line: Line, terms: FrozenProposal, statute: Statute) -> None:
    """Nothing, if an assembly may put these terms to its constituents under its statute; else raises EvidenceRefusal.

    An answer to an assembly above has only the time that is left, and changes no statute of its own.
    """
    if terms.ratifies:
        return
    least = timedelta(seconds=statute.terms.shortest_window_seconds + int(statute.margin_seconds))
    if terms.upstream is None and terms.closes_at - terms.opens_at < least:
        raise EvidenceRefusal("proposal-window", line.number, "shorter than the statute lets it be")
    try:
        check_rule_of(
            terms.rule, statute, proposal_type=terms.type, text=_text(line), is_answer=terms.upstream is not None
        )
    except AmendmentRefusal as refusal:
        raise EvidenceRefusal("proposal-amendment", line.number) from refusal
    except RuleError as refusal:
        raise EvidenceRefusal("proposal-rule", line.number, refusal.detail) from refusal


def _text(line: Line) -> str:
    """The Markdown of a proposal that was read before; empty where it only states the digest."""
    source = line.document.get("source")
    return str(source["content"]) if source else ""
