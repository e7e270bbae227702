"""FEP-8fcf: both ends of a follow find out that they disagree from one signed header, and mend it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.errors import FetchFailure
from federation.peers.followers import COMPARE_FOLLOWERS, listed_once
from federation.vocabulary.followers import HEADER, FollowersSaid, followers_digest, read, written
from federation.vocabulary.terms import PUBLIC
from identity.http_signatures import cavage
from node.outbound import post
from storage import events, follows, jobs
from storage.records import FollowRecord
from tests.doors.api import NOON
from tests.doors.peers import ACTIVITY, Answer, Wire, as_bytes, rsa_key
from tests.federation.community.fediverse import KEY, fediverse
from tests.federation.community.test_neighbours import coop, follow_back, follow_of, hears, mia, server
from tests.federation.conftest import town
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.federation.community.fediverse import Person, Server
    from tests.federation.town import House, Town

__all__ = ["coop", "mia", "server", "town"]  # fixtures

# FEP-8fcf §Partial follower collection digest, and §The `Collection-Synchronization` HTTP Header
FOLLOWERS = ("https://testing.example.org/users/1", "https://testing.example.org/users/2")
DIGEST = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
EXAMPLE = (
    'collectionId="https://example.org/users/1/followers", '
    'url="https://example.org/users/1/followers_synchronization", '
    f'digest="{DIGEST}"'
)
SAID = FollowersSaid(
    collection="https://example.org/users/1/followers",
    url="https://example.org/users/1/followers_synchronization",
    digest=DIGEST,
)


@pytest.fixture
async def eve() -> AsyncIterator[Person]:
    async with fediverse() as another:
        yield another.person("eve")


def listing(person: Person) -> str:
    return f"{person.id}/followers_synchronization"


def well_known(person: Person) -> Person:
    """A person whose actor names its followers, as one must to speak of them."""
    person.server.peer.pages[f"/users/{person.name}"] = {**person.document, "followers": f"{person.id}/followers"}
    return person


def lists(person: Person, *ids: str, **members: Any) -> None:
    """Have the person's server show these followers to us."""
    page = {"id": listing(person), "type": "OrderedCollection", "orderedItems": list(ids), **members}
    person.server.peer.pages[f"/users/{person.name}/followers_synchronization"] = page


async def says(house: House, person: Person, said: FollowersSaid) -> None:
    """A public note of the person, delivered with a signed word about its followers here; then time passes."""
    await posts(house, person, said)
    await house.town.pass_time(seconds=6)


async def posts(house: House, person: Person, said: FollowersSaid) -> None:
    body = as_bytes(person.activity("Create", person.note(content="hello", to=[PUBLIC]), to=[PUBLIC]))
    target = Wire(house.node.federation, house.town.clock, house.town.http)  # type: ignore[arg-type]  # two clocks, one shape
    given = {"host": target.authority, "content-type": ACTIVITY, HEADER: written(said)}
    signed = cavage.sign_request(
        method="POST", target="/inbox", headers=given, body=body,
        key_id=f"{person.id}#main-key", key=rsa_key(KEY), now=target.clock.now,
    )  # fmt: skip
    answer = await target.post(body, {**given, **signed})
    assert answer.status == 202, answer.body


def said_by(person: Person, *followers: str) -> FollowersSaid:
    return FollowersSaid(collection=f"{person.id}/followers", url=listing(person), digest=followers_digest(followers))


def undone(server: Server) -> list[Any]:
    return [one["object"] for one in server.heard() if one["type"] == "Undo"]


async def asked_as(person: Person, house: House, *, path: str = "/body/followers_synchronization") -> Answer:
    target = Wire(house.node.federation, house.town.clock, house.town.http)  # type: ignore[arg-type]  # two clocks, one shape
    signed = cavage.sign_request(
        method="GET", target=path, headers={"host": target.authority}, body=b"",
        key_id=f"{person.id}#main-key", key=rsa_key(KEY), now=target.clock.now,
    )  # fmt: skip
    return await target.get(path, **signed)


