"""Who this node is; called by the member door's routes."""

from node.api.door.operation import Access, Call, operation
from node.api.shapes.assemblies import BodyView


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


OPERATIONS = (show_body,)
