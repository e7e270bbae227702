"""The forms of one relief: stock, plan, a delegate's word, what was sent or arrived, appeals and answers.

Called by the routes of node.web. Each form names its relief in a hidden field, whether it is ours or another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.relief.shapes import Adjustment, Sent, StockLine
from node.context import NODE
from node.governance.refusals import Refusal
from node.services.reliefs import planning, speaking
from node.web.frame.forms import Form, read_form
from node.web.frame.render import see_other
from node.web.frame.security import operator_of
from node.web.reliefs.pages import shown
from node.web.views.reliefs.rights import ADJUSTABLE
from node.web.views.wording.places import local_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web

    from node.context import Node
    from storage.records import MemberRecord

    Said = Callable[[Node, MemberRecord, Form], Awaitable[object]]

DAY = 86_400
LONGEST_NUMBER = 16


async def speak(request: web.Request) -> web.StreamResponse:
    """Whatever the form is for, said; or the page again with what was typed and why not. Refusal not-found."""
    operator, form, node = await operator_of(request), await read_form(request), request.app[NODE]
    say = FORMS.get(request.match_info["what"])
    if say is None:
        raise Refusal("not-found")
    relief_id = form.text("relief")
    try:
        await say(node, operator, form)
    except (Refusal, AssemblyRefusal) as refusal:
        return await shown(request, relief_id, typed=form.fields, refused=refusal)
    return see_other(local_path(relief_id, origin=node.origin, room="reliefs"), done="relief-said")


async def _stock(node: Node, member: MemberRecord, form: Form) -> None:
    keys = [name.removeprefix("held-") for name in form.fields if name.startswith("held-")]
    lines = [
        StockLine(key, _amount(form, f"held-{key}"), _amount(form, f"needed-{key}"))
        for key in keys
        if form.text(f"held-{key}") or form.text(f"needed-{key}")
    ]
    written = speaking.Stocked(
        delegate=form.text("delegate"),
        lines=lines,
        people=_amount(form, "people"),
        urgency=_amount(form, "urgency"),
        days_left=_amount(form, "days_left"),
        note=form.text("note"),
    )
    await speaking.declare_stock(node, member=member, relief_id=form.text("relief"), written=written)


async def _endorse(node: Node, member: MemberRecord, form: Form) -> None:
    is_for = form.text("choice") == "for"
    await speaking.endorse(node, member=member, relief_id=form.text("relief"), in_favour=is_for, note=form.text("note"))


async def _deliver(node: Node, member: MemberRecord, form: Form) -> None:
    """What the pressed button says; something that failed has no amount."""
    state = form.text("state")
    if state not in tuple(Sent):
        raise Refusal("malformed")
    written = speaking.Moved(
        transfer=_amount(form, "transfer"),
        state=Sent(state),
        amount=0 if state == Sent.FAILED else _amount(form, "amount"),
        note=form.text("note"),
        version=_amount(form, "version"),
    )
    await speaking.report_delivery(node, member=member, relief_id=form.text("relief"), written=written)


async def _appeal(node: Node, member: MemberRecord, form: Form) -> None:
    transfer = _amount(form, "transfer") if form.text("transfer") else None
    await speaking.appeal(
        node, member=member, relief_id=form.text("relief"), reason=form.text("reason"), transfer=transfer
    )


async def _plan(node: Node, member: MemberRecord, form: Form) -> None:
    adjustments = [
        Adjustment(
            form.text(f"body-{place}"),
            form.text(f"good-{place}"),
            _amount(form, f"amount-{place}"),
            form.text(f"reason-{place}"),
        )
        for place in range(ADJUSTABLE)
        if form.text(f"body-{place}")
    ]
    await planning.draft(
        node, member=member, relief_id=form.text("relief"), adjustments=adjustments, text=form.text("text")
    )


async def _put(node: Node, member: MemberRecord, form: Form) -> None:
    window = form.number("days") * DAY if form.text("days") else None
    await planning.put(node, member=member, relief_id=form.text("relief"), window_seconds=window)


async def _answer(node: Node, member: MemberRecord, form: Form) -> None:
    await planning.answer(
        node,
        member=member,
        relief_id=form.text("relief"),
        appeal_id=form.text("appeal"),
        upheld=form.text("decision") == "uphold",
        reason=form.text("reason"),
    )


def _amount(form: Form, name: str) -> int:
    """A field of digits; empty is zero. Refusal number-invalid for anything else."""
    text = form.text(name) or "0"
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise Refusal("number-invalid")
    return int(text)


FORMS: Mapping[str, Said] = {
    "stock": _stock,
    "endorsement": _endorse,
    "delivery": _deliver,
    "appeal": _appeal,
    "plan": _plan,
    "decision": _put,
    "answer": _answer,
}
