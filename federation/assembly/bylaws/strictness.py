"""Whether a rule asks for at least as much as another in every part, so that nothing passes by it that the other stops.

An assembly puts its questions to the rule of its statute or to a stricter one (G6). Called before a proposal is written
and opened, when one arrives from a peer, and by the verifier.
"""

from collections.abc import Callable, Mapping
from typing import Final

from federation.assembly.bylaws.amendments import AMENDMENT, is_amendment
from federation.assembly.quorums import Quorum, QuorumKind
from federation.assembly.refusals import AmendmentRefusal, RuleError
from federation.assembly.rules import STATUS_QUO, Base, Rule, second_call
from federation.assembly.statute import Statute

WIDER: Final = (Base.DECISIVE, Base.CAST, Base.ELECTORATE)
"""Each is at least as much weight as the one before it."""
STAND_IN: Final[Mapping[QuorumKind, frozenset[QuorumKind]]] = {
    QuorumKind.PARTICIPATION: frozenset({QuorumKind.PARTICIPATION, QuorumKind.APPROVAL, QuorumKind.DYNAMIC}),
    QuorumKind.APPROVAL: frozenset({QuorumKind.APPROVAL, QuorumKind.DYNAMIC}),
    QuorumKind.REJECTION: frozenset({QuorumKind.REJECTION}),
    QuorumKind.BODIES: frozenset({QuorumKind.BODIES}),
    QuorumKind.DYNAMIC: frozenset({QuorumKind.DYNAMIC}),
}
"""By kind of quorum: the kinds that imply it at the same share."""


def check_rule_of(rule: Rule, statute: Statute, *, proposal_type: str | None, text: str, is_answer: bool) -> None:
    """Nothing, if an assembly may put such a proposal to this rule under its statute.

    A change of the statute is of the type for that and put to exactly the rule for that. Only an assembly's own
    question is one; `is_answer` says that this answers one of an assembly above. Raises RuleError rule-weaker,
    AmendmentRefusal amendment-rule.
    """
    if not is_answer and (proposal_type == AMENDMENT or is_amendment(text)):
        if proposal_type != AMENDMENT or rule != (statute.terms.amendment or statute.rule):
            raise AmendmentRefusal("amendment-rule")
        return
    part = weaker_part(rule, statute.rule)
    if part is not None:
        raise RuleError("rule-weaker", part)


def weaker_part(rule: Rule, least: Rule) -> str | None:
    """The first part in which `rule` asks for less than `least`, or for something else; None if it does in no part.

    When a rule closes early is not looked at: it does so when everybody has spoken.
    """
    return next((part for part, is_kept in PARTS.items() if not is_kept(rule, least)), None)


def _keeps_threshold(rule: Rule, least: Rule) -> bool:
    if WIDER.index(rule.of) < WIDER.index(least.of):
        return False
    return rule.threshold > least.threshold or (rule.threshold == least.threshold and (rule.strict or not least.strict))


def _keeps_quorum(rule: Rule, least: Rule) -> bool:
    ours, theirs = rule.quorum, least.quorum
    if theirs is None:
        return ours is None or ours.kind is not QuorumKind.REJECTION
    if ours is None or ours.kind not in STAND_IN[theirs.kind]:
        return False
    if ours.kind is QuorumKind.REJECTION:
        return ours.share <= theirs.share
    if ours.kind is QuorumKind.PARTICIPATION and ours.abstain_counts and not theirs.abstain_counts:
        return False
    return ours.share >= theirs.share and _climbs_as_far(ours, theirs)


def _climbs_as_far(ours: Quorum, theirs: Quorum) -> bool:
    if theirs.dynamic is None:
        return True
    return ours.dynamic is not None and (
        ours.dynamic.most >= theirs.dynamic.most and ours.dynamic.slope >= theirs.dynamic.slope
    )


def _keeps_calls(rule: Rule, least: Rule) -> bool:
    """A second call asks what the statute asks in its first, or in a second one that comes no later."""
    again, known = second_call(rule), second_call(least)
    if again is None or _keeps_quorum(again[1], least):
        return True
    return known is not None and again[0] >= known[0] and _keeps_quorum(again[1], known[1])


def _keeps_ties(rule: Rule, least: Rule) -> bool:
    """What breaks a tie begins as in the statute; where the list ends sooner, the tie stays one and nothing passes."""
    ours, theirs = (tuple(way for way in each.tie if way not in STATUS_QUO) for each in (rule, least))
    return ours == theirs[: len(ours)]


PARTS: Final[Mapping[str, Callable[[Rule, Rule], bool]]] = {
    "threshold": _keeps_threshold,
    "quorum": _keeps_quorum,
    "second call": _keeps_calls,
    "tie": _keeps_ties,
}
