"""Statutes: the signed rules and roster of an assembly, published at each change and kept for good under their digest.

Called by services.assemblies, node.inbound.assemblies and the doors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from federation.assembly.refusals import AmendmentRefusal
from federation.assembly.rules import rule_document
from federation.assembly.statute import Constituent, StatuteError, read_statute, statute_governance
from federation.fetch.actors import assertion_key
from federation.peers.directory import is_heard, known_or_fetched
from identity.canonical import content_digest
from identity.instants import instant_text
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound.statutes import statute as statute_document
from node.services import offers
from node.services.assembly import equivocations, headcounts
from node.services.assembly.proofs import check_own_proof
from storage.governance import statutes
from storage.neighbours import memberships
from storage.records import StatuteRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MembershipRecord


async def receive_statute(node: Node, activity: VerifiedActivity) -> None:
    """An assembly's statute, kept for good under its digest.

    Refusals: statute-invalid (not its own, or malformed), document-unproven, uninvited (a stranger's, and nobody whom
    we hear brings it).
    """
    document = activity.document.get("object", {})
    try:
        statute = read_statute(document)
    except StatuteError as error:
        raise Refusal("statute-invalid") from error
    peer = await known_or_fetched(node.federation, activity.actor_id)
    if peer.did != statute.assembly or document.get("attributedTo") != activity.actor_id:
        raise Refusal("statute-invalid")
    record = StatuteRecord(
        digest=content_digest(document),
        assembly_did=statute.assembly,
        assembly_actor=activity.actor_id,
        version=statute.version,
        document=document,
        received_at=activity.received_at,
    )
    bringer, is_tied = (
        activity.announced_by or activity.actor_id,
        await node.federation.strangers.is_none(peer.actor_id),
    )
    async with node.store.write() as tx:
        if await statutes.find(tx, record.digest) is not None:
            return
        if not (is_tied or await is_heard(tx, bringer)):
            raise Refusal("uninvited")
        await check_own_proof(tx, activity)
        twin = await statutes.of_version(tx, statute.assembly, statute.version)
        await _keep(tx, record)
        if twin is not None:
            key = assertion_key(peer.document)
            await equivocations.expose(node, tx, (twin.document, document), key=key, now=record.received_at)
        await post.relay(tx, node, activity, ordering_key=statute.assembly)
        await _note_own_place(node, tx, record)
        if node.body.kind == "assembly":
            await headcounts.report(node, tx)
        content = {"assembly": statute.assembly, "version": statute.version, "digest": record.digest}
        await events.append(
            tx,
            at=record.received_at,
            actor=activity.actor_id,
            type="statute-received",
            subject=record.digest,
            content=content,
        )


async def _keep(tx: Tx, record: StatuteRecord) -> None:
    """The statute, kept; offers of bodies that it takes in or lets go stand in another ring from now on (C12)."""
    before = await statutes.latest(tx, record.assembly_did)
    await statutes.add(tx, record)
    newest = await statutes.latest(tx, record.assembly_did)
    if changed := _actors(before) ^ _actors(newest):
        await offers.place_anew(tx, changed)


def _actors(statute: StatuteRecord | None) -> set[str]:
    return (
        {entry["actor"] for entry in statute.document["governance"]["constituents"]} if statute is not None else set()
    )


async def _note_own_place(node: Node, tx: Tx, received: StatuteRecord) -> None:
    """Where the newest statute of an assembly of ours lists us, or not any more, our membership says so."""
    tie = await memberships.find(tx, "above", received.assembly_actor)
    newest = await statutes.latest(tx, received.assembly_did)
    if tie is None or newest is None or newest.digest != received.digest:
        return
    is_listed = any(entry["body"] == node.body.did for entry in received.document["governance"]["constituents"])
    state = {("accepted", False): "suspended", ("suspended", True): "accepted"}.get((tie.state, is_listed))
    if state is None:
        return
    await memberships.save(tx, replace(tie, state=state, decided_at=received.received_at))
    await events.append(
        tx, at=received.received_at, actor=received.assembly_actor, type=f"membership-{state}",
        subject=received.assembly_actor, content={"version": received.version},
    )  # fmt: skip


async def send_statute(node: Node, tx: Tx, *, to: str) -> None:
    """Our newest statute, if we have one, to a body that just began to follow us: it may have missed it."""
    latest = await statutes.latest(tx, node.body.did)
    if latest is not None:
        await post.create_for(tx, node, dict(latest.document), ordering_key=node.body.did, to=[to])


async def publish_statute(node: Node, tx: Tx, now: datetime, *, takes_reports: bool = False) -> None:
    """The next version of our statute: as it was, with the roster as it stands; the first is made from the bylaws.

    Numbers of members that bodies reported since are taken up only where `takes_reports`: somebody here decided that.
    """
    latest = await statutes.latest(tx, node.body.did)
    roster = await memberships.list(tx, "below", "accepted")
    if latest is None:
        governance = _first(node, roster, now)
    else:
        in_force = latest.document["governance"]
        listed = _listed(in_force, roster, takes_reports=takes_reports)
        governance = {**in_force, "version": latest.version + 1, "constituents": listed, "adopted_by": None}
    await adopt_statute(node, tx, governance, now)


async def renew_statute(node: Node, *, by: str) -> StatuteRecord:
    """The next version of our statute, with the numbers of members as they were reported or set.

    Refusals: no-statute, amendment-nothing (the numbers are those in force), statute-invalid.
    """
    now = node.clock()
    async with node.store.write() as tx:
        latest = await statutes.latest(tx, node.body.did)
        if latest is None:
            raise Refusal("no-statute")
        before = {entry["body"]: entry.get("members") for entry in latest.document["governance"]["constituents"]}
        roster = await memberships.list(tx, "below", "accepted")
        listed = _listed(latest.document["governance"], roster, takes_reports=True)
        changed = {one["body"]: one["members"] for one in listed if one["members"] != before.get(one["body"])}
        if not changed:
            raise AmendmentRefusal("amendment-nothing", "nobody has another number of members")
        await publish_statute(node, tx, now, takes_reports=True)
        content = {"members": changed}
        await events.append(tx, at=now, actor=by, type="statute-renewed", subject=node.body.actor_id, content=content)
        renewed = await statutes.latest(tx, node.body.did)
    return renewed or latest


def _listed(
    in_force: Mapping[str, Any], roster: Sequence[MembershipRecord], *, takes_reports: bool
) -> list[dict[str, Any]]:
    """The roster as it stands. Only a decided number, or none at all there, changes what the statute says of a body.

    Where reports are taken, a body that never said how many members it has keeps the number of the statute.
    """
    before = {entry["body"]: entry.get("members") for entry in in_force["constituents"]}
    listed = []
    for tie in roster:
        known = before.get(tie.did)
        reported = tie.members or known if takes_reports else known or tie.members
        listed.append({**constituent_entry(tie), "members": tie.members_decided or reported})
    return listed


async def adopt_statute(node: Node, tx: Tx, governance: Mapping[str, Any], now: datetime) -> None:
    """Sign this version of our statute and send it to every constituent and follower. Refusals: statute-invalid."""
    version = int(governance["version"])
    stated = {**governance, "adopted_at": instant_text(now)}
    document = statute_document(node, version=version, governance=stated, now=now)
    try:
        read_statute(document)
    except StatuteError as error:
        raise Refusal("statute-invalid", error.detail or error.public) from error
    record = StatuteRecord(
        digest=content_digest(document),
        assembly_did=node.body.did,
        assembly_actor=node.body.actor_id,
        version=version,
        document=document,
        received_at=now,
        source="own",
    )
    await _keep(tx, record)
    await post.create(tx, node, document, ordering_key=node.body.did)
    content = {"version": version, "digest": record.digest, "constituents": len(stated["constituents"])}
    await events.append(
        tx, at=now, actor=node.body.actor_id, type="statute-adopted", subject=record.digest, content=content
    )
    await headcounts.report(node, tx)


async def usual_rule(node: Node, tx: Tx) -> dict[str, Any]:
    """The rule that proposals follow unless they name another: in an assembly that of its statute in force."""
    latest = await statutes.latest(tx, node.body.did) if node.body.kind == "assembly" else None
    return rule_document(read_statute(latest.document).rule) if latest else dict(node.body.rule)


def constituent_entry(tie: MembershipRecord) -> dict[str, Any]:
    """A body's line on the roster of a statute, which says so where its number of members was decided here."""
    return constituent_of(tie).to_document()


def constituent_of(tie: MembershipRecord) -> Constituent:
    """The body below as a statute lists it."""
    return Constituent(
        body=tie.did,
        actor=tie.actor_id,
        name=tie.name,
        kind=tie.kind,
        key=tie.key_multibase,
        weight=tie.weight or 1,
        members=tie.members_decided or tie.members,
        has_decided_members=tie.members_decided is not None,
    )


def _first(node: Node, roster: Sequence[MembershipRecord], now: datetime) -> dict[str, Any]:
    try:
        return statute_governance(
            assembly=node.body.did,
            name=node.body.name,
            version=1,
            mode=node.body.mode,
            weight_denominator=node.body.weight_denominator,
            constituents=[constituent_of(tie) for tie in roster],
            rule=node.body.rule,
            margin_seconds=node.body.margin_seconds,
            adopted_at=now,
            terms=node.body.terms,
        )
    except StatuteError as error:
        raise Refusal("statute-invalid", error.detail or error.public) from error
