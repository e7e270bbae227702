"""Ballots of members of another co-op: cast at home, carried as signed papers, counted once where they decide."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import GOVERNANCE_CONTEXT
from identity.keys.pairs import Ed25519Pair
from node.jobs import run_batch
from node.outbound import post
from node.outbound.ballots import ballot
from node.services import closing
from storage import activities, ballots, intake, keys, members, proposals
from tests.federation.town import open_question

if TYPE_CHECKING:
    from storage.records import BallotRecord
    from tests.doors.api import Answer
    from tests.federation.town import House, Town

DAY = 86_400


@dataclass
class Neighbours:
    """Beta decides; the roll of its question also names blai of gamma."""

    town: Town
    beta: House
    gamma: House
    question: dict[str, Any]

    async def cast(self, choice: str, *, by: str = "blai") -> Answer:
        """A ballot cast at home; it is on its way until the town settles."""
        listed = (await self.gamma.ada.get("proposals", params={"origin": "peer"})).body["items"]
        key = next(one["key"] for one in listed if one["id"] == self.question["id"])
        return await self.gamma.people[by].post(f"proposals/{key}/ballots", {"choice": choice})

    async def at_gamma(self) -> list[tuple[int, str, str | None]]:
        """Sequence, status and reason of the ballots gamma carried, first sent first."""
        async with self.gamma.node.store.read() as tx:
            kept = await ballots.list_recent(tx, proposal_id=self.question["id"])
        return sorted((one.seq, one.status, one.reason) for one in kept)

    async def at_beta(self) -> list[BallotRecord]:
        """All ballots that beta keeps, first received first."""
        async with self.beta.node.store.read() as tx:
            return list(reversed(await ballots.list_recent(tx, proposal_id=self.question["id"])))

    async def tally(self) -> dict[str, int]:
        shown = (await self.beta.ada.get(f"proposals/{self.question['key']}")).body
        return {choice: shown["tally"][choice] for choice in ("for", "against", "abstain")}


@pytest.fixture
async def neighbours(town: Town) -> Neighbours:
    beta = await town.build("beta", "carme", rule={"preset": "majority"})
    gamma = await town.build("gamma", "blai", "dora")
    invited = [{"voter": await gamma.did_of("blai"), "home": gamma.actor}]
    question = await open_question(beta, invited=invited, window_seconds=2 * DAY)
    await town.settle()
    return Neighbours(town, beta, gamma, question)


async def forged(neighbours: Neighbours, **changes: Any) -> dict[str, Any]:
    """The ballot blai cast last, with members of its governance part changed after it was signed."""
    document: dict[str, Any] = copy.deepcopy(dict((await neighbours.at_beta())[-1].document))
    document["governance"].update(changes)
    document["id"] += "-again"
    return document


async def signed_by_blai(neighbours: Neighbours, *, choice: str, seq: int) -> dict[str, Any]:
    """A paper that blai really signed, made outside the service, as a member with two devices could."""
    node = neighbours.gamma.node
    async with node.store.read() as tx:
        member = await members.by_name(tx, "blai")
        proposal = await proposals.find(tx, neighbours.question["id"])
        assert member is not None
        assert proposal is not None
        record = await keys.find(tx, member.key_id)
    assert record is not None
    key = Ed25519Pair.from_pkcs8(node.sealer.open(record.sealed_private, label=record.key_id)).private
    return ballot(node, proposal=proposal, voter=member.did, key=key, choice=choice, seq=seq, now=node.clock())


async def carry(neighbours: Neighbours, document: dict[str, Any]) -> None:
    """Have gamma's node carry a paper to beta, and let it arrive."""
    node = neighbours.gamma.node
    async with node.store.write() as tx:
        await post.create_for(tx, node, document, ordering_key=str(document["id"]), to=[neighbours.beta.actor])
    await neighbours.town.settle()


async def refusals_at_beta(neighbours: Neighbours) -> list[str | None]:
    """Why beta refused activities, first received first."""
    async with neighbours.beta.node.store.read() as tx:
        return [one.reason for one in reversed(await activities.recent(tx)) if one.state == "refused"]


async def test_an_invited_member_casts_at_home_and_gets_the_deciding_bodys_receipt(neighbours: Neighbours) -> None:
    cast = await neighbours.cast("for")
    on_the_way = await neighbours.at_gamma()
    await neighbours.town.settle()

    (kept,) = await neighbours.at_beta()
    async with neighbours.gamma.node.store.read() as tx:
        (carried,) = await ballots.list_recent(tx, proposal_id=neighbours.question["id"])

    assert (cast.status, cast.body["receipt"]) == (201, None)
    assert on_the_way == [(1, "sent", None)]
    assert (kept.status, kept.source_actor) == ("counted", neighbours.gamma.actor)
    assert carried.status == "counted"
    assert carried.receipt is not None
    assert carried.receipt["governance"]["ballot"] == kept.digest
    assert "choice" not in carried.receipt["governance"]
    assert await neighbours.tally() == {"for": 1, "against": 0, "abstain": 0}


async def test_a_later_ballot_replaces_the_earlier_and_the_person_counts_once(neighbours: Neighbours) -> None:
    for choice in ("for", "against"):
        await neighbours.cast(choice)
        await neighbours.town.settle()

    assert await neighbours.tally() == {"for": 0, "against": 1, "abstain": 0}
    assert await neighbours.at_gamma() == [(1, "superseded", None), (2, "counted", None)]


