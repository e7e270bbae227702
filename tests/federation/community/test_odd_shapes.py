"""Members of the wrong type in what people elsewhere say: passed over or refused for good, not tried for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from storage import jobs
from tests.federation.community.fediverse import Server, fediverse
from tests.federation.ends.saying import undispatched
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town

ODD: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    "",
    "x",
    "\u202e",
    [],
    [[]],
    [None],
    {},
    {"id": 7},
    {"id": {}},
    [{"a": []}],
)
MEMBERS = (
    "attributedTo", "inReplyTo", "name", "content", "contentMap", "published", "updated", "context", "governance",
    "tag", "to", "cc", "type", "source", "mediaType",
)  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


async def unfinished(house: House) -> list[tuple[str, str]]:
    """Jobs about received activities that are still there, and activities nobody acted on."""
    async with house.node.store.read() as tx:
        kinds = [(kind.kind, "waits") for kind in await jobs.summary(tx) if kind.kind == "dispatch"]
    return kinds + [(one.type, one.raw) for one in await undispatched(house)]


@pytest.mark.parametrize("member", MEMBERS)
async def test_a_note_with_an_odd_member_is_settled_at_once(town: Town, server: Server, member: str) -> None:
    coop, mia = await town.build("gracia"), server.person("mia")
    question = await open_question(coop)

    for odd in ODD:
        for kind in ("Create", "Update"):
            note = mia.note(inReplyTo=question["id"], content="<p>x</p>", to=[PUBLIC])
            answer = await mia.send(coop, mia.activity(kind, {**note, member: odd}, to=[PUBLIC]))
            assert answer.status in {202, 400, 403}, answer.body
    await town.settle()

    assert await unfinished(coop) == []


@pytest.mark.parametrize(
    "kind", ["Flag", "Move", "Block", "Undo", "Remove", "Delete", "Follow", "Like", "Announce", "Add"]
)
async def test_an_activity_about_something_odd_is_settled_at_once(town: Town, server: Server, kind: str) -> None:
    coop, mia = await town.build("gracia"), server.person("mia")

    for odd in ODD:
        for more in ({}, {"target": odd, "content": odd, "published": odd}):
            answer = await mia.send(coop, mia.activity(kind, odd, **more))
            assert answer.status in {202, 400, 403}, answer.body
    await town.settle()

    assert await unfinished(coop) == []
