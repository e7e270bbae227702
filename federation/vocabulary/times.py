"""Times on the wire, read tolerantly; they are written by `identity.instants.instant_text`.

Called by receive and the node's inbound translators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.instants import instant_text, read_instant

if TYPE_CHECKING:
    from datetime import datetime

wire_time = instant_text


def read_time(text: object) -> datetime | None:
    """The aware moment an ISO 8601 text with a time zone names, or None when it names none."""
    try:
        return read_instant(text)
    except ValueError:
        return None
