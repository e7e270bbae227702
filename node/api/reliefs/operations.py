"""Reliefs: what an assembly and everybody below it do in an emergency; called by the member door's routes."""

from fractions import Fraction

from federation.assembly.relief.shapes import Adjustment, Criterion, Good, Sent, Share, StockLine
from node.api.door.ids import id_of, key_of
from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, page
from node.api.problems import Problem
from node.api.reliefs.views import entry_view, relief_view, summary
from node.api.shapes.facts import KeyPath
from node.api.shapes.proposals import ProposalView
from node.api.shapes.reliefs import (
    AnswerIn,
    AppealIn,
    DeliveryIn,
    EndorsementIn,
    EntryView,
    PlanIn,
    PutIn,
    ReliefIn,
    ReliefSummary,
    ReliefView,
    StockIn,
)
from node.api.standing import standing
from node.services.reliefs import opening, planning, speaking
from node.services.reliefs.log import Log, load
from storage import reliefs
from storage.engine import Tx
from storage.records import ReliefRecord


@operation("GET", "/reliefs", summary="Reliefs this body knows of")
async def list_reliefs(call: Call, query: Window) -> Page[ReliefSummary]:
    """Newest first, each with the step it has come to."""
    async with call.node.store.read() as tx:
        found = await reliefs.list(tx, limit=query.limit + 1, offset=query.offset)
        logs = [await load(tx, record) for record in found]
    return page(logs, query, lambda log: summary(call.node, log))


@operation("POST", "/reliefs", summary="Begin a relief", allows=Access.OPERATOR, status=201)
async def begin_relief(call: Call, body: ReliefIn) -> ReliefView:
    """By an assembly: says what happened, and opens the survey of all co-ops in the same moment."""
    record = await opening.begin(call.node, member=call.caller, written=beginning(body))
    call.headers["Location"] = f"{call.request.path}/{key_of(call.node.url('reliefs'), record.id)}"
    return await _view(call, record.id)


def beginning(body: ReliefIn) -> opening.Beginning:
    """What an operator wrote, for the service; the command line reads the same shape from a file."""
    return opening.Beginning(
        title=body.title,
        text=body.text,
        goods=[Good(**good.model_dump()) for good in body.goods],
        criteria={Criterion(one.key): one.weight for one in body.criteria},
        share=Share(body.share),
        reserve=_fraction(body.reserve),
        council=_fraction(body.council),
        stock_seconds=body.stock_seconds,
        window_seconds=body.window_seconds,
    )


@operation("GET", "/reliefs/{key}", summary="A relief as it stands")
async def show_relief(call: Call, path: KeyPath) -> ReliefView:
    """The step, stocks, newest plan and plan in force with their transfers, appeals, and what waits for this body."""
    return await _view(call, _id(call, path))


@operation("GET", "/reliefs/{key}/entries", summary="The log of a relief")
async def list_relief_entries(call: Call, path: KeyPath, query: Window) -> Page[EntryView]:
    """Every signed document as it came here, oldest first."""
    async with call.node.store.read() as tx:
        record = await _record(tx, _id(call, path))
        entries = await reliefs.entries(tx, record.id, limit=query.limit + 1, offset=query.offset)
    return page(entries, query, entry_view)


@operation("POST", "/reliefs/{key}/stocks", summary="Say what we have and need", allows=Access.OPERATOR, status=201)
async def declare_stock(call: Call, path: KeyPath, body: StockIn) -> EntryView:
    """By a co-op below the assembly, at any depth, until the relief's time for it is over."""
    written = speaking.Stocked(
        delegate=body.delegate,
        lines=[StockLine(line.good, line.held, line.needed) for line in body.lines],
        people=body.people,
        urgency=body.urgency,
        days_left=body.days_left,
        note=body.note,
    )
    relief_id = _id(call, path)
    return entry_view(await speaking.declare_stock(call.node, member=call.caller, relief_id=relief_id, written=written))


