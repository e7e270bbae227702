"""Signed ballots, counted or not; of each voter at most one per proposal is counted.

Called by ballot services, by counting and by the live results on pages.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import BallotRecord, ChoiceTally, CountedPaper
from storage.tables import ballots

ALL = rows.pick(ballots, BallotRecord)
# Written out rather than bound, or SQLite would not see that its indexes of counted ballots fit.
IS_COUNTED = ballots.c.status == sa.literal_column("'counted'")
OF_VOTER = ALL.where(ballots.c.proposal_id == sa.bindparam("proposal"), ballots.c.voter == sa.bindparam("by"))
CURRENT = OF_VOTER.where(IS_COUNTED)
LATEST = OF_VOTER.order_by(ballots.c.seq.desc()).limit(1)


async def add(tx: Tx, record: BallotRecord) -> bool:
    """True if the ballot is new, False if its id was known.

    Supersede the voter's counted ballot first: a second counted one is an IntegrityError, and so is a known digest
    under another id.
    """
    return bool(await dialect.insert_new(tx, ballots, [rows.values(record)], key=("id",)))


async def find(tx: Tx, ballot_id: str) -> BallotRecord | None:
    """The ballot of that id, in any status."""
    return await rows.find(tx, ballots, BallotRecord, id=ballot_id)


async def current(tx: Tx, proposal_id: str, voter: str) -> BallotRecord | None:
    """The voter's counted ballot."""
    return await rows.one(tx, CURRENT, BallotRecord, {"proposal": proposal_id, "by": voter})


async def counted(tx: Tx, proposal_id: str) -> tuple[BallotRecord, ...]:
    """All counted ballots of a proposal by voter."""
    found = await rows.many(tx, ALL.where(ballots.c.proposal_id == proposal_id, IS_COUNTED), BallotRecord)
    return tuple(sorted(found, key=lambda ballot: ballot.voter))


async def papers(tx: Tx, proposal_id: str) -> list[CountedPaper]:
    """What counting needs of all counted ballots of a proposal, in no order: a hundred thousand fit in memory."""
    columns = (ballots.c.voter, ballots.c.choice, ballots.c.seq, ballots.c.digest)
    statement = sa.select(*columns).where(ballots.c.proposal_id == proposal_id, IS_COUNTED)
    return [CountedPaper(*row) for row in await tx.execute(statement)]


async def supersede(tx: Tx, ballot_id: str) -> None:
    """Take a counted ballot out of the count; RowMissingError if it is not counted."""
    await rows.change(tx, ballots, {"id": ballot_id, "status": "counted"}, {"status": "superseded"})


async def set_status(tx: Tx, ballot_id: str, status: str, *, reason: str | None = None) -> None:
    """Change the status of a ballot and say why; RowMissingError if there is none."""
    await rows.change(tx, ballots, {"id": ballot_id}, {"status": status, "reason": reason})


async def by_digest(tx: Tx, proposal_id: str, digest: str) -> BallotRecord | None:
    """The ballot of exactly that content, in any status."""
    return await rows.find(tx, ballots, BallotRecord, proposal_id=proposal_id, digest=digest)


async def by_activity(tx: Tx, activity_id: str) -> BallotRecord | None:
    """The ballot that the activity carried to its deciding body."""
    return await rows.find(tx, ballots, BallotRecord, activity_id=activity_id)


async def latest_sent(tx: Tx, proposal_id: str, voter: str) -> BallotRecord | None:
    """The voter's ballot of the highest sequence number, whatever became of it."""
    return await rows.one(tx, LATEST, BallotRecord, {"proposal": proposal_id, "by": voter})


async def settle(tx: Tx, ballot_id: str, *, status: str, reason: str | None, receipt: Mapping[str, Any] | None) -> None:
    """What the deciding body made of a ballot we carried; an earlier counted one of the voter is superseded.

    Repeating it is harmless; a ballot that is older than the counted one becomes superseded itself.
    """
    settled = await find(tx, ballot_id)
    earlier = await current(tx, settled.proposal_id, settled.voter) if settled and status == "counted" else None
    if earlier is not None and settled is not None and earlier.id != ballot_id:
        status = status if earlier.seq < settled.seq else "superseded"
        if status == "counted":
            await supersede(tx, earlier.id)
    await rows.change(tx, ballots, {"id": ballot_id}, {"status": status, "reason": reason, "receipt": receipt})


async def tally_by_choice(tx: Tx, proposal_id: str) -> dict[str, ChoiceTally]:
    """What each choice has so far, by weights of the roll; only choices that have a counted ballot."""
    statement = (
        sa.select(ballots.c.choice, sa.func.count().label("ballots"), sa.func.sum(ballots.c.weight).label("weight"))
        .where(ballots.c.proposal_id == proposal_id, IS_COUNTED)
        .group_by(ballots.c.choice)
    )
    return {row.choice: ChoiceTally(int(row.ballots), int(row.weight)) for row in await tx.execute(statement)}


async def list_recent(tx: Tx, *, proposal_id: str | None = None, limit: int = 50) -> tuple[BallotRecord, ...]:
    """The ballots received last, of one proposal or of all, newest first, in any status."""
    statement = ALL.order_by(ballots.c.received_at.desc(), ballots.c.id.desc()).limit(limit)
    if proposal_id is not None:
        statement = statement.where(ballots.c.proposal_id == proposal_id)
    return await rows.many(tx, statement, BallotRecord)
