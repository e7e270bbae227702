"""What nobody needs is thrown away after two weeks, and everything else stays, on a node that goes on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.services.follows import keep_follow
from node.services.house import retention
from storage.commons import offers
from storage.neighbours import peer_keys, peers
from storage.work import activities, events
from storage.work import retention as strangers
from tests.doors.peers import ACTIVITY, Peer, Wire, as_bytes
from tests.federation.community.fediverse import Person, fediverse
from tests.federation.neighbours.strangers import posted
from tests.federation.town import House, Town, open_question


@dataclass(frozen=True)
class Kept:
    """What is left of an activity and of the actor that sent it."""

    said: bool
    actor: bool
    key: bool


async def kept(house: House, document: dict[str, Any]) -> Kept:
    async with house.node.store.read() as tx:
        return Kept(
            await activities.find(tx, document["id"]) is not None,
            await peers.find(tx, document["actor"]) is not None,
            bool(await peer_keys.of_actor(tx, document["actor"])),
        )


async def became(house: House, document: dict[str, Any]) -> str | None:
    """The state and reason in which an activity ended; None when it is not here."""
    async with house.node.store.read() as tx:
        row = await activities.find(tx, document["id"])
    return None if row is None else row.reason or row.state


async def said(house: House, by: Person, *documents: dict[str, Any]) -> list[str | None]:
    for document in documents:
        await by.say(house, document)
    return [await became(house, document) for document in documents]


ALL_GONE, ALL_KEPT, SAID_GONE = Kept(False, False, False), Kept(True, True, True), Kept(False, True, True)


async def test_what_strangers_said_to_nobody_goes_with_its_actors_after_two_weeks(town: Town) -> None:
    coop = await town.build("coop")
    async with fediverse() as server:
        mia, noa, ole, pia = (server.person(name) for name in ("mia", "noa", "ole", "pia"))
        liked = mia.activity("Like", "https://elsewhere.example/notes/1")
        lost = noa.reply("https://elsewhere.example/notes/1", "Well said.")
        elsewhere = ole.activity("Follow", "https://elsewhere.example/body")
        flagged = pia.activity("Flag", ["https://elsewhere.example/notes/1"], content="Not ours.")
        assert await said(coop, pia, flagged) == ["dispatched"]
        assert await said(coop, mia, liked) == ["ignored"]
        assert await said(coop, noa, lost) == ["dispatched"]
        assert await said(coop, ole, elsewhere) == ["not-found"]

        await town.pass_time(days=13)
        assert [await kept(coop, one) for one in (liked, lost, elsewhere, flagged)] == [ALL_KEPT] * 4

        await town.pass_time(days=2)
        assert [await kept(coop, one) for one in (liked, lost, elsewhere, flagged)] == [ALL_GONE] * 4
        assert await said(coop, mia, mia.activity("Like", "https://elsewhere.example/notes/2")) == ["ignored"]

    async with coop.node.store.read() as tx:
        told = [one for one in await events.recent(tx) if one.type == "thrown-away"]
    assert [one.content for one in told] == [{"activities": 4, "actors": 4}]
    done = await retention.progress(coop.node)
    assert (done.activities, done.actors, done.actor) == (4, 4, "")


async def test_whoever_has_to_do_with_us_stays_and_so_does_all_that_came_of_what_they_said(town: Town) -> None:
    coop = await town.build("coop")
    question = await open_question(coop)
    async with fediverse() as server:
        fan, voter, talker, watcher = (server.person(name) for name in ("fan", "voter", "talker", "watcher"))
        follow = fan.activity("Follow", coop.actor)
        answer = voter.answer(coop, question["id"], "For")
        reply = talker.reply(question["id"], "<p>Why not?</p>")
        flag = watcher.activity("Flag", [coop.actor], content="Look at this.")
        for by, document in ((fan, follow), (voter, answer), (talker, reply), (watcher, flag)):
            assert await said(coop, by, document) == ["dispatched"]
        likes = [by.activity("Like", question["id"]) for by in (fan, voter, talker, watcher)]
        for by, like in zip((fan, voter, talker, watcher), likes, strict=True):
            assert await said(coop, by, like) == ["ignored"]
        notes = [by.reply("https://elsewhere.example/1", "Hm.") for by in (fan, voter, talker)]
        for by, note in zip((fan, voter, talker), notes, strict=True):
            assert await said(coop, by, note) == ["dispatched"]

        await town.pass_time(days=15)

    assert [await kept(coop, one) for one in (follow, answer, reply, flag)] == [ALL_KEPT] * 4
    assert [await kept(coop, one) for one in likes] == [SAID_GONE] * 4
    assert [await kept(coop, one) for one in notes] == [ALL_KEPT] * 3
    thread = await coop.ada.get(f"proposals/{question['key']}/replies")
    assert "Why not?" in str(thread.body)


KINDS = ("ballot", "position", "statute", "proposal", "veto", "outcome", "equivocation", "relief", "something-new")


def claims(house: House, by: Peer) -> list[dict[str, Any]]:
    """What of each kind of governance that makes no sense, and an answer to nothing that says it is of governance."""
    said_of = {"proposal": {"id": f"{house.node.origin}/proposals/none"}}
    about = {"type": "Object", "attributedTo": by.actor_id}
    lost = {"type": "Note", "content": "Well said.", "inReplyTo": "https://elsewhere.example/notes/1"}
    return [
        by.activity(
            id=f"{by.origin}/activities/{kind}",
            object={**about, **more, "id": f"{by.origin}/{kind}/1", "governance": {"kind": kind, **said_of}},
        )
        for kind, more in [*((kind, {}) for kind in KINDS), ("reply", lost)]
    ]


async def test_what_a_neighbour_says_of_governance_is_kept_whatever_became_of_it(town: Town, stranger: Peer) -> None:
    coop = await town.build("coop")
    async with coop.node.store.write() as tx:
        await keep_follow(tx, coop.node, stranger.actor_id, f"{coop.node.origin}/follows/1")
    said_of = claims(coop, stranger)
    for document in said_of:
        assert (await posted(town, coop, stranger, document)).status == 202
    await town.pass_time(days=8)
    ended = {document["id"]: await became(coop, document) for document in said_of}
    assert "recorded" not in ended.values()
    assert {"ignored", "dispatched", "veto-malformed"} <= set(ended.values())

    await town.pass_time(days=15)

    assert {document["id"]: await became(coop, document) for document in said_of} == ended


async def test_what_only_claims_to_be_of_governance_goes_and_farewells_stay(town: Town, stranger: Peer) -> None:
    coop = await town.build("coop")
    gone = stranger.activity(
        id=f"{stranger.origin}/activities/gone", type="Delete", object=f"{stranger.origin}/offers/1"
    )
    join = stranger.activity(id=f"{stranger.origin}/activities/join", type="Join", object="https://a.example/body")
    said_of = claims(coop, stranger)
    for document in (*said_of, gone, join):
        assert (await posted(town, coop, stranger, document)).status == 202

    await town.pass_time(days=8)  # what waits for something earlier is given up
    await town.pass_time(days=15)

    assert [await became(coop, document) for document in said_of] == [None] * len(said_of)
    assert [await became(coop, document) for document in (gone, join)] == ["dispatched", "not-an-assembly"]
    assert (await kept(coop, gone)).actor


async def test_what_was_thrown_away_ends_the_same_way_when_somebody_sends_it_again(town: Town, stranger: Peer) -> None:
    coop = await town.build("coop")
    elsewhere = "https://elsewhere.example"
    documents = {
        "ignored": stranger.activity(id=f"{stranger.origin}/activities/1", type="Like", object=f"{elsewhere}/notes/1"),
        "not-found": stranger.activity(id=f"{stranger.origin}/activities/2", type="Follow", object=f"{elsewhere}/body"),
        "dispatched": stranger.activity(
            id=f"{stranger.origin}/activities/3",
            object={
                "id": f"{stranger.origin}/notes/1",
                "type": "Note",
                "content": "Hm.",
                "inReplyTo": f"{elsewhere}/notes/1",
            },
        ),
        "offer-invalid": stranger.activity(
            id=f"{stranger.origin}/activities/4", object={"id": f"{stranger.origin}/offers/1", "type": "Proposal"}
        ),
    }
    proven = {reason: stranger.proven(document) for reason, document in documents.items()}

    for _ in range(2):
        target = Wire(coop.node.federation, town.clock, town.http)  # type: ignore[arg-type]  # two clocks, one shape
        for document in proven.values():
            assert (await target.post(as_bytes(document), {"Content-Type": ACTIVITY})).status == 202
        await town.settle()
        assert [await became(coop, document) for document in proven.values()] == list(proven)
        await town.pass_time(days=15)
        assert [await became(coop, document) for document in proven.values()] == [None] * 4
        await coop.stop()
        await coop.restart()  # what was remembered of requests, for hours, is forgotten

    assert (await retention.progress(coop.node)).activities == 8
    async with coop.node.store.read() as tx:
        assert await offers.search(tx) == ()


async def test_members_of_a_federation_stay_known_however_long_they_are_silent(town: Town) -> None:
    above, below, other = (
        await town.build("above", kind="assembly"),
        await town.build("below"),
        await town.build("other"),
    )
    for body in (below, other):
        await town.join(body, above)

    await town.pass_time(days=20)

    for body in (below, other):
        async with above.node.store.read() as tx:
            assert await peers.find(tx, body.actor) is not None
        async with body.node.store.read() as tx:
            assert await peers.find(tx, above.actor) is not None
    question = await open_question(above)
    await town.settle()
    for body in (below, other):
        listed = (await body.ada.get("proposals", params={"origin": "peer"})).body["items"]
        assert question["id"] in [one["id"] for one in listed]


async def test_the_home_of_a_guest_on_a_roll_and_hosts_the_operator_judged_stay_known(town: Town) -> None:
    coop, guests = await town.build("coop", told={"strangers_keep_days": 8}), await town.build("guests", "blai")
    invited = [{"voter": await guests.did_of("blai"), "home": guests.actor}]
    await open_question(coop, invited=invited, window_seconds=12 * 86_400)
    async with fediverse() as server:
        mia = server.person("mia")
        like = mia.activity("Like", "https://elsewhere.example/notes/1")
        assert await said(coop, mia, like) == ["ignored"]
        judged = await coop.ada.post("peer-policies", {"host": server.peer.origin, "policy": "limit", "note": ""})
        assert judged.status == 200, judged.body

        await town.pass_time(days=10)

        assert await kept(coop, like) == SAID_GONE
    async with coop.node.store.read() as tx:
        assert await peers.find(tx, guests.actor) is not None
        assert guests.node.origin.partition("//")[2] in await strangers.tied_hosts(tx)


async def test_a_long_walk_is_cut_into_pieces_that_lose_nothing(town: Town) -> None:
    coop = await town.build("coop")
    async with fediverse() as server:
        people = [server.person(f"person-{number}") for number in range(30)]
        for number in range(600):
            by = people[number % len(people)]
            assert (await by.send(coop, by.activity("Like", f"https://elsewhere.example/{number}"))).status == 202
        await town.settle()

        town.clock.move(days=15)
        first = await retention.throw_away(coop.node, retention.DAILY)
        assert first == town.clock.now + retention.NEXT_RUN
        assert 0 < (await retention.progress(coop.node)).activities < 600
        await town.pass_time(seconds=5)

    done = await retention.progress(coop.node)
    assert (done.activities, done.actors, done.actor) == (600, 30, "")
