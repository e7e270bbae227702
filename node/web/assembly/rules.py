"""How our assembly counts, for operators: the mode and what belongs to it, changed by a decision of the constituents.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.assembly.bylaws.choosing import HOUR_SECONDS, Choice, members_of, rule_said, share_said
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.rules import PRESETS, Base, share_text
from federation.assembly.statute import Statute, read_statute
from federation.assembly.weighing.modes import MODES
from federation.assembly.weighing.seats import METHODS
from node.context import NODE
from node.governance.refusals import Refusal
from node.services.assembly import amendments
from node.web.frame.forms import Form, read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import operator_of
from node.web.views.ballots import Option
from node.web.views.wording.rules import PRESET_TEXTS, passes_sentence
from storage import statutes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from node.web.views.wording.setting import Setting

MODE_TEXTS: Mapping[str, tuple[str, str]] = {
    "heads": ("One body, one voice", "Every constituent weighs the same."),
    "weights": ("Weights as laid down", "Each constituent weighs what the statute says."),
    "members": ("Members themselves", "All members below are counted together, each co-op once."),
    "proportional": ("Weights, parted", "Each weight is parted as the constituent's members decided."),
    "double": ("Bodies and members", "Enough bodies must be for it, and enough members must stand behind them."),
    "sqrt": ("Square roots", "Each constituent weighs the square root of its members and votes as one."),
    "degressive": (
        "Seats, degressive",
        "Seats by size between a least and a most; small bodies get more for a member.",
    ),
    "delegates": ("Seats, by size", "A total of seats, given out in the proportion of members."),
}
METHOD_TEXTS: Mapping[str, str] = {"sainte_lague": "Sainte-Laguë", "dhondt": "D'Hondt", "hamilton": "Hamilton"}
AS_IT_IS, A_SHARE = "as-it-is", "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """The form, with what was typed so far or else with what is in force."""

    typed: Mapping[str, str]
    modes: Sequence[Option]
    methods: Sequence[Option]
    rules: Sequence[Option]
    refusal: str | None


async def show_rules(request: web.Request) -> web.StreamResponse:
    """The form, filled with what is in force."""
    await operator_of(request)
    statute = await _in_force(request)
    return await render(request, "rules.html", _page(statute, setting_of(request), _typed(statute)), here="assemblies")


async def propose_rules(request: web.Request) -> web.StreamResponse:
    """The change drafted for the constituents to decide, or the form again with the reason against it."""
    operator, form = await operator_of(request), await read_form(request)
    statute, setting = await _in_force(request), setting_of(request)
    try:
        drafted = await amendments.draft_amendment(
            request.app[NODE],
            author=operator,
            title=setting.say("Change how we count: %(mode)s", mode=form.text("mode")),
            reasons=form.text("reasons"),
            changes=_changes(form),
        )
    except (Refusal, AssemblyRefusal) as refusal:
        said = refusal.explained if isinstance(refusal, AssemblyRefusal) else refusal.public
        page = _page(statute, setting, form.fields, refusal=said)
        return await render(request, "rules.html", page, here="assemblies", status=status_of(refusal))
    return see_other(f"/proposals/{drafted.id.rsplit('/', 1)[-1]}", done="drafted")


async def _in_force(request: web.Request) -> Statute:
    node = request.app[NODE]
    async with node.store.read() as tx:
        latest = await statutes.latest(tx, node.body.did)
    if latest is None:
        raise Refusal("no-statute")
    return read_statute(latest.document)


def _changes(form: Form) -> dict[str, object]:
    choice = Choice(
        mode=form.text("mode"),
        members_share=form.text("members_share"),
        blocking=_number(form, "blocking"),
        abstain_as_against=bool(form.text("abstain_as_against")),
        least=_number(form, "least"),
        most=_number(form, "most"),
        total=_number(form, "total"),
        method=form.text("method"),
        quota="optimal" if form.text("quota") else "declared",
        cap=form.text("cap"),
        may_split=bool(form.text("may_split")),
        needs_leaves=bool(form.text("leaves")),
        recount_hours=_number(form, "recount_hours"),
    )
    return members_of(choice) | _rule(form)


def _rule(form: Form) -> dict[str, object]:
    named, share = form.text("rule"), form.text("share")
    if named == AS_IT_IS:
        return {}
    if named != A_SHARE:
        return {"rule": rule_said(named, of=Base.DECISIVE)}
    is_of_all = 2 * share_said(share) > 1
    return {"rule": rule_said(share, of=Base.ELECTORATE if is_of_all else Base.DECISIVE)}


def _number(form: Form, name: str) -> int:
    return form.number(name) if form.text(name) else 0


def _page(statute: Statute, setting: Setting, typed: Mapping[str, str], *, refusal: str | None = None) -> RulesPage:
    say = setting.say
    rules = [Option(AS_IT_IS, say("As it is"), passes_sentence(statute.rule, say))]
    rules += [Option(name, say(PRESET_TEXTS[name])) for name in PRESETS]
    rules.append(Option(A_SHARE, say("A share of your own"), say("Above half it is a share of all weight.")))
    return RulesPage(
        typed=_Typed(typed),
        modes=[Option(mode, say(MODE_TEXTS[mode][0]), say(MODE_TEXTS[mode][1])) for mode in MODES],
        methods=[Option(method, METHOD_TEXTS[method]) for method in METHODS],
        rules=rules,
        refusal=refusal,
    )


class _Typed(dict[str, str]):
    """What stands in the fields; one that was not sent is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def _typed(statute: Statute) -> dict[str, str]:
    terms = statute.terms
    seats, double, cap = terms.seats, terms.double, terms.cap
    said: dict[str, Any] = {
        "mode": statute.mode,
        "rule": AS_IT_IS,
        "members_share": share_text(double.share) if double else "",
        "blocking": double.blocking if double else "",
        "abstain_as_against": double.abstain_as_against if double else "",
        "least": seats.least if seats else "",
        "most": seats.most if seats else "",
        "total": seats.total if seats else "",
        "method": seats.method if seats else "",
        "quota": terms.quota == "optimal",
        "cap": share_text(cap.share) if cap else "",
        "may_split": terms.may_split,
        "leaves": terms.needs_leaves and statute.mode != "members",
        "recount_hours": -(-terms.recount.within_seconds // HOUR_SECONDS) if terms.recount else "",
    }
    return {name: str(value) for name, value in said.items() if value}
