"""Assemblies for operators: asking to join, deciding on applications, leaving.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from federation.assembly.refusals import AssemblyRefusal
from node.context import NODE
from node.governance.refusals import Refusal
from node.services import assemblies
from node.services import statutes as statute_service
from node.services.assembly import amendments, splitting
from node.web.frame.forms import Form, read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import operator_of
from node.web.views.console import MembershipLine, membership_line
from node.web.views.wording.numbers import weight_text
from storage import memberships, statutes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.context import Node
    from node.web.views.wording.setting import Setting
    from storage.engine import Tx
    from storage.records import MemberRecord, MembershipRecord, StatuteRecord

LONGEST_WEIGHT = 16
WEIGHTED = frozenset({"weights", "proportional"})
"""Modes in which the weights typed here count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembliesPage:
    """Ties upward and, for an assembly, downward."""

    above: Sequence[MembershipLine]
    address: str
    is_assembly: bool
    applications: Sequence[MembershipLine]
    below: Sequence[MembershipLine]
    weight_hint: str
    refusal: str | None


async def show_assemblies(request: web.Request) -> web.StreamResponse:
    """The ties of this body."""
    await operator_of(request)
    return await _response(request)


async def ask_to_join(request: web.Request) -> web.StreamResponse:
    """An application on its way."""
    operator, form = await operator_of(request), await read_form(request)
    try:
        await assemblies.ask_to_join(request.app[NODE], by=operator.id, address=form.text("address"))
    except Refusal as refusal:
        return await _response(request, refusal=refusal, address=form.text("address"))
    return see_other("/assemblies", done="asked")


async def decide_application(request: web.Request) -> web.StreamResponse:
    """An applicant accepted with a weight, or declined."""
    operator, form = await operator_of(request), await read_form(request)
    node, is_accepted = request.app[NODE], form.text("decision") == "accept"
    if form.text("decision") == "vote":
        return await _put_to_constituents(request, operator, form)
    try:
        weight = read_weight(form, await weight_unit(node)) if is_accepted else 1
        members = form.number("members") if is_accepted and form.text("members") else None
        await assemblies.decide_application(
            node,
            by=operator.id,
            applicant=form.text("applicant"),
            is_accepted=is_accepted,
            weight=weight,
            members=members,
        )
    except Refusal as refusal:
        return await _response(request, refusal=refusal)
    return see_other("/assemblies", done="decided")


async def _put_to_constituents(request: web.Request, operator: MemberRecord, form: Form) -> web.StreamResponse:
    """An admission drafted for the constituents to decide; its author sees the draft next."""
    node, setting = request.app[NODE], setting_of(request)
    applicant = form.text("applicant")
    try:
        weight = read_weight(form, await weight_unit(node))
        changes = await amendments.admission(node, applicant=applicant, weight=weight)
        drafted = await amendments.draft_amendment(
            node,
            author=operator,
            title=setting.say("Take in %(name)s", name=changes["constituents"][-1]["name"]),
            reasons=setting.say("They asked to join us."),
            changes=changes,
        )
    except (Refusal, AssemblyRefusal) as refusal:
        return await _response(request, refusal=refusal)
    return see_other(f"/proposals/{drafted.id.rsplit('/', 1)[-1]}", done="drafted")


async def correct_constituent(request: web.Request) -> web.StreamResponse:
    """Another weight or number of members, drafted for the constituents to decide; its author sees the draft next."""
    operator, form = await operator_of(request), await read_form(request)
    node, setting, constituent = request.app[NODE], setting_of(request), form.text("constituent")
    try:
        changes = await amendments.correction(
            node,
            constituent=constituent,
            weight=read_weight(form, await weight_unit(node)) if form.text("weight") else None,
            members=form.number("members") if form.text("members") else None,
            as_reported=form.text("as_reported") == "yes",
        )
        name = next(entry["name"] for entry in changes["constituents"] if entry["actor"] == constituent)
        drafted = await amendments.draft_amendment(
            node,
            author=operator,
            title=setting.say("Correct %(name)s", name=name),
            reasons=form.text("reasons"),
            changes=changes,
        )
    except (Refusal, AssemblyRefusal) as refusal:
        return await _response(request, refusal=refusal)
    return see_other(f"/proposals/{drafted.id.rsplit('/', 1)[-1]}", done="drafted")


