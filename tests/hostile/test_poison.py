"""Poison graphs, endless collections and addresses inside our own network: what a fetch may cost, and where it may go.

Advisory classes of protocol.md §5: SSRF, fetch amplification, size and time.
"""

from __future__ import annotations

import gzip
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.errors import FetchFailure, NotYet
from federation.fetch.actors import read_actor
from federation.fetch.client import PeerClient
from federation.peers import directory
from federation.peers.catch_up import catch_up
from federation.peers.updates import actor_changed
from federation.ports import Limits
from federation.receive.dispatch import dispatch_activity
from identity.proofs import eddsa_jcs_2022
from storage.engine import Store, open_store
from storage.neighbours import peer_keys
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire, as_bytes, ed25519_key, peer, wire
from tests.hostile.receiver import is_private, listening
from tests.hostile.siege import filled
from tests.unit.federation_wire.test_guarded_addresses import REFUSED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from federation.receive.verify import VerifiedActivity

    Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_FETCHES = Limits().fetch_budget
HUGE = 10**18
BOMB_BYTES = 20_000_000  # ten times what is ever read, and made at each start of the tests


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[Store]:
    made = await open_store(sqlite_url)
    yield made
    await made.close()


@pytest.fixture
async def here(opened: Store) -> AsyncIterator[Wire]:
    async with wire(opened, limits=Limits(catch_up_pages=5, fetch_seconds=2.0)) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("hostile") as served:
        yield served


def redirect(to: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to})

    return reply


def page(body: bytes, **headers: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, headers={"Content-Type": ACTIVITY} | named)

    return reply


# --- where a name leads


