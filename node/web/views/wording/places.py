"""Where things are found on this node: the local page of a proposal or an offer, ours or a peer's.

Called by the views and the handlers; a peer's id is carried in the query because its shape is the peer's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Link:
    """A place and its words; `is_here` marks the page being shown."""

    label: str
    href: str
    is_here: bool = False
    note: str | None = None


def local_path(thing_id: str, *, origin: str, room: str, action: str = "") -> str:
    """The page of `thing_id` in `room` ("proposals", "offers") on the node at `origin`, and an action below it."""
    if thing_id.startswith(f"{origin}/{room}/"):
        return f"{thing_id.removeprefix(origin)}{action and '/' + action}"
    return f"/{room}/elsewhere{action and '/' + action}?id={quote(thing_id, safe='')}"


def home_of(actor: str) -> str:
    """The home page of the node an actor lives on; constituents are nodes like this one."""
    parts = urlsplit(actor)
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in {"http", "https"} else ""


def host_of(address: str) -> str:
    """The host a reader recognises a peer by."""
    return urlsplit(address).netloc or address
