"""Quorums: the least that must take part or agree before a decision stands, and what a second call asks (G5).

Read as part of a rule; applied by `decide`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from federation.assembly.fields import LONGEST_SECONDS, Fields, read_share, share_text
from federation.assembly.refusals import RuleError
from federation.assembly.tally import Tally


class QuorumKind(StrEnum):
    """What has to be reached (G5): C, F, A against E, or reporting bodies against all bodies.

    `dynamic` asks more support the more is against: F of E, from `share` up to `most` (G5 leaves open what is
    measured; support is, as where such quorums are in use).
    """

    PARTICIPATION = "participation"
    APPROVAL = "approval"
    REJECTION = "rejection"
    BODIES = "bodies"
    DYNAMIC = "dynamic"


@dataclass(frozen=True, slots=True)
class SecondCall:
    """A call without quorum may be repeated after so many seconds, and then `share` is enough; 0 asks nothing."""

    after_seconds: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class Slope:
    """How a dynamic quorum climbs: by `slope` times A/E, and never above `most`."""

    most: Fraction
    slope: Fraction


@dataclass(frozen=True, slots=True)
class Quorum:
    """A least share. `abstain_counts` only bears on participation. Raises RuleError for what cannot be applied.

    A rejection quorum of zero would reject everything, so it is refused.
    """

    kind: QuorumKind
    share: Fraction
    abstain_counts: bool = True
    dynamic: Slope | None = None
    second_call: SecondCall | None = None

    def __post_init__(self) -> None:
        shares = [self.share]
        shares += [self.second_call.share] if self.second_call else []
        shares += [self.dynamic.most] if self.dynamic else []
        if not all(0 <= share <= 1 for share in shares):
            raise RuleError("rule-quorum", "a share lies between 0 and 1")
        if self.kind is QuorumKind.REJECTION and 0 in shares:
            raise RuleError("rule-quorum", "a rejection quorum lies above 0")
        if (self.kind is QuorumKind.DYNAMIC) != (self.dynamic is not None):
            raise RuleError("rule-quorum", "a dynamic quorum, and no other, has most and slope")
        if self.dynamic and self.dynamic.most < self.share:
            raise RuleError("rule-quorum", "the most of a dynamic quorum lies above its share")
        if self.second_call and (self.second_call.share > self.share or self.kind is QuorumKind.REJECTION):
            raise RuleError("rule-quorum", "a second call asks less than the first, and never of a rejection quorum")

    def asked(self, tally: Tally) -> Fraction:
        """The share that this tally has to reach; only a dynamic one depends on the tally."""
        if self.dynamic is None:
            return self.share
        return min(self.dynamic.most, self.share + self.dynamic.slope * Fraction(tally.against) / tally.electorate)


def at_second_call(quorum: Quorum) -> Quorum | None:
    """The quorum of a second call; None where none is asked any more. LookupError without a second call."""
    if quorum.second_call is None:
        raise LookupError("this quorum knows no second call")
    if quorum.second_call.share == 0:
        return None
    return replace(quorum, share=quorum.second_call.share, second_call=None)


def read_quorum(fields: Fields) -> Quorum:
    """The quorum in a rule's member `quorum`."""
    fields.only("kind", "share", "abstain_counts", "most", "slope", "second_call")
    kind = QuorumKind(fields.one_of("kind", tuple(QuorumKind)))
    has_slope = not (fields.is_absent("most") and fields.is_absent("slope"))
    return Quorum(
        kind=kind,
        share=read_share(fields, "share"),
        abstain_counts=fields.is_absent("abstain_counts") or fields.flag("abstain_counts"),
        dynamic=Slope(read_share(fields, "most"), read_share(fields, "slope")) if has_slope else None,
        second_call=None if fields.is_absent("second_call") else _read_second_call(fields.within("second_call")),
    )


def quorum_document(quorum: Quorum | None) -> dict[str, object] | None:
    """The JSON form; members that only some quorums have are left out of the others."""
    if quorum is None:
        return None
    document: dict[str, object] = {
        "kind": str(quorum.kind),
        "share": share_text(quorum.share),
        "abstain_counts": quorum.abstain_counts,
    }
    if quorum.dynamic:
        document |= {"most": share_text(quorum.dynamic.most), "slope": share_text(quorum.dynamic.slope)}
    if quorum.second_call:
        again = quorum.second_call
        document["second_call"] = {"after_seconds": again.after_seconds, "share": share_text(again.share)}
    return document


def _read_second_call(fields: Fields) -> SecondCall:
    fields.only("after_seconds", "share")
    return SecondCall(
        after_seconds=fields.integer("after_seconds", most=LONGEST_SECONDS), share=read_share(fields, "share")
    )
