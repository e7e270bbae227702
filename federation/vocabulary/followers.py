"""What a body says about its followers on one host, as one signed header: where they are listed, and a digest of all.

Written by peers.followers for deliver.send, read by receive.pipeline. Source: FEP-8fcf. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.vocabulary.reports import digest_of
from identity.canonical import bytes_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = "collection-synchronization"
LONGEST = 5000
_MEMBER = re.compile(r'\s*(collectionId|url|digest)="([^"\s]{1,2048})"\s*(?:,|$)')
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowersSaid:
    """The followers of `collection` that live on the asker's host: listed at `url`, and all of them as one digest."""

    collection: str
    url: str
    digest: str


def followers_digest(actor_ids: Iterable[str]) -> str:
    """The exclusive or of the SHA-256 digests of the ids, in hex (FEP-8fcf §Partial follower collection digest)."""
    return digest_of(bytes_digest(actor_id.encode()) for actor_id in actor_ids)


def written(said: FollowersSaid) -> str:
    """The header's value."""
    return f'collectionId="{said.collection}", url="{said.url}", digest="{said.digest}"'


def read(text: str) -> FollowersSaid | None:
    """What a header says, its members in any order; None when it says nothing that can be read."""
    if len(text) > LONGEST:
        return None
    found: dict[str, str] = {}
    while text:
        member = _MEMBER.match(text)
        if member is None or member[1] in found:
            return None
        found[member[1]], text = member[2], text[member.end() :]
    digest = found.get("digest", "").lower()
    if "collectionId" not in found or "url" not in found or not _DIGEST.fullmatch(digest):
        return None
    return FollowersSaid(collection=found["collectionId"], url=found["url"], digest=digest)
