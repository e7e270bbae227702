"""What anybody may read of a node, what its operator watches, and how an assembly answers applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import events, memberships, positions
from storage.records import MembershipRecord, PositionRecord
from tests.doors.api import NOON, Served, given_up, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

APPLICANT = MembershipRecord(
    id="tie-1",
    direction="below",
    actor_id="https://sants.example/body",
    did="did:web:sants.example",
    name="Sants",
    kind="coop",
    key_multibase="z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    activity_id="https://sants.example/activities/1",
    created_at=NOON,
)


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


@pytest.fixture
async def assembly(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    settings = quick_settings(tmp_path, database_url=database_url)
    async with served_node(settings, kind="assembly", name="Barcelona", handle="barcelona") as served:
        async with served.node.store.write() as tx:
            await memberships.save(tx, APPLICANT)
        yield served


async def test_anybody_may_know_who_this_is_and_what_it_published(coop: Served) -> None:
    await coop.blai.post("offers", {"purpose": "offer", "title": "Hammer"})

    body = (await coop.anybody.get("body")).body
    log = (await coop.anybody.get("activities")).body["items"]
    described = (await coop.anybody.get("openapi.json")).body

    assert (body["name"], body["kind"], body["actor"]) == ("Gràcia", "coop", coop.node.body.actor_id)
    assert [(one["type"], one["direction"]) for one in log] == [("Create", "out")]
    assert described["openapi"] == "3.1.0"


async def test_the_event_log_is_read_in_order_and_in_pages(coop: Served) -> None:
    first = (await coop.ada.get("events?limit=2")).body
    second = (await coop.ada.get(f"events?limit=2&after={first['next']}")).body

    assert [one["seq"] for one in first["items"] + second["items"]] == [1, 2, 3, 4]
    assert second["items"][0]["previous_hash"] == first["items"][-1]["hash"]
    assert first["items"][0]["type"] == "body-founded"


async def test_health_says_what_to_do_about_deliveries_given_up(coop: Served) -> None:
    well = (await coop.ada.get("health")).body
    async with coop.node.store.write() as tx:
        await given_up(tx)

    ill = (await coop.ada.get("health")).body
    failed = (await coop.ada.get("deliveries?state=failed")).body["items"]

    assert (well["status"], well["members"], well["advice"]) == ("well", 2, [])
    assert (ill["status"], ill["deliveries_failed"], len(ill["advice"])) == ("needs-attention", 1, 1)
    assert [(one["host"], one["last_status"]) for one in failed] == [("peer.example", 410)]
    assert (await coop.ada.get("jobs")).status == 200


async def test_a_delivery_given_up_is_tried_again_once(coop: Served) -> None:
    async with coop.node.store.write() as tx:
        number = await given_up(tx)

    by_member = await coop.blai.post(f"deliveries/{number}/retry")
    tried = await coop.ada.post(f"deliveries/{number}/retry")
    again = await coop.ada.post(f"deliveries/{number}/retry")
    unknown = await coop.ada.post(f"deliveries/{number + 1}/retry")
    nonsense = await coop.ada.post("deliveries/0/retry")

    log = (await coop.ada.get("events")).body["items"]
    assert (by_member.status, by_member.code) == (403, "forbidden")
    assert (tried.status, tried.body["state"], tried.body["attempts"]) == (200, "due", 0)
    assert (again.status, again.code) == (409, "state-wrong")
    assert (unknown.status, nonsense.status) == (404, 404)
    assert log[-1]["type"] == "delivery-retried"


async def test_an_applicant_is_accepted_once_and_then_stands_in_the_statute(assembly: Served) -> None:
    answer = {"actor": APPLICANT.actor_id, "accept": True, "weight": 9}

    waiting = (await assembly.blai.get("constituents?state=asked")).body["items"]
    accepted = await assembly.ada.post("constituents/decide", answer)
    again = await assembly.ada.post("constituents/decide", answer)
    statute = (await assembly.anybody.get("statutes/latest")).body
    tree = (await assembly.blai.get("federation/tree")).body

    assert [one["name"] for one in waiting] == ["Sants"]
    assert (accepted.status, accepted.body["state"], accepted.body["weight"]) == (200, "accepted", 9)
    assert (again.status, again.code) == (404, "application-unknown")
    assert [one["name"] for one in statute["document"]["governance"]["constituents"]] == ["Sants"]
    (root,) = tree["roots"]
    assert (root["name"], root["is_here"], root["constituents"][0]["weight"]) == ("Barcelona", True, 9)


async def test_a_co_op_without_an_assembly_has_no_statute_and_no_tree(coop: Served) -> None:
    statute = await coop.anybody.get("statutes/latest")
    tree = await coop.blai.get("federation/tree")
    unknown = await coop.blai.get("federation/tree?proposal=https://nowhere.example/proposals/1")

    assert (statute.status, statute.code) == (404, "not-found")
    assert tree.body == {"proposal": None, "roots": []}
    assert unknown.status == 404


async def test_an_assembly_proposal_is_shown_as_a_tree_while_open(assembly: Served) -> None:
    await assembly.ada.post("constituents/decide", {"actor": APPLICANT.actor_id, "accept": True, "weight": 9})
    key = await assembly.opened_proposal()

    tree = (await assembly.blai.get(f"federation/tree?proposal={key}")).body
    standing = (await assembly.blai.get(f"proposals/{key}")).body

    (root,) = tree["roots"]
    assert (root["state"], root["constituents"][0]["state"]) == ("open", "open")
    assert standing["tally"] == {"for": 0, "against": 0, "abstain": 0, "electorate": 9, "unresolved": 0}
    assert (await assembly.blai.get(f"proposals/{key}/positions")).body["items"] == []
    assert (await assembly.blai.get("federation/decisions")).body["items"] == []


@pytest.mark.parametrize(
    ("status", "choice", "shown"),
    [
        ("counted", "against", "reported"),
        ("counted", "no_quorum", "no_quorum"),
        ("late", "for", "late"),
        ("invalid", "for", "disputed"),
        ("equivocation", "for", "disputed"),
    ],
)
async def test_the_tree_says_what_became_of_a_position(assembly: Served, status: str, choice: str, shown: str) -> None:
    await assembly.ada.post("constituents/decide", {"actor": APPLICANT.actor_id, "accept": True, "weight": 9})
    key = await assembly.opened_proposal()
    tally = {"for": 1, "against": 4, "abstain": 0, "electorate": 6, "unresolved": 0}
    position = PositionRecord(
        id="https://sants.example/positions/1",
        proposal_id=assembly.node.url("proposals", key),
        body_did=APPLICANT.did,
        body_actor=APPLICANT.actor_id,
        seq=1,
        choice=choice,
        document={"governance": {"tally": tally, "members": None, "reason": "threshold_not_met"}},
        digest="sha256:" + "0" * 64,
        received_at=NOON,
        status=status,
    )
    async with assembly.node.store.write() as tx:
        await positions.add(tx, position)

    (root,) = (await assembly.blai.get(f"federation/tree?proposal={key}")).body["roots"]
    (listed,) = (await assembly.blai.get(f"proposals/{key}/positions")).body["items"]

    (constituent,) = root["constituents"]
    assert (constituent["state"], constituent["choice"], constituent["tally"]) == (shown, choice, tally)
    assert (listed["status"], listed["tally"]) == (status, tally)


async def test_every_change_through_the_door_leaves_an_unbroken_chain(coop: Served) -> None:
    await coop.opened_proposal()

    async with coop.node.store.read() as tx:
        links = await events.walk(tx)

    assert events.check_chain(links) is None
    assert {"member-enrolled", "proposal-drafted", "proposal-submitted", "proposal-opened"} <= {
        one.type for one in links
    }
