"""Writes the test vectors of the decision protocol from the code: `python -m tests.conformance.decisions.writing`.

Every key is SHA-256 of a name taken as an Ed25519 seed and every time is fixed, so the same code writes the same
bytes. For whoever changes the protocol on purpose; the test beside it compares the committed files with these.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conformance.decisions.writing import counting, documents, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).parents[1]

WRITERS: Mapping[str, Callable[[], Any]] = {
    "canonical.json": documents.canonical,
    "keys.json": documents.keys,
    "documents.json": documents.documents,
    "proofs.json": documents.proofs,
    "equivocations.json": documents.equivocations,
    "rules.json": counting.rules,
    "ballots.json": counting.ballots,
    "lateness.json": counting.lateness,
    "lots.json": counting.lots,
    "roll-ups.json": counting.roll_ups,
    "evidence.json": evidence.bundles,
}


def text_of(name: str) -> str:
    """The file as it is committed: readable JSON, members in the order of their making."""
    return json.dumps(WRITERS[name](), indent=1, ensure_ascii=False) + "\n"


def seed_of(name: str) -> bytes:
    """The Ed25519 seed of a name."""
    return hashlib.sha256(name.encode()).digest()
