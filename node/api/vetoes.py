"""Vetoes of constituents on an assembly's proposal; called by the member door's routes."""

from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, slice_page
from node.api.shapes.facts import KeyPath
from node.api.shapes.proposals import VetoIn, VetoView
from node.api.standing import found_proposal
from node.services.assembly import vetoes
from storage.records import VetoRecord


@operation("GET", "/proposals/{key}/vetoes", summary="Who vetoed an assembly's proposal, and why")
async def list_vetoes(call: Call, path: KeyPath, query: Window) -> Page[VetoView]:
    """Vetoes on a proposal of an assembly, or on the one that this body's own proposal answers; late ones too."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        found = await vetoes.about(tx, record)
    return slice_page(found, query, _view)


@operation("POST", "/proposals/{key}/vetoes", summary="Veto for this body", allows=Access.OPERATOR, status=201)
async def submit_veto(call: Call, path: KeyPath, body: VetoIn) -> VetoView:
    """Signed and sent to the assembly with its reason; it cannot be taken back. Operators, before the close."""
    record = await found_proposal(call, path.key)
    return _view(await vetoes.submit(call.node, member=call.caller, proposal_id=record.id, reason=body.reason))


def _view(record: VetoRecord) -> VetoView:
    return VetoView(
        id=record.id,
        proposal=record.proposal_id,
        body=record.body_did,
        reason=record.reason,
        status=record.status,
        digest=record.digest,
        received_at=record.received_at,
    )


OPERATIONS = (list_vetoes, submit_veto)
