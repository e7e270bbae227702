"""What may come in at all: size, media type, rate, queue depth, and the shape of one strict JSON activity.

Called by http.inbox and receive.pipeline, before anything is fetched or verified.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from federation.errors import Throttled, WireRefusal
from federation.fetch.documents import is_activity_type
from federation.ports import Backlog
from federation.receive.origins import host_of, is_too_long
from federation.vocabulary.inline import REARRANGING, check_context
from federation.vocabulary.reading import first_type, id_of
from federation.vocabulary.strict_json import parse
from storage.work import intake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from federation.ports import Federation, Limits
    from storage.engine import Store

RATE_WINDOW_SECONDS = 60
_V6_BITS_OF_ONE = 64
_V4_BYTES = 4
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: how a server without IPv4 sees its clients
SINGLE_HEADERS = (
    *("host", "date", "content-type", "content-encoding"),
    *("digest", "content-digest", "signature", "signature-input"),
)

_HOLDERS = (dict, list)  # what of parsed JSON holds more
_KEYWORDS = REARRANGING | {"@id", "@type"}
_KEY_HOST = re.compile(r'keyid="([^"]{1,2048})"', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One request as it came: raw path with query, lower-case header names, body bytes, the sender's address."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    remote: str
    received_at: datetime


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise WireRefusal `media-type` unless the body is said to be plain ActivityStreams JSON (ActivityPub §7)."""
    if not is_activity_type(headers.get("content-type", "")):
        raise WireRefusal("media-type", "Send application/activity+json, or application/ld+json with the AS2 profile.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise WireRefusal("media-type", "Send the activity uncompressed.")


def claimed_sender(headers: Mapping[str, str], remote: str) -> tuple[str, str]:
    """The network a request comes from, and the host it claims to speak for ("" for none).

    The claimed host alone is no key to anything: a forger could use up another host's share.
    """
    claimed = _KEY_HOST.search(headers.get("signature-input") or headers.get("signature", ""))
    return network_of(remote), host_of(claimed[1]) if claimed else ""


@lru_cache(maxsize=4096)
def network_of(remote: str) -> str:
    """What one party has of addresses: of IPv6 a network of 64 bits, of IPv4 the address, also one carried in IPv6."""
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return remote
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None or address in _TRANSLATED:
        return str(ipaddress.IPv4Address(address.packed[-_V4_BYTES:]))
    return str(ipaddress.IPv6Network((address, _V6_BITS_OF_ONE), strict=False))


async def check_rate(federation: Federation, sender: tuple[str, str]) -> None:
    """Raise Throttled `rate-limited` when this address, speaking for this host, posts too fast."""
    address, host = sender
    if not await federation.ephemeral.hit(
        f"inbox:{address}:{host}", federation.limits.inbox_per_minute, RATE_WINDOW_SECONDS
    ):
        raise Throttled("rate-limited", "Too many activities; wait.", retry_after_seconds=RATE_WINDOW_SECONDS)


async def check_backlog(federation: Federation, actor_id: str) -> None:
    """Raise Throttled `backlog` while more activities wait for dispatch than the limit; counted once a second.

    From half of the limit on, a host that brought a quarter of it is asked to wait before all others are. What was
    tried and put off does not count: anybody can send what waits a week for something that never comes.
    """
    backlog, limits = await federation.backlog.get(), federation.limits
    of_host = backlog.by_host.get(host_of(actor_id), 0) if backlog.by_host else 0
    if backlog.waiting > limits.inbox_backlog or of_host > max(1, limits.inbox_backlog // 4):
        raise Throttled("backlog", "Too much waits here; come again.", retry_after_seconds=limits.retry_after_seconds)


async def count_backlog(store: Store, limits: Limits) -> Backlog:
    """What waits for its first dispatch now."""
    async with store.read() as tx:
        waiting = await intake.undispatched(tx)
        brought = await intake.undispatched_by_bringer(tx) if waiting > limits.inbox_backlog // 2 else {}
    by_host = Counter[str]()
    for actor_id, count in brought.items():
        by_host[host_of(actor_id)] += count
    return Backlog(waiting, by_host)


def read_activity(body: bytes) -> dict[str, Any]:
    """The activity in `body`, parsed once (P4): an http(s) id, a type, exactly one actor, no restructuring keywords.

    Raises MalformedJson, or WireRefusal `activity-malformed`.
    """
    document = parse(body)
    check_shape(document)
    return document


def check_shape(document: Mapping[str, Any]) -> None:
    """Raise WireRefusal `activity-malformed` unless the document has the shape of an activity."""
    if not _is_plain_id(document.get("id")):
        raise _malformed("the activity has no usable id")
    if not _is_plain_id(id_of(document.get("actor"))):
        raise _malformed("the activity does not name exactly one actor")
    if not first_type(document):
        raise _malformed("the activity has no type")
    if _is_long_text(document.get("object")):
        raise _malformed("the object's id is too long")
    for node in _nodes(document):
        _check_node(node)


def _check_node(node: Mapping[str, Any]) -> None:
    if not _KEYWORDS.isdisjoint(node):
        raise _malformed("JSON-LD keywords beside @context are not accepted")
    if _is_long_text(node.get("id")):
        raise _malformed("an id is too long")
    if "@context" in node:
        check_context(node["@context"])


def _is_long_text(value: object) -> bool:
    return isinstance(value, str) and is_too_long(value)


def _is_plain_id(value: object) -> bool:
    return isinstance(value, str) and host_of(value) != "" and not is_too_long(value)


def _nodes(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += [member for name, member in value.items() if type(member) in _HOLDERS and name != "@context"]
        else:
            waiting += [member for member in value if type(member) in _HOLDERS]


def _malformed(why: str) -> WireRefusal:
    return WireRefusal("activity-malformed", "The activity is not well formed.", why)
