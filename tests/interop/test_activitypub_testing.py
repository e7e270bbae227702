"""activitypub-testing, somebody else's reading of the specification, finds nothing wrong with our actors (P22)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.conftest import demanded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.demo.client import Door

PACKAGE = "activitypub_testing"
SECONDS = 60
RULES = 15
PASSED = 5  # the others are about outboxes that clients post to, and collections we do not have
RECORD_SEPARATOR = b"\x1e"  # RFC 7464; the other formats fetch a context from the network


async def judged(actor: str) -> Sequence[dict[str, Any]]:
    """The outcome of every rule for an actor."""
    tool = demanded(PACKAGE)
    command = [
        str(tool.node),
        "node_modules/activitypub-testing/src/cli.js",
        "test",
        "actor",
        actor,
        "--output=json-seq",
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tool.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, wrong = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, wrong.decode()
    return [json.loads(record) for record in said.split(RECORD_SEPARATOR) if record.strip()]


@pytest.mark.parametrize("path", ["/body", "/actor"])
async def test_no_rule_fails_for_our_actors(coop: Door, path: str) -> None:
    outcomes = await judged(f"{coop.origin}{path}")

    assert len(outcomes) == RULES
    assert sum(one["result"]["outcome"] == "passed" for one in outcomes) >= PASSED
    assert [one for one in outcomes if one["result"]["outcome"] == "failed"] == []
