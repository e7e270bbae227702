"""A decision rule as sentences: what passes, how many must take part, what a tie does.

Called by the proposal, federation and form views; it says the rule and never applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from federation.assembly.rules import Base, QuorumKind, Rule, RuleError, read_rule
from node.web.views.wording.numbers import threshold_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.assembly.rules import Quorum
    from node.web.views.wording.words import Words

BASES: Mapping[Base, str] = {
    Base.DECISIVE: "of those who choose for or against",
    Base.CAST: "of all who take part",
    Base.ELECTORATE: "of the whole roll",
}
PRESET_TEXTS: Mapping[str, str] = {
    "majority": "Simple majority: more for than against",
    "supermajority-66": "66 % of those for or against",
    "two-thirds": "Two thirds of those for or against",
    "three-quarters": "Three quarters of those for or against",
    "consensus-85": "85 % of those for or against",
    "absolute-majority": "More than half of the whole roll",
    "unanimity": "Nobody against, at least one for",
}


QUORUMS: Mapping[QuorumKind, str] = {
    QuorumKind.PARTICIPATION: "At least %(share)s of the roll must take part; below that nothing is decided.",
    QuorumKind.APPROVAL: "At least %(share)s of the whole roll must choose for; below that nothing is decided.",
    QuorumKind.REJECTION: "It passes unless %(share)s of the whole roll choose against.",
    QuorumKind.BODIES: "At least %(share)s of the bodies must report; below that nothing is decided.",
}
COUNTED_QUORUMS = frozenset({QuorumKind.PARTICIPATION, QuorumKind.APPROVAL})


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule in three sentences."""

    passes: str
    quorum: str
    tie: str


def known_rule(document: Mapping[str, Any]) -> Rule | None:
    """The rule of a document, or None when a peer wrote one this node does not know."""
    try:
        return read_rule(document)
    except RuleError:
        return None


def rule_words(document: Mapping[str, Any], say: Words) -> RuleWords:
    """The sentences of a rule document."""
    rule = known_rule(document)
    if rule is None:
        unknown = say("This node does not know this rule; the deciding body applies it.")
        return RuleWords(unknown, unknown, unknown)
    return RuleWords(
        passes=passes_sentence(rule, say),
        quorum=quorum_sentence(rule.quorum, say),
        tie=say("A tie changes nothing: the proposal does not pass."),
    )


def passes_sentence(rule: Rule, say: Words) -> str:
    """What it takes to pass (G1)."""
    values = {"share": threshold_text(rule.threshold), "base": say(BASES[rule.of])}
    if rule.threshold == 1:
        return say("It passes when all %(base)s choose for.", **values)
    if rule.strict:
        return say("It passes when more than %(share)s %(base)s choose for.", **values)
    return say("It passes when at least %(share)s %(base)s choose for.", **values)


def quorum_sentence(quorum: Quorum | None, say: Words) -> str:
    """How many must take part (G5)."""
    if quorum is None:
        return say("There is no quorum: whoever takes part decides.")
    said = say(QUORUMS[quorum.kind], share=threshold_text(quorum.share))
    if quorum.kind is QuorumKind.PARTICIPATION and quorum.abstain_counts:
        return said + " " + say("Abstaining counts as taking part.")
    return said


def quorum_needed(document: Mapping[str, Any], electorate: int | Fraction) -> int | None:
    """How much of the roll must take part: the least whole number that meets the quorum (G5), None without one."""
    rule = known_rule(document)
    if rule is None or rule.quorum is None or rule.quorum.kind not in COUNTED_QUORUMS:
        return None
    return ceil(Fraction(rule.quorum.share) * electorate)
