"""Flags: somebody elsewhere asks our operators to look at something of ours, or one of us asks theirs.

Called by node.inbound.neighbours and by the operators' doors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure
from federation.peers.directory import known_or_fetched
from federation.receive.origins import host_of, owner_of, same_origin
from federation.vocabulary.reading import ids_of
from node.governance.refusals import Refusal
from node.markdown import plain_text
from node.outbound import post
from storage.commons import offers
from storage.community import flags, replies
from storage.neighbours import peers
from storage.records import FlagRecord
from storage.work import activities, events

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.records import MemberRecord

LONGEST_FLAG = 5_000
MOST_FLAGGED = 50
MOST_SENT, SENT_WINDOW_SECONDS = 10, 3600
MOST_OPEN = 1_000
"""Open flags above which further ones are refused, so that nobody fills the disk with complaints."""


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A flag about this body or something it keeps, for operators' eyes only; one about others is passed over.

    Refusals: too-many-requests.
    """
    named = ids_of(activity.document.get("object"))[:MOST_FLAGGED]
    async with node.store.write() as tx:
        await activities.hide(tx, activity.id)
        if not any(same_origin(one, node.origin) for one in named):
            return
        if await flags.count_open(tx) >= MOST_OPEN:
            raise Refusal("too-many-requests")
        said = activity.document.get("content")
        record = FlagRecord(
            id=activity.id,
            actor_id=activity.actor_id,
            object_ids=tuple(named),
            content=plain_text(said if isinstance(said, str) else "")[:LONGEST_FLAG],
            received_at=activity.received_at,
        )
        if await flags.add(tx, record):
            await events.append(
                tx,
                at=activity.received_at,
                actor=activity.actor_id,
                type="flag-received",
                subject=activity.id,
                content={"objects": list(named)},
            )


async def send(node: Node, *, member: MemberRecord, object_id: str, content: str = "") -> str:
    """The id of a Flag of ours to the home of something said elsewhere; it names the body, and not the member.

    Refusals: flag-own, too-many-requests, address-invalid, peer-unreachable.
    """
    if same_origin(object_id, node.origin):
        raise Refusal("flag-own")
    if not host_of(object_id):
        raise Refusal("address-invalid")
    if not await node.ephemeral.hit(f"flags-sent:{member.id}", MOST_SENT, SENT_WINDOW_SECONDS):
        raise Refusal("too-many-requests")
    owner, now = await _owner(node, object_id), node.clock()
    async with node.store.write() as tx:
        about = list(dict.fromkeys((owner, object_id)))
        flag_id = await post.flag(tx, node, about, content[:LONGEST_FLAG], to=owner)
        await events.append(tx, at=now, actor=member.id, type="flag-sent", subject=flag_id, content={"objects": about})
    return flag_id


async def _owner(node: Node, object_id: str) -> str:
    """The actor whose object it is, known well enough to be written to. Raises Refusal peer-unreachable."""
    async with node.store.read() as tx:
        actor, reply = await peers.find(tx, object_id), await replies.find(tx, object_id)
        offer = await offers.find(tx, object_id)
    if actor is not None:
        return object_id
    named = reply.author_actor if reply is not None else offer.owner_actor if offer is not None else None
    try:
        owner = named or _owner_in(await node.federation.fetcher.get_own(object_id), object_id)
        return (await known_or_fetched(node.federation, owner)).actor_id
    except FetchFailure as failure:
        raise Refusal("peer-unreachable") from failure


def _owner_in(document: dict[str, Any], object_id: str) -> str:
    """The owner a fetched document names at its own origin; itself where it is an actor. Raises FetchFailure."""
    owner = object_id if "inbox" in document else owner_of(document)
    if owner is None or not same_origin(owner, object_id):
        raise FetchFailure("object-unowned", f"{object_id} names nobody whose it is")
    return owner


async def settle(node: Node, *, operator: MemberRecord, flag_id: str) -> FlagRecord:
    """The flag, dealt with; settling it again changes nothing. Refusals: forbidden, not-found."""
    if "operator" not in operator.roles:
        raise Refusal("forbidden")
    now = node.clock()
    async with node.store.write() as tx:
        known = await flags.find(tx, flag_id)
        if known is None:
            raise Refusal("not-found")
        if known.state == "settled":
            return known
        await flags.settle(tx, flag_id, by=operator.id, at=now)
        await events.append(tx, at=now, actor=operator.id, type="flag-settled", subject=flag_id, content={})
        settled = await flags.find(tx, flag_id)
        assert settled is not None
    return settled
