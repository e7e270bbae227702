"""The log of a relief: folded to a state from its rows and the statutes it rests on, and written one by one.

Called by the other files of this room and by the doors. Rows keep documents as they came, and the fold makes the same
of them in any order: so this process remembers what each relief came to, and reads only what is new.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.log import apply, fold, start
from identity.canonical import content_digest
from node.services.reliefs.rested import named_by, statutes_of
from storage.governance import reliefs
from storage.records import ReliefEntryRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from federation.assembly.relief.log import Arrived
    from federation.assembly.relief.state import State
    from storage.engine import Tx
    from storage.records import ReliefRecord

    Document = Mapping[str, Any]

ORDER = ("proposal", "outcome", "stock", "plan", "endorsement", "delivery", "appeal", "answer")
REMEMBERED = 20
"""Reliefs of which a process remembers what they came to."""
MOST_NEW = 1_000
"""Of more new entries than this the whole log is read."""


@dataclass(frozen=True, slots=True)
class Log:
    """A relief with what came of it: `arrivals` of its entries by digest, and `left` is what has no place yet.

    `statutes` are all it rests on, by digest; `named` are those that plans name.
    """

    relief: ReliefRecord
    arrivals: Mapping[str, datetime]
    statutes: Mapping[str, Document]
    named: frozenset[str]
    state: State
    left: Sequence[Arrived]


_remembered: OrderedDict[tuple[str, str], Log] = OrderedDict()


async def load(tx: Tx, relief: ReliefRecord) -> Log:
    """The log of a relief as it stands here: what is remembered, with what is new."""
    place = (relief.digest, relief.source)
    log = await _grown(tx, relief, _remembered.get(place)) or (await whole(tx, relief))[0]
    _remembered[place] = log
    _remembered.move_to_end(place)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return log


async def whole(tx: Tx, relief: ReliefRecord) -> tuple[Log, list[Arrived]]:
    """The log with nothing remembered, and all that has a place in it, in one order whoever holds it."""
    kept = await reliefs.entries(tx, relief.id)
    named = named_by(kept)
    rested = await statutes_of(tx, relief, named)
    documents: list[Arrived] = [(document, None) for _, document in sorted(rested.items())]
    state, taken, left = fold(start(relief.document), documents + _offered(relief, kept))
    return Log(relief, {one.digest: one.received_at for one in kept}, rested, named, state, left), taken


async def _grown(tx: Tx, relief: ReliefRecord, known: Log | None) -> Log | None:
    """What is remembered with all that came since; None if it is not a part of what is here, or rests on less."""
    arrivals = await reliefs.arrivals(tx, relief.id)
    if known is None or not known.arrivals.items() <= arrivals.items():
        return None
    new = arrivals.keys() - known.arrivals.keys()
    entries = await reliefs.entries_of(tx, new) if 0 < len(new) <= MOST_NEW else ()
    named = known.named | named_by(entries)
    if len(entries) < len(new) or (await statutes_of(tx, relief, named)).keys() != known.statutes.keys():
        return None
    state, _, left = fold(known.state, [*known.left, *_offered(relief, entries)])
    return replace(known, relief=relief, arrivals=arrivals, named=named, state=state, left=left)


async def keep(tx: Tx, log: Log, entry: ReliefEntryRecord, *, by: str) -> Log:
    """The log with one more document, written with its event. Raises ReliefRefusal and writes nothing."""
    state = apply(log.state, entry.document, arrival(log.relief, entry))
    if not await reliefs.append(tx, entry):
        raise ReliefRefusal("relief-replay", entry.id)
    state, _, left = fold(state, log.left)
    content = {"kind": entry.kind, "body": entry.body_did, "document": entry.id, "digest": entry.digest}
    said = "relief-entry-sent" if entry.source == "own" else "relief-entry-received"
    await events.append(tx, at=entry.received_at, actor=by, type=said, subject=log.relief.id, content=content)
    await _note_force(tx, log, state, at=entry.received_at)
    return replace(log, arrivals={**log.arrivals, entry.digest: entry.received_at}, state=state, left=left)


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


def arrival(relief: ReliefRecord, entry: ReliefEntryRecord) -> datetime | None:
    """When it came to the assembly; None elsewhere, where its clock is not known."""
    return entry.received_at if relief.source == "own" else None


def _offered(relief: ReliefRecord, entries: Iterable[ReliefEntryRecord]) -> list[Arrived]:
    return [(one.document, arrival(relief, one)) for one in sorted(entries, key=_place)]


def _place(entry: ReliefEntryRecord) -> tuple[int, str, int, str]:
    return ORDER.index(entry.kind), entry.body_did, entry.seq, entry.digest


async def _note_force(tx: Tx, before: Log, after: State, *, at: datetime) -> None:
    """An event in the chain for each plan that comes into force."""
    was, now = before.state.plan_in_force, after.plan_in_force
    if now is None or (was is not None and was.ref == now.ref):
        return
    content = {"plan": now.ref.digest, "version": now.version, "transfers": len(now.computed.transfers)}
    relief = before.relief
    await events.append(
        tx, at=at, actor=relief.assembly_actor, type="relief-in-force", subject=relief.id, content=content
    )