class Leading(AbstractResolver):
    """A hostile name server: every name has this address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=self.address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "not an address"])
async def test_a_name_that_leads_to_an_address_of_ours_is_neither_read_nor_written_to(name: str) -> None:
    client = PeerClient(limits=Limits(fetch_seconds=2, delivery_seconds=2), resolver=Leading(REFUSED[name]))

    with listening() as connected:
        for asked in (
            client.get("https://rebinding.example/body", headers={}, max_bytes=10),
            client.post("https://rebinding.example/inbox", headers={}, body=b"{}"),
        ):
            with pytest.raises(FetchFailure) as refused:
                await asked
            assert refused.value.code in {"address-forbidden", "fetch-unreachable"}
    await client.close()

    assert [address for address in connected if is_private(address)] == []


async def test_no_redirect_of_a_key_leads_to_an_address_of_ours(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    targets = [f"[{address.partition('%')[0]}]" if ":" in address else address for address in REFUSED.values()]

    with listening() as connected:
        for number, host in enumerate(targets):
            there.pages[f"/k/{number}"] = redirect(f"https://{host}/body")
            assert await refused_for(here, there, body, key_id=f"{there.origin}/k/{number}") == "key-unavailable", host

    ports = {int(one[1]) for one in connected if isinstance(one, tuple)}
    assert ports == {int(origin.rpartition(":")[2]) for origin in (there.origin, here.federation.origin)}
    assert there.asked.total() <= 2 * len(targets)


# --- what one activity may cost


async def refused_for(here: Wire, there: Peer, body: bytes, **signing: Any) -> str:
    answer = await here.post(body, there.signed_headers(here, body, **signing))
    assert answer.status == 401
    return answer.code


async def test_a_key_that_redirects_in_a_circle_is_given_up_and_not_asked_for_again(here: Wire, there: Peer) -> None:
    there.pages |= {"/body": redirect("/a"), "/a": redirect("/b"), "/b": redirect("/body")}
    body = as_bytes(there.activity())

    codes = [await refused_for(here, there, body) for _ in range(5)]

    assert codes == ["key-unavailable"] * 5
    # One knock in each signature scheme, and three redirects in each; the other four times nobody is asked.
    assert there.asked.total() <= 2 * (1 + Limits().redirects)


async def test_keys_and_owners_that_point_at_each_other_end(here: Wire, there: Peer) -> None:
    first, second = f"{there.origin}/keys/1", f"{there.origin}/keys/2"
    there.pages |= {
        "/keys/1": {"id": first, "type": "Key", "owner": second},
        "/keys/2": {"id": second, "type": "Key", "owner": first},
    }
    body = as_bytes(there.activity())

    assert await refused_for(here, there, body, key_id=first) == "key-unavailable"
    assert there.asked.total() <= MOST_FETCHES


async def test_a_key_page_that_claims_to_be_its_own_owner_ends(here: Wire, there: Peer) -> None:
    address = f"{there.origin}/keys/1"
    there.pages["/keys/1"] = {"id": address, "type": "Key", "owner": address, "controller": {"id": address}}

    assert await refused_for(here, there, as_bytes(there.activity()), key_id=address) == "key-unavailable"
    assert there.asked.total() <= MOST_FETCHES


async def test_p12_what_an_activity_costs_at_the_inbox_and_afterwards_is_one_budget(here: Wire, there: Peer) -> None:
    federation = here.federation

    async def changed(activity: VerifiedActivity) -> None:
        await actor_changed(federation, activity)

    federation.handlers[("Update", "*")] = changed
    await directory.remember(federation, read_actor(there.actor(), now=NOON))
    rsa, multikey = f"{there.origin}/keys/rsa", f"{there.origin}/keys/ed25519"
    (method,) = there.actor()["assertionMethod"]
    only_one = [
        there.actor(publicKey=there.actor()["publicKey"] | {"id": rsa}, assertionMethod=[]),
        there.actor(publicKey=[], assertionMethod=[method | {"id": multikey}]),
    ]

    async def another_each_time(_: web.Request) -> web.StreamResponse:
        only_one.reverse()
        return web.json_response(only_one[-1], content_type=ACTIVITY)

    roundabout(there, "/body", another_each_time)
    for key_id in (rsa, multikey):
        roundabout(there, key_id.removeprefix(there.origin), {"id": key_id, "owner": there.actor_id})
    refuse_the_first(there, "/keys/rsa")
    update = there.activity(type="Update", object=there.actor_id)
    proven = eddsa_jcs_2022.sign(update, key=ed25519_key("hostile"), verification_method=multikey, created=NOON)
    body = as_bytes(proven)

    answer = await here.post(body, there.signed_headers(here, body, key_id=rsa))
    with suppress(NotYet):
        await dispatch_activity(federation, update["id"])

    assert answer.status in {202, 401}
    assert MOST_FETCHES // 2 < there.asked.total() <= MOST_FETCHES


def roundabout(there: Peer, path: str, document: Mapping[str, Any] | Reply) -> None:
    """Serve a document as far away as redirects may lead."""
    last = Limits().redirects
    names = [path, *(f"{path}/{number}" for number in range(1, last + 1))]
    there.pages |= {name: redirect(following) for name, following in itertools.pairwise(names)}
    there.pages[names[-1]] = document


def refuse_the_first(there: Peer, path: str) -> None:
    """Answer the first request with 401, so that it is signed and sent once more."""
    reply, refusals = there.pages[path], [401]

    async def answered(request: web.Request) -> web.StreamResponse:
        assert callable(reply)
        return web.Response(status=refusals.pop()) if refusals else await reply(request)

    there.pages[path] = answered


HEAVY = {
    "two megabytes and more": page(b'{"x":"' + b"a" * (2 * 1024 * 1024) + b'"}'),
    "a gzip bomb": page(gzip.compress(b'{"x":"' + b"a" * BOMB_BYTES + b'"}'), Content_Encoding="gzip"),
    "a gzip bomb in a gzip bomb": page(gzip.compress(gzip.compress(b" " * BOMB_BYTES)), Content_Encoding="gzip, gzip"),
    "gzip that is none": page(b"{}", Content_Encoding="gzip"),
    "a hundred thousand brackets": page(b'{"x":' + b"[" * 100_000),
    "a list of a million": page(b'{"x":[' + b"0," * 900_000 + b"0]}"),
    "a page for people": page(b"<!doctype html>", Content_Type="text/html"),
    "an upload": page(b"{}", Content_Type="image/png"),
    "plain JSON": page(b"{}", Content_Type="application/json"),
    "an alternate address": page(b"<link rel=alternate>", Content_Type="text/html", Link='</x>; rel="alternate"'),
    "nothing": page(b""),
}


@pytest.mark.parametrize("name", HEAVY)
async def test_a_heavy_or_foreign_key_page_is_put_down(here: Wire, there: Peer, name: str) -> None:
    there.pages["/body"] = HEAVY[name]

    assert await refused_for(here, there, as_bytes(there.activity())) == "key-unavailable"
    assert there.asked.total() <= 2


ODD: tuple[Any, ...] = (5, True, [], {}, [[]], [{}], {"id": []}, {"body_kind": [], "body": []}, ["", None], "\u202e")


@pytest.mark.parametrize(
    "member",
    [
        *("id", "type", "inbox", "endpoints", "publicKey", "assertionMethod", "governance", "name", "generator"),
        *("preferredUsername", "followers", "outbox", "alsoKnownAs", "@context"),
    ],
)
async def test_an_actor_with_odd_members_is_read_or_refused(
    here: Wire, there: Peer, caplog: pytest.LogCaptureFixture, member: str
) -> None:
    body, statuses = as_bytes(there.activity()), set()

    for odd in ODD:
        there.pages["/body"] = there.actor(**{member: odd})
        statuses.add((await here.post(body, there.signed_headers(here, body))).status)
        here.clock.advance(hours=25)  # then the key is asked for again

    assert statuses <= {202, 401}
    assert there.asked.total() == len(ODD)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_an_actor_of_many_keys_fills_no_table(here: Wire, there: Peer) -> None:
    own = there.actor()["publicKey"]
    crowd = [{**own, "id": f"{there.actor_id}#{number}"} for number in range(150)]
    there.pages["/body"] = there.actor(publicKey=[own, *crowd])

    answer = await there.send(here, there.activity())

    assert answer.status == 202
    async with here.federation.store.read() as tx:
        kept = [await peer_keys.find(tx, entry["id"]) for entry in crowd]
    assert sum(key is not None for key in kept) < 10


# --- collections without end


def collection(there: Peer, **members: Any) -> None:
    base = {"id": f"{there.actor_id}/outbox", "type": "OrderedCollection", "totalItems": HUGE}
    there.pages["/body/outbox"] = base | members


ENDLESS: dict[str, dict[str, Any]] = {
    "a page that follows itself": {"next": "{there}/p"},
    "a page that follows itself under another name": {"next": "{there}/p?again"},
    "a page whose next is the collection": {"next": "{there}/body/outbox"},
    "a page whose next is a page": {"next": {"id": "{there}/p", "type": "OrderedCollectionPage"}},
    "a page whose next is elsewhere": {"next": "https://victim.example/p"},
    "a page whose next is a number": {"next": 5},
    "a page that holds itself": {"orderedItems": [{"id": "{there}/p", "type": "OrderedCollectionPage"}]},
    "a page of strangers' words": {"orderedItems": [{"id": "https://victim.example/1", "actor": "https://victim.example/"}]},
    "a page of nothing": {"orderedItems": None, "totalItems": HUGE},
    "a page of numbers": {"orderedItems": [HUGE % 2**53] * 100},
}  # fmt: skip


@pytest.mark.parametrize(("end", "link"), [("first", "next"), ("last", "prev")])
@pytest.mark.parametrize("name", ENDLESS)
async def test_an_outbox_without_end_is_read_for_a_few_pages_and_left(
    here: Wire, there: Peer, name: str, end: str, link: str
) -> None:
    await there.send(here, there.activity())
    there.asked.clear()
    collection(there, **{end: f"{there.origin}/p"}, totalItems=2**53 - 1)
    poison = {link if member == "next" else member: value for member, value in ENDLESS[name].items()}
    there.pages["/p"] = filled({"id": "{there}/p", "type": "OrderedCollectionPage", **poison}, {"there": there.origin})

    with suppress(FetchFailure):
        await catch_up(here.federation, there.actor_id)

    assert there.asked.total() <= here.federation.limits.catch_up_pages + 2


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("address", [None, 5, {}, "https://victim.example/p", "javascript:x", ["{x}"]])
async def test_an_outbox_that_does_not_begin_is_left(here: Wire, there: Peer, end: str, address: Any) -> None:
    await there.send(here, there.activity())
    collection(there, **{end: address}, totalItems=2**53 - 1)

    with pytest.raises(FetchFailure):
        await catch_up(here.federation, there.actor_id)


async def test_a_number_no_reader_keeps_ends_the_reading(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())
    collection(there, first=f"{there.origin}/p")

    with pytest.raises(FetchFailure) as failure:
        await catch_up(here.federation, there.actor_id)

    assert failure.value.code == "fetch-malformed"


# --- graphs that bite their own tail

TAILS: dict[str, Callable[[Peer], dict[str, Any]]] = {
    "a note in reply to itself": lambda there: note(there, inReplyTo=f"{there.origin}/notes/1"),
    "a note whose context is itself": lambda there: note(there, context=f"{there.origin}/notes/1"),
    "a note whose replies hold it": lambda there: note(
        there, replies={"type": "Collection", "first": {"items": [f"{there.origin}/notes/1"]}, "totalItems": 2**53 - 1}
    ),
    "a note that names its author 900 times": lambda there: note(there, tag=[{"href": there.actor_id}] * 900),
    "an activity about itself": lambda there: {"object": f"{there.origin}/activities/1"},
    "an announcement of itself": lambda there: {"type": "Announce", "object": f"{there.origin}/activities/1"},
    "an undoing of itself": lambda there: {"type": "Undo", "object": f"{there.origin}/activities/1"},
    "sixty objects in each other": lambda there: {"type": "Like", "object": nested(there, 60)},
}  # fmt: skip


def note(there: Peer, **members: Any) -> dict[str, Any]:
    return {"object": {"id": f"{there.origin}/notes/1", "type": "Note", "attributedTo": there.actor_id, **members}}


def nested(there: Peer, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"id": f"{there.origin}/notes/1", "type": "Note"}
    for _ in range(depth):
        made = {"type": "Note", "inReplyTo": made}
    return made


@pytest.mark.parametrize("name", TAILS)
async def test_a_graph_that_bites_its_tail_is_taken_without_asking_anybody(here: Wire, there: Peer, name: str) -> None:
    there.pages |= {"/notes/1": note(there)["object"], "/activities/1": there.activity()}

    answer = await there.send(here, there.activity(**TAILS[name](there)))

    assert answer.status == 202
    assert there.asked == {"/body": 1}


async def test_announcements_inside_announcements_are_not_unwrapped_twice(here: Wire, there: Peer) -> None:
    inner = there.proven(there.activity(id=f"{there.origin}/activities/0"))
    for depth in range(10):
        wrapped = there.activity(id=f"{there.origin}/activities/{depth + 1}", type="Announce", object=inner)
        inner = there.proven(wrapped)

    answer = await there.send(here, inner)

    assert (answer.status, answer.code) == (403, "relay-unknown")
    assert there.asked == {"/body": 1}
