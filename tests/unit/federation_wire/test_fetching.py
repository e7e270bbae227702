"""Fetching from peers: bounded, signed, never redirected elsewhere (P2, P11, P12)."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.errors import FetchFailure, FetchForbidden
from federation.fetch.actors import assertion_key
from federation.fetch.client import PeerClient
from federation.fetch.documents import FetchBudget, Fetcher
from federation.fetch.signing import SigningClient
from federation.ports import Limits
from identity.http_signatures import cavage
from storage.ephemeral.memory import MemoryEphemeral
from tests.doors.peers import ACTIVITY, Clock, HeldKeys, Peer, peer, rsa_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from storage.engine import Store

NOTE = {"id": "http://127.0.0.1/notes/1", "type": "Note"}


def fetcher(
    limits: Limits, store: Store, *, allow_loopback: bool = True, resolver: AbstractResolver | None = None
) -> Fetcher:
    client, clock = PeerClient(limits=limits, allow_loopback=allow_loopback, resolver=resolver), Clock()
    signing = SigningClient(
        client=client,
        keyring=HeldKeys("here"),
        ephemeral=MemoryEphemeral(clock=clock.seconds),
        store=store,
        clock=clock,
        limits=limits,
    )
    return Fetcher(
        client=client,
        signing=signing,
        instance_actor_id="http://127.0.0.1:1/actor",
        origin="http://127.0.0.1:1",
        limits=limits,
    )


@pytest.fixture
async def fetch(store: Store) -> AsyncIterator[Fetcher]:
    rsa_key("here")  # made once for all tests, which takes longer than a fetch may
    made = fetcher(Limits(fetch_bytes=10_000, fetch_seconds=0.5), store)
    yield made
    await made.client.close()


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer() as served:
        yield served


def redirect(to: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to})

    return reply


def raw(body: bytes, media_type: str = ACTIVITY, **headers: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def reply(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, headers={"Content-Type": media_type, **named})

    return reply


async def code_of(attempt: Awaitable[Any]) -> str:
    with pytest.raises(FetchFailure) as failure:
        await attempt
    return failure.value.code


async def test_a_document_is_fetched_with_the_instance_actors_signature(fetch: Fetcher, there: Peer) -> None:
    seen: list[web.Request] = []

    async def reply(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return web.json_response(NOTE, content_type=ACTIVITY)

    there.pages["/notes/1"] = reply

    assert await fetch.get_json(f"{there.origin}/notes/1?x=a%2Fb") == NOTE

    headers = {name.lower(): value for name, value in seen[0].headers.items()}
    claim = cavage.read_signature(headers)
    assert claim.key_id == "http://127.0.0.1:1/actor#main-key"
    target, public = "/notes/1?x=a%2Fb", rsa_key("here").public_key()
    cavage.verify(claim, method="GET", target=target, headers=headers, body=b"", key=public, now=Clock().now)


async def test_an_unsigned_fetch_carries_no_signature(fetch: Fetcher, there: Peer) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        return web.json_response({"is_signed": "Signature" in request.headers}, content_type=ACTIVITY)

    there.pages["/x"] = reply

    assert await fetch.get_json(f"{there.origin}/x", signed=False) == {"is_signed": False}


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "image/png", "application/ld+json"])
async def test_other_media_types_are_not_documents(fetch: Fetcher, there: Peer, media_type: str) -> None:
    there.pages["/x"] = raw(b"{}", media_type)

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == "fetch-media-type"


async def test_a_page_beyond_the_limit_is_cut_off(fetch: Fetcher, there: Peer) -> None:
    there.pages["/x"] = raw(b" " * 20_000)

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == "fetch-too-large"


async def test_a_compressed_page_is_measured_unpacked(fetch: Fetcher, there: Peer) -> None:
    there.pages["/x"] = raw(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == "fetch-too-large"


async def test_a_page_that_never_ends_is_given_up(fetch: Fetcher, there: Peer) -> None:
    given_up = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": ACTIVITY})
        await response.prepare(request)
        await response.write(b"{")
        await given_up.wait()
        return response

    there.pages["/x"] = hang

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == "fetch-timeout"
    given_up.set()


async def test_malformed_json_is_no_document(fetch: Fetcher, there: Peer) -> None:
    there.pages["/x"] = raw(b'{"a": 1, "a": 2}')

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == "fetch-malformed"


async def test_absent_pages_say_their_status(fetch: Fetcher, there: Peer) -> None:
    with pytest.raises(FetchFailure) as failure:
        await fetch.get_json(f"{there.origin}/nothing")

    assert (failure.value.code, failure.value.status) == ("fetch-status", 404)


async def test_redirects_are_followed_three_times_and_no_more(fetch: Fetcher, there: Peer) -> None:
    there.pages |= {f"/{n}": redirect(f"/{n + 1}") for n in range(10)} | {"/9": NOTE}

    assert await fetch.get_json(f"{there.origin}/6") == NOTE
    assert await code_of(fetch.get_json(f"{there.origin}/5")) == "fetch-redirect"


@pytest.mark.parametrize(("location", "code"), [("", "fetch-status"), ("https://[bad", "fetch-redirect")])
async def test_redirects_to_nowhere_end_the_fetch(fetch: Fetcher, there: Peer, location: str, code: str) -> None:
    there.pages["/x"] = redirect(location)

    assert await code_of(fetch.get_json(f"{there.origin}/x")) == code


async def test_of_a_long_answer_to_a_post_only_the_beginning_is_read(fetch: Fetcher, there: Peer) -> None:
    there.answers = [web.Response(status=400, body=b"x" * 1_000_000)]

    answer = await fetch.client.post(there.inbox, headers={}, body=b"{}")

    assert (answer.status, len(answer.body)) == (400, 4096)


async def test_an_own_document_is_served_by_its_own_origin_under_its_own_id(fetch: Fetcher, there: Peer) -> None:
    async with peer("elsewhere") as elsewhere:
        elsewhere.pages["/body"] = there.actor()
        there.pages["/away"] = redirect(f"{elsewhere.origin}/body")

        assert await code_of(fetch.get_own(f"{there.origin}/away")) == "fetch-redirect"
        assert elsewhere.asked.total() == 0
        assert await code_of(fetch.get_own(f"{elsewhere.origin}/body")) == "fetch-foreign-id"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest",
        "https://127.0.0.1:1/",
        "http://10.0.0.1/",
        "ftp://10.0.0.1/secret",
        "http://[::]/",
    ],
)
async def test_redirects_lead_nowhere_forbidden(fetch: Fetcher, there: Peer, target: str) -> None:
    there.pages["/x"] = redirect(target)

    with pytest.raises(FetchForbidden):
        await fetch.get_json(f"{there.origin}/x")


async def test_this_node_does_not_fetch_from_itself(fetch: Fetcher) -> None:
    assert await code_of(fetch.get_json("http://127.0.0.1:1/body")) == "fetch-own-origin"


async def test_one_budget_bounds_all_fetches_made_with_it(fetch: Fetcher, there: Peer) -> None:
    there.pages |= {"/x": redirect("/y"), "/y": NOTE}
    budget = FetchBudget(3)

    await fetch.get_json(f"{there.origin}/x", budget=budget)

    assert await code_of(fetch.get_json(f"{there.origin}/x", budget=budget)) == "fetch-budget"
    assert there.asked.total() == 3


class Rebinding(AbstractResolver):
    """A name server that answers with an address of this machine."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return None


