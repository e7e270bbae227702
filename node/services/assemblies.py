"""Joining an assembly and keeping its roster: asking, deciding, leaving; each change publishes a statute.

Called by the doors, the command line and node.inbound.assemblies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from federation.assembly.bylaws.applications import read_count
from federation.assembly.statute import HEAVIEST
from federation.errors import FetchFailure
from federation.fetch.actors import read_actor
from federation.peers.directory import fetched_afresh, known_or_fetched
from federation.vocabulary.reading import governance_of
from node.governance.refusals import Refusal
from node.outbound import post
from node.services.assembly import headcounts
from node.services.follows import CATCH_UP
from node.services.statutes import publish_statute, send_statute
from storage.governance import statutes
from storage.neighbours import follows, memberships
from storage.records import FollowRecord, MembershipRecord, PeerRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from federation.assembly.bylaws.applications import HeadCount
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx

LARGEST_WEIGHT = 1_000_000


async def ask_to_join(node: Node, *, by: str, address: str) -> MembershipRecord:
    """Our application to an assembly, sent as a Join.

    Refusals: not-an-assembly, already-member, cycle, peer-unreachable.
    """
    peer = await _peer_at(node, address)
    if peer.kind != "assembly" or peer.did is None:
        raise Refusal("not-an-assembly")
    now = node.clock()
    async with node.store.write() as tx:
        earlier = await memberships.find(tx, "above", peer.actor_id)
        if earlier is not None and earlier.state in {"asked", "accepted"}:
            raise Refusal("already-member")
        await _refuse_cycle(tx, above=peer.did, below=node.body.did)
        count = await headcounts.own_count(node, tx)
        activity_id = await post.join(tx, node, peer.actor_id, governance=headcounts.stated(node, count))
        asked = _counted(_membership(node, "above", peer, activity_id, now), count)
        await memberships.save(tx, asked)
        await _note(tx, asked, by=by, event="membership-asked", now=now)
    return asked


async def receive_application(node: Node, activity: VerifiedActivity) -> None:
    """A body asks to join this assembly: kept until an operator decides, unless it belongs already.

    Refusals: not-an-assembly, not-a-constituent, cycle, statute-members (what it says of its members is no number).
    """
    if node.body.kind != "assembly" or activity.document.get("object") != node.body.actor_id:
        raise Refusal("not-an-assembly")
    count = read_count(activity.document)
    peer = await fetched_afresh(node.federation, activity.actor_id)
    if peer.kind not in {"coop", "assembly"} or peer.did is None:
        raise Refusal("not-a-constituent")
    async with node.store.write() as tx:
        asked = _counted(_membership(node, "below", peer, activity.id, activity.received_at), count)
        earlier = await memberships.find(tx, "below", peer.actor_id)
        if earlier is not None and earlier.state == "accepted":
            await _take_back(node, tx, earlier, asked)
            return
        await _refuse_cycle(tx, above=node.body.did, below=peer.did)
        await memberships.save(tx, asked)
        await _note(tx, asked, by=peer.actor_id, event="application-received", now=activity.received_at)


async def _take_back(node: Node, tx: Tx, earlier: MembershipRecord, asked: MembershipRecord) -> None:
    """A constituent that asks anew lost what it knew: it stays one under its key of now, and is told everything again.

    No operator is asked: whoever holds its host could as well have said that its key is another (decision 0010).
    """
    if asked.activity_id == earlier.activity_id or asked.did != earlier.did:
        return
    back = replace(earlier, activity_id=asked.activity_id, key_multibase=asked.key_multibase)
    if asked.members is not None:
        back = replace(back, members=asked.members, members_at=asked.members_at)
    await memberships.save(tx, back)
    await _note(tx, back, by=asked.actor_id, event="constituent-returned", now=asked.created_at)
    await follow_each_other(tx, back, asked.created_at)
    await post.accept(tx, node, back.activity_id, to=back.actor_id)
    if back.key_multibase != earlier.key_multibase:
        await publish_statute(node, tx, asked.created_at)
    else:
        await send_statute(node, tx, to=back.actor_id)


async def decide_application(
    node: Node, *, by: str, applicant: str, is_accepted: bool, weight: int = 1, members: int | None = None
) -> MembershipRecord:
    """An application accepted (new statute, published) or rejected; `members` stands instead of what the body says.

    Refusals: application-unknown, weight-invalid, members-invalid, statute-invalid (its number of members is missing).
    """
    if not 1 <= weight <= LARGEST_WEIGHT:
        raise Refusal("weight-invalid")
    if members is not None and not 1 <= members <= HEAVIEST:
        raise Refusal("members-invalid")
    now = node.clock()
    async with node.store.write() as tx:
        asked = await memberships.find(tx, "below", applicant)
        if asked is None or asked.state != "asked":
            raise Refusal("application-unknown")
        state = "accepted" if is_accepted else "rejected"
        decided = replace(asked, state=state, weight=weight if is_accepted else None, decided_at=now)
        if members != asked.members:
            decided = replace(decided, members_decided=members)
        await memberships.save(tx, decided)
        await _note(tx, decided, by=by, event=f"application-{state}", now=now)
        if is_accepted:
            await follow_each_other(tx, decided, now)
            await post.accept(tx, node, asked.activity_id, to=applicant)
            await publish_statute(node, tx, now)
        else:
            await post.reject(tx, node, asked.activity_id, to=applicant)
    return decided


async def receive_answer(node: Node, activity: VerifiedActivity, *, is_accepted: bool) -> bool:
    """An assembly's answer to our application; False when the activity answers something else."""
    async with node.store.write() as tx:
        asked = await memberships.find(tx, "above", activity.actor_id)
        if asked is None or activity.document.get("object") != asked.activity_id:
            return False
        if asked.state != "asked":
            return True
        now = activity.received_at
        decided = replace(asked, state="accepted" if is_accepted else "rejected", decided_at=now)
        await memberships.save(tx, decided)
        if is_accepted:
            await follow_each_other(tx, decided, now)
            await send_statute(node, tx, to=decided.actor_id)
        await _note(tx, decided, by=activity.actor_id, event=f"membership-{decided.state}", now=now)
    return True


