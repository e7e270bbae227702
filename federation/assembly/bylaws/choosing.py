"""How an assembly is to count, as people say it field by field, written as the members of a statute (G6).

Called where founders and operators choose: at set-up and on the page of rules. Whether the choice holds together is for
the checks of a statute.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from federation.assembly.fields import share_text
from federation.assembly.refusals import StatuteError
from federation.assembly.rules import PRESETS, Base, Rule, rule_document
from federation.assembly.weighing.seats import METHODS

SHARE: Final = re.compile(r"([0-9]{1,6})/([0-9]{1,6})|([0-9]{1,3})(?:\.([0-9]{1,4}))? ?%", re.ASCII)
SMALLEST_CAP: Final = Fraction(1, 20)
HOUR_SECONDS: Final = 3600
FIRST_METHOD: Final = next(iter(METHODS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way of counting; what is empty or zero is left out.

    `members_share`, `blocking` and `abstain_as_against` belong to the mode double, `least` and `most` to degressive,
    `total` and `method` to delegates, `quota` to sqrt. Shares are written as 2/3 or 66 %. `recount_hours` is how long
    after the close late positions still lead to a recount.
    """

    mode: str
    members_share: str = ""
    blocking: int = 0
    abstain_as_against: bool = False
    least: int = 0
    most: int = 0
    total: int = 0
    method: str = ""
    quota: str = "declared"
    cap: str = ""
    may_split: bool = False
    needs_leaves: bool = False
    recount_hours: int = 0


def members_of(choice: Choice) -> dict[str, object]:
    """The members of a statute that this choice sets, those it leaves out as null. Raises StatuteError."""
    return {
        "mode": choice.mode,
        "double": _double(choice),
        "seats": _seats(choice),
        "quota": choice.quota,
        "cap": _cap(choice.cap),
        "may_split": choice.may_split,
        "leaves": choice.needs_leaves or choice.mode == "members",
        "recount": {"within_seconds": HOUR_SECONDS * choice.recount_hours} if choice.recount_hours else None,
    }


def rule_said(text: str, *, of: Base) -> dict[str, object]:
    """A rule from the name of a preset, or from the least share `of` something that must be for it (`55/100`, `55 %`).

    Raises StatuteError for what is neither, RuleError for a share that cannot be reached.
    """
    return rule_document(PRESETS[text] if text in PRESETS else Rule(threshold=share_said(text), of=of))


def share_said(text: str) -> Fraction:
    """A share written as 2/3 or 66.5 %. Raises StatuteError."""
    found = SHARE.fullmatch(text.strip())
    if found is None or (found[2] is not None and int(found[2]) == 0):
        raise StatuteError("statute-share", text[:40])
    if found[2] is not None:
        return Fraction(int(found[1]), int(found[2]))
    return Fraction(f"{found[3]}.{found[4] or 0}") / 100


def _double(choice: Choice) -> Mapping[str, object] | None:
    if not choice.members_share and not choice.blocking and not choice.abstain_as_against:
        return None
    if not choice.members_share:
        raise StatuteError("statute-double", "the share of members is missing")
    return {
        "members": share_text(share_said(choice.members_share)),
        "blocking": choice.blocking or None,
        "abstain_as_against": choice.abstain_as_against,
    }


def _seats(choice: Choice) -> Mapping[str, object] | None:
    if choice.total:
        if choice.least or choice.most:
            raise StatuteError("statute-seats", "a total of seats, or a least and a most, and not both")
        return {"total": choice.total, "method": choice.method or FIRST_METHOD}
    if choice.least or choice.most:
        return {"least": choice.least, "most": choice.most}
    return None


def _cap(text: str) -> Mapping[str, object] | None:
    """The cap, with unanimity where there are too few constituents for all of them to stay below the share."""
    if not text:
        return None
    share = share_said(text)
    if not SMALLEST_CAP <= share <= 1:
        raise StatuteError("statute-cap", f"a share from {share_text(SMALLEST_CAP)} to 1/1")
    too_few = [size for size in range(2, 20) if size * share < 1]
    by_size = {"1": "1/1"} | {str(size): "unanimity" for size in too_few} if share < 1 else {}
    return {"share": share_text(share), "by_size": by_size}
