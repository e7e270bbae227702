"""An assembly notices from one header that a report is missing or reads otherwise, and fetches it itself (P20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from federation.vocabulary.reports import HEADER, digest_of, read
from node.jobs import run_batch
from node.services.positions import compare_reports, headers_about, reports_document
from storage import tables
from storage.governance import positions, proposals
from storage.records import ActivityRecord, PositionRecord, SettledDelivery
from storage.work import activities, deliveries, events, jobs
from tests.doors.api import NOON
from tests.federation.town import House, Town, cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.engine import Tx


@dataclass
class Pair:
    """Alpha, an assembly, with one constituent beta, and alpha's open question."""

    town: Town
    alpha: House
    beta: House
    question: dict[str, Any]

    async def held(self) -> Sequence[PositionRecord]:
        async with self.alpha.node.store.read() as tx:
            return await positions.for_proposal(tx, self.question["id"])

    async def beta_decides(self) -> str:
        """The id of beta's own proposal, closed, with nothing sent yet."""
        answer = await own_answer(self.beta, self.question)
        assert (await cast(self.beta, self.question, "ada", "for")).status == 201
        for _ in range(9):
            await run_batch(self.beta.node, 1, "test")
            async with self.beta.node.store.read() as tx:
                closed = await proposals.find(tx, answer["id"])
            if closed is not None and closed.state != "open":
                return str(answer["id"])
        raise AssertionError("beta does not close")

    async def word_of_beta(self, own_proposal: str) -> str:
        return f"{self.beta.actor} {(await headers_about(self.beta.node, own_proposal))[HEADER]}"


@pytest.fixture
async def pair(town: Town) -> Pair:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    question = await open_question(alpha)
    await town.settle()
    return Pair(town, alpha, beta, question)


async def test_a_report_that_was_given_up_is_fetched(pair: Pair) -> None:
    await pair.beta_decides()
    await give_up_the_position(pair.beta)

    await pair.town.settle()
    assert await pair.held() == ()
    await pair.town.pass_time(seconds=6)

    assert [one.status for one in await pair.held()] == ["counted"]


async def test_a_report_that_lies_here_unhandled_is_handled(pair: Pair) -> None:
    handler = pair.alpha.node.federation.handlers.pop(("Create", "position"))
    await pair.beta_decides()
    await pair.town.settle()
    assert await pair.held() == ()
    pair.alpha.node.federation.handlers["Create", "position"] = handler

    await pair.town.pass_time(seconds=6)

    assert [one.status for one in await pair.held()] == ["counted"]


async def test_a_report_that_agrees_costs_no_request(pair: Pair) -> None:
    own = await pair.beta_decides()
    await pair.town.settle()
    await pair.beta.stop()

    await compare_reports(pair.alpha.node, await pair.word_of_beta(own))

    assert len(await pair.held()) == 1


async def test_a_report_that_reads_otherwise_here_is_noted(pair: Pair) -> None:
    own = await pair.beta_decides()
    await pair.town.settle()
    async with pair.alpha.node.store.write() as tx:
        await tx.execute(sa.update(tables.positions).values(digest="sha256:" + "0" * 64))

    await compare_reports(pair.alpha.node, await pair.word_of_beta(own))

    async with pair.alpha.node.store.read() as tx:
        noted = [one for one in await events.about(tx, pair.question["id"]) if one.type == "report-altered"]
    assert [one.content["here"] for one in noted] == ["sha256:" + "0" * 64]


@pytest.mark.parametrize("listed_as", ["https://elsewhere.example/positions/1", "a position of its own", 5])
async def test_nothing_is_done_twice_or_fetched_elsewhere_because_a_constituent_lists_it(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, listed_as: Any
) -> None:
    own = await pair.beta_decides()
    await pair.town.settle()
    word = await pair.word_of_beta(own)
    gone = "https://elsewhere.example/activities/leave"
    async with pair.beta.node.store.read() as tx:
        (joined,) = [row.id for row in await activities.recent(tx) if row.type == "Join"]
    async with pair.alpha.node.store.write() as tx:
        await tx.execute(sa.delete(tables.positions))
        await activities.add(tx, _left(gone, "https://elsewhere.example/body", pair.alpha.actor))
    is_own = listed_as == "a position of its own"
    position = f"{pair.beta.node.origin}/positions/x" if is_own else listed_as
    carriers = [joined] if is_own else [gone, "https://elsewhere.example/activities/unknown"]

    async def lying(tx: Tx, proposal_id: str) -> dict[str, Any]:
        document = await reports_document(tx, proposal_id)
        assert document is not None
        return document | {"items": [{"id": position, "digest": "x", "activity": one} for one in carriers]}

    monkeypatch.setattr("node.documents.reports_document", lying)
    await compare_reports(pair.alpha.node, word)

    async with pair.alpha.node.store.read() as tx:
        states = {(await activities.find(tx, one)).state for one in (gone, joined)}  # type: ignore[union-attr]
    assert states == {"dispatched"}


def _left(activity_id: str, actor: str, assembly: str) -> ActivityRecord:
    return ActivityRecord(
        id=activity_id, direction="in", type="Leave", actor_id=actor, raw="{}", received_at=NOON, is_public=False,
        object_id=assembly, state="dispatched",
    )  # fmt: skip


async def test_reports_are_listed_with_what_carried_them(pair: Pair) -> None:
    own = await pair.beta_decides()

    async with pair.town.http.get(f"{own}/reports", headers={"Accept": "application/activity+json"}) as answer:
        document = await answer.json(content_type=None)

    said = read((await headers_about(pair.beta.node, own))[HEADER])
    assert said is not None
    assert (said.proposal, said.count, said.url) == (pair.question["id"], 1, document["id"])
    assert said.digest == document["digest"] == digest_of([item["digest"] for item in document["items"]])
    (item,) = document["items"]
    async with pair.beta.node.store.read() as tx:
        carried_by = await activities.find(tx, item["activity"])
    assert carried_by is not None
    assert carried_by.object_id == item["id"]


async def test_nothing_is_said_about_proposals_that_answer_nobody(pair: Pair) -> None:
    own = await open_question(pair.beta, title="A cellar")

    assert await headers_about(pair.beta.node, own["id"]) == {}
    assert await headers_about(pair.beta.node, "https://elsewhere.example/proposals/1") == {}
    assert await headers_about(pair.beta.node, pair.beta.node.body.did) == {}
    async with pair.town.http.get(f"{own['id']}/reports") as answer:
        assert answer.status == 404


async def give_up_the_position(house: House) -> None:
    async with house.node.store.write() as tx:
        row = (await tx.execute(sa.select(tables.positions.c.id).where(tables.positions.c.source == "own"))).one()
        carried_by = (await activities.creating(tx, [row.id]))[row.id]
        given_up = [
            SettledDelivery(one.id, "failed", NOON, None, "lost")
            for one in await deliveries.for_activity(tx, carried_by)
        ]
        assert given_up
        await deliveries.settle_all(tx, given_up)
        assert await jobs.next_due(tx, ["deliver"]) is not None