@operation("POST", "/reliefs/{key}/plans", summary="Draft a version of the plan", allows=Access.OPERATOR, status=201)
async def draft_plan(call: Call, path: KeyPath, body: PlanIn) -> EntryView:
    """By the assembly: computed from all stock in hand, with what the council lays down by hand taken first."""
    adjustments = [Adjustment(one.body, one.good, one.amount, one.reason) for one in body.adjustments]
    relief_id = _id(call, path)
    return entry_view(
        await planning.draft(
            call.node, member=call.caller, relief_id=relief_id, adjustments=adjustments, text=body.text
        )
    )


@operation("POST", "/reliefs/{key}/endorsements", summary="Endorse the plan", allows=Access.OPERATOR, status=201)
async def endorse_plan(call: Call, path: KeyPath, body: EndorsementIn) -> EntryView:
    """The word of this co-op's delegate on the newest version; it cannot be taken back."""
    return entry_view(
        await speaking.endorse(
            call.node,
            member=call.caller,
            relief_id=_id(call, path),
            in_favour=body.choice == "for",
            note=body.note,
        )
    )


@operation("POST", "/reliefs/{key}/put", summary="Put the plan to a decision", allows=Access.OPERATOR, status=201)
async def put_plan(call: Call, path: KeyPath, body: PutIn) -> ProposalView:
    """By the assembly, once the survey has passed and enough delegates are for it. It is in force when this binds."""
    record = await planning.put(
        call.node, member=call.caller, relief_id=_id(call, path), window_seconds=body.window_seconds
    )
    return await standing(call, record)


@operation("POST", "/reliefs/{key}/deliveries", summary="Report a delivery", allows=Access.OPERATOR, status=201)
async def report_delivery(call: Call, path: KeyPath, body: DeliveryIn) -> EntryView:
    """By the giver (sent, failed) or the taker (arrived, failed) of a transfer of the plan in force."""
    written = speaking.Moved(
        transfer=body.transfer, state=Sent(body.state), amount=body.amount, note=body.note, version=body.version
    )
    relief_id = _id(call, path)
    return entry_view(
        await speaking.report_delivery(call.node, member=call.caller, relief_id=relief_id, written=written)
    )


@operation("POST", "/reliefs/{key}/appeals", summary="Appeal", allows=Access.OPERATOR, status=201)
async def appeal(call: Call, path: KeyPath, body: AppealIn) -> EntryView:
    """By any body below the assembly, against the plan or one transfer of it."""
    return entry_view(
        await speaking.appeal(
            call.node, member=call.caller, relief_id=_id(call, path), reason=body.reason, transfer=body.transfer
        )
    )


@operation("POST", "/reliefs/{key}/answers", summary="Answer an appeal", allows=Access.OPERATOR, status=201)
async def answer_appeal(call: Call, path: KeyPath, body: AnswerIn) -> EntryView:
    """By the assembly, once for each appeal."""
    return entry_view(
        await planning.answer(
            call.node,
            member=call.caller,
            relief_id=_id(call, path),
            appeal_id=body.appeal,
            upheld=body.upheld,
            reason=body.reason,
        )
    )


def _fraction(text: str) -> Fraction:
    above, _, below = text.partition("/")
    if int(below) == 0:
        raise Problem(422, "malformed", "A part is written like 1/2.")
    return Fraction(int(above), int(below))


def _id(call: Call, path: KeyPath) -> str:
    return id_of(call.node.url("reliefs"), path.key)


async def _log(call: Call, relief_id: str) -> Log:
    async with call.node.store.read() as tx:
        return await load(tx, await _record(tx, relief_id))


async def _record(tx: Tx, relief_id: str) -> ReliefRecord:
    record = await reliefs.find(tx, relief_id)
    if record is None:
        raise Problem(404, "not-found", "There is no such relief here.")
    return record


async def _view(call: Call, relief_id: str) -> ReliefView:
    return relief_view(call.node, await _log(call, relief_id))


OPERATIONS = (
    list_reliefs,
    begin_relief,
    show_relief,
    list_relief_entries,
    declare_stock,
    draft_plan,
    endorse_plan,
    put_plan,
    report_delivery,
    appeal,
    answer_appeal,
)