async def renew_statute(request: web.Request) -> web.StreamResponse:
    """The numbers of members, published as the next statute."""
    operator, _ = await operator_of(request), await read_form(request)
    try:
        await statute_service.renew_statute(request.app[NODE], by=operator.id)
    except (Refusal, AssemblyRefusal) as refusal:
        return await _response(request, refusal=refusal)
    return see_other("/assemblies", done="renewed")


async def choose_split(request: web.Request) -> web.StreamResponse:
    """Our position in an assembly split as our tally is, or not."""
    operator, form = await operator_of(request), await read_form(request)
    splits, assembly = form.text("splits") == "yes", form.text("assembly")
    try:
        await splitting.choose(request.app[NODE], by=operator.id, assembly=assembly, splits=splits)
    except Refusal as refusal:
        return await _response(request, refusal=refusal)
    return see_other("/assemblies", done="chosen")


async def weight_unit(node: Node) -> int:
    """How many units of weight are 1 in our statute, or in the one we will begin with."""
    async with node.store.read() as tx:
        latest = await statutes.latest(tx, node.body.did)
    return int(latest.document["governance"]["weight_denominator"]) if latest else node.body.weight_denominator


async def leave_assembly(request: web.Request) -> web.StreamResponse:
    """A membership given up."""
    operator, form = await operator_of(request), await read_form(request)
    await assemblies.leave(request.app[NODE], by=operator.id, assembly=form.text("assembly"))
    return see_other("/assemblies", done="left")


def read_weight(form: Form, denominator: int) -> int:
    """A weight typed as a decimal, in units of 1/denominator. Refusal weight-invalid when it does not fit exactly."""
    text = form.text("weight").replace(",", ".")
    whole, _, decimals = text.partition(".")
    if not (whole + decimals).isascii() or not (whole + decimals).isdecimal() or len(text) > LONGEST_WEIGHT:
        raise Refusal("weight-invalid")
    weight = Fraction(text if decimals else whole) * denominator
    if weight.denominator != 1:
        raise Refusal("weight-invalid")
    return weight.numerator


async def _response(
    request: web.Request, *, refusal: Refusal | AssemblyRefusal | None = None, address: str = ""
) -> web.Response:
    node, setting = request.app[NODE], setting_of(request)
    async with node.store.read() as tx:
        above = await memberships.list(tx, "above")
        below = await memberships.list(tx, "below")
        latest = await statutes.latest(tx, node.body.did)
        splittable = {tie.did for tie in above if await _may_split(tx, tie)}
    unit, known = await weight_unit(node), latest.document["governance"]["constituents"] if latest else ()
    numbers = {entry["body"]: entry.get("members") for entry in known}
    lines = [
        (each.state, membership_line(each, setting, denominator=unit, in_force=numbers.get(each.did))) for each in below
    ]
    page = AssembliesPage(
        above=[membership_line(each, setting, may_split=each.did in splittable) for each in above],
        address=address,
        is_assembly=node.body.kind == "assembly",
        applications=[line for state, line in lines if state == "asked"],
        below=[line for state, line in lines if state != "asked"],
        weight_hint=_weight_hint(_mode(node, latest), unit, setting),
        refusal=_said(refusal),
    )
    status = status_of(refusal) if refusal else 200
    return await render(request, "assemblies.html", page, here="assemblies", status=status)


def _said(refusal: Refusal | AssemblyRefusal | None) -> str | None:
    if isinstance(refusal, AssemblyRefusal):
        return refusal.explained
    return refusal.public if refusal else None


async def _may_split(tx: Tx, tie: MembershipRecord) -> bool:
    newest = await statutes.latest(tx, tie.did) if tie.state == "accepted" else None
    return newest is not None and newest.document["governance"].get("may_split") is True


def _mode(node: Node, latest: StatuteRecord | None) -> str:
    return str(latest.document["governance"]["mode"]) if latest else node.body.mode


def _weight_hint(mode: str, denominator: int, setting: Setting) -> str:
    say = setting.say
    if mode not in WEIGHTED:
        return say("Our statute counts in another way (%(mode)s), so weights change nothing now.", mode=mode)
    if denominator == 1:
        return say("A whole number, 1 or more.")
    return say("In steps of %(step)s, as in 1.0, 0.9, 0.8.", step=weight_text(1, denominator))
