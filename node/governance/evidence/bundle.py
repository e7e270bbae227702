"""The format of a bundle: JSON Lines in canonical form, the first being the manifest, the others in any order (G9).

Called by `verify`, and by services that assemble a bundle or take the documents out of one that came from below.
"""

import hashlib
import io
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from federation.assembly.fields import Fields
from federation.assembly.references import Reference
from identity.canonical import Document, canonical_bytes, content_digest
from node.governance.electorate import ROLL
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.hashes import Digests, Hashes
from node.governance.evidence.line import Line
from node.governance.evidence.scan import ANCHOR, BALLOT, Scan, known_line, lines_digest, read_line, scan_lines

EVIDENCE: Final = "rochdale:Evidence"
VERSION: Final = 1
FIRST: Final = 2
"""The number of the first line after the manifest."""
AT_ONCE: Final = 500
AT_ONCE_BYTES: Final = 4 * 1024 * 1024

Rows = Sequence[bytes]
"""All lines of a bundle, each with its line feed; a sequence that reads them from a file keeps memory small."""
Scans = Callable[[Callable[[list[bytes]], list[Scan]], Iterable[list[bytes]]], Iterable[list[Scan]]]
"""`map`, or one that does the same with more processes."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Whose decision it is, and the Ed25519 key (multibase) that checks it: the one thing a reader must trust."""

    actor: str
    did: str
    key: str

    def to_document(self) -> dict[str, str]:
        """The anchor line of a bundle."""
        return {"type": ANCHOR, "actor": self.actor, "did": self.did, "key": self.key}


