"""Polls answered from the fediverse: counted once for each actor, shown apart, never part of a tally (P17, P18)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from storage import activities, opinions, proposals
from storage.records import OpinionRecord
from tests.federation.community.fediverse import Server, fediverse
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town

DAY = 86_400
NOBODY = {"For": 0, "Against": 0, "Abstain": 0}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia", "blai", rule={"preset": "majority"})


@pytest.fixture
async def question(town: Town, coop: House) -> dict[str, Any]:
    return await open_question(coop, window_seconds=2 * DAY)


async def answers(coop: House, question: dict[str, Any]) -> dict[str, int]:
    shown = await coop.ada.get(f"proposals/{question['key']}/opinions")
    return {line["option"]: line["actors"] for line in shown.body["options"]}


async def tally(coop: House, question: dict[str, Any]) -> dict[str, int]:
    shown = (await coop.ada.get(f"proposals/{question['key']}")).body
    return {choice: shown["tally"][choice] for choice in ("for", "against", "abstain")}


async def document_at(coop: House, path: str) -> dict[str, Any]:
    async with coop.town.http.get(path, headers={"Accept": "application/activity+json"}) as answer:
        found: dict[str, Any] = await answer.json(content_type=None)
        return found


async def page_of(coop: House, question: dict[str, Any]) -> str:
    async with coop.town.http.get(question["id"], headers={"Accept": "text/html"}) as answer:
        return await answer.text()


def updates(server: Server) -> list[dict[str, Any]]:
    return [one["object"] for one in server.heard() if one["type"] == "Update"]


def numbers(poll: dict[str, Any]) -> dict[str, int]:
    return {option["name"]: option["replies"]["totalItems"] for option in poll["oneOf"]}


async def test_answers_of_three_dialects_are_counted_once_each(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    mastodon, gotosocial, misskey = (server.person(name) for name in ("mia", "gus", "moe"))
    together = [gotosocial.note(name="Against", inReplyTo=question["id"], to=coop.actor)]
    at_moe = {"id": f"{misskey.id}#votes/9/activity", "to": [coop.actor], "published": "2026-11-21T12:00:00.000Z"}

    await mastodon.say(coop, mastodon.answer(coop, question["id"], "For"))
    await gotosocial.say(coop, gotosocial.activity("Create", together, to=coop.actor))
    await misskey.say(coop, misskey.answer(coop, question["id"], "For", to=[coop.actor]) | at_moe)

    assert await answers(coop, question) == {"For": 2, "Against": 1, "Abstain": 0}
    assert await tally(coop, question) == {"for": 0, "against": 0, "abstain": 0}


async def test_counts_reach_followers_and_voters_in_one_update_for_many_answers(
    town: Town, coop: House, question: dict[str, Any], server: Server
) -> None:
    for name in ("mia", "gus", "moe"):
        person = server.person(name)
        await person.say(coop, person.answer(coop, question["id"], "For"))
    before = updates(server)

    await town.pass_time(seconds=coop.node.settings.opinion_update_seconds)

    assert before == []
    (poll,) = updates(server)
    assert numbers(poll) == {"For": 3, "Against": 0, "Abstain": 0}
    assert poll["votersCount"] == 3
    assert "closed" not in poll
    assert await document_at(coop, question["id"]) == poll
    frozen = await document_at(coop, f"{question['id']}/frozen")
    assert frozen["governance"] == poll["governance"]
    assert numbers(frozen) == NOBODY


async def test_the_closed_poll_keeps_the_fediverses_numbers_and_says_what_was_decided(
    town: Town, coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")
    await mia.say(coop, mia.answer(coop, question["id"], "Against"))
    for name in ("ada", "blai"):
        await coop.people[name].post(f"proposals/{question['key']}/ballots", {"choice": "for"})

    await town.pass_time(seconds=2 * DAY + 1)

    poll = updates(server)[-1]
    assert numbers(poll) == {"For": 0, "Against": 1, "Abstain": 0}
    assert poll["closed"]
    assert "Passed. Counted: 2 for, 0 against, 0 abstained." in poll["content"]
    assert (await coop.ada.get(f"proposals/{question['key']}/outcome")).body["tally"]["for"] == 2


@pytest.mark.parametrize(
    "spelled",
    ["Perhaps", "for", "For ", " For", "Fór", unicodedata.normalize("NFD", "Fór"), "", "For\u200b", "\uff26or"],
    ids=ascii,
)
async def test_what_is_no_option_letter_by_letter_is_passed_over(
    coop: House, question: dict[str, Any], server: Server, spelled: str
) -> None:
    mia = server.person("mia")

    await mia.say(coop, mia.answer(coop, question["id"], spelled))

    assert await answers(coop, question) == NOBODY


async def test_two_options_of_a_poll_that_takes_one_count_for_neither(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    gus = server.person("gus")

    await gus.say(coop, gus.answer(coop, question["id"], "For", "Against"))

    assert await answers(coop, question) == NOBODY


async def test_a_second_answer_of_an_actor_changes_nothing(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")
    first = mia.answer(coop, question["id"], "For")

    for document in (
        first,
        first,
        mia.answer(coop, question["id"], "For"),
        mia.answer(coop, question["id"], "Against"),
    ):
        await mia.say(coop, document)

    assert await answers(coop, question) == {"For": 1, "Against": 0, "Abstain": 0}


async def test_a_note_that_says_something_is_no_answer(coop: House, question: dict[str, Any], server: Server) -> None:
    mia = server.person("mia")

    await mia.say(coop, mia.answer(coop, question["id"], "For", content="<p>because</p>"))
    await mia.say(coop, mia.answer(coop, question["id"], "For", contentMap={"en": "because"}))

    assert await answers(coop, question) == NOBODY


async def test_an_answer_after_the_close_changes_nothing(
    town: Town, coop: House, question: dict[str, Any], server: Server
) -> None:
    mia, gus = server.person("mia"), server.person("gus")
    await mia.say(coop, mia.answer(coop, question["id"], "For"))
    await town.pass_time(seconds=2 * DAY + 1)
    closed = await document_at(coop, question["id"])

    await gus.say(coop, gus.answer(coop, question["id"], "Against"))
    await town.pass_time(hours=1)

    assert await answers(coop, question) == {"For": 1, "Against": 0, "Abstain": 0}
    assert await document_at(coop, question["id"]) == closed


async def test_answers_to_what_is_no_poll_of_ours_are_passed_over(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")

    for poll in (
        "https://elsewhere.example/polls/1",
        f"{coop.node.origin}/proposals/none",
        f"{question['id']}/outcome",
    ):
        await mia.say(coop, mia.answer(coop, poll, "For"))

    assert await answers(coop, question) == NOBODY


async def test_who_answered_what_is_not_shown_even_when_the_sender_made_it_public(
    town: Town, coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")
    document = mia.answer(coop, question["id"], "For") | {"cc": [PUBLIC]}

    await mia.say(coop, document)
    await town.pass_time(seconds=coop.node.settings.opinion_update_seconds)

    listed = (await coop.ada.get("activities")).body["items"]
    assert document["id"] not in {one["id"] for one in listed}
    async with coop.node.store.read() as tx:
        assert not any(mia.id in one.raw for one in await activities.outbox(tx))


async def test_ten_thousand_throw_away_actors_change_the_binding_tally_by_nothing(
    town: Town, coop: House, question: dict[str, Any], server: Server
) -> None:
    await coop.people["blai"].post(f"proposals/{question['key']}/ballots", {"choice": "against"})
    binding = await tally(coop, question)
    async with coop.node.store.write() as tx:
        for number in range(10_000):
            actor = f"https://throwaway.example/{number}"
            record = OpinionRecord(
                proposal_id=question["id"], actor_id=actor, option="For", host="throwaway.example",
                activity_id=f"{actor}#1", received_at=coop.town.clock.now,
            )  # fmt: skip
            assert await opinions.add(tx, record)

    before_the_close = await tally(coop, question)
    await town.pass_time(seconds=2 * DAY + 1)

    assert (await answers(coop, question))["For"] == 10_000
    assert before_the_close == binding == {"for": 0, "against": 1, "abstain": 0}
    async with coop.node.store.read() as tx:
        record_now = await proposals.find(tx, question["id"])
    assert record_now is not None
    assert (record_now.tally or {})["for"] == 0
    assert record_now.state == "rejected"


async def test_the_page_shows_the_answers_and_says_that_they_do_not_count(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")
    before = await page_of(coop, question)

    await mia.say(coop, mia.answer(coop, question["id"], "For"))

    after = await page_of(coop, question)
    assert "What the fediverse says" not in before
    assert "1 person of 1 server answered the poll. These answers are advisory: they do not count." in after
    assert mia.name not in after


async def test_a_local_member_has_no_actor_to_answer_with(
    coop: House, question: dict[str, Any], server: Server
) -> None:
    mia = server.person("mia")
    forged = mia.answer(coop, question["id"], "For") | {"actor": coop.actor, "id": f"{coop.actor}/answers/1"}

    refused = await mia.send(coop, forged)

    assert refused.status in {401, 403}
    assert await answers(coop, question) == NOBODY
