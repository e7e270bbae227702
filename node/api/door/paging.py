"""Pages of a list and the opaque cursors between them; called by every noun that lists."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from node.api.problems import Problem

Item = TypeVar("Item")
Row = TypeVar("Row")
MOST_ITEMS = 100
CURSOR = re.compile(r"[0-9]{1,18}")


class Window(BaseModel, extra="forbid", frozen=True):
    """How much of a list is asked for, and after which cursor."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="At most this many items.")] = 25
    after: Annotated[str | None, Field(max_length=900, description="The `next` of the page before; opaque.")] = None

    @property
    def offset(self) -> int:
        """The cursor read as a count of items already seen. Problem: cursor-unknown."""
        return read_cursor(self.after)


class Page(BaseModel, Generic[Item], extra="forbid", frozen=True):
    """Some items of a list; `next` is the cursor of the following page, null on the last (also in the Link header)."""

    items: Sequence[Item]
    next: str | None = None


def cursor(position: int) -> str:
    """The opaque form of a position."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read_cursor(after: str | None) -> int:
    """The position in a cursor, 0 without one. Problem: cursor-unknown."""
    if after is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not CURSOR.fullmatch(text):
        raise Problem(422, "cursor-unknown", "The cursor `after` was not given out by this list.")
    return int(text)


def page(rows: Sequence[Row], window: Window, shown: Callable[[Row], Item]) -> Page[Item]:
    """One page of rows counted from the window's offset; give it one row more than `limit` when there are more."""
    more = cursor(window.offset + window.limit) if len(rows) > window.limit else None
    return Page[Item](items=[shown(row) for row in rows[: window.limit]], next=more)


def slice_page(rows: Sequence[Row], window: Window, shown: Callable[[Row], Item]) -> Page[Item]:
    """One page of a list that is wholly in hand."""
    return page(rows[window.offset : window.offset + window.limit + 1], window, shown)
