"""ActivityStreams documents of peers as plain JSON, by signed GET.

Called by fetch.actors, fetch.keys, the directory and the node's inbound handlers.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yarl import URL

from federation.errors import FetchFailure, FetchForbidden, MalformedJson
from federation.fetch.signing import Outgoing
from federation.receive.origins import same_origin
from federation.vocabulary.strict_json import parse, parse_page
from federation.vocabulary.terms import ACTIVITY_JSON, AS2, LD_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.fetch.client import PeerAnswer, PeerClient
    from federation.fetch.signing import SigningClient
    from federation.ports import Limits

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200


@dataclass(slots=True)
class FetchBudget:
    """Requests one inbound activity may still cause (P12), before it is answered or afterwards in its handler.

    `asker` is the network that it came from, "" when we ask of our own accord. `is_counted` says that actors kept on
    the way count among what strangers leave here: nobody whom we hear brought them. `is_farewell` says that keys are
    taken as they lie here, given up or not: their owner is gone and cannot be asked.
    """

    left: int
    asker: str = ""
    is_counted: bool = False
    is_farewell: bool = False

    def spend(self) -> None:
        """Take one request; raises FetchForbidden with code `fetch-budget` when none is left."""
        if self.left <= 0:
            raise FetchForbidden("fetch-budget", "this activity asked for too many fetches")
        self.left -= 1


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document with the URL it was finally served from."""

    document: dict[str, Any]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Adapter: signed GETs by the instance actor, redirects by hand, media type and size checked."""

    client: PeerClient
    signing: SigningClient
    instance_actor_id: str
    origin: str
    limits: Limits

    async def get_json(self, url: str, *, signed: bool = True, budget: FetchBudget | None = None) -> dict[str, Any]:
        """The document at `url` wherever redirects lead; its own `id` is *not* checked. Raises FetchFailure."""
        return (await self.fetch(url, signed=signed, budget=budget)).document

    async def get_own(self, url: str, *, budget: FetchBudget | None = None) -> dict[str, Any]:
        """The document whose `id` is `url`, served by that id's own origin (FEP-fe34). Raises FetchFailure."""
        fetched = await self.fetch(url, budget=budget, stay_at_origin=True)
        if fetched.document.get("id") != url:
            raise FetchFailure("fetch-foreign-id", f"{url} serves a document with another id")
        return fetched.document

    async def get_page(self, url: str) -> dict[str, Any]:
        """A page of a collection, from the origin it is asked of; its items are not checked. Raises FetchFailure."""
        answer = await self._answer(url, signed=True, budget=None, stay_at_origin=True)
        return _document(answer, parse_page)

    async def fetch(
        self, url: str, *, signed: bool = True, budget: FetchBudget | None = None, stay_at_origin: bool = False
    ) -> Fetched:
        """The document and its final URL, within `limits.fetch_seconds` in all; raises FetchFailure."""
        answer = await self._answer(url, signed=signed, budget=budget, stay_at_origin=stay_at_origin)
        return Fetched(_document(answer, parse), answer.url)

    async def _answer(self, url: str, *, signed: bool, budget: FetchBudget | None, stay_at_origin: bool) -> PeerAnswer:
        budget = budget or FetchBudget(self.limits.fetch_budget)
        try:
            async with asyncio.timeout(self.limits.fetch_seconds):
                return await self._followed(url, signed=signed, budget=budget, stay_at_origin=stay_at_origin)
        except TimeoutError as error:
            raise FetchFailure("fetch-timeout", f"{url} took too long") from error

    async def _followed(self, url: str, *, signed: bool, budget: FetchBudget, stay_at_origin: bool) -> PeerAnswer:
        asked = url
        for _ in range(self.limits.redirects + 1):
            answer = await self._get(url, signed=signed, budget=budget)
            if answer.status not in _REDIRECTS:
                return answer
            url = _redirect_target(answer)
            if stay_at_origin and not same_origin(url, asked):
                raise FetchForbidden("fetch-redirect", f"{asked} redirects to another origin")
        raise FetchForbidden("fetch-redirect", f"{asked} redirects more than {self.limits.redirects} times")

    async def _get(self, url: str, *, signed: bool, budget: FetchBudget) -> PeerAnswer:
        self.client.checked(url)
        if same_origin(url, self.origin):
            raise FetchForbidden("fetch-own-origin", "asked to fetch from this node itself")
        headers, max_bytes = {"accept": f"{ACTIVITY_JSON}, {LD_JSON}"}, self.limits.fetch_bytes
        if not signed:
            budget.spend()
            return await self.client.get(url, headers=headers, max_bytes=max_bytes)
        request = Outgoing(
            method="GET", url=url, actor_id=self.instance_actor_id, headers=headers, max_bytes=max_bytes,
            before=budget.spend,
        )  # fmt: skip
        return await self.signing.send(request)


def _redirect_target(answer: PeerAnswer) -> str:
    location = answer.headers.get("location", "")
    if not location:
        raise FetchFailure("fetch-status", f"{answer.url} redirects nowhere", status=answer.status)
    try:
        return str(URL(answer.url, encoded=True).join(URL(location, encoded=True)))
    except ValueError as error:
        raise FetchForbidden("fetch-redirect", f"{answer.url} redirects to something that is no URL") from error


def _document(answer: PeerAnswer, read: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    if answer.status != _OK:
        raise FetchFailure("fetch-status", f"{answer.url} answered {answer.status}", status=answer.status)
    if not is_activity_type(answer.headers.get("content-type", "")):
        raise FetchFailure("fetch-media-type", f"{answer.url} is not an ActivityStreams document")
    try:
        return read(answer.body)
    except MalformedJson as error:
        raise FetchFailure("fetch-malformed", f"{answer.url}: {error}") from error


def is_activity_type(content_type: str) -> bool:
    """Whether a media type is activity+json, or ld+json with the ActivityStreams profile (ActivityPub §3.2)."""
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    if media == ACTIVITY_JSON:
        return True
    return media == "application/ld+json" and AS2 in parameters
