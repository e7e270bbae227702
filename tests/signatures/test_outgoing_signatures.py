"""How requests of this node are signed for hosts that take one scheme, the other, or both (P6), over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.authoring import envelope
from federation.deliver.enqueue import publish
from federation.deliver.send import deliver_host
from federation.errors import FetchFailure
from federation.fetch.actors import read_actor
from federation.fetch.documents import FetchBudget
from federation.fetch.signing import Outgoing
from federation.peers import directory
from federation.ports import Limits
from federation.receive.origins import host_of
from federation.vocabulary import activities as builders
from federation.vocabulary.actors import RFC9421, RFC9421_ED25519
from federation.vocabulary.reading import capabilities
from federation.vocabulary.terms import PUBLIC
from identity.errors import SignatureRefusal
from identity.http_signatures import cavage, rfc9421
from storage.engine import open_store
from storage.work import activities, deliveries
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire, as_bytes, ed25519_key, peer, rsa_key, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from storage.engine import Store

NOTE = {"id": "http://127.0.0.1/notes/1", "type": "Note"}


class Picky:
    """A peer that verifies what it gets and takes only some schemes; `seen` lists the scheme of each request."""

    def __init__(self, served: Peer, *takes: str) -> None:
        self.peer = served
        self.takes = takes
        self.seen: list[str] = []
        self.nonces: list[str] = []
        served.pages["/inbox"] = served.pages["/notes/1"] = self.answer

    @property
    def inbox(self) -> str:
        return self.peer.inbox

    async def answer(self, request: web.Request) -> web.StreamResponse:
        scheme = verified(self.peer, request, await request.read())
        self.seen.append(scheme)
        if scheme not in self.takes:
            return web.Response(status=401)
        if request.method == "POST":
            return web.Response(status=202)
        return web.json_response(NOTE, content_type=ACTIVITY)


def verified(at: Peer, request: web.Request, body: bytes) -> str:
    """The scheme of a request of the node named "here", after its signature was checked for this very peer."""
    headers = {name.lower(): text for name, text in request.headers.items()}
    method, target = request.method, request.raw_path
    assert headers["host"] == at.origin.removeprefix("http://")
    if "signature-input" not in headers:
        claim = cavage.read_signature(headers)
        public = rsa_key("here").public_key()
        cavage.verify(claim, method=method, target=target, headers=headers, body=body, key=public, now=NOON)
        return "cavage"
    message, uri = rfc9421.read_signature(headers, method=method, body=body), at.origin + target
    for name, key in (("rsa", rsa_key("here").public_key()), ("ed25519", ed25519_key("here").public_key())):
        try:
            rfc9421.verify(message, method=method, target_uri=uri, headers=headers, body=body, key=key, now=NOON)
        except SignatureRefusal:
            continue
        assert message.key_id.endswith({"rsa": "#main-key", "ed25519": "#ed25519-key"}[name])
        return name
    raise AssertionError("no key of this node fits")


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("there") as served:
        yield served


async def deliver(here: Wire, inbox: str, *, times: int = 1) -> list[tuple[str, int | None]]:
    """State and status of activities sent one after the other."""
    found = []
    for _ in range(times):
        note = {"id": f"{here.federation.origin}/notes/{here.federation.new_id()}", "type": "Note"}
        activity = builders.create(envelope(here.federation, to=[PUBLIC]), note)
        async with here.federation.store.write() as tx:
            await publish(
                tx, here.federation, activity, inboxes=[inbox], ordering_key=note["id"], is_public=True
            )  # fmt: skip
        await deliver_host(here.federation, host_of(inbox))
        async with here.federation.store.read() as tx:
            (row,) = await deliveries.for_activity(tx, activity["id"])
        found.append((row.state, row.last_status))
    return found


def actor_that_implements(there: Peer, *hrefs: str) -> dict[str, Any]:
    return there.actor(generator={"type": "Application", "implements": [{"href": href, "name": "x"} for href in hrefs]})


async def known(here: Wire, *documents: dict[str, Any]) -> None:
    for document in documents:
        await directory.remember(here.federation, read_actor(document, now=NOON))


# --- P6


@pytest.mark.parametrize(("takes", "seen"), [("cavage", ["cavage"] * 5), ("rsa", ["cavage"] + ["rsa"] * 5)])
async def test_p6_a_host_that_takes_one_scheme_gets_at_most_one_extra_request(
    here: Wire, there: Peer, takes: str, seen: Sequence[str]
) -> None:
    picky = Picky(there, takes)

    results = await deliver(here, picky.inbox, times=5)

    assert results == [("sent", 202)] * 5
    assert picky.seen == seen


async def test_p6_posts_and_gets_share_what_was_learnt(here: Wire, there: Peer) -> None:
    picky = Picky(there, "rsa")

    fetched = [await here.federation.fetcher.get_json(f"{there.origin}/notes/1") for _ in range(2)]
    results = await deliver(here, picky.inbox, times=2)

    assert fetched == [NOTE, NOTE]
    assert results == [("sent", 202)] * 2
    assert picky.seen == ["cavage", "rsa", "rsa", "rsa", "rsa"]


async def test_p6_a_host_that_takes_neither_is_not_knocked_at_twice_again(here: Wire, there: Peer) -> None:
    picky = Picky(there)

    results = await deliver(here, picky.inbox, times=3)

    assert results == [("due", 401)] * 3
    assert picky.seen == ["cavage", "rsa", "cavage", "cavage"]


async def test_p6_what_was_learnt_is_given_up_once_it_is_refused_and_costs_no_more_knocks(
    here: Wire, there: Peer
) -> None:
    picky = Picky(there, "rsa")
    learnt = await deliver(here, picky.inbox)
    picky.takes = ("cavage",)
    changed = await deliver(here, picky.inbox, times=3)
    picky.takes = ()
    refused = await deliver(here, picky.inbox, times=2)
    picky.takes = ("cavage",)
    again = await deliver(here, picky.inbox)

    assert [status for _, status in (*learnt, *changed, *refused, *again)] == [202, 401, 202, 202, 401, 401, 202]
    assert picky.seen == ["cavage", "rsa", "rsa", "cavage", "cavage", "cavage", "rsa", "cavage"]


async def test_p6_the_memory_ends_after_seven_days_so_that_upgrades_are_noticed(here: Wire, there: Peer) -> None:
    picky = Picky(there, "rsa")
    await deliver(here, picky.inbox)
    before = list(picky.seen)
    here.clock.advance(days=6)
    assert here.federation.limits.signing_memory_seconds == 7 * 24 * 3600
    scheme = await here.federation.signing._scheme(outgoing(here, picky.inbox))
    here.clock.advance(days=1, seconds=1)

    later = await here.federation.signing._scheme(outgoing(here, picky.inbox))

    assert before == ["cavage", "rsa"]
    assert (scheme, later) == ("rfc9421-rsa", "draft-cavage")


def outgoing(here: Wire, url: str) -> Outgoing:
    return Outgoing(method="POST", url=url, actor_id=here.federation.actor_id)


@pytest.mark.parametrize("status", [403, 404, 410, 413, 429, 500, 503])
async def test_p6_other_answers_are_no_reason_to_knock_again(here: Wire, there: Peer, status: int) -> None:
    there.answers = [status]

    (result,) = await deliver(here, there.inbox)

    assert result[1] == status
    assert there.asked["/inbox"] == 1


async def test_p6_a_400_is_a_reason_too_and_the_first_answer_counts_when_both_are_refused(
    here: Wire, there: Peer
) -> None:
    there.answers = [400, 401]

    (result,) = await deliver(here, there.inbox)

    assert result == ("failed", 400)
    assert there.asked["/inbox"] == 2


# --- hints


@pytest.mark.parametrize(
    ("hrefs", "seen"),
    [((RFC9421,), "rsa"), ((RFC9421, RFC9421_ED25519), "ed25519"), (("https://w3id.org/fep/8b32",), "cavage")],
)
async def test_a_post_begins_with_what_the_peer_says_it_implements(
    here: Wire, there: Peer, hrefs: Sequence[str], seen: str
) -> None:
    picky = Picky(there, "cavage", "rsa", "ed25519")
    await known(here, actor_that_implements(there, *hrefs))

    assert await deliver(here, picky.inbox) == [("sent", 202)]
    assert picky.seen == [seen]


async def test_a_host_is_not_taken_at_the_word_of_one_of_its_actors(here: Wire, there: Peer) -> None:
    picky = Picky(there, "cavage", "rsa")
    other = actor_that_implements(there) | {"id": f"{there.origin}/other", "inbox": there.inbox}
    await known(here, actor_that_implements(there, RFC9421), other)

    await deliver(here, picky.inbox)

    assert picky.seen == ["cavage"]


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
async def test_a_host_that_signed_a_message_to_us_gets_the_same(here: Wire, there: Peer, kind: str) -> None:
    picky = Picky(there, "rsa", "ed25519")
    body = as_bytes(there.activity())
    key: dict[str, Any] = {"key_id": there.keys.rsa_id, "key": rsa_key(there.name)} if kind == "rsa" else {}
    assert (await here.post(body, there.message_headers(here, body, **key))).status == 202

    await deliver(here, picky.inbox)

    assert picky.seen == [kind]


async def test_a_wrong_hint_costs_one_request(here: Wire, there: Peer) -> None:
    picky = Picky(there, "cavage")
    await known(here, actor_that_implements(there, RFC9421, RFC9421_ED25519))

    results = await deliver(here, picky.inbox, times=3)

    assert results == [("sent", 202)] * 3
    assert picky.seen == ["ed25519", "cavage", "cavage", "cavage"]


async def test_a_get_begins_with_draft_cavage_whatever_is_said(here: Wire, there: Peer) -> None:
    # misskey#17706: a server that cannot verify a GET answers 200 with a stripped actor.
    picky = Picky(there, "cavage", "rsa", "ed25519")
    await known(here, actor_that_implements(there, RFC9421, RFC9421_ED25519))

    await here.federation.fetcher.get_json(f"{there.origin}/notes/1")

    assert picky.seen == ["cavage"]


async def test_a_known_actor_that_lost_its_collections_is_not_believed(here: Wire, there: Peer) -> None:
    await known(here, there.actor())
    stripped = {name: value for name, value in there.actor().items() if name != "followers"}
    there.pages["/body"] = stripped

    with pytest.raises(FetchFailure):
        await directory.fetched_afresh(here.federation, there.actor_id)

    kept = await directory.known(here.federation, there.actor_id)
    assert kept is not None
    assert "followers" in kept.document


@pytest.mark.parametrize(
    "generator", [None, "x", {"implements": "x"}, {"implements": [1, {"href": 2}]}, {"implements": {}}]
)
def test_capabilities_that_are_nonsense_are_none(generator: object) -> None:
    assert capabilities({"generator": generator}) == frozenset()


# --- challenges and bounds


async def test_a_challenge_with_a_nonce_is_answered_each_time(here: Wire, there: Peer) -> None:
    nonces: list[str | None] = []

    async def inbox(request: web.Request) -> web.StreamResponse:
        body, headers = await request.read(), {name.lower(): text for name, text in request.headers.items()}
        verified(there, request, body)
        is_message = rfc9421.is_signed(headers)
        nonces.append(rfc9421.read_signature(headers, method="POST", body=body).nonce if is_message else None)
        if nonces[-1] is not None:
            return web.Response(status=202)
        asked = {"Accept-Signature": rfc9421.accept_signature(f"n{len(nonces)}")}
        return web.Response(status=401, headers=asked)

    there.pages["/inbox"] = inbox

    results = await deliver(here, there.inbox, times=2)

    assert results == [("sent", 202)] * 2
    assert nonces == [None, "n1", None, "n3"]


async def test_a_challenge_that_never_ends_is_answered_once(here: Wire, there: Peer) -> None:
    async def inbox(_: web.Request) -> web.StreamResponse:
        return web.Response(status=401, headers={"Accept-Signature": rfc9421.accept_signature("again")})

    there.pages["/inbox"] = inbox

    (result,) = await deliver(here, there.inbox)

    assert result == ("due", 401)
    assert there.asked["/inbox"] == 2


async def test_two_nodes_with_challenges_reach_each_other(here: Wire, fresh_sqlite_url: Any) -> None:
    store = await open_store(fresh_sqlite_url())
    async with wire(store, name="other", limits=Limits(challenge_seconds=300)) as other:
        (result,) = await deliver(here, f"{other.federation.origin}/inbox")
        async with store.read() as tx:
            received = await activities.find(tx, f"{here.federation.origin}/activities/here-2")
    await store.close()

    assert result == ("sent", 202)
    assert received is not None
    assert json.loads(received.raw)["type"] == "Create"


async def test_p12_a_second_knock_is_paid_from_the_budget(here: Wire, there: Peer) -> None:
    Picky(there, "rsa")

    with pytest.raises(FetchFailure) as failure:
        await here.federation.fetcher.get_json(f"{there.origin}/notes/1", budget=FetchBudget(1))

    assert failure.value.code == "fetch-budget"
    assert there.asked["/notes/1"] == 1
