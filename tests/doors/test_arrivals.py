"""What is settled before any door: the client's address behind proxies, and text that both databases can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from node.app import patience_seconds
from node.arrivals import client_address
from tests.doors.api import PASSPHRASE, Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ACTIVITY = {"Content-Type": "application/activity+json"}


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


# --- whose address


@pytest.mark.parametrize(
    ("headers", "trusted", "address"),
    [
        ([], 1, None),
        (["198.51.100.7"], 0, None),
        (["198.51.100.7"], 1, "198.51.100.7"),
        (["10.9.9.9, 198.51.100.7"], 1, "198.51.100.7"),
        (["10.9.9.9", "198.51.100.7"], 1, "198.51.100.7"),
        (["10.9.9.9, 198.51.100.7, 192.0.2.1"], 2, "198.51.100.7"),
        (["198.51.100.7"], 2, None),
        (["10.9.9.9, unknown"], 1, None),
        (["2001:DB8::1"], 1, "2001:db8::1"),
    ],
)
def test_the_client_is_as_many_entries_from_the_right_as_there_are_proxies(
    headers: list[str], trusted: int, address: str | None
) -> None:
    assert client_address(headers, trusted) == address


async def statuses(coop: Served, path: str, forwarded: list[str], **how: Any) -> list[int]:
    found = []
    async with ClientSession(coop.node.origin) as http:
        for entry in forwarded:
            headers = {**how.get("headers", {}), "X-Forwarded-For": entry}
            async with http.post(path, **{**how, "headers": headers}) as answer:
                found.append(answer.status)
    return found


@pytest.mark.parametrize(
    ("trusted", "entries", "expected"),
    [
        (0, ["10.0.0.1", "10.0.0.2", "10.0.0.3"], [400, 400, 429]),
        (1, ["10.0.0.1", "10.0.0.2", "10.0.0.3"], [400, 400, 400]),
        (1, ["10.0.0.1, 10.9.9.9", "10.0.0.2, 10.9.9.9", "10.0.0.3, 10.9.9.9"], [400, 400, 429]),
        (2, ["10.0.0.1", "10.0.0.2", "10.0.0.3"], [400, 400, 429]),
    ],
    ids=["no proxy", "one proxy", "one proxy and entries of the client's own", "fewer entries than proxies"],
)
async def test_the_inbox_counts_by_the_address_the_outermost_proxy_saw(
    tmp_path: Path, trusted: int, entries: list[str], expected: list[int]
) -> None:
    async with served_node(quick_settings(tmp_path, trusted_proxies=trusted, inbox_per_minute=2)) as coop:
        assert await statuses(coop, "/inbox", entries, data=b"{}", headers=ACTIVITY) == expected


async def test_sign_in_on_the_pages_and_at_the_door_counts_by_that_address(tmp_path: Path) -> None:
    spoofed = [f"10.0.0.{number}, 198.51.100.7" for number in range(6)]
    said = {"name": "ada", "passphrase": PASSPHRASE}

    async with served_node(quick_settings(tmp_path, trusted_proxies=1, sign_in_per_minute=4)) as coop:
        at_the_door = await statuses(coop, "/api/v1/session", spoofed, json=said)
        elsewhere = await statuses(coop, "/api/v1/session", ["198.51.100.8"], json=said)

    assert at_the_door == [201, 201, 201, 201, 429, 429]
    assert elsewhere == [201]


async def test_the_sixth_attempt_of_a_minute_is_refused_even_with_the_right_words(tmp_path: Path) -> None:
    async with served_node(quick_settings(tmp_path, sign_in_per_minute=5)) as coop:
        # The fixture signed in twice already.
        tries = [await coop.anybody.post("session", {"name": "ada", "passphrase": "a wrong guess"}) for _ in range(3)]
        sixth = await coop.anybody.post("session", {"name": "ada", "passphrase": PASSPHRASE})

    assert [one.status for one in tries] == [401, 401, 401]
    assert (sixth.status, sixth.code) == (429, "too-many-requests")
    assert int(sixth.headers["Retry-After"]) > 0


# --- text that can be stored


@pytest.mark.parametrize(
    "path",
    [
        "/proposals/%00",
        "/offers/a%00b",
        "/activities/%00",
        "/ballots/%00",
        "/offers?text=%00",
        "/offers/elsewhere?id=%00",
    ],
)
async def test_an_address_with_a_nul_is_refused_to_people_and_to_peers(coop: Served, path: str) -> None:
    async with ClientSession(coop.node.origin) as http:
        async with http.get(path, headers={"Accept": "text/html"}) as page:
            shown = page.status, page.content_type
        async with http.get(path, headers={"Accept": "application/activity+json"}) as document:
            answered = document.status, (await document.json(content_type=None))["code"]

    assert shown == (400, "text/html")
    assert answered == (400, "malformed")


async def test_a_nul_in_a_query_or_inside_a_key_of_the_member_door_is_refused(coop: Served) -> None:
    in_query = await coop.blai.get("offers?text=a%00b")
    in_key = await coop.blai.delete("offers/~aHR0cHM6Ly94AA")  # https://x and a NUL

    assert (in_query.status, in_query.code) == (400, "malformed")
    assert (in_key.status, in_key.code) == (404, "not-found")


async def test_an_activity_with_a_nul_is_refused_before_anybody_is_asked(coop: Served) -> None:
    async with ClientSession(coop.node.origin) as http:
        body = (
            b'{"id": "https://peer.example/1", "type": "Create", "actor": "https://peer.example/body", "n": "\\u0000"}'
        )
        async with http.post("/inbox", data=body, headers=ACTIVITY) as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (400, "json-malformed")


# --- answers


def test_a_larger_answer_has_more_time_to_be_taken() -> None:
    assert patience_seconds(0) == 60
    assert patience_seconds(16 * 1024 * 1024) == 60 + 1024
