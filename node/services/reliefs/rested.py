"""The statutes that name everybody in a relief: those in force below the assembly since it began, and what plans name.

Called by the log.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from identity.instants import read_instant
from storage.governance import statutes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from storage.engine import Tx
    from storage.records import ReliefEntryRecord, ReliefRecord, StatuteRecord

DEEPEST = 16


def named_by(entries: Iterable[ReliefEntryRecord]) -> frozenset[str]:
    """The digests of the statutes that the plans among these entries rest on."""
    plans = (one.document["governance"] for one in entries if one.kind == "plan")
    return frozenset(row["digest"] for plan in plans for row in plan["statutes"])


async def statutes_of(tx: Tx, relief: ReliefRecord, named: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The relief's own, those that plans name, and those in force since it began, level by level; by digest."""
    found = {one.digest: one.document for one in await statutes.of_digests(tx, {relief.statute_digest, *named})}
    began = read_instant(relief.document["governance"]["signed_at"])
    level = seen = {relief.assembly_did}
    for _ in range(DEEPEST):
        since = _since(await statutes.versions(tx, level), began)
        found |= {one.digest: one.document for one in since}
        below = [each for one in since for each in one.document["governance"]["constituents"]]
        level = {each["body"] for each in below if each["kind"] == "assembly"} - seen
        seen = seen | level
        if not level:
            break
    return found


def _since(known: Iterable[StatuteRecord], moment: datetime) -> list[StatuteRecord]:
    """Of each assembly's statutes the one that was in force at a moment and all after it."""
    found: list[StatuteRecord] = []
    for _, versions in groupby(sorted(known, key=_place), key=lambda one: one.assembly_did):
        listed = list(versions)
        before = [one.version for one in listed if read_instant(one.document["governance"]["adopted_at"]) <= moment]
        found += [one for one in listed if one.version >= max(before, default=0)]
    return found


def _place(statute: StatuteRecord) -> tuple[str, int, str]:
    return statute.assembly_did, statute.version, statute.digest
