"""A posted form as plain strings, read only after its CSRF token was checked.

Called by every handler that takes a POST.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from node.context import NODE
from node.governance.refusals import Refusal
from node.web.frame.security import check_csrf, visitor_of

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_FIELD = 60_000
BROKEN = (HttpProcessingError, web.RequestPayloadError, ConnectionError, TimeoutError, ValueError, LookupError)
"""What reading a form raises when it is none, breaks off or comes too slowly."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed; a field that was not sent reads as an empty string."""

    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """The field with the white space around it removed."""
        return self.fields.get(name, "").strip()

    def secret(self, name: str) -> str:
        """The field exactly as typed."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        """A field of digits. Refusal number-invalid for anything else."""
        text = self.text(name)
        if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - nine digits always fit
            raise Refusal("number-invalid")
        return int(text)


async def read_form(request: web.Request) -> Form:
    """The form of a POST. Refusals: csrf, too-large, malformed."""
    try:
        async with asyncio.timeout(request.app[NODE].federation.limits.fetch_seconds):
            posted = await request.post()
    except BROKEN as broken:
        raise Refusal("malformed") from broken
    fields = {name: value for name, value in posted.items() if isinstance(value, str)}
    if any(len(value) > LONGEST_FIELD for value in fields.values()):
        raise Refusal("too-large")
    if not all(_is_text(value) for value in fields.values()):
        raise Refusal("malformed")
    check_csrf(await visitor_of(request), fields.get("csrf", ""))
    return Form(fields)


def _is_text(value: str) -> bool:
    """Whether both databases can store it: no NUL, no half of a surrogate pair."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
