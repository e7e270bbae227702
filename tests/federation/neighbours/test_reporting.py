"""A member reports something said elsewhere: its home hears of it from the body, and never who it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.town import open_question
from tests.web.test_security import post, token, visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
def mia(server: Server) -> Person:
    return server.person("mia")


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia", "blai")


async def rude_reply(coop: House, mia: Person) -> tuple[str, str]:
    """The path of a question, and the id of what mia said under it."""
    question = await open_question(coop)
    reply = mia.reply(question["id"], "<p>rude</p>")
    await mia.say(coop, reply)
    return f"/proposals/{question['key']}", str(reply["object"]["id"])


def flags(server: Server) -> list[dict[str, Any]]:
    return [one for one in server.heard() if one["type"] == "Flag"]


async def test_what_a_member_reports_reaches_its_home_without_their_name(
    coop: House, mia: Person, server: Server
) -> None:
    _, reply = await rude_reply(coop, mia)

    sent = await coop.people["blai"].post("flags", {"object": reply, "content": "This is rude."})
    await coop.town.settle()

    (flag,) = flags(server)
    assert (sent.status, sent.body) == (202, {"id": flag["id"], "object": reply})
    assert (flag["actor"], flag["object"], flag["content"]) == (coop.actor, [mia.id, reply], "This is rude.")
    assert flag["to"] == [mia.id]
    did = await coop.did_of("blai")
    assert not any(word in json.dumps(flag) for word in (did, "blai"))
    listed = (await coop.ada.get("activities")).body["items"]
    assert flag["id"] not in {one["id"] for one in listed}


async def test_an_actor_or_something_we_never_heard_of_can_be_reported(
    coop: House, mia: Person, server: Server
) -> None:
    note = {"id": f"{mia.id}/notes/9", "type": "Note", "attributedTo": mia.id, "to": [PUBLIC], "content": "x"}
    server.peer.pages["/users/mia/notes/9"] = note

    for about in (mia.id, note["id"], mia.id):
        assert (await coop.people["blai"].post("flags", {"object": about})).status == 202
    await coop.town.settle()

    assert [one["object"] for one in flags(server)] == [[mia.id], [mia.id, note["id"]], [mia.id]]


async def test_another_body_keeps_the_report_for_its_operators(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    offer = (await alpha.ada.post("offers", {"purpose": "offer", "title": "Hammer", "summary": "Stolen."})).body
    await town.settle()

    await beta.ada.post("flags", {"object": offer["id"], "content": "It is mine."})
    await town.settle()

    (line,) = (await alpha.ada.get("flags")).body["items"]
    assert (line["actor"], line["objects"], line["content"]) == (
        beta.actor, [alpha.actor, offer["id"]], "It is mine."
    )  # fmt: skip


async def test_the_page_of_a_question_reports_a_reply(coop: House, mia: Person, server: Server) -> None:
    path, reply = await rude_reply(coop, mia)

    async with visitor(coop, "blai") as http:
        async with http.get(path) as answer:
            shown = await answer.text()
        done = await post(http, "/flags/send", csrf=await token(http, path), object=reply, text="This is rude.")
        own = await post(http, "/flags/send", csrf=await token(http, path), object=f"{coop.node.origin}/replies/1")
    await coop.town.settle()

    assert "Report to its home" in shown
    assert (done[0], own[0]) == (303, 422)
    assert [one["content"] for one in flags(server)] == ["This is rude."]


async def test_what_cannot_be_reported_is_refused(coop: House, server: Server) -> None:
    unowned = f"{server.peer.origin}/notes/1"
    server.peer.pages["/notes/1"] = {"id": unowned, "type": "Note", "attributedTo": "https://elsewhere.example/users/x"}

    async def refused(about: str) -> str:
        return (await coop.people["blai"].post("flags", {"object": about})).code

    assert await refused(coop.actor) == "flag-own"
    assert await refused("javascript:alert(1)") == "address-invalid"
    assert await refused(f"{server.peer.origin}/notes/2") == "peer-unreachable"
    assert await refused(unowned) == "peer-unreachable"


async def test_nobody_reports_without_end(coop: House, mia: Person) -> None:
    codes = [(await coop.people["blai"].post("flags", {"object": mia.id})).status for _ in range(11)]

    assert codes == [202] * 10 + [429]
    assert (await coop.ada.post("flags", {"object": mia.id})).status == 202
