"""What a body says it has reported on a decision, as one signed header: how many positions, and their digests as one.

Written by the node for deliver.send, read by receive.pipeline. Source: P20, after the digest of FEP-8fcf. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = "position-synchronization"
LONGEST = 5000
_FORM = re.compile(
    r'proposal="(?P<proposal>[^"\s]{1,2048})", count=(?P<count>\d{1,9}), '
    r'digest="(?P<digest>[0-9a-f]{64})", url="(?P<url>[^"\s]{1,2048})"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The positions one body has reported on one proposal of the assembly above, and where they are listed."""

    proposal: str
    count: int
    digest: str
    url: str


def digest_of(digests: Iterable[str]) -> str:
    """The exclusive or of digests `sha256:…`, in hex: the same for the same set in any order, zeros for none."""
    combined = 0
    for digest in set(digests):
        combined ^= int(digest.removeprefix("sha256:"), 16)
    return f"{combined:064x}"


def written(statement: Statement) -> str:
    """The header's value."""
    said = statement
    return f'proposal="{said.proposal}", count={said.count}, digest="{said.digest}", url="{said.url}"'


def read(text: str) -> Statement | None:
    """What a header says, None when it says nothing that can be read."""
    found = _FORM.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        return None
    said = found.groupdict()
    return Statement(proposal=said["proposal"], count=int(said["count"]), digest=said["digest"], url=said["url"])