@dataclass(slots=True)
class Index:
    """Where each document is, and nothing of what it says: under a hundred bytes a line, however long the lines are.

    `cast` has one byte a line: whether it is a ballot that is signed by the voter it names.
    """

    hashes: Hashes = field(default_factory=Hashes)
    digests: Digests = field(default_factory=Digests)
    rolls: dict[str, int] = field(default_factory=dict)
    ballots: dict[str, "array[int]"] = field(default_factory=dict)
    cast: bytearray = field(default_factory=bytearray)
    anchors: list[int] = field(default_factory=list)

    def add(self, scan: Scan) -> None:
        """Take in the next line; raises EvidenceRefusal for a document that was here before."""
        number = FIRST + len(self.digests)
        if not self.digests.add(scan.digest):
            raise EvidenceRefusal("line-duplicate", number)
        self.cast.append(scan.is_cast)
        if scan.kind == ANCHOR:
            self.anchors.append(number)
        elif scan.kind == ROLL:
            self.rolls.setdefault(scan.proposal, number)
        elif scan.kind == BALLOT:
            self.ballots.setdefault(scan.proposal, array("I")).append(number)

    def number_of(self, digest: bytes) -> int | None:
        """The line of the document with this content digest."""
        place = self.digests.find(digest)
        return None if place is None else FIRST + place


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose format is sound; nothing in it is believed yet."""

    decision: Reference
    anchor: Anchor
    rows: Rows
    index: Index

    @property
    def lines(self) -> Iterator[Line]:
        """Every document but the anchor, read one after the other."""
        numbers = range(FIRST, FIRST + len(self.index.digests))
        return (self.line(number) for number in numbers if number not in self.index.anchors)

    def line(self, number: int) -> Line:
        """The document at a line; raises EvidenceRefusal if the file changed since it was scanned."""
        row = _bare(self.rows[number - 1], number)
        if hashlib.sha256(row).digest() != self.index.hashes[number - FIRST]:
            raise EvidenceRefusal("lines-digest", number)
        return known_line(number, row, self.index.digests[number - FIRST])


def assemble(
    documents: Iterable[Document], decision: Reference, anchor: Anchor, *, below: Iterable[bytes] = ()
) -> bytes:
    """The bundle of these documents; the same document given twice appears once, and the order never matters.

    From the bundles `below` comes what is not among the documents, line by line and unread. Raises EvidenceRefusal if
    the format of one is not sound.
    """
    lines, known = {canonical_bytes(anchor.to_document())}, set[bytes]()
    for document in documents:
        lines.add(canonical_bytes(document))
        known.add(bytes.fromhex(content_digest(document).partition(":")[2]))
    for bundle in below:
        more = {digest: line for digest, line in _lines_in(read_bundle(bundle)) if digest not in known}
        known |= more.keys()
        lines.update(more.values())
    manifest: dict[str, Any] = {
        "type": EVIDENCE,
        "version": VERSION,
        "decision": decision.to_document(),
        "documents": len(lines),
        "digest": lines_digest(sorted(hashlib.sha256(line).digest() for line in lines)),
    }
    return b"".join(line + b"\n" for line in (canonical_bytes(manifest), *sorted(lines)))


def documents_in(bundle: bytes | Iterable[bytes]) -> list[Document]:
    """The documents of a bundle, for use in a larger one. Raises EvidenceRefusal if its format is not sound."""
    return [line.document for line in read_bundle(bundle).lines]


def _lines_in(read: Bundle) -> Iterator[tuple[bytes, bytes]]:
    """The content digest and the row of every document but the anchor."""
    for number in range(FIRST, FIRST + len(read.index.digests)):
        if number not in read.index.anchors:
            yield read.index.digests[number - FIRST], _bare(read.rows[number - 1], number)


def read_bundle(bundle: bytes | Iterable[bytes], *, scans: Scans = map) -> Bundle:
    """The bundle in these bytes or lines. Raises EvidenceRefusal unless manifest, digests and canonical form hold.

    Lines given as a sequence are read again where they are needed, and not kept.
    """
    rows = _rows(bundle)
    manifest = _manifest(_bare(rows[0], 1) if rows else b"")
    index = _scanned(rows, manifest, scans)
    return Bundle(decision=manifest.reference("decision"), anchor=_anchor(rows, index), rows=rows, index=index)


def _rows(bundle: bytes | Iterable[bytes]) -> Rows:
    if isinstance(bundle, bytes):
        return list(io.BytesIO(bundle))
    rows: Iterable[bytes] = bundle
    return rows if isinstance(rows, Sequence) else list(rows)


def _bare(row: bytes, number: int) -> bytes:
    """A row without its line feed, which every one must have."""
    if not row.endswith(b"\n"):
        raise EvidenceRefusal("line-unfinished", number)
    return row[:-1]


def _scanned(rows: Rows, manifest: Fields, scans: Scans) -> Index:
    """Every line looked at once: first whether they are those of the manifest, then each for itself."""
    index, first_failure = Index(), None
    for found in scans(scan_lines, _runs(rows)):
        for scan in found:
            index.hashes.append(scan.line_hash)
            if first_failure is None:
                first_failure = _taken(index, scan)
    if len(index.hashes) != manifest.integer("documents"):
        raise EvidenceRefusal("lines-count", detail=f"{len(index.hashes)} lines after the manifest")
    if lines_digest(index.hashes.in_order()) != manifest.text("digest"):
        raise EvidenceRefusal("lines-digest")
    if first_failure:
        raise first_failure
    return index


def _taken(index: Index, scan: Scan) -> EvidenceRefusal | None:
    if scan.failure:
        return EvidenceRefusal(scan.failure, FIRST + len(index.digests))
    try:
        index.add(scan)
    except EvidenceRefusal as twice:
        return twice
    return None


def _runs(rows: Rows) -> Iterator[list[bytes]]:
    """The lines after the manifest, some at a time: many short ones, few long ones."""
    run: list[bytes] = []
    size = 0
    for place in range(1, len(rows)):
        run.append(_bare(rows[place], place + 1))
        size += len(run[-1])
        if len(run) == AT_ONCE or size >= AT_ONCE_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run


def _manifest(row: bytes) -> Fields:
    if not row:
        raise EvidenceRefusal("manifest-missing", 1)
    document = read_line(1, row).document
    if document.get("type") != EVIDENCE:
        raise EvidenceRefusal("manifest-missing", 1)
    fields = Fields(members=document, refuse=lambda detail: EvidenceRefusal("manifest-malformed", 1, detail))
    fields.only("type", "version", "decision", "documents", "digest")
    fields.integer("version", least=VERSION, most=VERSION)
    return fields


def _anchor(rows: Rows, index: Index) -> Anchor:
    if not index.anchors:
        raise EvidenceRefusal("anchor-missing")
    if len(index.anchors) > 1:
        raise EvidenceRefusal("anchor-twice", index.anchors[1])
    number = index.anchors[0]
    fields = Fields(
        members=known_line(number, rows[number - 1], b"").document,
        refuse=lambda detail: EvidenceRefusal("anchor-malformed", number, detail),
    )
    fields.only("type", "actor", "did", "key")
    return Anchor(actor=fields.text("actor"), did=fields.text("did"), key=fields.text("key"))
