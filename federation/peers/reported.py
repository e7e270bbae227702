"""What a peer says it has reported to us, kept as a job that compares it with what is here (P20).

Called by receive.pipeline, and by the node's job that compares.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from federation.receive.signatures import signed_header
from federation.vocabulary.reports import HEADER, Statement, read
from identity.canonical import bytes_digest
from storage.neighbours import memberships
from storage.work import jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.ports import Federation
    from federation.receive.gate import WireRequest
    from federation.receive.verify import VerifiedActivity
    from storage.engine import Tx

COMPARE_REPORTS = "compare-reports"  # the kind of the jobs that compare what a peer says it reported
LONGEST_KEY_BYTES = 1280
KEPT_SECONDS = 24 * 3600
REPORTING = frozenset({"accepted", "suspended", "left"})
"""Constituents, and those that were one when a proposal opened which is still under way."""
_ON_ITS_WAY = timedelta(seconds=5)


async def note_reported(federation: Federation, request: WireRequest, activity: VerifiedActivity) -> None:
    """Have the sender's word on what it reported compared with what is here, once what is under way has arrived.

    Its word is what it signed itself, and only who is or was below us reports anything.
    """
    said = signed_header(request, HEADER) if activity.signed_by == activity.actor_id else None
    if said is not None and read(said) is not None and await _is_below(federation, activity.actor_id):
        key = await _key(federation, f"{activity.actor_id} {said.strip()}")
        await federation.store.write_together(_enqueue_all, (key, activity.received_at + _ON_ITS_WAY))


async def _is_below(federation: Federation, actor_id: str) -> bool:
    async with federation.store.read() as tx:
        tie = await memberships.find(tx, "below", actor_id)
    return tie is not None and tie.state in REPORTING


async def word_of(federation: Federation, key: str) -> tuple[str, Statement | None]:
    """The actor that a job's key names, and its word; None when that was long and too long ago."""
    text = key if " " in key else await federation.ephemeral.get(_kept(key)) or ""
    actor_id, _, said = text.partition(" ")
    return actor_id, read(said)


async def _key(federation: Federation, text: str) -> str:
    """The text itself, which lasts as its job does; of one that no index holds a digest, under which it is kept."""
    if len(text.encode()) <= LONGEST_KEY_BYTES:
        return text
    key = bytes_digest(text.encode())
    await federation.ephemeral.put(_kept(key), text, KEPT_SECONDS)
    return key


def _kept(key: str) -> str:
    return f"reported:{key}"


async def _enqueue_all(tx: Tx, wanted: Sequence[tuple[str, datetime]]) -> Sequence[None]:
    for key, run_at in wanted:
        await jobs.enqueue(tx, COMPARE_REPORTS, key, run_at)
    return [None] * len(wanted)
