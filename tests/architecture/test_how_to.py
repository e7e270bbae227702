"""Scripts that a how-to asks people to run on their only database are run here first."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import events
from storage.engine import open_store
from tests.architecture.repository import ROOT, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.engine import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def note(store: Store, text: str) -> None:
    async with store.write() as tx:
        await events.append(
            tx, at=NOON, actor="ana", type="body-founded", subject=text, content={"said": text, "when": "today"}
        )


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)


async def test_moving_to_postgresql_keeps_the_chain_and_lets_it_go_on(
    fresh_sqlite_url: Callable[[], str], fresh_postgresql_url: Callable[[], str], tmp_path: Path
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", text_of("docs/how-to/grow-to-postgresql.md") or "", re.DOTALL)
    script = tmp_path / "move.py"
    script.write_text(blocks[0], encoding="utf-8")
    old_url, new_url = fresh_sqlite_url(), fresh_postgresql_url()
    old = await open_store(old_url)
    await note(old, "one")
    await note(old, "two")
    await old.close()

    printed = run(script, old_url, new_url)

    new = await open_store(new_url)
    await note(new, "three")
    async with new.read() as tx:
        chain = await events.walk(tx, after=0, limit=10)
    await new.close()
    assert "2 events" in printed.stdout
    assert [one.subject for one in chain] == ["one", "two", "three"]
    assert events.check_chain(chain) is None


async def test_the_backup_of_a_running_node_is_whole(fresh_sqlite_url: Callable[[], str], tmp_path: Path) -> None:
    command = re.search(
        r'python -c "(import sqlite3.*?)"$', text_of("docs/how-to/back-up-and-restore.md") or "", re.MULTILINE
    )
    assert command
    url = fresh_sqlite_url()
    running = await open_store(url)
    await note(running, "one")
    copy = tmp_path / "backup.db"

    run("-c", command[1].replace("data/node.db", url.removeprefix("sqlite:///")).replace("backup.db", str(copy)))

    await note(running, "after the backup")
    await running.close()
    restored = await open_store(f"sqlite:///{copy}")
    async with restored.read() as tx:
        chain = await events.walk(tx, after=0, limit=10)
    await restored.close()
    assert [one.subject for one in chain] == ["one"]
