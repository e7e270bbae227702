"""A process killed in the middle of a transaction leaves what was committed, nothing else, and no lock."""

import asyncio
import sys
from pathlib import Path

from storage import body, events
from storage.engine import open_store

REPOSITORY = Path(__file__).parents[2]
WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from storage import body, events
from storage.engine import open_store

async def main() -> None:
    store = await open_store(sys.argv[1])
    for number in range(1, 4):
        async with store.write() as tx:
            await body.put(tx, "number", number)
            await body.put(tx, f"note-{number}", "x" * 100_000)
            await events.append(tx, at=datetime.now(UTC), actor="a", type="t", subject="s", content={"number": number})
            if number == 3:
                print("in the middle", flush=True)
                await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_writer_leaves_only_whole_transactions_and_no_lock(database_url: str) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, database_url, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    assert await writer.stdout.readline() == b"in the middle\n"

    writer.kill()
    await writer.wait()

    store = await open_store(database_url)
    async with store.read() as tx:
        assert set(await body.all(tx)) == {"number", "note-1", "note-2"}
        assert await body.get(tx, "number") == 2
        found = await events.walk(tx)
    assert [event.content for event in found] == [{"number": 1}, {"number": 2}]
    assert events.check_chain(found) is None
    async with store.write() as tx:
        await body.put(tx, "number", 4)
    await store.close()
