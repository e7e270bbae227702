"""Who this node is; called by the member door's routes."""

from federation.vocabulary.actors import Addresses
from node.api.door.operation import Access, Call, operation
from node.api.shapes.assemblies import BodyView
from node.api.shapes.operator import ActorIn, AddressesView
from node.services.house import addresses


@operation("GET", "/body", summary="The body this node stands for", allows=Access.PUBLIC)
async def show_body(call: Call) -> BodyView:
    """Name, kind, identifiers and bylaws: what anybody may know."""
    body = call.node.body
    return BodyView(
        name=body.name,
        handle=body.handle,
        kind=body.kind,
        did=body.did,
        actor=body.actor_id,
        rule=body.rule,
        window_seconds=body.window_seconds,
        mode=body.mode,
        weight_denominator=body.weight_denominator,
    )


@operation("GET", "/addresses", summary="Where this body was before, and where it moved to", allows=Access.OPERATOR)
async def show_addresses(call: Call) -> AddressesView:
    """What its actor says about itself under `alsoKnownAs` and `movedTo`."""
    return _addresses(await call.node.federation.addresses())


@operation("POST", "/addresses/earlier", summary="Say where this body was before", allows=Access.OPERATOR)
async def add_earlier_address(call: Call, body: ActorIn) -> AddressesView:
    """The word without which nobody believes that the actor there moved to here."""
    return _addresses(await addresses.add_earlier(call.node, by=call.caller.id, actor=body.actor))


@operation("POST", "/addresses/forget", summary="Say no more that this body was there", allows=Access.OPERATOR)
async def remove_earlier_address(call: Call, body: ActorIn) -> AddressesView:
    """Takes an earlier address back."""
    return _addresses(await addresses.remove_earlier(call.node, by=call.caller.id, actor=body.actor))


@operation("POST", "/addresses/move", summary="Move to another address", allows=Access.OPERATOR)
async def move_body(call: Call, body: ActorIn) -> AddressesView:
    """Tells everybody who follows. The actor there must name this one under `alsoKnownAs` first."""
    return _addresses(await addresses.move(call.node, by=call.caller.id, actor=body.actor))


@operation("POST", "/addresses/stay", summary="Say that this body is here after all", allows=Access.OPERATOR)
async def stay_here(call: Call) -> AddressesView:
    """Nobody who followed it to the other address is called back."""
    return _addresses(await addresses.stay(call.node, by=call.caller.id))


def _addresses(known: Addresses) -> AddressesView:
    return AddressesView(earlier=known.earlier, moved_to=known.moved_to)


OPERATIONS = (
    show_body,
    show_addresses,
    add_earlier_address,
    remove_earlier_address,
    move_body,
    stay_here,
)
