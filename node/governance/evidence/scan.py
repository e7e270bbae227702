"""One look at every line of a bundle, whatever its place in the decision: form, digests, and ballots' signatures.

Called for runs of lines by `read_bundle`, in this process or in others; what it finds is small and can be sent around.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from identity.canonical import canonical_bytes, content_digest
from identity.errors import CanonicalError
from node.governance.electorate import ROLL
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.line import Line
from node.governance.evidence.signatures import check_voter_signature

ANCHOR: Final = "rochdale:Anchor"
BALLOT: Final = "rochdale:Ballot"

MOST_VALUES: Final = 4_000_000
"""In one line: a roll of a million voters has three quarters of that, and few bytes could else fill much memory."""
VALUE_MARKS: Final = (b"[", b"{", b",")

INDEXED: Final = frozenset({ANCHOR, BALLOT, ROLL})


@dataclass(frozen=True, slots=True)
class Scan:
    """What one line is: the hash of its bytes, its content digest, and the proposal that a roll or ballot is for.

    `is_cast` says that a ballot is signed by the voter it names. A line that fails has the `failure` alone.
    """

    line_hash: bytes
    digest: bytes = b""
    kind: str = ""
    proposal: str = ""
    is_cast: bool = False
    failure: str | None = None


def scan_lines(rows: Iterable[bytes]) -> list[Scan]:
    """The scans of these rows, in their order; rows come without their line feeds."""
    return [_scan(row) for row in rows]


def read_line(number: int, row: bytes) -> Line:
    """The document in a row; raises EvidenceRefusal unless the row is its canonical form."""
    if len(row) > MOST_VALUES and sum(row.count(mark) for mark in VALUE_MARKS) > MOST_VALUES:
        raise EvidenceRefusal("line-malformed", number, "too many values")
    try:
        document = json.loads(row)
        canonical = canonical_bytes(document)
    except (ValueError, RecursionError, CanonicalError) as error:
        raise EvidenceRefusal("line-malformed", number) from error
    if canonical != row:
        raise EvidenceRefusal("line-not-canonical", number)
    if not isinstance(document, dict):
        raise EvidenceRefusal("line-malformed", number)
    return Line(number=number, digest=content_digest(document), document=document)


def known_line(number: int, row: bytes, digest: bytes) -> Line:
    """The document in a row that was scanned before."""
    return Line(number=number, digest=f"sha256:{digest.hex()}", document=json.loads(row))


def _scan(row: bytes) -> Scan:
    line_hash = hashlib.sha256(row).digest()
    try:
        line = read_line(0, row)
    except EvidenceRefusal as refusal:
        return Scan(line_hash, failure=refusal.code)
    named = line.document.get("type")
    kind = named if isinstance(named, str) and named in INDEXED else ""
    return Scan(
        line_hash=line_hash,
        digest=bytes.fromhex(line.digest.removeprefix("sha256:")),
        kind=kind,
        proposal=_proposal_id(line) if kind in {BALLOT, ROLL} else "",
        is_cast=kind == BALLOT and _is_cast(line),
    )


def _is_cast(line: Line) -> bool:
    governance = line.document.get("governance")
    voter = governance.get("voter") if isinstance(governance, dict) else None
    if not isinstance(voter, str):
        return False
    try:
        check_voter_signature(line, voter, "ballot-signature")
    except EvidenceRefusal:
        return False
    return True


def _proposal_id(line: Line) -> str:
    """The proposal a roll or ballot names; empty when it names none, so that it stays unused."""
    governance: Any = line.document.get("governance")
    proposal = governance.get("proposal") if isinstance(governance, dict) else None
    named = proposal.get("id") if isinstance(proposal, dict) else proposal
    return named if isinstance(named, str) else ""


def lines_digest(hashes: Iterable[bytes]) -> str:
    """sha256 over the sorted sha256 of each line in hexadecimal, joined by line feeds: blind to the order of lines."""
    whole, feed = hashlib.sha256(), b""
    for each in hashes:
        whole.update(feed + each.hex().encode())
        feed = b"\n"
    return f"sha256:{whole.hexdigest()}"
