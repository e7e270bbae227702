"""Proposals: their states, what may be frozen, and the frozen terms as read back from a signed Question (G7).

Called by the proposal services, and by the verifier for the proposals of every level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from federation.assembly.bylaws.clauses import PROPOSAL_TYPE
from federation.assembly.decide import OutcomeState
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.refusals import RuleError
from federation.assembly.rules import QuorumKind, Rule, read_rule
from identity.canonical import bytes_digest
from node.governance.refusals import Refusal

MOTION: Final = "motion"
RATIFICATION: Final = "ratification"
KEPT_TYPES: Final = frozenset({RATIFICATION})
"""Types that no author writes."""
TITLE_LENGTH: Final = 300
TEXT_LENGTH: Final = 50_000
SHORTEST_WINDOW: Final = timedelta(days=1)
LONGEST_WINDOW: Final = timedelta(days=14)


class ProposalState(StrEnum):
    """Where a proposal stands. End states say why."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    OPEN = "open"
    PASSED = "passed"
    REJECTED = "rejected"
    CLOSED_WITHOUT_QUORUM = "closed_without_quorum"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[Mapping[ProposalState, frozenset[ProposalState]]] = {
    ProposalState.DRAFT: frozenset({ProposalState.SUBMITTED, ProposalState.WITHDRAWN}),
    ProposalState.SUBMITTED: frozenset({ProposalState.DRAFT, ProposalState.OPEN, ProposalState.WITHDRAWN}),
    ProposalState.OPEN: frozenset({ProposalState.PASSED, ProposalState.REJECTED, ProposalState.CLOSED_WITHOUT_QUORUM}),
    ProposalState.PASSED: frozenset(),
    ProposalState.REJECTED: frozenset(),
    ProposalState.CLOSED_WITHOUT_QUORUM: frozenset(),
    ProposalState.WITHDRAWN: frozenset(),
}
assert TRANSITIONS.keys() == set(ProposalState), "every state has its way on"

STATE_AFTER: Final[Mapping[OutcomeState, ProposalState]] = {
    OutcomeState.PASSED: ProposalState.PASSED,
    OutcomeState.REJECTED: ProposalState.REJECTED,
    OutcomeState.NO_QUORUM: ProposalState.CLOSED_WITHOUT_QUORUM,
    OutcomeState.EMPTY: ProposalState.CLOSED_WITHOUT_QUORUM,
    OutcomeState.VETOED: ProposalState.REJECTED,
}


class ElectorateKind(StrEnum):
    """Who decides: the members of one body, a roll naming members of several, or constituents under a statute."""

    MEMBERS = "members"
    ROLL = "roll"
    CONSTITUENTS = "constituents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Electorate:
    """The frozen electorate: `digest`, `count` and `weight` of the roll, or the digest of the statute."""

    kind: ElectorateKind
    digest: str
    count: int = 0
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Upstream:
    """The assembly's proposal that this one answers, and the topmost one above it."""

    proposal: Reference
    root: Reference


