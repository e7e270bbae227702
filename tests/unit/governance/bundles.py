"""Bundles taken apart and put together again, honestly sealed whatever they hold."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from identity.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable


def lines_of(bundle: bytes) -> list[bytes]:
    """The lines of a bundle, manifest first, without their line feeds."""
    return bundle.removesuffix(b"\n").split(b"\n")


def sealed(manifest: bytes, lines: Iterable[bytes], **changes: Any) -> bytes:
    """A bundle of these lines whose manifest fits them; `changes` go into the manifest last."""
    rows = list(lines)
    digests = sorted(hashlib.sha256(row).hexdigest() for row in rows)
    whole = "sha256:" + hashlib.sha256("\n".join(digests).encode()).hexdigest()
    stated = json.loads(manifest) | {"documents": len(rows), "digest": whole} | changes
    return b"".join(row + b"\n" for row in (canonical_bytes(stated), *rows))


def resealed(bundle: bytes, *more: bytes, without: bytes | None = None, **changes: Any) -> bytes:
    """The same bundle with lines added, those that contain `without` removed, and a manifest that fits."""
    manifest, *rows = lines_of(bundle)
    kept = [row for row in rows if without is None or without not in row]
    return sealed(manifest, [*kept, *more], **changes)
