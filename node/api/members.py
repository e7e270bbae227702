"""Members of this co-op: enrolling, listing, the caller's own entry; called by the member door's routes."""

from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, slice_page
from node.api.shapes.members import MemberIn, MemberView, PassphraseIn, member_view
from node.services import members
from storage import members as member_rows


@operation("GET", "/members", summary="The members of this co-op")
async def list_members(call: Call, query: Window) -> Page[MemberView]:
    """Active members by name."""
    async with call.node.store.read() as tx:
        found = await member_rows.active(tx)
    return slice_page(found, query, member_view)


@operation("POST", "/members", summary="Enrol a member", allows=Access.OPERATOR, status=201)
async def enrol_member(call: Call, body: MemberIn) -> MemberView:
    """A new member with a DID and key of their own. Proposals already open keep their frozen roll."""
    newcomer = members.Newcomer(
        name=body.name,
        display_name=body.display_name,
        passphrase=body.passphrase.get_secret_value() if body.passphrase else None,
        roles=body.roles,
        weight=body.weight,
    )
    return member_view(await members.enrol(call.node, newcomer, by=call.caller.id))


@operation("GET", "/members/me", summary="The caller")
async def current_member(call: Call) -> MemberView:
    """The signed-in member."""
    return member_view(call.caller)


@operation("POST", "/members/me/passphrase", summary="Change the caller's passphrase")
async def change_passphrase(call: Call, body: PassphraseIn) -> None:
    """A new passphrase; every session of the caller ends, this one too."""
    await members.change_passphrase(
        call.node, member=call.caller, old=body.old.get_secret_value(), new=body.new.get_secret_value()
    )


OPERATIONS = (list_members, enrol_member, current_member, change_passphrase)
