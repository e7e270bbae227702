"""The form a proposal is written with, and the rule its answers stand for.

Called by node.web.drafts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.assembly.rules import PRESETS, rule_document
from node.web.views.ballots import Option
from node.web.views.wording.rules import PRESET_TEXTS, rule_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.web.views.wording.setting import Setting

DAY_SECONDS = 86_400
BYLAWS = "bylaws"
QUORUMS: Mapping[str, str] = {
    "none": "No quorum",
    "1/4": "A quarter of the roll",
    "1/3": "A third of the roll",
    "1/2": "Half of the roll",
    "2/3": "Two thirds of the roll",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftForm:
    """The form with what was typed so far."""

    title: str
    text: str
    rules: Sequence[Option]
    preset: str
    quorums: Sequence[Option]
    quorum: str
    types: Sequence[Option]
    type: str
    days: str
    refusal: str | None


def draft_form(
    setting: Setting,
    typed: Mapping[str, str],
    *,
    bylaws: Mapping[str, Any],
    types: Sequence[str] = (),
    refusal: str | None = None,
) -> DraftForm:
    """The form; the co-op's own rule stands first and is chosen unless the author names another.

    `types` are those on which the statute of an assembly lets its constituents veto.
    """
    say = setting.say
    own = rule_words(bylaws, say)
    rules = [Option(BYLAWS, say("As our bylaws say"), f"{own.passes} {own.quorum}")]
    rules += [Option(name, say(PRESET_TEXTS[name])) for name in PRESETS]
    return DraftForm(
        title=typed.get("title", ""),
        text=typed.get("text", ""),
        rules=rules,
        preset=typed.get("preset") or BYLAWS,
        quorums=[Option(share, say(text)) for share, text in QUORUMS.items()],
        quorum=typed.get("quorum") or "none",
        types=[Option("", say("Motion")), *(Option(one, one.capitalize()) for one in types)] if types else (),
        type=typed.get("type", ""),
        days=typed.get("days") or "7",
        refusal=refusal,
    )


def written_rule(preset: str, quorum: str) -> Mapping[str, Any] | str | None:
    """The rule document chosen, None for the bylaws; an unknown preset is left for the rules to refuse."""
    if preset in {"", BYLAWS}:
        return None
    if preset not in PRESETS or quorum not in QUORUMS or quorum == "none":
        return preset
    share = {"kind": "participation", "share": quorum, "abstain_counts": True}
    return rule_document(PRESETS[preset]) | {"quorum": share}
