"""Whom a signed request is addressed to, as its host names it (RFC 9110 §4.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from federation.errors import WireRefusal
from federation.fetch.documents import FetchBudget
from federation.receive.gate import WireRequest
from federation.receive.signatures import signer_of
from identity.errors import SignatureRefusal

SECURE, PLAIN = "https://coop.example", "http://127.0.0.1:8080"


async def refusal(origin: str, host: str) -> str:
    """The code of what is wrong first with a request to that host, whose signature says nothing."""
    headers = {"host": host, "signature": "nothing"}
    now = datetime(2026, 11, 22, tzinfo=UTC)
    request = WireRequest(method="POST", target="/inbox", headers=headers, body=b"{}", remote="::1", received_at=now)
    with pytest.raises((WireRefusal, SignatureRefusal)) as refused:
        await signer_of(cast("Any", SimpleNamespace(origin=origin)), request, FetchBudget(0))
    return str(getattr(refused.value, "code", ""))


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (SECURE, "coop.example"),
        (SECURE, "Coop.Example:443"),
        (f"{SECURE}:443", "coop.example"),
        (PLAIN, "127.0.0.1:8080"),
        ("http://127.0.0.1", "127.0.0.1:80"),
    ],
)
async def test_p7_the_port_that_a_scheme_has_anyway_may_be_named(origin: str, host: str) -> None:
    assert await refusal(origin, host) == "signature-malformed"


@pytest.mark.parametrize(
    ("origin", "host"),
    [(SECURE, "coop.example:80"), (SECURE, "coop.example:4430"), (PLAIN, "127.0.0.1"), (PLAIN, "127.0.0.1:80")],
)
async def test_p7_another_port_is_another_host(origin: str, host: str) -> None:
    assert await refusal(origin, host) == "authority-foreign"
