"""What the readers of all kinds share: limits on texts and lists, and the members that every document of a relief has.

Called by `documents` and `plan_documents`, and for digests by the fold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from federation.assembly.fields import Fields, governance_of, read_share
from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.shapes import LONGEST_NAME, LONGEST_TEXT
from identity.canonical import content_digest
from identity.errors import CanonicalError

UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing: they show people something else than is there."""
COMMON_KEYS: Final = ("kind", "relief", "body", "signed_at")


@dataclass(frozen=True, slots=True)
class Opened:
    """A document taken apart: its own reference, its author, and the fields of its `governance` member."""

    ref: Reference
    actor: str
    fields: Fields

    def common(self) -> "Common":
        """The members of every document but the first."""
        return Common(
            self.ref,
            self.actor,
            self.fields.reference("relief"),
            self.fields.text("body"),
            self.fields.instant("signed_at"),
        )


@dataclass(frozen=True, slots=True)
class Common:
    """Who says it, of which relief, and when."""

    ref: Reference
    actor: str
    relief: Reference
    body: str
    signed_at: datetime


def opened(document: object, kind: str, *keys: str) -> Opened:
    """The document of this kind with no members beyond `keys`. Raises ReliefRefusal."""
    outer, fields = governance_of(document, kind, refuse)
    fields.only(*keys)
    return Opened(Reference(outer.text("id"), digest_of(outer.members)), outer.text("attributedTo"), fields)


def digest_of(document: Mapping[str, object]) -> str:
    """The digest of a document; refuses one that has none."""
    try:
        return content_digest(document)
    except CanonicalError as error:
        raise refuse("the document has no canonical form") from error


def name_of(fields: Fields, name: str, longest: int = LONGEST_NAME) -> str:
    """One line of one to `longest` characters that is not blank."""
    text = _read(fields, name, longest)
    if text.splitlines() != [text]:
        raise refuse(f"{name!r} must be one line")
    return text


def text_of(fields: Fields, name: str) -> str:
    """A text of one to 5,000 characters that is not blank."""
    return _read(fields, name, LONGEST_TEXT)


def note_of(fields: Fields, name: str) -> str:
    """A text that may be missing or empty, of at most 5,000 characters."""
    return "" if fields.members.get(name, "") == "" else text_of(fields, name)


def _read(fields: Fields, name: str, longest: int) -> str:
    text = fields.text(name)
    if not text.strip() or len(text) > longest:
        raise refuse(f"{name!r} must have from 1 to {longest} characters")
    if UNSEEN.search(text):
        raise refuse(f"{name!r} has characters that hide what it says")
    return text


def rows_of(fields: Fields, name: str, most: int) -> tuple[Fields, ...]:
    """The objects of an array that has at most `most` of them."""
    rows = fields.members.get(name)
    if isinstance(rows, list) and len(rows) > most:
        raise ReliefRefusal("relief-too-large", f"{name!r} may have {most} rows")
    return fields.rows(name)


def part_of(fields: Fields, name: str) -> Fraction:
    """A fraction from zero up to, but not, one."""
    share = read_share(fields, name)
    if share >= 1:
        raise refuse(f"{name!r} must be below 1")
    return share


def refuse(detail: str) -> ReliefRefusal:
    """The refusal of what we cannot read."""
    return ReliefRefusal("relief-malformed", detail)
