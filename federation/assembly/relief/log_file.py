"""The log of a relief as a file: JSON lines that anybody can fold again, offline, from the first document to the last.

Written by the door that shows a log; read by `rochdale relief check`. The first line names the assembly and its keys,
the one thing a reader must trust; every other line is a signed document and when it arrived, the relief itself first.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation.assembly.fields import Fields, fields_of
from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.log import apply, start
from federation.assembly.relief.signatures import check_signature
from federation.assembly.relief.state import State
from identity.canonical import canonical_bytes
from identity.instants import instant_text

TYPE: Final = "rochdale:ReliefLog"
VERSION: Final = 1
MOST_KEYS: Final = 100


@dataclass(frozen=True, slots=True)
class Header:
    """Which relief it is, whose, and with which Ed25519 keys (multibase) the assembly signs or has signed."""

    relief: Reference
    actor: str
    did: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A document that has a place in the log, and what the log adds up to with it."""

    number: int
    at: datetime | None
    document: Mapping[str, Any]
    state: State


def header_line(header: Header) -> bytes:
    """The first line, with its line feed."""
    members: dict[str, Any] = {
        "type": TYPE,
        "version": VERSION,
        "relief": header.relief.to_document(),
        "actor": header.actor,
        "did": header.did,
        "keys": list(header.keys),
    }
    return canonical_bytes(members) + b"\n"


def document_line(document: Mapping[str, Any], at: datetime | None) -> bytes:
    """One line of a document, with its line feed."""
    return canonical_bytes({"at": instant_text(at) if at else None, "document": document}) + b"\n"


def read_header(row: bytes) -> Header:
    """What the first line says. Raises ReliefRefusal."""
    fields = _fields(row, 1)
    fields.only("type", "version", "relief", "actor", "did", "keys")
    fields.one_of("type", (TYPE,))
    fields.integer("version", least=VERSION, most=VERSION)
    keys = fields.members.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS or not all(isinstance(key, str) for key in keys):
        raise ReliefRefusal("relief-log", "line 1: 'keys' must be a list of keys")
    return Header(fields.reference("relief"), fields.text("actor"), fields.text("did"), tuple(keys))


def folded(header: Header, rows: Iterable[bytes]) -> Iterator[Line]:
    """Every line after the first with its signature checked and its place found; raises the first ReliefRefusal.

    A caller knows the line that was refused: it is the one after the last it was given.
    """
    state: State | None = None
    for number, row in enumerate(rows, start=2):
        fields = _fields(row, number)
        fields.only("at", "document")
        at = None if fields.is_absent("at") else fields.instant("at")
        document = fields.within("document").members
        if state is None:
            state = _first(header, document)
            check_signature(state, document, header.keys)
        else:
            check_signature(state, document, header.keys)
            state = apply(state, document, at)
        yield Line(number, at, document, state)
    if state is None:
        raise ReliefRefusal("relief-log", "it holds no relief")


def _first(header: Header, document: Mapping[str, Any]) -> State:
    state = start(document)
    relief = state.relief
    if (relief.ref, relief.actor, relief.body) != (header.relief, header.actor, header.did):
        raise ReliefRefusal("relief-other", relief.ref.id)
    return state


def _fields(row: bytes, number: int) -> Fields:
    def refuse(detail: str) -> ReliefRefusal:
        return ReliefRefusal("relief-log", f"line {number}: {detail}")

    try:
        return fields_of(json.loads(row), refuse, "line")
    except (ValueError, RecursionError) as broken:
        raise refuse("it is not JSON") from broken
