"""Members of this co-op: enrolling, signing in and out, passphrases; called by the doors and the command line."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from identity.dids.did_key import did_key, verification_method
from identity.keys.pairs import generate_ed25519
from identity.passphrases import Cost, check_passphrase, hash_passphrase
from identity.tokens import new_token, token_hash
from node.governance.refusals import Refusal
from node.keyring import sealed_record
from node.services.assembly import headcounts
from storage.house import keys, members, sessions
from storage.records import MemberRecord, SessionRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from identity.keys.sealing import Sealer
    from node.context import Node
    from node.settings import Settings
    from storage.engine import Tx
    from storage.records import KeyRecord

ROLES = frozenset({"member", "operator"})
NAME_SHAPE = re.compile(r"[a-z0-9][a-z0-9_.-]{1,39}")
LEAST_PASSPHRASE_LENGTH = 10
LONGEST_PASSPHRASE_LENGTH = 1024
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$G6j9VSDZFqsbE6qCbd2ezkJwFsQNbWwS1yQ1b8ZOwpM"
"""Checked when no such member exists, so that a wrong name costs as much time as a wrong passphrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What is known of a member at enrolment. Without a passphrase the member cannot sign in yet."""

    name: str
    display_name: str
    passphrase: str | None = None
    roles: Sequence[str] = ("member",)
    weight: int = 1


async def enrol(node: Node, newcomer: Newcomer, *, by: str) -> MemberRecord:
    """The new member, with a did:key of its own held sealed by this node (I6). Refusals: name-invalid, name-taken."""
    cost = passphrase_cost(node.settings)
    async with node.hashing:
        rows = await prepared(node.sealer, newcomer, cost=cost, member_id=node.new_id(), now=node.clock())
    async with node.store.write() as tx:
        await add_member(tx, rows, by=by)
        await headcounts.report(node, tx)
    return rows[0]


async def prepared(
    sealer: Sealer, newcomer: Newcomer, *, cost: Cost, member_id: str, now: datetime
) -> tuple[MemberRecord, KeyRecord]:
    """The rows of a new member and of its key, checked but not written. Refusals: name-invalid, passphrase-weak."""
    _check_newcomer(newcomer)
    pair = generate_ed25519()
    did = did_key(pair.public)
    key = sealed_record(sealer, key_id=verification_method(did), owner=did, pair=pair, now=now)
    member = MemberRecord(
        id=member_id,
        name=newcomer.name,
        display_name=newcomer.display_name.strip(),
        did=did,
        key_id=key.key_id,
        passphrase_hash=await _hashed(newcomer.passphrase, cost) if newcomer.passphrase else None,
        roles=tuple(sorted({"member", *newcomer.roles})),
        weight=newcomer.weight,
        created_at=now,
    )
    return member, key


async def add_member(tx: Tx, rows: tuple[MemberRecord, KeyRecord], *, by: str) -> None:
    """Write a prepared member. Refusals: name-taken."""
    member, key = rows
    if await members.by_name(tx, member.name) is not None:
        raise Refusal("name-taken")
    await keys.add(tx, key)
    await members.add(tx, member)
    content = {"member": member.id, "did": member.did, "roles": list(member.roles), "weight": member.weight}
    await events.append(tx, at=member.created_at, actor=by, type="member-enrolled", subject=member.id, content=content)


def passphrase_cost(settings: Settings) -> Cost:
    """What argon2 is set to on this node."""
    return Cost(time=settings.passphrase_rounds, memory_kib=settings.passphrase_memory_kib)


async def sign_in(node: Node, *, name: str, passphrase: str, label: str) -> tuple[str, SessionRecord, MemberRecord]:
    """(token, session, member); the token is shown once and only its hash is kept. Refusals: passphrase-wrong."""
    async with node.store.read() as tx:
        member = await members.by_name(tx, name)
    known = member.passphrase_hash if member is not None and member.state == "active" else None
    is_right = await _checked(node, passphrase[:LONGEST_PASSPHRASE_LENGTH], known or NOBODY)
    if member is None or known is None or not is_right:
        raise Refusal("passphrase-wrong")
    now, token = node.clock(), new_token()
    session = SessionRecord(
        token_hash=token_hash(token),
        member_id=member.id,
        csrf_token=new_token(),
        created_at=now,
        expires_at=now + timedelta(days=node.settings.session_days),
        last_seen_at=now,
        label=label[:200],
    )
    async with node.store.write() as tx:
        await sessions.add(tx, session)
        content = {"label": session.label}
        await events.append(tx, at=now, actor=member.id, type="member-signed-in", subject=member.id, content=content)
    return token, session, member


async def session(node: Node, token: str) -> tuple[MemberRecord, SessionRecord] | None:
    """Who a token speaks for, or None when it is unknown, expired or its member has left."""
    async with node.store.read() as tx:
        found = await sessions.find(tx, token_hash(token))
        if found is None or found.expires_at <= node.clock():
            return None
        member = await members.find(tx, found.member_id)
    return (member, found) if member is not None and member.state == "active" else None


async def sign_out(node: Node, *, member: MemberRecord, session_hash: str) -> None:
    """End one session of this member; ending it twice is no error. Refusal not-found when it is somebody else's."""
    now = node.clock()
    async with node.store.write() as tx:
        found = await sessions.find(tx, session_hash)
        if found is None:
            return
        if found.member_id != member.id:
            raise Refusal("not-found")
        await sessions.remove(tx, session_hash)
        await events.append(tx, at=now, actor=member.id, type="member-signed-out", subject=member.id, content={})


async def change_passphrase(node: Node, *, member: MemberRecord, old: str, new: str) -> None:
    """Replace the passphrase and end every session of the member. Refusals: passphrase-wrong, passphrase-weak."""
    if not await _checked(node, old[:LONGEST_PASSPHRASE_LENGTH], member.passphrase_hash or NOBODY):
        raise Refusal("passphrase-wrong")
    await set_passphrase(node, member=member, passphrase=new, by=member.id)


async def set_passphrase(node: Node, *, member: MemberRecord, passphrase: str, by: str) -> None:
    """Set a passphrase without knowing the old one (operator's command), ending the member's sessions."""
    async with node.hashing:
        hashed = await _hashed(passphrase, passphrase_cost(node.settings))
    now = node.clock()
    async with node.store.write() as tx:
        await members.update(tx, member.id, passphrase_hash=hashed)
        for open_session in await sessions.for_member(tx, member.id):
            await sessions.remove(tx, open_session.token_hash)
        await events.append(tx, at=now, actor=by, type="passphrase-changed", subject=member.id, content={})


def _check_newcomer(newcomer: Newcomer) -> None:
    if not NAME_SHAPE.fullmatch(newcomer.name) or not newcomer.display_name.strip():
        raise Refusal("name-invalid")
    if not set(newcomer.roles) <= ROLES:
        raise Refusal("role-unknown")
    if newcomer.weight < 1:
        raise Refusal("weight-invalid")


async def _hashed(passphrase: str, cost: Cost) -> str:
    if not LEAST_PASSPHRASE_LENGTH <= len(passphrase) <= LONGEST_PASSPHRASE_LENGTH:
        raise Refusal("passphrase-weak")
    return await asyncio.to_thread(hash_passphrase, passphrase, cost=cost)


async def _checked(node: Node, passphrase: str, hashed: str) -> bool:
    async with node.hashing:
        return await asyncio.to_thread(check_passphrase, passphrase, hashed)
