"""A relief's log as the member door shows it; called by its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.api.door.ids import key_of
from node.api.shapes.reliefs import (
    AppealView,
    EntryView,
    PlanView,
    ReliefSummary,
    ReliefView,
    StockLineIn,
    StockView,
    TransferView,
)
from node.services.reliefs.waiting import to_do

if TYPE_CHECKING:
    from federation.assembly.relief.moving import Moved
    from federation.assembly.relief.shapes import Appeal, Plan, Stock
    from federation.assembly.relief.state import State
    from node.context import Node
    from node.services.reliefs.log import Log
    from storage.records import ReliefEntryRecord


def summary(node: Node, log: Log) -> ReliefSummary:
    """A relief as lists show it."""
    record = log.relief
    return ReliefSummary(
        key=key_of(node.url("reliefs"), record.id),
        id=record.id,
        title=record.title,
        assembly=record.assembly_did,
        step=str(log.state.step),
        stock_until=record.stock_until,
        received_at=record.received_at,
    )


def relief_view(node: Node, log: Log) -> ReliefView:
    """A relief as it stands."""
    state, newest, in_force = log.state, log.state.newest_plan, log.state.plan_in_force
    return ReliefView(
        **summary(node, log).model_dump(),
        document=log.relief.document,
        survey=log.relief.survey_id,
        stocks=[_stock(state, stock) for _, stock in sorted(state.latest.items())],
        plan=_plan(state, newest) if newest else None,
        in_force=_plan(state, in_force) if in_force else None,
        appeals=[_appeal(state, one) for one in sorted(state.appeals.values(), key=lambda one: one.signed_at)],
        to_do=to_do(state, node.body.did, node.clock()),
    )


def entry_view(record: ReliefEntryRecord) -> EntryView:
    """One document of the log."""
    return EntryView(
        id=record.id,
        kind=record.kind,
        body=record.body_did,
        seq=record.seq,
        digest=record.digest,
        received_at=record.received_at,
        document=record.document,
    )


def _stock(state: State, stock: Stock) -> StockView:
    lines = [StockLineIn(good=line.good, held=line.held, needed=line.needed) for line in stock.lines.values()]
    return StockView(
        id=stock.ref.id,
        body=stock.body,
        name=state.roster.name_of(stock.body),
        seq=stock.seq,
        delegate=stock.delegate,
        lines=lines,
        people=stock.people,
        urgency=stock.urgency,
        days_left=stock.days_left,
        note=stock.note,
    )


def _plan(state: State, plan: Plan) -> PlanView:
    in_favour, against, delegates = state.endorsed_by(plan)
    decision = state.decision_on(plan)
    return PlanView(
        id=plan.ref.id,
        digest=plan.ref.digest,
        version=plan.version,
        delegates=delegates,
        endorsed_for=in_favour,
        endorsed_against=against,
        is_endorsed=state.is_endorsed(plan),
        is_in_force=state.is_in_force(plan),
        proposal=decision.ref.id if decision else None,
        transfers=[_transfer(moved) for moved in state.moved(plan)],
    )


def _transfer(moved: Moved) -> TransferView:
    transfer = moved.transfer
    return TransferView(
        number=transfer.number,
        giver=transfer.giver,
        taker=transfer.taker,
        good=transfer.good,
        amount=transfer.amount,
        state=str(moved.way),
        sent=moved.sent.amount if moved.sent else None,
        arrived=moved.arrived.amount if moved.arrived else None,
        missing=moved.missing,
    )


def _appeal(state: State, appeal: Appeal) -> AppealView:
    answer = state.answers.get(appeal.ref.digest)
    return AppealView(
        id=appeal.ref.id,
        body=appeal.body,
        plan=appeal.plan.id,
        transfer=appeal.transfer,
        reason=appeal.reason,
        upheld=answer.is_upheld if answer else None,
        answer=answer.reason if answer else None,
    )
