"""A whole relief from the command line, beside the running nodes."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.doors.cli import rochdale_process
from tests.federation.reliefs.flood import PAIR, RELIEF, Flood, flooded

if TYPE_CHECKING:
    from tests.federation.town import House, Town


async def told(flood: Flood, house: House, *words: str, code: int = 0) -> str:
    """What `rochdale relief …` prints in that folder; everybody hears of it. Its clock is that of the machine."""
    settings = house.settings
    environment = {"ROCHDALE_DATABASE_URL": settings.database_url, "ROCHDALE_ALLOW_LOOPBACK_PEERS": "true"}
    data = ("--data", str(settings.data_dir))
    done = await asyncio.to_thread(rochdale_process, "relief", *words, *data, told=json.dumps(RELIEF), **environment)
    assert done.returncode == code, done.stderr
    flood.town.clock.now = datetime.now(UTC)
    await flood.town.settle()
    return done.stdout + done.stderr


async def shown(flood: Flood, house: House, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await told(flood, house, "show", key))
    return found


async def test_a_relief_is_led_from_the_command_line(town: Town) -> None:
    town.clock.now = datetime.now(UTC)
    flood = await flooded(town, below=PAIR)
    union, ash, birch = flood["union"], flood["ash"], flood["birch"]
    begun = await told(flood, union, "open", "-")
    flood.key = key = begun.strip().rsplit("/", 1)[1]
    stock = ("stock", key, "--delegate", "Ada", "--people", "9", "--urgency", "5", "--days-left", "2")
    await told(flood, ash, *stock, "--good", "flour=100/20")
    await told(flood, birch, *stock, "--good", "flour=0/30", "--note", "The mill is gone.")
    await flood.cast((await shown(flood, ash, key))["survey"])
    adjustment = f"{birch.node.body.did}|flour|20|Ten are on their way."
    await told(flood, union, "plan", key, "--adjust", adjustment, "--text", "Flour.")
    await told(flood, ash, "endorse", key)
    await told(flood, birch, "endorse", key, "--note", "Thank you.")
    await told(flood, union, "put", key, "--hours", "48")
    await flood.cast((await shown(flood, birch, key))["plan"]["proposal"])
    await told(flood, birch, "appeal", key, "Too late for us.", "--transfer", "1")
    appeal = (await shown(flood, union, key))["appeals"][0]["id"]
    await told(flood, union, "answer", key, appeal, "dismissed", "It leaves today.")
    await told(flood, ash, "deliver", key, "1", "sent", "20")
    await told(flood, birch, "deliver", key, "1", "arrived", "19", "--note", "One sack was wet.")
    seen = await shown(flood, union, key)

    assert (seen["step"], seen["stocks"][0]["people"]) == ("done", 9)
    assert [(one["sent"], one["arrived"], one["missing"]) for one in seen["in_force"]["transfers"]] == [(20, 19, 1)]
    assert (seen["appeals"][0]["upheld"], seen["to_do"]) == (False, [])
    assert "The flood" in await told(flood, birch, "show")
    assert "no stock" in await told(flood, ash, *stock, "--good", "flour", code=2)
    assert "no relief" in await told(flood, ash, "endorse", "nothing", code=1)
    assert "Only the assembly" in await told(flood, ash, "plan", key, code=1)
