"""The hot looks find their rows by an index that fits, however many other rows there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage.dialect import sqlite_driver_of
from storage.engine import open_store
from storage.governance import ballots, rolls
from storage.work import activities

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from storage.engine import Tx

LOOKS: dict[str, tuple[Callable[[Tx], Awaitable[Any]], str]] = {
    "latest ballot": (
        lambda tx: ballots.latest_sent(tx, "proposal", "voter"),
        "ix_ballots_proposal_id_voter_seq (proposal_id=? AND voter=?)",
    ),
    "counted ballot": (
        lambda tx: ballots.current(tx, "proposal", "voter"),
        "uq_ballots_one_counted (proposal_id=? AND voter=?)",
    ),
    "voter without a ballot": (
        lambda tx: rolls.has_all_voted(tx, "proposal"),
        "uq_ballots_one_counted (proposal_id=? AND voter=?)",
    ),
    "activities that wait": (activities.due_inbox, "ix_activities_waiting (direction=?)"),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_a_hot_look_uses_the_index_made_for_it(sqlite_url: str, look: str) -> None:
    ask, index = LOOKS[look]
    store = await open_store(sqlite_url)
    async with store.write() as tx:
        driver = sqlite_driver_of(tx)
        assert driver is not None
        said: list[str] = []
        await driver.together(lambda connection: connection.set_trace_callback(said.append))
        await ask(tx)
        await driver.together(lambda connection: connection.set_trace_callback(None))
        plan = await driver.together(lambda connection: _plan(connection, said[-1]))
    await store.close()

    assert any(step.endswith(index) for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def _plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
