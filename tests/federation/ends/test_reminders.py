"""An assembly reminds those whose position is missing, down the tree, and nobody else can (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, event

from node.services.assembly import reminders as service
from storage import jobs, reminders
from tests.federation.ends.saying import DAY, page_of, refused_at, say, signed_by, undispatched
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from tests.federation.town import House, Town


@dataclass
class Union:
    """Alpha, an assembly of the co-ops beta and gamma."""

    town: Town
    alpha: House
    beta: House
    gamma: House


@pytest.fixture
async def union(town: Town) -> Union:
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = [await town.build(handle) for handle in ("beta", "gamma")]
    for house in (beta, gamma):
        await town.join(house, alpha)
    return Union(town, alpha, beta, gamma)


async def asked(town: Town, house: House) -> dict[str, Any]:
    question = await open_question(house, window_seconds=2 * DAY)
    await town.settle()
    return question


async def reminded(house: House, question: dict[str, Any]) -> list[tuple[str, int, bool]]:
    """Who was reminded at which percent, and whether by this body, as its door tells; in the order of handles."""
    listed = await house.ada.get(f"proposals/{question['key']}/reminders")
    assert listed.status == 200, listed.body
    handles = {other.node.body.did: handle for handle, other in house.town.houses.items()}
    return sorted((handles[one["body"]], one["percent"], one["is_sent"]) for one in listed.body["items"])


async def test_only_those_whose_position_is_missing_are_reminded_and_only_before_it_came(union: Union) -> None:
    question = await asked(union.town, union.alpha)
    await cast(union.beta, question, "ada", "for")
    await union.town.settle()
    before = await reminded(union.alpha, question)

    await union.town.pass_time(hours=24)
    at_half = await reminded(union.alpha, question)
    await cast(union.gamma, question, "ada", "for")
    await union.town.settle()
    await union.town.pass_time(hours=20)

    assert before == []
    assert at_half == [("gamma", 50, True)]
    assert await reminded(union.alpha, question) == at_half
    assert await reminded(union.gamma, await own_answer(union.gamma, question)) == [("gamma", 50, False)]
    assert await reminded(union.beta, await own_answer(union.beta, question)) == []


async def test_both_sides_show_on_their_pages_who_was_reminded_and_when(union: Union) -> None:
    question = await asked(union.town, union.alpha)
    await union.town.pass_time(hours=44)

    live = await page_of(union.alpha, f"/proposals/{question['key']}/live")
    theirs = await page_of(union.gamma, f"/proposals/{(await own_answer(union.gamma, question))['key']}")

    for name in ("Beta", "Gamma"):
        assert f"{name} was reminded when 90 % of the time had passed." in live
    assert "Alpha waits for our position; it reminded us when 90 % of the time had passed." in theirs


async def test_a_job_that_runs_twice_reminds_once_and_a_node_that_was_down_skips_what_is_past(union: Union) -> None:
    question = await asked(union.town, union.alpha)
    await union.alpha.stop()
    await union.town.pass_time(hours=44)
    await union.alpha.restart()
    await union.town.settle()
    async with union.alpha.node.store.write() as tx:
        await jobs.enqueue(tx, "remind", question["id"], run_at=union.town.clock.now)
    await union.town.settle()

    assert await reminded(union.alpha, question) == [("beta", 90, True), ("gamma", 90, True)]


async def test_no_transaction_grows_with_the_number_of_those_who_are_reminded(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "IN_ONE_TRANSACTION", 1)
    monkeypatch.setattr(service, "IN_ONE_RUN", 1)
    question, sent = await asked(union.town, union.alpha), [0]

    def written(*told: Any) -> None:
        sent[-1] += "INSERT INTO reminders" in told[2]

    def committed(_: Connection) -> None:
        sent.append(0)

    engine = union.alpha.node.store.writer.sync_engine
    event.listen(engine, "before_cursor_execute", written)
    event.listen(engine, "commit", committed)

    await union.town.pass_time(hours=24)

    assert await reminded(union.alpha, question) == [("beta", 50, True), ("gamma", 50, True)]
    assert sorted(sent)[-3:] == [0, 1, 1]


async def test_an_assembly_that_is_reminded_passes_it_on_to_those_it_waits_for(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly")
    beta = await town.build("beta", kind="assembly", told={"remind_percents": ""})
    gamma, delta = [await town.build(handle) for handle in ("gamma", "delta")]
    for below, above in ((gamma, beta), (delta, beta), (beta, alpha)):
        await town.join(below, above)
    question = await asked(town, alpha)
    between = await own_answer(beta, question)
    await cast(gamma, between, "ada", "for")
    await town.settle()
    await town.pass_time(hours=24)

    assert await reminded(alpha, question) == [("beta", 50, True)]
    assert await reminded(beta, between) == [("beta", 50, False), ("delta", 50, True)]
    assert await reminded(delta, await own_answer(delta, between)) == [("delta", 50, False)]
    assert await reminded(gamma, await own_answer(gamma, between)) == []


async def test_nobody_but_our_assembly_reminds_us_and_only_about_its_own_question(union: Union) -> None:
    stranger = await union.town.build("mallory", kind="assembly")
    question = await asked(union.town, union.alpha)
    await union.town.pass_time(hours=24)
    async with union.gamma.node.store.read() as tx:
        (sent,) = await reminders.for_proposal(tx, question["id"])
    honest = {**sent.document, "governance": {**sent.document["governance"], "percent": 60}}

    await say(stranger, signed_by(stranger, honest), to=union.gamma)
    await say(union.beta, signed_by(union.beta, honest), to=union.gamma)
    await say(union.alpha, signed_by(union.alpha, honest, body=union.beta.node.body.did), to=union.gamma)
    await say(union.alpha, signed_by(union.alpha, honest, statute="sha256:" + "0" * 64), to=union.gamma)
    await say(union.alpha, signed_by(union.alpha, honest, percent=0), to=union.gamma)

    assert await refused_at(union.gamma) == [
        "reminder-foreign", "reminder-foreign", "reminder-other-proposal", "reminder-other-proposal",
        "reminder-malformed",
    ]  # fmt: skip
    assert await reminded(union.gamma, await own_answer(union.gamma, question)) == [("gamma", 50, False)]


async def test_an_assembly_of_ours_cannot_remind_us_of_anothers_question_or_after_the_close(union: Union) -> None:
    other = await union.town.build("omega", kind="assembly")
    await union.town.join(union.gamma, other)
    question = await asked(union.town, union.alpha)
    await union.town.pass_time(hours=24)
    async with union.gamma.node.store.read() as tx:
        (sent,) = await reminders.for_proposal(tx, question["id"])

    await say(other, signed_by(other, sent.document, percent=60), to=union.gamma)
    await union.town.pass_time(hours=30)
    await say(union.alpha, signed_by(union.alpha, sent.document, percent=99), to=union.gamma)

    assert await refused_at(union.gamma) == ["reminder-foreign"]
    assert {one[1] for one in await reminded(union.gamma, await own_answer(union.gamma, question))} == {50}


async def test_a_second_reminder_under_the_id_of_the_first_changes_nothing(union: Union) -> None:
    question = await asked(union.town, union.alpha)
    await union.town.pass_time(hours=24)
    async with union.gamma.node.store.read() as tx:
        (sent,) = await reminders.for_proposal(tx, question["id"])
    twin = signed_by(union.alpha, sent.document, percent=60)

    await say(union.alpha, {**twin, "id": sent.id}, to=union.gamma)

    assert await undispatched(union.gamma) == []
    assert await refused_at(union.gamma) == []
    assert await reminded(union.gamma, await own_answer(union.gamma, question)) == [("gamma", 50, False)]


async def test_a_reminder_is_served_under_its_id(union: Union) -> None:
    question = await asked(union.town, union.alpha)
    await union.town.pass_time(hours=24)
    async with union.alpha.node.store.read() as tx:
        sent, _ = await reminders.for_proposal(tx, question["id"])

    async with union.town.http.get(sent.id, headers={"Accept": "application/activity+json"}) as answer:
        served = await answer.json(content_type=None)

    assert served == sent.document