@dataclass(frozen=True, slots=True)
class Ratified:
    """The proposal that a ratification is about, and the outcome of it that becomes binding by it."""

    proposal: Reference
    outcome: Reference

    def to_document(self) -> dict[str, object]:
        """The member `ratifies` of a proposal."""
        return {"proposal": self.proposal.to_document(), "outcome": self.outcome.to_document()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenProposal:
    """The terms of a signed Question that nobody may edit any more (G7).

    `type` says what kind of text it is: `motion`, `statute`, or a type that a statute names; `lot` is the commitment
    to the nonce of a lot, where the rule may come to one. `is_split` says that the position which follows from it is
    split as its tally is, where the statute above lets bodies split. `plan` is the plan of a relief that comes into
    force if the proposal passes.
    """

    id: str
    actor: str
    title: str
    body: str
    text_digest: str
    rule: Rule
    opens_at: datetime
    closes_at: datetime
    electorate: Electorate
    upstream: Upstream | None
    type: str = MOTION
    lot: str | None = None
    ratifies: Ratified | None = None
    is_split: bool = False
    plan: Reference | None = None


def check_transition(state: str, wanted: str) -> ProposalState:
    """The wanted state, if it may follow `state`; otherwise refuses with `state-wrong`."""
    if ProposalState(wanted) not in TRANSITIONS[ProposalState(state)]:
        raise Refusal("state-wrong", f"{state} cannot become {wanted}")
    return ProposalState(wanted)


def check_text(title: str, text: str) -> None:
    """Refuses `text-missing` for blank, `text-too-long` beyond 300 characters of title or 50,000 of text."""
    if not title.strip() or not text.strip():
        raise Refusal("text-missing")
    if len(title) > TITLE_LENGTH or len(text) > TEXT_LENGTH:
        raise Refusal("text-too-long")


def check_type(written: str | None) -> None:
    """Refuses `type-invalid` for anything but nothing, or a word of small letters and hyphens that is not ours."""
    if written is not None and (written in KEPT_TYPES or not PROPOSAL_TYPE.fullmatch(written)):
        raise Refusal("type-invalid")


def check_window(
    opens_at: datetime,
    closes_at: datetime,
    *,
    shortest: timedelta = SHORTEST_WINDOW,
    longest: timedelta = LONGEST_WINDOW,
) -> None:
    """Refuses `window-invalid` unless ballots can be cast for at least `shortest` and at most `longest` (G7)."""
    if not shortest <= closes_at - opens_at <= longest:
        raise Refusal("window-invalid", f"from {_span(shortest)} to {_span(longest)}")


def check_rule(document: object, kind: str) -> Rule:
    """The rule in JSON, if it can be applied to this kind of electorate; otherwise refuses with `rule-invalid`.

    A bodies quorum needs constituents to count.
    """
    try:
        rule = read_rule(document)
    except RuleError as error:
        raise Refusal("rule-invalid", error.detail or error.public) from error
    if rule.quorum and rule.quorum.kind is QuorumKind.BODIES and kind != ElectorateKind.CONSTITUENTS:
        raise Refusal("rule-invalid", "only an assembly can count bodies for its quorum")
    return rule


def read_proposal(document: object) -> FrozenProposal:
    """The frozen terms in a signed Question, whose signature is not checked here. Refuses `proposal-invalid`.

    Where the Question carries its Markdown source, the source must have the digest it states.
    """
    outer, fields = governance_of(document, "proposal", _refuse)
    kind = ElectorateKind(fields.within("electorate").one_of("kind", tuple(ElectorateKind)))
    proposal = FrozenProposal(
        id=outer.text("id"),
        actor=outer.text("attributedTo"),
        title=outer.text("name"),
        body=fields.text("body"),
        text_digest=fields.digest("text_digest"),
        rule=_read_rule(fields, kind),
        opens_at=fields.instant("opens_at"),
        closes_at=fields.instant("closes_at"),
        electorate=_read_electorate(fields.within("electorate"), kind),
        upstream=_read_upstream(fields),
        type=MOTION if fields.is_absent("type") else fields.text("type"),
        lot=None if fields.is_absent("lot") else fields.digest("lot"),
        ratifies=_read_ratified(fields),
        is_split=not fields.is_absent("splits") and fields.flag("splits"),
        plan=None if fields.is_absent("plan") else fields.reference("plan"),
    )
    if "lot" in proposal.rule.tie and proposal.lot is None:
        raise _refuse("a rule that may draw lots needs a commitment to their nonce")
    _check_source(outer, proposal.text_digest)
    return proposal


def _span(length: timedelta) -> str:
    return f"{length.days} days" if length.days else f"{length.total_seconds():g} seconds"


def _read_electorate(fields: Fields, kind: ElectorateKind) -> Electorate:
    if kind is ElectorateKind.CONSTITUENTS:
        return Electorate(kind=kind, digest=fields.digest("statute"))
    return Electorate(
        kind=kind, digest=fields.digest("digest"), count=fields.integer("count"), weight=fields.integer("weight")
    )


def _read_upstream(fields: Fields) -> Upstream | None:
    if fields.is_absent("upstream"):
        return None
    above = fields.within("upstream")
    return Upstream(
        proposal=Reference(above.text("id"), above.digest("digest")),
        root=Reference(above.text("root"), above.digest("root_digest")),
    )


def _read_ratified(fields: Fields) -> Ratified | None:
    if fields.is_absent("ratifies"):
        return None
    about = fields.within("ratifies")
    return Ratified(about.reference("proposal"), about.reference("outcome"))


def _read_rule(fields: Fields, kind: ElectorateKind) -> Rule:
    try:
        return check_rule(fields.members.get("rule"), kind)
    except Refusal as refusal:
        raise _refuse(refusal.detail) from refusal


def _check_source(outer: Fields, text_digest: str) -> None:
    if not outer.is_absent("source"):
        text = outer.within("source").text("content")
        if bytes_digest(text.encode()) != text_digest:
            raise _refuse("the text is not the one that was frozen")


def _refuse(detail: str) -> Refusal:
    return Refusal("proposal-invalid", detail)
