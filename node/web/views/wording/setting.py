"""What every view needs to know of the page it is for: whose node, what time, which language.

Made once for each request by node.web.frame.render.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from node.web.views.wording.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The surroundings of one page; `now` is aware UTC."""

    origin: str
    body_name: str
    body_did: str
    now: datetime
    say: Words
