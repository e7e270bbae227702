"""Decision rules of the yes/no family and their JSON form (G1, G5).

Read from proposals and statutes; applied by `decide`. Thresholds and quorums are exact fractions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Final

from federation.assembly.fields import Fields, fields_of, read_share, share_text
from federation.assembly.quorums import Quorum, QuorumKind, at_second_call, quorum_document, read_quorum
from federation.assembly.refusals import RuleError

__all__ = [
    "PRESETS",
    "Base",
    "Quorum",
    "QuorumKind",
    "Rule",
    "RuleError",
    "preset_name",
    "read_rule",
    "rule_document",
    "second_call",
    "share_text",
]

METHODS: Final = ("threshold",)
STATUS_QUO: Final = ("status_quo",)
TIES: Final = ("status_quo", "previous_stage", "lot")
LAST_WORD: Final = frozenset({"status_quo", "lot"})
"""Ways to break a tie that never leave it open; nothing may be listed behind them (G4)."""

RULE_KEYS: Final = ("method", "preset", "threshold", "strict", "of", "quorum", "tie", "closes_early")


class Base(StrEnum):
    """What a threshold is a share of: D, C or E of rule G1."""

    DECISIVE = "decisive"
    CAST = "cast"
    ELECTORATE = "electorate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Passes when F is at least (or, if `strict`, more than) `threshold` of `of`. Raises RuleError if unreachable.

    `tie` lists what breaks a tie, in this order (G4): nothing does where the list ends.
    """

    threshold: Fraction
    strict: bool = False
    of: Base = Base.DECISIVE
    quorum: Quorum | None = None
    tie: tuple[str, ...] = STATUS_QUO
    closes_early: bool = False
    method: str = "threshold"

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1 or (self.strict and self.threshold == 1):
            raise RuleError("rule-threshold")
        if self.method not in METHODS:
            raise RuleError("rule-method", self.method)
        if not self.tie or not set(self.tie) <= set(TIES) or LAST_WORD & set(self.tie[:-1]):
            raise RuleError("rule-tie", ", ".join(self.tie))


PRESETS: Final[Mapping[str, Rule]] = {
    "majority": Rule(threshold=Fraction(1, 2), strict=True),
    "supermajority-66": Rule(threshold=Fraction(66, 100)),
    "two-thirds": Rule(threshold=Fraction(2, 3)),
    "three-quarters": Rule(threshold=Fraction(3, 4)),
    "consensus-85": Rule(threshold=Fraction(85, 100)),
    "absolute-majority": Rule(threshold=Fraction(1, 2), strict=True, of=Base.ELECTORATE),
    "unanimity": Rule(threshold=Fraction(1)),
}


def read_rule(document: object, *, is_binding: bool | None = None) -> Rule:
    """The rule written in JSON. A preset fills what is left out; what is written must agree with it.

    A statute says whether it `is_binding`, and may then leave `of` out: decisive weight for a plain majority, all
    weight for a binding supermajority, for otherwise silence would help (G6). Raises RuleError for an unknown member,
    name or number.
    """
    fields = fields_of(document, _refuse, "rule")
    fields.only(*RULE_KEYS)
    if is_binding is not None and not fields.is_absent("threshold") and fields.is_absent("of"):
        fields = replace(fields, members={**fields.members, "of": default_base(fields, is_binding=is_binding)})
    rule = _read_threshold(fields)
    return replace(
        rule,
        method=_word(fields, "method", METHODS, "rule-method"),
        quorum=None if fields.is_absent("quorum") else read_quorum(fields.within("quorum")),
        tie=_read_ties(fields),
        closes_early=not fields.is_absent("closes_early") and fields.flag("closes_early"),
    )


def rule_document(rule: Rule) -> dict[str, object]:
    """The full JSON form of a rule, with every member written out."""
    return {
        "method": rule.method,
        "preset": preset_name(rule),
        "threshold": share_text(rule.threshold),
        "strict": rule.strict,
        "of": str(rule.of),
        "quorum": quorum_document(rule.quorum),
        "tie": rule.tie[0] if len(rule.tie) == 1 else list(rule.tie),
        "closes_early": rule.closes_early,
    }


def preset_name(rule: Rule) -> str | None:
    """The preset whose threshold, strictness and base this rule has, whatever its quorum; None if there is none."""
    wanted = (rule.threshold, rule.strict, rule.of)
    return next((name for name, it in PRESETS.items() if (it.threshold, it.strict, it.of) == wanted), None)


def second_call(rule: Rule) -> tuple[int, Rule] | None:
    """After how many seconds a decision without quorum may be called again, and the rule it then follows (G5)."""
    if rule.quorum is None or rule.quorum.second_call is None:
        return None
    return rule.quorum.second_call.after_seconds, replace(rule, quorum=at_second_call(rule.quorum))


def default_base(fields: Fields, *, is_binding: bool) -> str:
    """What the threshold in these members is a share of when they do not say (G6)."""
    is_majority = read_share(fields, "threshold") <= Fraction(1, 2)
    return str(Base.ELECTORATE if is_binding and not is_majority else Base.DECISIVE)


def _read_threshold(fields: Fields) -> Rule:
    preset = None if fields.is_absent("preset") else fields.text("preset")
    if preset is not None and preset not in PRESETS:
        raise RuleError("rule-preset", preset)
    if preset is None or not fields.is_absent("threshold"):
        written = _read_written(fields)
        if preset is not None and written != PRESETS[preset]:
            raise RuleError("rule-preset", f"the members written are not those of {preset}")
        return written
    for name in ("strict", "of"):
        if not fields.is_absent(name):
            raise RuleError("rule-preset", f"{name!r} needs a threshold beside it")
    return PRESETS[preset]


def _read_written(fields: Fields) -> Rule:
    base = fields.text("of")
    if base not in tuple(Base):
        raise RuleError("rule-base", base)
    return Rule(threshold=read_share(fields, "threshold"), strict=fields.flag("strict"), of=Base(base))


def _read_ties(fields: Fields) -> tuple[str, ...]:
    """One word, or a list of them."""
    written = fields.members.get("tie")
    if written is None:
        return STATUS_QUO
    words = [written] if isinstance(written, str) else written
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise RuleError("rule-malformed", "'tie' must be a word or a list of them")
    return tuple(words)


def _word(fields: Fields, name: str, allowed: tuple[str, ...], code: str) -> str:
    if fields.is_absent(name):
        return allowed[0]
    word = fields.text(name)
    if word not in allowed:
        raise RuleError(code, word)
    return word


def _refuse(detail: str) -> RuleError:
    return RuleError("rule-malformed", detail)
