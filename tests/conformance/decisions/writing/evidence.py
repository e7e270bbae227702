"""Vectors of evidence: a bundle that holds and what becomes of it after one change; called by files."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from identity.canonical import canonical_bytes
from node.governance.evidence import report_document
from node.governance.evidence.verify import verify_bundle
from tests.conformance.decisions.writing.documents import PLAN, Document, town
from tests.unit.governance.worlds import Tampering, build

if TYPE_CHECKING:
    from collections.abc import Callable


def bundles() -> Document:
    """The lines of a bundle with the whole report on it; then changes, each with the first check that fails."""
    lines = town().bundle.decode().splitlines()
    report = report_document(verify_bundle(town().bundle))
    return {
        "lines": lines,
        "report": report,
        "changed": [_case(what, change, lines) for what, change in CHANGES],
        "resigned": [_resigned(what, tampering) for what, tampering in RESIGNED],
    }


def _case(what: str, change: Callable[[list[str]], list[str]], lines: list[str]) -> Document:
    changed = change(list(lines))
    failure = verify_bundle("".join(f"{line}\n" for line in changed).encode()).failure
    assert failure is not None, what
    removed = [number + 1 for number, line in enumerate(lines) if line not in changed]
    added = [line for line in changed if line not in lines]
    return {"what": what, "removed_lines": removed, "added_lines": added, "failure": failure.code}


def _line(lines: list[str], kind: str, text: str = "") -> int:
    return next(number for number, line in enumerate(lines) if f'"kind":"{kind}"' in line and text in line)


def _resealed(lines: list[str]) -> list[str]:
    """The lines under a manifest that fits them, which anybody can make."""
    manifest = json.loads(lines[0])
    hashes = sorted(hashlib.sha256(line.encode()).hexdigest() for line in lines[1:])
    manifest |= {"documents": len(lines) - 1, "digest": _lines_digest(hashes)}
    return [canonical_bytes(manifest).decode(), *lines[1:]]


def _lines_digest(hashes: list[str]) -> str:
    return "sha256:" + hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _without(kind: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        del lines[_line(lines, kind)]
        return _resealed(lines)

    return change


def _altered(kind: str, before: str, after: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        at = _line(lines, kind, before)
        lines[at] = lines[at].replace(before, after, 1)
        return _resealed(lines)

    return change


CHANGES: tuple[tuple[str, Callable[[list[str]], list[str]]], ...] = (
    ("a line lost", lambda lines: lines[:-1]),
    ("a ballot withheld", _without("ballot")),
    ("a roll withheld", _without("roll")),
    ("a position withheld", _without("position")),
    ("a ballot altered", _altered("ballot", '"choice":"for"', '"choice":"abstain"')),
    ("a line that is not canonical", _altered("ballot", '"seq":1', '"seq": 1')),
)
FORGED: tuple[tuple[str, str, tuple[str | int, ...], Any], ...] = (
    ("an outcome states another tally", "outcome:gracia", ("tally", "for"), 4),
    ("an outcome states another decision", "outcome:town", ("outcome",), "rejected"),
    ("a position says otherwise than its tally", "position:gracia", ("choice",), "against"),
    ("a position about another proposal", "position:gracia", ("proposal", "digest"), "sha256:" + "0" * 64),
    ("a constituent weighs more in the outcome", "outcome:town", ("constituents", 0, "weight"), 11),
    ("a text of its own below", "proposal:gracia", ("upstream", "digest"), "sha256:" + "0" * 64),
    ("a rule weaker than the statute's", "statute:town", ("rule",), {"preset": "three-quarters"}),
    ("called invalid without its position", "outcome:town", ("constituents", 3, "status"), "invalid"),
    ("said to have signed two positions", "outcome:town", ("constituents", 3, "status"), "equivocation"),
    ("closed before its time", "outcome:gracia", ("closed_at",), "2026-03-01T10:00:00Z"),
)


def _edit(path: tuple[str | int, ...], to: Any) -> Callable[[Document], None]:
    def edit(document: Document) -> None:
        part: Any = document["governance"]
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = to

    return edit


RESIGNED: tuple[tuple[str, Tampering], ...] = (
    *((what, Tampering(edits={label: _edit(path, to)})) for what, label, path, to in FORGED),
    ("a ballot signed by another voter", Tampering(strangers={"ballot:gracia:0": "voter gracia:1"})),
    ("an outcome signed by another body", Tampering(strangers={"outcome:gracia": "eixample"})),
)


def _resigned(what: str, tampering: Tampering) -> Document:
    """A lie that its body signed, with every document above made to fit it."""
    honest = set(town().bundle.decode().splitlines())
    lines = build(PLAN, tampering).bundle.decode().splitlines()
    failure = verify_bundle("".join(f"{line}\n" for line in lines).encode()).failure
    assert failure is not None, what
    base = town().bundle.decode().splitlines()
    return {
        "what": what,
        "removed_lines": [number + 1 for number, line in enumerate(base) if line not in lines],
        "added_lines": [line for line in lines if line not in honest],
        "failure": failure.code,
    }
