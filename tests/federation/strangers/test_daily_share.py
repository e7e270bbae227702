"""What hosts without ties may leave here in a day: a flood of theirs ends, and nobody we know is ever sent away."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from federation.receive.strangers import ROW_BYTES
from storage.neighbours import follows
from storage.work import activities
from tests.doors.peers import ACTIVITY, Answer, Peer, Wire, as_bytes, peer
from tests.federation.town import House, Town, open_question
from tests.web.test_security import visitor

MIB = 1024**2
TIGHT = {"stranger_host_mib": 3, "strangers_mib": 4, "trusted_proxies": 1}
UNTIL_MIDNIGHT = 12 * 3600 + 1


def big(by: Peer, number: int, **members: Any) -> dict[str, Any]:
    """A note of nine hundred thousand bytes about nothing of ours."""
    note = {"id": f"{by.origin}/notes/{number}", "type": "Note", "attributedTo": by.actor_id, "content": "x" * 900_000}
    return by.activity(id=f"{by.origin}/activities/{number}", object=note, **members)


async def leave(house: House, by: Peer, document: dict[str, Any], *, at: str = "192.0.2.1") -> Answer:
    """What the inbox answered to the activity, signed and sent from that address."""
    target = Wire(house.node.federation, house.town.clock, house.town.http)  # type: ignore[arg-type]  # two clocks, one shape
    body = as_bytes(document)
    return await target.post(body, by.signed_headers(target, body) | {"X-Forwarded-For": at})


async def statuses(house: House, by: Peer, *numbers: int, at: str = "192.0.2.1") -> list[int]:
    return [(await leave(house, by, big(by, number), at=at)).status for number in numbers]


async def follow(house: House, by: Peer) -> None:
    said = by.activity(id=f"{by.origin}/activities/follow", type="Follow", object=house.actor)
    assert (await leave(house, by, said)).status == 202
    await house.town.settle()


async def follow_back(house: House, whom: Peer) -> None:
    async with house.node.store.write() as tx:
        theirs = await follows.find(tx, "in", whom.actor_id)
        assert theirs is not None
        await follows.save(tx, replace(theirs, id=f"{house.actor}#follow", direction="out"))


async def is_kept(house: House, document: dict[str, Any]) -> bool:
    async with house.node.store.read() as tx:
        return await activities.find(tx, document["id"]) is not None


async def test_a_strangers_flood_ends_for_today_and_it_is_heard_again_tomorrow(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)

    assert await statuses(alpha, stranger, 1, 2, 3) == [202, 202, 202]
    refused = await leave(alpha, stranger, big(stranger, 4))

    assert (refused.status, refused.code) == (429, "share-used")
    assert refused.headers["Retry-After"] == str(UNTIL_MIDNIGHT)
    assert not await is_kept(alpha, big(stranger, 4))
    small = stranger.activity(id=f"{stranger.origin}/activities/5")
    assert (await leave(alpha, stranger, small)).status == 202
    town.clock.move(seconds=UNTIL_MIDNIGHT)
    assert await statuses(alpha, stranger, 4) == [202]


async def test_many_hosts_at_one_address_share_what_one_may_leave(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)

    async with peer("other") as other:
        assert await statuses(alpha, stranger, 1, 2) == [202, 202]
        assert await statuses(alpha, other, 1, 2) == [202, 429]


async def test_who_comes_at_once_is_counted_once_each(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    strangers = alpha.node.federation.strangers

    counted = await asyncio.gather(*(strangers.take(stranger.actor_id, "192.0.2.1", 10) for _ in range(3)))

    assert counted == [10 + ROW_BYTES] * 3
    assert strangers.today() == sum(counted)
    strangers.give_back(stranger.actor_id, "192.0.2.1", counted[0])
    strangers.give_back(stranger.actor_id, "192.0.2.1", 0)
    assert strangers.today() == sum(counted[1:])


async def test_to_follow_makes_no_tie(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    await follow(alpha, stranger)
    town.clock.move(seconds=61)

    assert await statuses(alpha, stranger, 1, 2, 3, 4) == [202, 202, 202, 429]


async def test_a_tie_made_a_moment_ago_is_seen_before_a_refusal(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    await follow(alpha, stranger)
    await follow_back(alpha, stranger)
    town.clock.move(seconds=2)

    assert await statuses(alpha, stranger, 1, 2, 3, 4, 5) == [202] * 5


async def test_strangers_together_may_leave_so_much_and_those_we_know_are_heard(town: Town, stranger: Peer) -> None:
    alpha, beta = await town.build("alpha", told=TIGHT), await town.build("beta")
    above = await town.build("above", kind="assembly")
    await town.join(alpha, above)
    await town.join(beta, above)

    async with peer("other") as other, peer("follower") as follower:
        await follow(alpha, follower)
        await follow_back(alpha, follower)
        town.clock.move(seconds=2)

        assert await statuses(alpha, stranger, 1, 2, 3) == [202, 202, 202]
        assert await statuses(alpha, other, 1, at="198.51.100.7") == [202]
        full = await leave(alpha, other, big(other, 2), at="198.51.100.7")
        assert (full.status, full.code) == (503, "strangers-full")
        assert full.headers["Retry-After"] == str(UNTIL_MIDNIGHT - 2)

        assert await statuses(alpha, follower, *range(1, 7), at="192.0.2.1") == [202] * 6
    question = await open_question(above)  # what an assembly of ours says, and answers of its other constituents
    await town.settle()
    heard = await alpha.ada.get("proposals", params={"origin": "peer"})
    assert question["id"] in [one["id"] for one in heard.body["items"]]
    strangers = alpha.node.federation.strangers
    assert {beta.node.origin.partition("//")[2], above.node.origin.partition("//")[2]} <= strangers.hosts


async def test_what_is_known_already_counts_once(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    document = stranger.proven(big(stranger, 1))
    await leave(alpha, stranger, document)
    before = alpha.node.federation.strangers.today()

    for _ in range(5):
        target = Wire(alpha.node.federation, town.clock, town.http)  # type: ignore[arg-type]  # two clocks, one shape
        answer = await target.post(as_bytes(document), {"Content-Type": ACTIVITY})
        assert answer.status == 202
        town.clock.move(seconds=1)

    assert alpha.node.federation.strangers.today() == before


async def test_actors_are_counted_with_what_they_say_and_kept_no_longer_when_it_is_too_much(
    town: Town, stranger: Peer
) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    stranger.pages["/body"] = stranger.actor(summary="y" * 100_000)
    said = big(stranger, 1)

    assert (await leave(alpha, stranger, said)).status == 202

    sizes = len(json.dumps(stranger.pages["/body"])) + len(as_bytes(said)) + 2 * ROW_BYTES
    assert alpha.node.federation.strangers.today() == sizes
    assert await statuses(alpha, stranger, 2, 3) == [202, 202]
    last = big(stranger, 4)
    last["object"]["content"] = "x" * 390_000  # for which there would be room but for the actor
    assert (await leave(alpha, stranger, last)).code == "share-used"


async def test_the_operator_sees_what_strangers_left_and_who_left_most(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha", told=TIGHT)
    await statuses(alpha, stranger, 1, 2, 3)

    async with town.http.get(f"{alpha.node.origin}/metrics") as answered:
        text = await answered.text()
    async with visitor(alpha, "ada") as http, http.get("/operator") as answered:
        console = await answered.text()

    left = alpha.node.federation.strangers.today()
    assert f"{left / MIB:.1f} of 4 MiB today; 0 messages and 0 actors thrown away so far" in console
    assert f"Most came from {stranger.origin.partition('//')[2]}." in console
    shown = next(line for line in text.splitlines() if line.startswith("rochdale_stranger_bytes "))
    assert float(shown.split()[1]) == left
    assert alpha.node.federation.strangers.loudest() == stranger.origin.partition("//")[2]
