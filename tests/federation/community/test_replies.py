"""Discussion under a proposal: members and people elsewhere reply, change, delete; the thread ends the same."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from node.community.replies import DEEPEST, LONGEST_HTML, LONGEST_TEXT
from storage import activities
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town

JSON = {"Accept": "application/activity+json"}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia", "blai", rule={"preset": "majority"})


@pytest.fixture
async def question(coop: House) -> dict[str, Any]:
    return await open_question(coop)


@pytest.fixture
def mia(server: Server) -> Person:
    return server.person("mia")


async def thread(house: House, question: dict[str, Any]) -> list[dict[str, Any]]:
    listed = await house.ada.get("proposals", params={"limit": "100"})
    key = next(one["key"] for one in listed.body["items"] if one["id"] == question["id"])
    found: list[dict[str, Any]] = (await house.ada.get(f"proposals/{key}/replies", params={"limit": "100"})).body[
        "items"
    ]
    return found


async def words(house: House, question: dict[str, Any]) -> list[tuple[str, str]]:
    """Author and text of what is in sight, oldest first."""
    return [(one["author"], one["html"]) for one in await thread(house, question)]


async def reasons(house: House) -> list[str | None]:
    async with house.node.store.read() as tx:
        return [one.reason for one in await activities.recent(tx) if one.state == "refused"]


async def get(house: House, address: str, **headers: str) -> tuple[int, Any]:
    async with house.town.http.get(address, headers=headers or JSON, allow_redirects=False) as answer:
        text = await answer.text()
        return answer.status, (await answer.json(content_type=None) if "json" in answer.content_type else text)


async def say(house: House, question: dict[str, Any], name: str, text: str, **more: Any) -> dict[str, Any]:
    said = await house.people[name].post(f"proposals/{question['key']}/replies", {"text": text, **more})
    assert said.status == 201, said.body
    await house.town.settle()
    found: dict[str, Any] = said.body
    return found


async def test_a_reply_from_elsewhere_stands_under_the_proposal_with_its_author(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    await mia.say(coop, mia.reply(question["id"], "<p>Why <b>now</b>?</p><script>alert(1)</script>"))

    (line,) = await thread(coop, question)
    _, page = await get(coop, question["id"], Accept="text/html")
    assert (line["author"], line["author_actor"], line["html"]) == ("Mia", mia.id, "<p>Why now?</p>")
    assert "Mia" in page
    assert "Why now?" in page
    assert "alert(1)" not in page


async def test_a_member_replies_and_followers_get_a_note_signed_by_the_member(
    town: Town, coop: House, question: dict[str, Any], mia: Person
) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))

    said = await say(coop, question, "blai", "I am **for** it.")

    (created,) = [one for one in mia.server.heard() if one["type"] == "Create"]
    note = created["object"]
    status, served = await get(coop, said["id"])
    assert (status, served) == (200, note)
    assert (note["type"], note["inReplyTo"], note["attributedTo"]) == ("Note", question["id"], coop.actor)
    assert note["content"] == "<p>I am <strong>for</strong> it.</p>\n<p>— Blai</p>"
    assert note["proof"]["verificationMethod"].startswith(await coop.did_of("blai"))
    assert note["context"] == f"{question['id']}/thread"
    assert await words(coop, question) == [("Blai", "<p>I am <strong>for</strong> it.</p>\n")]


async def test_an_answer_to_a_reply_reaches_its_author_who_does_not_follow(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    asked = mia.reply(question["id"], "<p>Why?</p>")
    await mia.say(coop, asked)

    await say(coop, question, "ada", "Because.", answers=asked["object"]["id"])

    (created,) = [one for one in mia.server.heard() if one["type"] == "Create"]
    assert created["object"]["inReplyTo"] == asked["object"]["id"]
    assert {"type": "Mention", "href": mia.id} in created["object"]["tag"]
    assert mia.id in created["object"]["cc"]


async def test_the_thread_is_readable_whole_and_by_its_first_level(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    first = mia.reply(question["id"], "<p>One</p>")
    second = mia.reply(first["object"]["id"], "<p>Two</p>")
    for one in (first, second):
        await mia.say(coop, one)
    _, poll = await get(coop, question["id"])

    _, whole = await get(coop, poll["context"])
    _, page = await get(coop, whole["first"])
    _, top = await get(coop, f"{poll['replies']}?after=0")

    assert (whole["type"], whole["totalItems"], whole["attributedTo"]) == ("OrderedCollection", 2, coop.actor)
    assert page["orderedItems"] == [first["object"]["id"], second["object"]["id"]]
    assert top["orderedItems"] == [first["object"]["id"]]
    assert (await get(coop, f"{coop.node.origin}/proposals/none/thread"))[0] == 404
    assert (await get(coop, f"{poll['context']}?after=x"))[0] == 400


async def test_members_change_and_delete_their_own_replies_only(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    said = await say(coop, question, "blai", "For.")
    at = f"replies/{said['key']}"

    foreign = await coop.ada.post(f"{at}/edit", {"text": "Against."})
    coop.town.clock.move(minutes=1)
    changed = await coop.people["blai"].post(f"{at}/edit", {"text": "Against."})
    await coop.town.settle()
    edited = await words(coop, question)
    deleted = await coop.people["blai"].delete(at)
    await coop.town.settle()

    assert (foreign.status, foreign.code) == (403, "forbidden")
    assert changed.body["edited_at"] is not None
    assert edited == [("Blai", "<p>Against.</p>\n")]
    assert deleted.status == 204
    assert await words(coop, question) == [("", "")]
    status, stone = await get(coop, said["id"])
    assert (status, stone["type"], stone["id"]) == (410, "Tombstone", said["id"])
    assert [one["type"] for one in mia.server.heard()][-3:] == ["Create", "Update", "Delete"]
    assert (await coop.people["blai"].delete(at)).status == 404


def changed_to(person: Person, note: dict[str, Any], content: str, at: str) -> dict[str, Any]:
    return person.activity("Update", {**note, "content": content, "updated": at}, to=[PUBLIC])


async def test_every_order_of_arrival_ends_in_the_same_thread(
    town: Town, coop: House, question: dict[str, Any], mia: Person, server: Server
) -> None:
    gus = server.person("gus")
    made = mia.reply(question["id"], "<p>first</p>", published="2026-11-21T11:00:00Z")
    note = made["object"]
    changed = mia.activity(
        "Update", {**note, "content": "<p>second</p>", "updated": "2026-11-21T11:05:00Z"}, to=[PUBLIC]
    )
    again = changed_to(mia, note, "<p>third</p>", "2026-11-21T11:06:00Z")
    below = gus.reply(note["id"], "<p>below</p>", context=f"{question['id']}/thread", published="2026-11-21T11:10:00Z")
    ends = set()

    for number, order in enumerate(itertools.permutations([made, changed, again, below])):
        for one in order:
            await send_copy(coop, one, number)
        await town.pass_time(seconds=5)
        lines = await thread(coop, question)
        ends.add(tuple((one["html"], one["depth"]) for one in lines if one["id"].endswith(f"-{number}")))

    assert ends == {(("<p>third</p>", 1), ("<p>below</p>", 2))}


async def test_a_deleted_reply_stays_deleted_in_every_order_and_keeps_its_place(
    town: Town, coop: House, question: dict[str, Any], mia: Person, server: Server
) -> None:
    gus = server.person("gus")
    made = mia.reply(question["id"], "<p>first</p>", published="2026-11-21T11:00:00Z")
    note = made["object"]
    changed = mia.activity(
        "Update", {**note, "content": "<p>second</p>", "updated": "2026-11-21T11:05:00Z"}, to=[PUBLIC]
    )
    gone = mia.activity("Delete", {"id": note["id"], "type": "Tombstone"}, to=[PUBLIC])
    below = gus.reply(note["id"], "<p>below</p>", context=f"{question['id']}/thread", published="2026-11-21T11:10:00Z")
    ends = set()

    for number, order in enumerate(itertools.permutations([made, changed, gone, below])):
        for one in order:
            await send_copy(coop, one, number)
        await town.pass_time(seconds=5)
        lines = await thread(coop, question)
        ends.add(tuple((one["html"], one["state"]) for one in lines if one["id"].endswith(f"-{number}")))

    assert ends == {(("", "deleted"), ("<p>below</p>", "shown"))}


async def send_copy(house: House, document: dict[str, Any], number: int) -> None:
    """The activity about other notes of the same people: ids end in the number."""
    server = _PEOPLE[document["actor"]]
    about = dict(document["object"])
    about["id"] += f"-{number}"
    if "/notes/" in str(about.get("inReplyTo", "")):
        about["inReplyTo"] += f"-{number}"
    await server.say(house, {**document, "id": f"{document['id']}-{number}", "object": about})


_PEOPLE: dict[str, Person] = {}


@pytest.fixture(autouse=True)
def people(server: Server, mia: Person) -> None:
    _PEOPLE.update({mia.id: mia, server.person("gus").id: server.person("gus")})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": ""}, "reply-empty"),
        ({"content": "   "}, "reply-empty"),
        ({"content": None}, "reply-empty"),
        ({"content": "x" * (LONGEST_HTML + 1)}, "reply-too-long"),
        ({"governance": {"kind": "reply", "member": "did:key:z6Mk", "name": "Ada"}}, "reply-forged"),
        ({"governance": {"kind": "reply"}}, "reply-forged"),
    ],
    ids=["empty", "blank", "without", "long", "no proof", "no member"],
)
async def test_a_reply_that_may_not_stand_is_refused_with_its_reason(
    coop: House, question: dict[str, Any], mia: Person, changes: dict[str, Any], reason: str
) -> None:
    document = mia.reply(question["id"], "<p>x</p>")
    document["object"] |= changes

    await mia.say(coop, document)

    assert await words(coop, question) == []
    assert await reasons(coop) == [reason]


async def test_what_is_not_public_is_not_shown(coop: House, question: dict[str, Any], mia: Person) -> None:
    note = mia.note(inReplyTo=question["id"], content="<p>between us</p>", to=[coop.actor])

    await mia.say(coop, mia.activity("Create", note, to=[coop.actor]))

    assert await words(coop, question) == []


async def test_nobody_changes_or_deletes_what_somebody_else_said(
    coop: House, question: dict[str, Any], mia: Person, server: Server
) -> None:
    gus, document = server.person("gus"), mia.reply(question["id"], "<p>mine</p>")
    await mia.say(coop, document)
    theirs = {**document["object"], "attributedTo": gus.id}

    await gus.say(coop, changed_to(gus, theirs, "<p>stolen</p>", "2026-11-21T12:00:00Z"))
    await gus.say(coop, gus.activity("Delete", document["object"]["id"], to=[PUBLIC]))

    assert await words(coop, question) == [("Mia", "<p>mine</p>")]


async def test_a_thread_ends_at_its_deepest_level(coop: House, question: dict[str, Any], mia: Person) -> None:
    above = question["id"]
    for _ in range(DEEPEST + 1):
        document = mia.reply(above, "<p>deeper</p>")
        await mia.say(coop, document)
        above = document["object"]["id"]

    assert [one["depth"] for one in await thread(coop, question)] == list(range(1, DEEPEST + 1))
    assert await reasons(coop) == ["reply-too-deep"]


async def test_a_member_may_not_say_nothing_or_too_much(coop: House, question: dict[str, Any]) -> None:
    at = f"proposals/{question['key']}/replies"

    empty = await coop.ada.post(at, {"text": "  "})
    long = await coop.ada.post(at, {"text": "x" * (LONGEST_TEXT + 1)})
    lost = await coop.ada.post(at, {"text": "hello", "answers": "https://elsewhere.example/notes/1"})

    assert [empty.status, long.status, lost.status] == [422, 422, 404]
    assert await words(coop, question) == []


async def test_operators_hide_a_reply_and_followers_are_told(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    await mia.say(coop, mia.reply(question["id"], "<p>nasty</p>"))
    (line,) = await thread(coop, question)

    refused = await coop.people["blai"].post(f"replies/{line['key']}/hide", {})
    await coop.ada.post(f"replies/{line['key']}/hide", {})
    await coop.town.settle()
    hidden = await words(coop, question)
    _, page = await get(coop, question["id"], Accept="text/html")
    told = mia.server.heard()[-1]
    await coop.ada.post(f"replies/{line['key']}/hide", {"is_hidden": False})

    assert refused.status == 403
    assert hidden == []
    assert "nasty" not in page
    assert (told["type"], told["object"], told["target"]) == ("Remove", line["id"], f"{question['id']}/thread")
    assert await words(coop, question) == [("Mia", "<p>nasty</p>")]


async def test_a_constituent_sees_the_assemblys_thread_and_its_members_take_part(town: Town) -> None:
    union = await town.build("union", kind="assembly")
    beta, gamma = await town.build("beta", "blai"), await town.build("gamma")
    for house in (beta, gamma):
        await town.join(house, union)
    question = await open_question(union)
    await town.settle()
    at_beta = (await beta.ada.get("proposals", params={"origin": "peer"})).body["items"]
    key = next(one["key"] for one in at_beta if one["id"] == question["id"])

    said = await beta.people["blai"].post(f"proposals/{key}/replies", {"text": "From beta."})
    await town.settle()

    assert said.status == 201, said.body
    expected = [("Blai", "<p>From beta.</p>\n<p>— Blai</p>")]
    assert await words(union, question) == expected
    assert await words(gamma, question) == expected
    (line,) = await thread(union, question)
    assert line["author_did"] == await beta.did_of("blai")
    await union.ada.post(f"replies/{line['key']}/hide", {})
    await town.settle()
    assert await words(gamma, question) == []


async def test_a_deleted_account_takes_its_replies_along(coop: House, question: dict[str, Any], mia: Person) -> None:
    await mia.say(coop, mia.reply(question["id"], "<p>one</p>"))

    await mia.say(coop, mia.activity("Delete", mia.id, to=[PUBLIC]))

    assert await words(coop, question) == [("", "")]


async def test_notes_that_answer_nothing_are_passed_over_and_no_others(
    coop: House, question: dict[str, Any], mia: Person
) -> None:
    alone = mia.activity("Create", mia.note(content="<p>Good morning.</p>", to=[PUBLIC]), to=[PUBLIC])
    edited = mia.activity("Update", mia.note(content="<p>Good evening.</p>", to=[PUBLIC]), to=[PUBLIC])
    several = mia.activity("Create", [mia.note(content="<p>One.</p>"), mia.note(content="<p>Two.</p>")], to=[PUBLIC])
    one_answers = mia.activity("Create", [mia.note(content="<p>Hm.</p>"), mia.reply(question["id"], "So?")["object"]])
    for document in (alone, edited, several, one_answers, mia.reply(question["id"], "<p>Yes.</p>")):
        assert (await mia.send(coop, document)).status == 202

    await coop.town.settle()

    async with coop.node.store.read() as tx:
        became = {one.id: one.reason for one in await activities.recent(tx)}
    assert [became[one["id"]] for one in (alone, edited, several, one_answers)] == ["ignored"] * 3 + [None]
    assert {text for _, text in await words(coop, question)} == {"So?", "<p>Yes.</p>"}
