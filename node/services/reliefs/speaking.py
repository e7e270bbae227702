"""What a body below the assembly says in a relief: stock, a delegate's word on a plan, deliveries and appeals.

Called by the doors for operators. Each is signed with the key that the statutes give this body, kept, and on its way up
and down the tree in one transaction.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.shapes import Sent
from federation.assembly.relief.writing import (
    appeal_governance,
    delivery_governance,
    endorsement_governance,
    stock_governance,
)
from federation.errors import MalformedJson
from federation.vocabulary.strict_json import parse
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound import reliefs as outbound
from node.services.reliefs.log import Log, entry_of, keep, load
from storage.governance import reliefs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from federation.assembly.relief.shapes import Plan, StockLine
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MemberRecord, ReliefEntryRecord


AROUND = 200
"""Room for the values of an activity, and of an Announce around it."""


@dataclass(slots=True)
class Speaking:
    """One document about to be said: the log it goes into, in an open transaction, and afterwards its row."""

    node: Node
    tx: Tx
    log: Log
    member: MemberRecord
    now: datetime

    @property
    def common(self) -> dict[str, Any]:
        """The members that every document of a relief has."""
        return {"relief": self.log.state.relief.ref, "body": self.node.body.did, "signed_at": self.now}

    async def say(self, governance: Mapping[str, Any]) -> ReliefEntryRecord:
        """Signed, kept and sent. Refusals: those of the fold."""
        record, document = self.log.relief, self.log.state.relief
        is_ours = record.assembly_did == self.node.body.did
        key = None if is_ours else self.log.state.roster.standing(self.node.body.did).constituent.key
        signed = outbound.entry(self.node, governance=governance, key=key, now=self.now)
        check_fits(self.node, signed)
        entry = entry_of(record.id, signed, at=self.now, source="own")
        self.log = await keep(self.tx, self.log, entry, by=self.member.id)
        to = [] if is_ours else [document.actor]
        await post.create(self.tx, self.node, signed, ordering_key=record.id, to=to)
        return entry


@asynccontextmanager
async def speaking(node: Node, member: MemberRecord, relief_id: str) -> AsyncIterator[Speaking]:
    """A transaction in which an operator says something in a relief. Refusals: forbidden, not-found."""
    if "operator" not in member.roles:
        raise Refusal("forbidden")
    async with node.store.write() as tx:
        record = await reliefs.find(tx, relief_id)
        if record is None:
            raise Refusal("not-found")
        yield Speaking(node, tx, await load(tx, record), member, node.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """What an operator writes of a co-op's stock, and who speaks for it in the council."""

    delegate: str
    lines: Sequence[StockLine]
    people: int
    urgency: int
    days_left: int
    note: str = ""


async def declare_stock(node: Node, *, member: MemberRecord, relief_id: str, written: Stocked) -> ReliefEntryRecord:
    """What we have and need; it takes the place of what we said before. Refusals: relief-… of the fold."""
    async with speaking(node, member, relief_id) as said:
        if said.now > said.log.relief.stock_until:
            raise ReliefRefusal("relief-stock-late")
        before = said.log.state.latest.get(node.body.did)
        governance = stock_governance(
            seq=before.seq + 1 if before else 1,
            delegate=written.delegate,
            lines=written.lines,
            people=written.people,
            urgency=written.urgency,
            days_left=written.days_left,
            note=written.note,
            **said.common,
        )
        return await said.say(governance)


async def endorse(
    node: Node, *, member: MemberRecord, relief_id: str, in_favour: bool, note: str = ""
) -> ReliefEntryRecord:
    """Our delegate's word on the newest version of the plan. Refusals: relief-plan-unknown and others of the fold."""
    async with speaking(node, member, relief_id) as said:
        plan = newest(said.log)
        rested = next((one.ref for one in plan.stocks if one.body == node.body.did), None)
        if rested is None:
            raise ReliefRefusal("relief-no-delegate", node.body.did)
        if (plan.ref.digest, node.body.did) in said.log.state.endorsements:
            raise ReliefRefusal("relief-endorsed-twice", node.body.did)
        delegate = said.log.state.stocks[rested.digest].delegate
        governance = endorsement_governance(
            plan=plan.ref, delegate=delegate, in_favour=in_favour, note=note, **said.common
        )
        return await said.say(governance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a giver or a taker says of a transfer: all that was sent, or has arrived, so far.

    `version` is that of the plan, None for the one in force. What left under an earlier one still arrives under it.
    """

    transfer: int
    state: Sent
    amount: int
    note: str = ""
    version: int | None = None


async def report_delivery(node: Node, *, member: MemberRecord, relief_id: str, written: Moved) -> ReliefEntryRecord:
    """Our word on a transfer. Refusals: relief-not-in-force (nothing leaves under an older plan), those of the fold."""
    async with speaking(node, member, relief_id) as said:
        plan = _moving(said, written)
        before = said.log.state.spoken.get((plan.ref.digest, written.transfer, node.body.did))
        governance = delivery_governance(
            plan=plan.ref,
            transfer=written.transfer,
            seq=before[-1].seq + 1 if before else 1,
            state=written.state,
            amount=written.amount,
            note=written.note,
            **said.common,
        )
        return await said.say(governance)


def _moving(said: Speaking, written: Moved) -> Plan:
    """The plan that a word on a transfer is about, if it is one that would count."""
    state = said.log.state
    in_force = state.plan_in_force
    plan = in_force if written.version is None else state.version(written.version)
    if plan is None or (plan != in_force and written.state is Sent.SENT):
        raise ReliefRefusal("relief-not-in-force")
    transfer = state.transfer_of(plan, written.transfer)
    hold = state.words(plan, transfer).hold if transfer else None
    if hold is not None and written.state is Sent.SENT:
        raise ReliefRefusal("relief-transfer-held", hold.reason)
    return plan


async def appeal(
    node: Node, *, member: MemberRecord, relief_id: str, reason: str, transfer: int | None = None
) -> ReliefEntryRecord:
    """Our objection to the plan in force, or to the newest one while none is. Refusals: those of the fold."""
    async with speaking(node, member, relief_id) as said:
        plan = said.log.state.plan_in_force or newest(said.log)
        return await said.say(appeal_governance(plan=plan.ref, transfer=transfer, reason=reason, **said.common))


def check_fits(node: Node, document: Mapping[str, Any]) -> None:
    """Nothing, if every peer takes it in one piece, in the envelopes it travels in. Refuses relief-too-large."""
    sent = json.dumps({"object": document, "around": [0] * AROUND}).encode()
    try:
        parse(sent)
    except MalformedJson as error:
        raise ReliefRefusal("relief-too-large", error.advice) from error
    if len(sent) > node.federation.limits.inbox_bytes:
        raise ReliefRefusal("relief-too-large", f"{len(sent)} bytes")


def newest(log: Log) -> Plan:
    """The highest version of the plan. Refuses relief-plan-unknown."""
    plan = log.state.newest_plan
    if plan is None:
        raise ReliefRefusal("relief-plan-unknown")
    return plan