async def test_a_name_that_resolves_to_this_machine_is_not_connected_to(store: Store) -> None:
    guarded = fetcher(Limits(), store, allow_loopback=False, resolver=Rebinding())

    code = await code_of(guarded.get_json("https://rebinding.example/body"))

    await guarded.client.close()
    assert code == "address-forbidden"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"])
async def test_spellings_of_this_machine_are_not_connected_to(host: str, store: Store) -> None:
    guarded = fetcher(Limits(), store, allow_loopback=False)

    code = await code_of(guarded.get_json(f"https://{host}/body"))

    await guarded.client.close()
    assert code in {"address-forbidden", "url-forbidden", "fetch-unreachable"}


async def test_proxies_of_the_environment_are_not_asked(
    there: Peer, fetch: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", there.origin)
    monkeypatch.setenv("HTTPS_PROXY", there.origin)

    assert await code_of(fetch.get_json("http://127.0.0.1:9/x")) == "fetch-unreachable"
    assert there.asked.total() == 0


async def test_the_assertion_key_is_the_one_the_actor_controls(there: Peer) -> None:
    multibase = there.actor()["assertionMethod"][0]["publicKeyMultibase"]

    assert assertion_key(there.actor()) == multibase
    with pytest.raises(FetchFailure):
        assertion_key(there.actor(id="http://127.0.0.1/other"))