async def test_a_ballot_carried_twice_counts_once(neighbours: Neighbours) -> None:
    await neighbours.cast("for")
    await neighbours.town.settle()

    await carry(neighbours, dict((await neighbours.at_beta())[0].document))

    assert len(await neighbours.at_beta()) == 1
    assert await neighbours.tally() == {"for": 1, "against": 0, "abstain": 0}


async def test_a_paper_altered_on_the_way_is_refused(neighbours: Neighbours) -> None:
    await neighbours.cast("for")
    await neighbours.town.settle()

    await carry(neighbours, await forged(neighbours, choice="against", seq=2))

    assert await refusals_at_beta(neighbours) == ["ballot-forged"]
    assert await neighbours.tally() == {"for": 1, "against": 0, "abstain": 0}


@pytest.mark.parametrize(
    "added",
    [
        {"signature": {"type": "RsaSignature2017", "signatureValue": "AAAA"}},
        {"@context": [*GOVERNANCE_CONTEXT, {"choice": "https://x.example/choice"}]},
    ],
    ids=["a member beside the proof", "a context after the signed ones"],
)
async def test_p9_a_paper_that_says_more_than_its_proof_covers_is_refused(
    neighbours: Neighbours, added: dict[str, Any]
) -> None:
    paper = await signed_by_blai(neighbours, choice="for", seq=1)

    await carry(neighbours, paper | added | {"id": paper["id"]})
    refused = await refusals_at_beta(neighbours)
    await carry(neighbours, paper)

    assert refused == await refusals_at_beta(neighbours) == ["ballot-forged"]
    assert await neighbours.tally() == {"for": 1, "against": 0, "abstain": 0}


async def test_somebody_else_on_the_same_node_is_not_on_the_roll(neighbours: Neighbours) -> None:
    refused = await neighbours.cast("for", by="dora")

    assert (refused.status, refused.code) == (403, "not-on-roll")


async def test_two_papers_of_one_number_contradict_each_other_and_neither_counts(neighbours: Neighbours) -> None:
    await neighbours.cast("for")
    await neighbours.town.settle()
    await carry(neighbours, await signed_by_blai(neighbours, choice="against", seq=1))
    contradicted = await neighbours.tally()
    both = [one.status for one in await neighbours.at_beta()]

    await carry(neighbours, await signed_by_blai(neighbours, choice="abstain", seq=2))

    assert contradicted == {"for": 0, "against": 0, "abstain": 0}
    assert both == ["equivocation", "equivocation"]
    assert await refusals_at_beta(neighbours) == ["ballot-equivocation"]
    assert await neighbours.tally() == {"for": 0, "against": 0, "abstain": 1}


@pytest.mark.parametrize(("after_seconds", "status"), [(0, "counted"), (0.001, "late")])
async def test_a_ballot_is_late_by_the_deciding_nodes_clock_only(
    neighbours: Neighbours, after_seconds: float, status: str
) -> None:
    town, closes_at = neighbours.town, datetime.fromisoformat(neighbours.question["closes_at"])
    town.clock.now = closes_at - timedelta(seconds=1)
    await neighbours.cast("for")
    town.clock.now = closes_at + timedelta(seconds=after_seconds)

    await town.settle()
    (kept,) = await neighbours.at_beta()
    await town.pass_time(minutes=2)
    outcome = (await neighbours.beta.ada.get(f"proposals/{neighbours.question['key']}/outcome")).body

    assert kept.status == status
    assert outcome["tally"]["for"] == (1 if status == "counted" else 0)
    assert [one[1] for one in await neighbours.at_gamma()] == ["counted" if status == "counted" else "refused"]


async def test_a_ballot_that_waited_undispatched_at_the_close_still_counts(neighbours: Neighbours) -> None:
    town, closes_at = neighbours.town, datetime.fromisoformat(neighbours.question["closes_at"])
    town.clock.now = closes_at - timedelta(seconds=1)
    await neighbours.cast("for")
    while not await waiting(neighbours.beta):
        await run_batch(neighbours.gamma.node, 50, "test")

    town.clock.now = closes_at + timedelta(seconds=5)
    again_at = await closing.close_if_due(neighbours.beta.node, neighbours.question["id"])
    await town.pass_time(seconds=1)
    outcome = (await neighbours.beta.ada.get(f"proposals/{neighbours.question['key']}/outcome")).body

    assert again_at is not None
    assert outcome["tally"]["for"] == 1


async def test_a_home_that_cannot_be_reached_stops_the_opening(town: Town) -> None:
    beta, gamma = await town.build("beta"), await town.build("gamma")
    invited = [{"voter": await gamma.did_of("ada"), "home": "http://127.0.0.1:9/body"}]
    drafted = await beta.ada.post("proposals", {"title": "Far", "text": "Away.", "invited": invited})
    await beta.ada.post(f"proposals/{drafted.body['key']}/submit")

    opened = await beta.ada.post(f"proposals/{drafted.body['key']}/open")

    assert opened.code == "peer-unreachable"


async def waiting(house: House) -> bool:
    """Whether something was received and not dispatched yet."""
    async with house.node.store.read() as tx:
        return bool(await intake.arrived(tx, limit=1))
