"""Who was reminded when that a position is missing, in sentences.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.governance.calls import SECOND
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ReminderRecord

SENT = "%(name)s was reminded when %(percent)s %% of the time had passed."
RECEIVED = "%(name)s waits for our position; it reminded us when %(percent)s %% of the time had passed."

SENT_AGAIN = "%(name)s was reminded when %(percent)s %% of the time of the second call had passed."
RECEIVED_AGAIN = (
    "%(name)s waits for our position; it reminded us when %(percent)s %% of the time of the second call had passed."
)


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder with the name of the other side: the constituent we reminded, or the assembly that reminded us."""

    name: str
    record: ReminderRecord


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One reminder as the page tells it."""

    sentence: str
    at: Moment


def reminder_line(reminded: Reminded, setting: Setting) -> ReminderLine:
    """Whom we reminded, or who reminded us, and when."""
    texts = (SENT, SENT_AGAIN) if reminded.record.source == "own" else (RECEIVED, RECEIVED_AGAIN)
    text = texts[reminded.record.call == SECOND]
    return ReminderLine(
        sentence=setting.say(text, name=reminded.name, percent=reminded.record.percent),
        at=moment(reminded.record.reminded_at, now=setting.now, say=setting.say),
    )