def test_the_digest_and_the_header_of_the_fep() -> None:
    assert followers_digest(FOLLOWERS) == followers_digest(reversed(FOLLOWERS)) == DIGEST
    assert followers_digest([]) == "0" * 64
    assert written(SAID) == EXAMPLE
    assert read(EXAMPLE) == SAID
    assert read(", ".join(reversed(EXAMPLE.split(", ")))) == SAID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        EXAMPLE.replace("collectionId", "collection"),
        EXAMPLE.replace(DIGEST, "c33f48cd341ef046"),
        EXAMPLE.partition(", digest")[0],
        EXAMPLE + ", " + EXAMPLE,
        EXAMPLE + " and more",
        EXAMPLE + " " * 5000,
    ],
)
def test_a_header_that_says_anything_else_says_nothing(text: str) -> None:
    assert read(text) is None


async def test_what_goes_to_followers_says_under_its_signature_which_of_them_live_there(
    coop: House, mia: Person, server: Server
) -> None:
    gus = server.person("gus")
    for person in (mia, gus):
        await person.say(coop, person.activity("Follow", coop.actor))

    await open_question(coop)
    await coop.town.settle()

    heard = {one["type"]: request for one, (request, _) in zip(server.heard(), server.peer.received, strict=True)}
    said = read(heard["Create"].headers[HEADER])
    assert said == FollowersSaid(
        collection=f"{coop.actor}/followers",
        url=f"{coop.actor}/followers_synchronization",
        digest=followers_digest([mia.id, gus.id]),
    )
    assert HEADER in cavage.read_signature({"signature": heard["Create"].headers["signature"]}).headers
    assert HEADER not in heard["Accept"].headers


async def test_a_host_is_shown_its_own_followers_and_nobody_elses(coop: House, mia: Person, eve: Person) -> None:
    for person in (mia, eve):
        await person.say(coop, person.activity("Follow", coop.actor))

    shown = await asked_as(mia, coop, path="/body/followers_synchronization?after=0")
    unsigned = await Wire(coop.node.federation, coop.town.clock, coop.town.http).get("/body/followers_synchronization")  # type: ignore[arg-type]  # two clocks, one shape

    assert shown.document["orderedItems"] == [mia.id]
    assert (await asked_as(mia, coop)).document["totalItems"] == 1
    assert (unsigned.status, unsigned.code) == (401, "signature-missing")


async def test_a_host_we_block_is_shown_nothing(coop: House, mia: Person) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    host = mia.id.split("/")[2]
    await coop.ada.post("peer-policies", {"host": host, "policy": "block"})

    answer = await asked_as(mia, coop)

    assert (answer.status, answer.code) == (403, "peer-blocked")


