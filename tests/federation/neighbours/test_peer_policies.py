"""Whom a node hears: a blocked host meets silence both ways, a limited one is taken in and not shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from federation.errors import FetchForbidden
from federation.peers.policy import Policy, policy_for
from storage import opinions, peer_policies
from storage.records import OpinionRecord, PeerPolicyRecord
from storage.work import activities, deliveries, events
from tests.doors.api import NOON
from tests.doors.peers import ACTIVITY, Clock, Wire, as_bytes, peer
from tests.federation.community.fediverse import Person, fediverse
from tests.federation.neighbours.strangers import about_its_offer, posted, told
from tests.federation.town import open_question

if TYPE_CHECKING:
    from tests.doors.peers import Peer
    from tests.federation.town import House, Town

BREAD = {"name": "Bread", "content": "<p>Fresh</p>"}


async def decide(house: House, peer: Peer, policy: str, note: str = "") -> None:
    decided = await house.ada.post("peer-policies", {"host": peer.origin, "policy": policy, "note": note})
    assert decided.status == 200, decided.body


async def titles(house: House) -> list[str]:
    return [one["title"] for one in (await house.ada.get("offers")).body["items"]]


async def public_actors(house: House) -> list[str]:
    listed: list[dict[str, Any]] = (await house.ada.get("activities")).body["items"]
    return [one["actor"] for one in listed]


async def followed_by(town: Town, house: House, peer: Peer) -> None:
    """The peer follows the house, so that what is said there in public goes to it."""
    follow = peer.activity(id=f"{peer.origin}/activities/follow", type="Follow", object=house.actor)
    assert (await posted(town, house, peer, follow)).status == 202
    await town.settle()


async def proven(town: Town, house: House, stranger: Peer) -> None:
    """The stranger's offer with a proof of its own, so that it may be passed on."""
    document = stranger.proven(about_its_offer(stranger, "Create", 1, **BREAD))
    assert (await posted(town, house, stranger, document)).status == 202
    await town.settle()


