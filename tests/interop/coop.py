"""What the tests here ask of our node, as a peer or as its operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.demo.client import Door

ACTIVITY = "application/activity+json"


def body_of(coop: Door) -> str:
    return f"{coop.origin}/body"


def address(coop: Door) -> dict[str, str]:
    return {"actor": body_of(coop), "inbox": f"{body_of(coop)}/inbox"}


async def document(coop: Door, path: str) -> dict[str, Any]:
    async with coop.http.get(f"{coop.origin}{path}", headers={"Accept": ACTIVITY}) as answer:
        return dict(await answer.json(content_type=None))


async def published(coop: Door) -> dict[str, Any]:
    """The newest activity in our outbox."""
    page = await document(coop, "/body/outbox?after=0")
    return dict(page["orderedItems"][0])


async def bring(inbox: str, activity: Mapping[str, Any]) -> int:
    """The answer to an activity in a request that nobody signed."""
    body, headers = json.dumps(activity), {"Content-Type": ACTIVITY}
    async with ClientSession() as http, http.post(inbox, data=body, headers=headers) as answer:
        return answer.status


async def opened_proposal(coop: Door, **written: Any) -> str:
    """The key of a proposal that takes ballots."""
    key = str((await coop.post("proposals", {"title": "A new oven", "text": "We buy the oven.", **written}))["key"])
    await coop.post(f"proposals/{key}/submit")
    await coop.post(f"proposals/{key}/open")
    return key
