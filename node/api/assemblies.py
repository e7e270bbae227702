"""Ties between bodies: asking to join, answering, leaving, and statutes; called by the member door's routes."""

from node.api.door.operation import Access, Call, operation
from node.api.problems import Problem
from node.api.shapes.assemblies import (
    AmendmentIn,
    CorrectionIn,
    DecideIn,
    JoinIn,
    LeaveIn,
    RosterIn,
    SplitIn,
    StatuteAsked,
    StatuteView,
    TieList,
    TiesAsked,
    TieView,
)
from node.api.shapes.proposals import ProposalView
from node.api.standing import standing
from node.governance.refusals import Refusal
from node.services import assemblies
from node.services import statutes as statute_service
from node.services.assembly import amendments, splitting
from storage import memberships, statutes
from storage.records import MembershipRecord, StatuteRecord


@operation("GET", "/memberships", summary="Assemblies this body belongs to or asked")
async def list_memberships(call: Call, query: TiesAsked) -> TieList:
    """Ties upward, oldest first."""
    return await _ties(call, "above", query.state)


@operation("POST", "/memberships", summary="Ask an assembly to join it", allows=Access.OPERATOR, status=202)
async def ask_to_join(call: Call, body: JoinIn) -> TieView:
    """The application is on its way; the assembly's operators decide."""
    return _view(await assemblies.ask_to_join(call.node, by=call.caller.id, address=body.address))


@operation("POST", "/memberships/leave", summary="Leave an assembly", allows=Access.OPERATOR)
async def leave_assembly(call: Call, body: LeaveIn) -> TieView:
    """From the assembly's next statute on; proposals already open keep their roster."""
    return _view(await assemblies.leave(call.node, by=call.caller.id, assembly=body.assembly))


@operation("POST", "/memberships/split", summary="Split our position in an assembly, or not", allows=Access.OPERATOR)
async def choose_split(call: Call, body: SplitIn) -> TieView:
    """For questions that reach us from now on. The split itself is worked out from our tally, never typed in."""
    tie = await splitting.choose(call.node, by=call.caller.id, assembly=body.assembly, splits=body.splits)
    return _view(tie)


@operation("GET", "/constituents", summary="Constituents of this assembly, and applicants")
async def list_constituents(call: Call, query: TiesAsked) -> TieList:
    """Ties downward, oldest first; `state=asked` lists the open applications."""
    async with call.node.store.read() as tx:
        in_force = await statutes.latest(tx, call.node.body.did)
    roster = in_force.document["governance"]["constituents"] if in_force else ()
    numbers = {entry["body"]: entry.get("members") for entry in roster}
    ties = await _ties(call, "below", query.state)
    return TieList(items=[tie.model_copy(update={"members_in_force": numbers.get(tie.did)}) for tie in ties.items])


@operation("POST", "/constituents/decide", summary="Accept or reject an applicant", allows=Access.OPERATOR)
async def decide_application(call: Call, body: DecideIn) -> TieView:
    """Accepting publishes the next version of the statute."""
    decided = await assemblies.decide_application(
        call.node,
        by=call.caller.id,
        applicant=body.actor,
        is_accepted=body.accept,
        weight=body.weight,
        members=body.members,
    )
    return _view(decided)


@operation("POST", "/statutes/amendments", summary="Draft a change of this assembly's statute", status=201)
async def draft_amendment(call: Call, body: AmendmentIn) -> ProposalView:
    """A draft like any other: submitted, opened, decided by the constituents; then the statute changes."""
    record = await amendments.draft_amendment(
        call.node, author=call.caller, title=body.title, reasons=body.reasons, changes=body.changes
    )
    return await standing(call, record)


@operation("POST", "/constituents/propose", summary="Draft an admission or a suspension for decision", status=201)
async def propose_roster(call: Call, body: RosterIn) -> ProposalView:
    """The amendment that puts an applicant on the roster, or takes a constituent off it."""
    tie = await _tie_below(call, body.actor)
    if body.is_admission:
        changes = await amendments.admission(call.node, applicant=tie.actor_id, weight=body.weight)
    else:
        changes = await amendments.suspension(call.node, constituent=tie.actor_id)
    title = f"{'Take in' if body.is_admission else 'Suspend'} {tie.name}"
    record = await amendments.draft_amendment(
        call.node, author=call.caller, title=title, reasons=body.reasons, changes=changes
    )
    return await standing(call, record)


@operation("POST", "/constituents/correct", summary="Draft another weight or number of members", status=201)
async def correct_constituent(call: Call, body: CorrectionIn) -> ProposalView:
    """The amendment that sets them. A number that is decided stands, whatever the body reports, until decided again."""
    tie = await _tie_below(call, body.actor)
    changes = await amendments.correction(
        call.node,
        constituent=tie.actor_id,
        weight=body.weight,
        members=body.members,
        as_reported=body.members_as_reported,
    )
    record = await amendments.draft_amendment(
        call.node, author=call.caller, title=f"Correct {tie.name}", reasons=body.reasons, changes=changes
    )
    return await standing(call, record)


@operation("POST", "/statutes/renew", summary="Publish the numbers of members", allows=Access.OPERATOR)
async def renew_statute(call: Call) -> StatuteView:
    """The next version of our statute, with the numbers that constituents reported or decisions set."""
    return _statute(await statute_service.renew_statute(call.node, by=call.caller.id))


@operation("GET", "/statutes/latest", summary="The newest statute of an assembly", allows=Access.PUBLIC)
async def show_latest_statute(call: Call, query: StatuteAsked) -> StatuteView:
    """Ours, or that of any assembly this node has heard of."""
    async with call.node.store.read() as tx:
        found = await statutes.latest(tx, query.assembly or call.node.body.did)
    if found is None:
        raise Problem(404, "not-found", "No statute of this assembly is known here.")
    return _statute(found)


def _statute(found: StatuteRecord) -> StatuteView:
    return StatuteView(
        digest=found.digest,
        assembly=found.assembly_did,
        version=found.version,
        received_at=found.received_at,
        document=found.document,
    )


async def _tie_below(call: Call, actor: str) -> MembershipRecord:
    async with call.node.store.read() as tx:
        found = await memberships.find(tx, "below", actor)
    if found is None:
        raise Refusal("application-unknown")
    return found


async def _ties(call: Call, direction: str, state: str | None) -> TieList:
    async with call.node.store.read() as tx:
        found = await memberships.list(tx, direction, state)
    return TieList(items=[_view(record) for record in found])


def _view(record: MembershipRecord) -> TieView:
    return TieView(
        actor=record.actor_id,
        did=record.did,
        name=record.name,
        kind=record.kind,
        weight=record.weight,
        state=record.state,
        asked_at=record.created_at,
        decided_at=record.decided_at,
        members=record.members,
        members_at=record.members_at,
        members_decided=record.members_decided,
        splits=record.splits_since is not None,
    )


OPERATIONS = (
    list_memberships,
    ask_to_join,
    leave_assembly,
    choose_split,
    list_constituents,
    decide_application,
    draft_amendment,
    propose_roster,
    correct_constituent,
    renew_statute,
    show_latest_statute,
)
