"""How an assembly is to count, as options of `rochdale init`: the mode and everything a mode can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from node.cli.speaking import USAGE, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Command = Callable[..., Any]

MODES = ("heads", "weights", "members", "proportional", "double", "sqrt", "degressive", "delegates")
MOST_HOURS = 366 * 24
SEAT_METHODS = ("sainte_lague", "dhondt", "hamilton")

OPTIONS = (
    click.option(
        "--mode",
        type=click.Choice(MODES),
        help="For an assembly: weights lets you give each co-op its own (default); heads gives each one voice; members "
        "counts the people themselves; proportional divides each co-op's weight as its members voted; double asks for "
        "co-ops and for members; sqrt weighs by square roots; degressive and delegates give seats by size.",
    ),
    click.option("--members-share", help="For double: the share of members that must stand behind it, as 65/100."),
    click.option("--blocking", type=click.IntRange(1), help="For double: fewer co-ops than this block nothing."),
    click.option("--abstain-as-against", is_flag=True, default=None, help="For double: abstaining counts as against."),
    click.option("--seats-least", "least", type=click.IntRange(1), help="For degressive: seats of the smallest co-op."),
    click.option("--seats-most", "most", type=click.IntRange(1), help="For degressive: seats of the largest co-op."),
    click.option("--seats-total", "total", type=click.IntRange(1), help="For delegates: seats in all."),
    click.option(
        "--seats-method", "method", type=click.Choice(SEAT_METHODS), help="For delegates (default: sainte_lague)."
    ),
    click.option(
        "--quota",
        type=click.Choice(("declared", "optimal")),
        help="For sqrt: the rule's own threshold (default), or the one that gives every member the same say.",
    ),
    click.option("--cap", help="For an assembly: the largest share of one co-op, as 1/3; too few must be unanimous."),
    click.option("--may-split", is_flag=True, default=None, help="For an assembly: a co-op may split its weight."),
    click.option(
        "--leaves",
        "needs_leaves",
        is_flag=True,
        default=None,
        help="For an assembly whose assembly counts members: name each co-op.",
    ),
    click.option(
        "--recount-hours",
        type=click.IntRange(1, MOST_HOURS),
        help="For an assembly: positions that come so many hours after its close lead to a recount then.",
    ),
)
OF_BYLAWS: Mapping[str, str] = {
    "mode": "--mode",
    "members_share": "--members-share",
    "blocking": "--blocking",
    "abstain_as_against": "--abstain-as-against",
    "least": "--seats-least",
    "most": "--seats-most",
    "total": "--seats-total",
    "method": "--seats-method",
    "quota": "--quota",
    "cap": "--cap",
    "may_split": "--may-split",
    "needs_leaves": "--leaves",
    "recount_hours": "--recount-hours",
}
"""What the founders of an assembly may say, by the option they say it with."""


def bylaw_options(command: Command) -> Command:
    """The command with these options, in this order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def said_bylaws(said: Mapping[str, Any]) -> dict[str, Any]:
    """Mode and terms as the founders said them; nothing of both where they said nothing."""
    chosen = {name: said[name] for name in OF_BYLAWS if said.get(name) is not None}
    if not chosen:
        return {}
    from federation.assembly.bylaws.choosing import Choice, members_of
    from federation.assembly.refusals import AssemblyRefusal

    try:
        members = members_of(Choice(**{"mode": "weights", **chosen}))
    except AssemblyRefusal as refusal:
        raise Stop(refusal.explained, "See `rochdale init --help`.", USAGE) from refusal
    return {"mode": members.pop("mode"), "terms": members}
