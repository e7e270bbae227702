"""The part of RFC 8941 (structured fields) that message signatures need: dictionaries of items and inner lists.

Called by rfc9421 alone. What two readers could read differently (a name that stands twice) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.errors import SignatureRefusal

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEADER_CHARACTERS = 8192
MAX_MEMBERS = 16
_KEY = r"[a-z*][a-z0-9_.*-]*"
_ITEM = (
    r'"(?:[ !#-\[\]-~]|\\["\\])*"'  # a string
    r"|:[A-Za-z0-9+/=]*:"  # bytes
    r"|\?[01]"  # a boolean
    r"|-?[0-9]{1,15}(?:\.[0-9]{1,3})?"  # a number
    r"|[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*"  # a token
)
_PARAMETER = re.compile(rf"; *({_KEY})(?:=({_ITEM}))?")
_ELEMENT = re.compile(rf" *({_ITEM})((?:; *{_KEY}(?:=(?:{_ITEM}))?)*)(?= |\))")
_NAME = re.compile(rf"({_KEY})=?")
_VALUE = re.compile(_ITEM)
_SPACES = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a dictionary: an inner list (its elements as written) or an item, each value as written.

    ``parameters`` maps names to values as written, "" for one that only stands there; their order is kept.
    """

    item: str
    elements: tuple[str, ...] | None
    parameters: Mapping[str, str]

    def parameters_text(self) -> str:
        """The parameters in the canonical form of RFC 8941 §4.1.1.2."""
        return "".join(f";{name}={value}" if value else f";{name}" for name, value in self.parameters.items())


def read_dictionary(text: str) -> dict[str, Member]:
    """The members of a dictionary by name, in order; ``SignatureRefusal`` when overlong, ambiguous or unreadable."""
    if len(text) > MAX_HEADER_CHARACTERS:
        raise _unreadable("it is overlong")
    members: dict[str, Member] = {}
    position = _skip(text, 0)
    while position < len(text) or members:
        name, position = _name(text, position)
        member, position = _member(text, position)
        if name in members or len(members) >= MAX_MEMBERS:
            raise _unreadable("a label stands twice, or there are too many")
        members[name] = member
        position = _skip(text, position)
        if position == len(text):
            break
        if text[position] != ",":
            raise _unreadable("what follows a member is no comma")
        position = _skip(text, position + 1)
    return members


def text_of(value: str) -> str | None:
    """The characters of a string as written between quotes, or None for any other item."""
    if not value.startswith('"'):
        return None
    return re.sub(r"\\(.)", r"\1", value[1:-1])


def quoted(text: str) -> str:
    """The text as a string item; it must be printable ASCII."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _skip(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


def _name(text: str, position: int) -> tuple[str, int]:
    found = _NAME.match(text, position)
    if found is None:
        raise _unreadable("a label is missing or malformed")
    return found[1], found.end()


def _member(text: str, position: int) -> tuple[Member, int]:
    elements, item = None, ""
    if text.startswith("(", position):
        elements, position = _inner_list(text, position + 1)
    elif (found := _VALUE.match(text, position)) is not None:
        item, position = found[0], found.end()
    parameters, position = _parameters(text, position)
    return Member(item, elements, parameters), position


def _inner_list(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """The elements, each with its parameters as written; a component with parameters is not one we know."""
    elements: list[str] = []
    while (found := _ELEMENT.match(text, position)) is not None:
        elements.append(found[1] + found[2])
        position = found.end()
    position = _skip(text, position)
    if not text.startswith(")", position):
        raise _unreadable("a list of components does not end")
    return tuple(elements), position + 1


def _parameters(text: str, position: int) -> tuple[dict[str, str], int]:
    parameters: dict[str, str] = {}
    while (found := _PARAMETER.match(text, position)) is not None:
        if found[1] in parameters:
            raise _unreadable("a parameter stands twice")
        parameters[found[1]] = found[2] or ""
        position = found.end()
    return parameters, position


def _unreadable(why: str) -> SignatureRefusal:
    return SignatureRefusal("signature-malformed", f"a header of the message signature cannot be read: {why}")