async def leave(node: Node, *, by: str, assembly: str) -> MembershipRecord:
    """Our membership given up; open proposals keep their frozen roster. Refusals: not-found."""
    now = node.clock()
    async with node.store.write() as tx:
        membership = await memberships.find(tx, "above", assembly)
        if membership is None or membership.state not in {"asked", "accepted"}:
            raise Refusal("not-found")
        left = replace(membership, state="left", decided_at=now)
        await memberships.save(tx, left)
        await post.leave(tx, node, assembly)
        await _note(tx, left, by=by, event="membership-left", now=now)
    return left


async def receive_leave(node: Node, activity: VerifiedActivity) -> None:
    """A constituent leaves: off the roster, and the statute says so from now on."""
    async with node.store.write() as tx:
        membership = await memberships.find(tx, "below", activity.actor_id)
        if membership is None or membership.state not in {"asked", "accepted"}:
            return
        was_constituent = membership.state == "accepted"
        left = replace(membership, state="left", decided_at=activity.received_at)
        await memberships.save(tx, left)
        await _note(tx, left, by=activity.actor_id, event="constituent-left", now=activity.received_at)
        if was_constituent:
            await publish_statute(node, tx, activity.received_at)


async def receive_new_key(node: Node, activity: VerifiedActivity) -> None:
    """A constituent lists another key: the next statute names it. Proposals already open keep the roster they froze.

    Refusals: not-a-constituent (it lists no key any more).
    """
    peer = await known_or_fetched(node.federation, activity.actor_id)
    async with node.store.write() as tx:
        membership = await memberships.find(tx, "below", activity.actor_id)
        if membership is None or membership.state not in {"asked", "accepted"}:
            return
        renewed = replace(membership, key_multibase=_signing_key(peer, activity.received_at))
        if renewed == membership:
            return
        await memberships.save(tx, renewed)
        await _note(tx, renewed, by=activity.actor_id, event="constituent-key-changed", now=activity.received_at)
        if membership.state == "accepted":
            await publish_statute(node, tx, activity.received_at)


async def _peer_at(node: Node, address: str) -> PeerRecord:
    """The peer at an actor id, or at the bare address of a node as people write it."""
    url = address.strip() if "://" in address else f"https://{address.strip()}"
    if not urlsplit(url).path.strip("/"):
        url = f"{url.rstrip('/')}/body"
    try:
        return await fetched_afresh(node.federation, url)
    except FetchFailure as failure:
        raise Refusal("peer-unreachable") from failure


async def _refuse_cycle(tx: Tx, *, above: str, below: str) -> None:
    """Refuse when `above` already stands, at any depth, below `below` (an assembly cannot be its own constituent)."""
    rosters = {entry.assembly_did: _bodies(entry.document) for entry in await statutes.all_latest(tx)}
    seen: set[str] = set()
    waiting = [below]
    while waiting:
        body = waiting.pop()
        if body == above:
            raise Refusal("cycle")
        if body not in seen:
            seen.add(body)
            waiting.extend(rosters.get(body, ()))


def _bodies(statute: Mapping[str, Any]) -> Sequence[str]:
    return [entry["body"] for entry in governance_of(statute).get("constituents", ())]


def _membership(node: Node, direction: str, peer: PeerRecord, activity_id: str, now: datetime) -> MembershipRecord:
    return MembershipRecord(
        id=node.new_id(),
        direction=direction,
        actor_id=peer.actor_id,
        did=peer.did or "",
        name=peer.name,
        kind=peer.kind,
        key_multibase=_signing_key(peer, now),
        activity_id=activity_id,
        created_at=now,
    )


def _counted(membership: MembershipRecord, count: HeadCount | None) -> MembershipRecord:
    return replace(membership, members=count.members, members_at=count.counted_at) if count else membership


def _signing_key(peer: PeerRecord, now: datetime) -> str:
    """The Ed25519 key its positions will be checked with. Refusal not-a-constituent when it lists none."""
    found = [key.public_text for key in read_actor(peer.document, now=now).keys if key.public_text.startswith("z")]
    if not found:
        raise Refusal("not-a-constituent")
    return found[0]


async def follow_each_other(tx: Tx, membership: MembershipRecord, now: datetime) -> None:
    """Joining implies following both ways (decision 0006), and reading what the other said before."""
    for direction in ("in", "out"):
        await follows.save(
            tx,
            FollowRecord(
                id=f"{membership.activity_id}#{direction}",
                direction=direction,
                actor_id=membership.actor_id,
                activity_id=membership.activity_id,
                created_at=now,
                state="accepted",
            ),
        )
    await jobs.enqueue(tx, CATCH_UP, membership.actor_id, now)


async def _note(tx: Tx, membership: MembershipRecord, *, by: str, event: str, now: datetime) -> None:
    content = {
        "body": membership.did,
        "actor": membership.actor_id,
        "name": membership.name,
        "weight": membership.weight,
        "members": membership.members_decided or membership.members,
    }
    await events.append(tx, at=now, actor=by, type=event, subject=membership.actor_id, content=content)
