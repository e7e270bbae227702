"""Signed statutes of assemblies, every version kept.

Called by assembly services and by the verification of positions.
"""

from collections.abc import Collection

import sqlalchemy as sa

from storage import dialect, prepared, rows
from storage.engine import Tx
from storage.records import StatuteRecord
from storage.tables import statutes

ALL = rows.pick(statutes, StatuteRecord)
NEWEST_FIRST = (statutes.c.version.desc(), statutes.c.received_at.desc(), statutes.c.digest)
NAMED = sa.select(statutes.c.digest).where(statutes.c.digest == sa.bindparam("digest"))
NEWEST = sa.select(statutes.c.assembly_did, statutes.c.digest).order_by(statutes.c.assembly_did, *NEWEST_FIRST)


async def add(tx: Tx, record: StatuteRecord) -> bool:
    """True if the statute is new, False if this digest was known."""
    return bool(await dialect.insert_new(tx, statutes, [rows.values(record)], key=("digest",)))


async def find(tx: Tx, digest: str) -> StatuteRecord | None:
    """The statute of that digest."""
    return await rows.find(tx, statutes, StatuteRecord, digest=digest)


async def is_known(tx: Tx, digest: str) -> bool:
    """Whether the statute of that digest is here."""
    return bool(await prepared.select(tx, NAMED, {"digest": digest}))


async def latest_digests(tx: Tx) -> tuple[str, ...]:
    """The digest of each known assembly's statute of the highest version, by DID."""
    newest: dict[str, str] = {}
    for assembly_did, digest in await prepared.select(tx, NEWEST, {}):
        newest.setdefault(assembly_did, digest)
    return tuple(newest.values())


async def latest(tx: Tx, assembly_did: str) -> StatuteRecord | None:
    """The assembly's statute of the highest version."""
    statement = ALL.where(statutes.c.assembly_did == assembly_did).order_by(*NEWEST_FIRST).limit(1)
    return await rows.one(tx, statement, StatuteRecord)


async def of_version(tx: Tx, assembly_did: str, version: int) -> StatuteRecord | None:
    """The assembly's statute of one version."""
    statement = ALL.where(statutes.c.assembly_did == assembly_did, statutes.c.version == version)
    return await rows.one(tx, statement.order_by(*NEWEST_FIRST).limit(1), StatuteRecord)


async def all_latest(tx: Tx) -> tuple[StatuteRecord, ...]:
    """Of each known assembly the statute of the highest version, by DID."""
    newest: dict[str, StatuteRecord] = {}
    for record in await rows.many(tx, ALL.order_by(statutes.c.assembly_did, *NEWEST_FIRST), StatuteRecord):
        newest.setdefault(record.assembly_did, record)
    return tuple(newest.values())


async def versions(tx: Tx, assembly_dids: Collection[str]) -> tuple[StatuteRecord, ...]:
    """Every statute of these assemblies that is known here, oldest first."""
    order = (statutes.c.version, statutes.c.received_at, statutes.c.digest)
    return await rows.many(tx, ALL.where(statutes.c.assembly_did.in_(assembly_dids)).order_by(*order), StatuteRecord)


async def of_digests(tx: Tx, digests: Collection[str]) -> tuple[StatuteRecord, ...]:
    """The statutes of these digests, as far as they are known here."""
    return await rows.many(tx, ALL.where(statutes.c.digest.in_(digests)), StatuteRecord)