async def test_a_follow_that_the_other_side_lost_is_dropped(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    lists(mia)

    await says(coop, mia, said_by(mia))

    dropped = await follow_of(coop, "out", mia.id)
    assert dropped is not None
    assert dropped.state == "rejected"
    async with coop.node.store.read() as tx:
        (noted,) = [one for one in await events.about(tx, mia.id) if one.type == "follow-mended"]
    assert noted.content == {"listed": False, "tied": False}


async def test_a_follow_that_we_do_not_have_is_taken_back(coop: House, mia: Person, server: Server) -> None:
    lists(well_known(mia), coop.actor)
    await mia.say(coop, mia.activity("Follow", coop.actor))

    await says(coop, mia, said_by(mia, coop.actor))

    assert undone(server) == [{"type": "Follow", "actor": coop.actor, "object": mia.id}]


async def test_a_list_in_pages_is_read_to_its_end(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    path, others = f"/users/{mia.name}/followers_synchronization", [f"{coop.node.origin}/actor", coop.actor]
    first = {"type": "OrderedCollectionPage", "orderedItems": others[:1], "next": f"{listing(mia)}/2"}
    mia.server.peer.pages[path] = {"id": listing(mia), "type": "OrderedCollection", "first": first}
    mia.server.peer.pages[f"{path}/2"] = {"type": "OrderedCollectionPage", "items": others[1:]}

    await says(coop, mia, said_by(mia, *others))

    kept = await follow_of(coop, "out", mia.id)
    assert kept is not None
    assert kept.state == "accepted"
    assert mia.server.peer.asked[f"{path}/2"] == 1


async def test_a_list_without_end_changes_nothing(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    path = f"/users/{mia.name}/followers_synchronization"
    mia.server.peer.pages[path] = {"id": listing(mia), "type": "OrderedCollectionPage", "next": listing(mia)}

    await says(coop, mia, said_by(mia))

    assert await state_of(coop, mia) == "accepted"
    assert mia.server.peer.asked[path] == 11


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/2", 7, {"type": "OrderedCollectionPage"}])
async def test_a_list_that_goes_on_elsewhere_changes_nothing(coop: House, mia: Person, elsewhere: Any) -> None:
    await follow_back(coop, well_known(mia).id)
    lists(mia, type="OrderedCollectionPage", next=elsewhere)

    await says(coop, mia, said_by(mia))

    assert await state_of(coop, mia) == "accepted"


async def state_of(house: House, person: Person) -> str | None:
    found = await follow_of(house, "out", person.id)
    return found.state if found is not None else None


WRONG_WORDS: Mapping[str, Mapping[str, str]] = {
    "another's collection": {"collection": "https://elsewhere.example/users/mia/followers"},
    "a list of another origin": {"url": "https://elsewhere.example/users/mia/followers_synchronization"},
    "another digest than that of the list": {"digest": "1" * 64},
}


@pytest.mark.parametrize("wrong", WRONG_WORDS.values(), ids=WRONG_WORDS)
async def test_a_word_that_does_not_hold_changes_nothing(coop: House, mia: Person, wrong: Mapping[str, str]) -> None:
    await follow_back(coop, well_known(mia).id)
    lists(mia)

    await says(coop, mia, replace(said_by(mia), **wrong))

    assert await state_of(coop, mia) == "accepted"


async def test_a_word_that_agrees_costs_nothing_and_others_one_request_an_hour(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    lists(mia, coop.actor)
    path = f"/users/{mia.name}/followers_synchronization"

    await says(coop, mia, said_by(mia, coop.actor))
    assert mia.server.peer.asked[path] == 0
    for number in range(3):
        await says(coop, mia, replace(said_by(mia), digest=f"{number + 1:064x}"))
    assert mia.server.peer.asked[path] == 1


@pytest.mark.parametrize(("state", "is_listed"), [("accepted", False), ("asked", True)])
async def test_a_fresh_follow_is_left_alone(coop: House, mia: Person, state: str, is_listed: bool) -> None:
    listed = [coop.actor] if is_listed else []
    lists(well_known(mia), *listed)
    async with coop.node.store.write() as tx:
        fresh = FollowRecord(id="x", direction="out", actor_id=mia.id, activity_id="x", created_at=NOON, state=state)
        await follows.save(tx, fresh)

    await says(coop, mia, said_by(mia, *listed))

    assert await state_of(coop, mia) == state
    assert mia.server.peer.asked[f"/users/{mia.name}/followers_synchronization"] == 0


async def comparisons(house: House) -> int:
    async with house.node.store.read() as tx:
        return sum(kind.waiting + kind.running for kind in await jobs.summary(tx) if kind.kind == COMPARE_FOLLOWERS)


async def test_many_words_of_one_actor_are_one_comparison_with_the_last(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    lists(mia)

    for number in range(3):
        await posts(coop, mia, replace(said_by(mia), digest=f"{number + 1:064x}"))
    await posts(coop, mia, said_by(mia))
    assert await comparisons(coop) == 1
    await coop.town.pass_time(seconds=6)

    assert await state_of(coop, mia) == "rejected"


async def test_a_list_that_cannot_be_had_is_asked_for_once_an_hour_too(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    path = f"/users/{mia.name}/followers_synchronization"

    await says(coop, mia, said_by(mia))
    for _ in range(3):
        await coop.town.pass_time(seconds=600)
    await says(coop, mia, replace(said_by(mia), digest="1" * 64))

    assert mia.server.peer.asked[path] == 1
    assert await comparisons(coop) == 0


async def test_a_list_that_names_thousands_is_not_counted_through(coop: House, mia: Person) -> None:
    crowd = [f"{coop.node.origin}/{number}" for number in range(101)]
    await follow_back(coop, well_known(mia).id)
    lists(mia, *crowd)

    await says(coop, mia, said_by(mia, *crowd))

    assert await state_of(coop, mia) == "accepted"
    with pytest.raises(FetchFailure, match="more actors than there are"):
        await listed_once(coop.node.federation, listing(mia), by="anybody else")


async def test_a_list_that_comes_too_slowly_is_given_up_as_a_whole(coop: House, mia: Person) -> None:
    federation, never = coop.node.federation, asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    mia.server.peer.pages[f"/users/{mia.name}/followers_synchronization"] = silent
    federation.limits = replace(federation.limits, fetch_seconds=0.05)

    async with asyncio.timeout(10):
        with pytest.raises(FetchFailure, match=r"not read in 0\.05 s"):
            await listed_once(federation, listing(mia), by=mia.id)
    never.set()


async def test_a_word_outside_the_signature_is_passed_over(coop: House, mia: Person) -> None:
    await follow_back(coop, well_known(mia).id)
    body = as_bytes(mia.activity("Create", mia.note(content="hello", to=[PUBLIC]), to=[PUBLIC]))
    target = Wire(coop.node.federation, coop.town.clock, coop.town.http)  # type: ignore[arg-type]  # two clocks, one shape
    headers = mia.server.peer.signed_headers(target, body, key_id=f"{mia.id}#main-key", key=rsa_key(KEY))

    answer = await target.post(body, {**headers, HEADER: written(said_by(mia))})

    assert answer.status == 202
    async with coop.node.store.read() as tx:
        assert COMPARE_FOLLOWERS not in {kind.kind for kind in await jobs.summary(tx)}


async def lost(house: House, direction: str, other: House) -> None:
    """The house forgets that it follows another, or is followed by it, as after restoring an old backup."""
    async with house.node.store.write() as tx:
        await follows.set_state(tx, direction, other.actor, "rejected")


@pytest.mark.parametrize("forgetful", ["alpha", "beta"])
async def test_bodies_that_belong_together_hear_each_other_again(town: Town, forgetful: str) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    gamma = await town.build("gamma")
    for house in (beta, gamma):
        await town.join(house, alpha)
    town.clock.move(days=1)
    # One side forgets; the next thing that the assembly sends to the host of beta says so.
    await (lost(alpha, "in", beta) if forgetful == "alpha" else lost(beta, "out", alpha))

    if forgetful == "alpha":
        await word_of(alpha, to=beta)
    else:
        await open_question(alpha)
    await town.settle()
    await town.pass_time(seconds=6)

    there, here = await follow_of(alpha, "in", beta.actor), await follow_of(beta, "out", alpha.actor)
    assert there is not None
    assert here is not None
    assert (there.state, here.state) == ("accepted", "accepted")


async def word_of(house: House, *, to: House) -> None:
    """The house tells another, which it no longer counts among its followers, what it tells its followers."""
    async with house.node.store.write() as tx:
        note = {"id": f"{house.node.origin}/notes/1", "type": "Note", "attributedTo": house.actor, "content": "hello"}
        await post.update(tx, house.node, note, ordering_key=note["id"], inboxes=[f"{to.node.origin}/inbox"])


async def test_an_undo_without_an_id_takes_back_whatever_follow_there_is(coop: House, mia: Person) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    whole = {"type": "Follow", "actor": mia.id, "object": coop.actor}

    await mia.say(coop, mia.activity("Undo", {**whole, "object": "https://elsewhere.example/body"}))
    assert await hears(coop, mia) is not None
    await mia.say(coop, mia.activity("Undo", whole))

    assert await hears(coop, mia) is None


async def test_an_undo_of_an_unknown_follow_counts_only_once_none_can_be_on_its_way(coop: House, mia: Person) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    unknown = {"id": f"{mia.id}#follows/1", "type": "Follow", "actor": mia.id, "object": coop.actor}

    await mia.say(coop, mia.activity("Undo", unknown))
    assert await hears(coop, mia) is not None
    coop.town.clock.move(days=8)
    await mia.say(coop, mia.activity("Undo", unknown))

    assert await hears(coop, mia) is None


async def test_nothing_is_mended_while_an_application_is_under_way(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()
    async with alpha.node.store.write() as tx:
        early = FollowRecord(id="x", direction="in", actor_id=beta.actor, activity_id="x", created_at=NOON,
                             state="accepted")  # fmt: skip
        await follows.save(tx, early)

    await word_of(alpha, to=beta)
    await town.settle()
    await town.pass_time(seconds=6)

    assert await follow_of(beta, "out", alpha.actor) is None
    assert (await follow_of(alpha, "in", beta.actor)) is not None