async def test_a_blocked_host_is_refused_before_anything_is_fetched(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await decide(alpha, stranger, "block")

    answer = await posted(town, alpha, stranger, about_its_offer(stranger, "Create", 1, **BREAD))

    assert (answer.status, answer.code) == (403, "peer-blocked")
    assert stranger.asked.total() == 0
    async with alpha.node.store.read() as tx:
        assert await activities.find(tx, f"{stranger.origin}/activities/1") is None


async def test_a_blocked_host_brings_nothing_of_others_either(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await told(town, alpha, stranger, "Create", 1, **BREAD)
    async with peer("author") as author:
        document = about_its_offer(author, "Create", 2, **BREAD)
        await posted(town, alpha, author, document)
        await decide(alpha, stranger, "block")
        body = as_bytes(author.proven(document | {"id": f"{author.origin}/activities/3"}))
        wire = Wire(alpha.node.federation, Clock(NOON), town.http)

        brought = await wire.post(body, stranger.signed_headers(wire, body))
        itself = await wire.post(body, {"Content-Type": ACTIVITY})

    assert (brought.status, brought.code) == (403, "peer-blocked")
    assert itself.status == 202


async def test_a_host_that_is_allowed_again_is_heard(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await decide(alpha, stranger, "block")
    await decide(alpha, stranger, "allow")

    await told(town, alpha, stranger, "Create", 1, **BREAD)

    assert await titles(alpha) == ["Bread"]
    assert (await alpha.ada.get("peer-policies")).body["items"] == []


async def test_nothing_is_sent_to_a_blocked_host_and_nothing_fetched_from_it(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await followed_by(town, alpha, stranger)
    before = stranger.asked.total()
    await decide(alpha, stranger, "block")

    await alpha.ada.post("offers", {"purpose": "offer", "title": "Hammer"})
    await town.settle()
    with pytest.raises(FetchForbidden) as refused:
        await alpha.node.federation.fetcher.get_own(stranger.actor_id)

    assert refused.value.code == "fetch-blocked"
    assert stranger.asked.total() == before
    async with alpha.node.store.read() as tx:
        assert (await deliveries.summary(tx)).failed == 0


async def test_what_waited_for_a_host_when_it_was_blocked_is_given_up_and_says_so(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await followed_by(town, alpha, stranger)
    await alpha.ada.post("offers", {"purpose": "offer", "title": "Hammer"})
    await decide(alpha, stranger, "block")
    before = stranger.asked.total()

    await town.settle()

    [given_up] = (await alpha.ada.get("deliveries")).body["items"]
    assert "blocked" in given_up["last_error"]
    assert stranger.asked.total() == before


async def test_what_others_pass_on_of_a_blocked_host_is_passed_over(town: Town, stranger: Peer) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    await decide(beta, stranger, "block")

    await proven(town, alpha, stranger)

    assert await titles(alpha) == ["Bread"]
    assert await titles(beta) == []
    assert stranger.asked == {"/body": 1}
    assert (await alpha.ada.get("deliveries")).body["items"] == []


async def test_a_limited_host_is_taken_in_but_neither_shown_nor_passed_on(town: Town, stranger: Peer) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    await decide(alpha, stranger, "limit")

    await proven(town, alpha, stranger)

    async with alpha.node.store.read() as tx:
        taken = await activities.find(tx, f"{stranger.origin}/activities/1")
    assert taken is not None
    assert (taken.state, taken.reason) == ("dispatched", None)
    assert (await titles(alpha), await titles(beta)) == ([], [])
    assert stranger.actor_id not in await public_actors(alpha)
    await decide(alpha, stranger, "allow")
    assert await titles(alpha) == ["Bread"]
    assert stranger.actor_id in await public_actors(alpha)


async def test_a_decision_about_a_host_is_an_event_and_only_an_operator_s(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", "blai")
    by_member = await alpha.people["blai"].post("peer-policies", {"host": "spam.example", "policy": "block"})
    await decide(alpha, stranger, "block", note="advertisements")

    async with alpha.node.store.read() as tx:
        last = await events.head(tx)
    assert (by_member.status, by_member.code) == (403, "forbidden")
    assert last is not None
    assert (last.type, last.subject) == ("peer-policy-decided", stranger.origin.removeprefix("http://"))
    assert last.content == {"policy": "block", "note": "advertisements"}


async def test_a_node_does_not_block_itself_nor_what_is_no_host(town: Town) -> None:
    alpha = await town.build("alpha")
    hosts = (alpha.node.origin, "", "two words", "coop.example/body", "%", "-.example")

    answers = [await alpha.ada.post("peer-policies", {"host": host, "policy": "block"}) for host in hosts]

    assert [answer.status for answer in answers] == [422] * len(hosts)


def test_a_policy_holds_for_names_under_a_host_and_the_longest_name_decides() -> None:
    records = [
        PeerPolicyRecord(host="example.org", policy="block", decided_at=NOON),
        PeerPolicyRecord(host="good.example.org", policy="limit", decided_at=NOON),
    ]

    heard = {host: policy_for(host, records) for host in ("example.org", "a.b.example.org", "good.example.org")}

    assert heard == {"example.org": Policy.BLOCK, "a.b.example.org": Policy.BLOCK, "good.example.org": Policy.LIMIT}
    assert policy_for("badexample.org", records) is Policy.ALLOW


async def page(town: Town, house: House, path: str) -> str:
    """What somebody who is not signed in reads there, with the status before it."""
    async with town.http.get(house.node.origin + path, headers={"Accept": "text/html"}) as answer:
        return f"{answer.status} {await answer.text()}"


async def test_a_name_under_a_blocked_host_is_heard_when_it_is_allowed(town: Town) -> None:
    alpha = await town.build("alpha")
    for host, policy in (("example.org", "block"), ("good.example.org", "allow"), ("other.example", "allow")):
        await alpha.ada.post("peer-policies", {"host": host, "policy": policy})

    heard = alpha.node.federation.policies
    said = {
        host: await heard.of(f"https://{host}/body") for host in ("example.org", "a.example.org", "good.example.org")
    }

    assert said == {"example.org": "block", "a.example.org": "block", "good.example.org": "allow"}
    listed = {one["host"]: one["policy"] for one in (await alpha.ada.get("peer-policies")).body["items"]}
    assert listed == {"example.org": "block", "good.example.org": "allow"}
    assert (await alpha.ada.post("peer-policies", {"host": "in_the_way.example", "policy": "block"})).status == 200


async def test_rows_know_the_longest_name_that_decides(town: Town) -> None:
    alpha = await town.build("alpha")
    hosts = ("example.org", "a.example.org", "good.example.org", "b.good.example.org", "xexample.org", "a.b", "org")
    question = await open_question(alpha)
    async with alpha.node.store.write() as tx:
        for host, policy in (("example.org", "limit"), ("good.example.org", "allow"), ("b.good.example.org", "block")):
            await peer_policies.save(tx, PeerPolicyRecord(host=host, policy=policy, decided_at=NOON))
        for host in hosts:
            await opinions.add(tx, an_opinion(question["id"], host))

        [count] = await opinions.counts(tx, question["id"])

    assert count.hosts == 4  # good.example.org, xexample.org, a.b, org


def an_opinion(proposal_id: str, host: str) -> OpinionRecord:
    return OpinionRecord(
        proposal_id=proposal_id, actor_id=f"https://{host}/mia", option="For", host=host,
        activity_id=f"https://{host}/1", received_at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("spelled", ["{origin}/users/zoe", "{origin}?u=zoe", "{origin}#zoe"])
async def test_a_limited_host_is_not_shown_however_it_spells_itself(town: Town, spelled: str) -> None:
    alpha = await town.build("alpha")
    async with fediverse() as server:
        zoe = Spelled(server, "zoe", spelled)
        server.peer.pages["/users/zoe"] = server.peer.pages["/"] = zoe.document
        question = await open_question(alpha)

        await zoe.say(alpha, zoe.reply(question["id"], "<p>Cheap pills</p>"))
        await zoe.say(alpha, zoe.answer(alpha, question["id"], "For"))
        before = await page(town, alpha, f"/proposals/{question['key']}")
        await decide(alpha, server.peer, "limit")
        after = await page(town, alpha, f"/proposals/{question['key']}")

    assert "Cheap pills" in before
    assert "1 person of 1 server answered the poll" in before
    assert "Cheap pills" not in after
    assert "answered the poll" not in after


@dataclass
class Spelled(Person):
    """Somebody whose id is spelled in an odd way."""

    spelled: str = ""

    @property
    def id(self) -> str:
        return self.spelled.format(origin=self.server.peer.origin)


async def test_what_a_limited_body_decides_and_offers_is_for_members_alone(town: Town) -> None:
    above, below = await town.build("above", kind="assembly"), await town.build("below")
    await town.join(below, above)
    question = await open_question(below, title="A cellar of our own")
    offer = (await below.ada.post("offers", {"purpose": "offer", "title": "Hammer"})).body
    await town.settle()
    paths = ("/proposals", f"/proposals/elsewhere?id={question['id']}", f"/offers/elsewhere?id={offer['id']}")
    before = [await page(town, above, path) for path in paths]

    await above.ada.post("peer-policies", {"host": below.node.origin, "policy": "limit"})
    after = [await page(town, above, path) for path in paths]

    assert ["cellar" in text or "Hammer" in text for text in before] == [True] * 3
    assert ["cellar" in text or "Hammer" in text for text in after] == [False] * 3
    assert [text[:3] for text in after] == ["200", "404", "404"]
    listed = (await above.ada.get("proposals", params={"origin": "peer"})).body["items"]
    assert [one["title"] for one in listed] == ["A cellar of our own"]
