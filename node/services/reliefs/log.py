"""The log of a relief: read from rows with the statutes it rests on, folded to a state, written one by one.

Called by the other files of this room and by the doors. Rows keep documents as they came; the fold reads them in one
order whoever holds them, so that the order of arrival changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.log import apply, start
from identity.canonical import content_digest
from identity.instants import read_instant
from storage.governance import reliefs, statutes
from storage.records import ReliefEntryRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from federation.assembly.relief.state import State
    from storage.engine import Tx
    from storage.records import ReliefRecord, StatuteRecord

    Document = Mapping[str, Any]
    Arrived = tuple[Document, datetime | None]

ORDER = ("proposal", "outcome", "stock", "plan", "endorsement", "delivery", "appeal", "answer")
OVERTAKEN = frozenset({"relief-stock-stale", "relief-delivery-stale"})
DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Log:
    """A relief with everything that came of it.

    `kept` are its entries, `statutes` name its bodies; `taken` is what the fold took in, in that order.
    """

    relief: ReliefRecord
    statutes: Sequence[Document]
    kept: Sequence[ReliefEntryRecord]
    state: State
    taken: Sequence[Arrived]


async def load(tx: Tx, relief: ReliefRecord) -> Log:
    """The log of a relief as it stands here."""
    kept = await reliefs.entries(tx, relief.id)
    return folded(relief, await _statutes(tx, relief, kept), kept)


def folded(relief: ReliefRecord, rested: Sequence[Document], kept: Sequence[ReliefEntryRecord]) -> Log:
    """The log with the state that follows; what has no place in it yet, or any more, is left out of the state."""
    state = start(relief.document)
    taken: list[Arrived] = []
    waiting: list[Arrived] = [(document, None) for document in rested]
    waiting += [(one.document, arrival(relief, one)) for one in sorted(kept, key=_place)]
    while waiting:
        before = len(taken)
        left: list[Arrived] = []
        for document, at in waiting:
            try:
                state = apply(state, document, at)
                taken.append((document, at))
            except ReliefRefusal as refusal:
                left += [(document, at)] if refusal.waits else []
        if len(taken) == before:
            break
        waiting = left
    return Log(relief, rested, kept, state, taken)


def arrival(relief: ReliefRecord, entry: ReliefEntryRecord) -> datetime | None:
    """When it came to the assembly; None elsewhere, where its clock is not known."""
    return entry.received_at if relief.source == "own" else None


async def keep(tx: Tx, log: Log, entry: ReliefEntryRecord, *, by: str) -> Log:
    """The log with one more document, written with its event. Raises ReliefRefusal and writes nothing.

    A document that a later one overtook is kept too: a plan may rest on it.
    """
    following = _with(log, entry)
    if not await reliefs.append(tx, entry):
        raise ReliefRefusal("relief-replay", entry.id)
    content = {"kind": entry.kind, "body": entry.body_did, "document": entry.id, "digest": entry.digest}
    said = "relief-entry-sent" if entry.source == "own" else "relief-entry-received"
    await events.append(tx, at=entry.received_at, actor=by, type=said, subject=log.relief.id, content=content)
    await _note_force(tx, log, following, at=entry.received_at)
    return following


def entry_of(relief_id: str, document: Document, *, at: datetime, source: str) -> ReliefEntryRecord:
    """The row of a document that belongs to a relief."""
    stated = document["governance"]
    return ReliefEntryRecord(
        id=str(document["id"]),
        relief_id=relief_id,
        kind=stated["kind"],
        body_did=stated["body"],
        seq=int(stated.get("seq") or stated.get("version") or 0),
        document=document,
        digest=content_digest(document),
        received_at=at,
        source=source,
    )


def _with(log: Log, entry: ReliefEntryRecord) -> Log:
    at = arrival(log.relief, entry)
    try:
        state, taken = apply(log.state, entry.document, at), (*log.taken, (entry.document, at))
        return Log(log.relief, log.statutes, (*log.kept, entry), state, taken)
    except ReliefRefusal as refusal:
        if refusal.code not in OVERTAKEN:
            raise
        following = folded(log.relief, log.statutes, (*log.kept, entry))
        if all(document is not entry.document for document, _ in following.taken):
            raise
        return following


async def _note_force(tx: Tx, before: Log, after: Log, *, at: datetime) -> None:
    """An event in the chain for each plan that comes into force."""
    was, now = before.state.plan_in_force, after.state.plan_in_force
    if now is None or (was is not None and was.ref == now.ref):
        return
    content = {"plan": now.ref.digest, "version": now.version, "transfers": len(now.computed.transfers)}
    relief = after.relief
    await events.append(
        tx, at=at, actor=relief.assembly_actor, type="relief-in-force", subject=relief.id, content=content
    )


def _place(entry: ReliefEntryRecord) -> tuple[int, str, int, datetime, str]:
    return ORDER.index(entry.kind), entry.body_did, entry.seq, entry.received_at, entry.id


async def _statutes(tx: Tx, relief: ReliefRecord, kept: Sequence[ReliefEntryRecord]) -> list[Document]:
    """The statutes in force below the assembly since the relief began, level by level, and those that a plan names."""
    named = [relief.statute_digest]
    named += [row["digest"] for one in kept if one.kind == "plan" for row in one.document["governance"]["statutes"]]
    found: dict[str, Document] = {}
    for digest in named:
        record = await statutes.find(tx, digest)
        found |= {digest: record.document} if record else {}
    level, seen = [relief.assembly_did], {relief.assembly_did}
    began = read_instant(relief.document["governance"]["signed_at"])
    for _ in range(DEEPEST):
        since = [one for did in level for one in _since(await statutes.versions(tx, did), began)]
        found |= {one.digest: one.document for one in since}
        below = [each["body"] for one in since for each in one.document["governance"]["constituents"]]
        level = [body for body in dict.fromkeys(below) if body not in seen]
        seen.update(level)
    return list(found.values())


def _since(known: Iterable[StatuteRecord], moment: datetime) -> list[StatuteRecord]:
    """Of an assembly's statutes, oldest first, the one that was in force at a moment and all after it."""
    versions = list(known)
    before = [one.version for one in versions if read_instant(one.document["governance"]["adopted_at"]) <= moment]
    return [one for one in versions if one.version >= max(before, default=0)]
