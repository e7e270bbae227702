"""Reminders: an assembly's signed word to a constituent that its position is missing and the close comes near (G6).

Written by the assembly's node at moments of the time that a proposal is open; read by the constituent's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.assembly.fields import governance_of
from federation.assembly.refusals import ReminderRefusal
from federation.assembly.reporting.reported import Asked
from identity.instants import instant_text

REMINDER_KEYS: Final = ("kind", "proposal", "statute", "body", "percent", "closes_at", "reminded_at")
WHOLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder as read: `percent` of the time between opening and close had passed."""

    id: str
    actor: str
    body: str
    asked: Asked
    percent: int
    closes_at: datetime
    reminded_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """When those who have not reported are reminded: at each of these percents of the time a proposal is open."""

    opens_at: datetime
    closes_at: datetime
    percents: tuple[int, ...]

    def at(self, percent: int) -> datetime:
        """The moment at which so much of the time has passed."""
        return self.opens_at + (self.closes_at - self.opens_at) * percent / WHOLE

    def reached(self, now: datetime) -> int | None:
        """The last percent whose moment has come; None before the first, and from the close on."""
        come = [percent for percent in self.percents if self.at(percent) <= now < self.closes_at]
        return max(come, default=None)

    def following(self, now: datetime) -> datetime | None:
        """The next moment that is still to come."""
        return min((self.at(percent) for percent in self.percents if self.at(percent) > now), default=None)


def reminder_governance(
    *, asked: Asked, body: str, percent: int, closes_at: datetime, reminded_at: datetime
) -> dict[str, object]:
    """The `governance` member of a reminder."""
    return {
        "kind": "reminder",
        "proposal": asked.proposal.to_document(),
        "statute": asked.statute,
        "body": body,
        "percent": percent,
        "closes_at": instant_text(closes_at),
        "reminded_at": instant_text(reminded_at),
    }


def read_reminder(document: object) -> Reminder:
    """The reminder in a document, whoever wrote it. Raises ReminderRefusal."""
    outer, fields = governance_of(document, "reminder", _refuse)
    fields.only(*REMINDER_KEYS)
    return Reminder(
        id=outer.text("id"),
        actor=outer.text("attributedTo"),
        body=fields.text("body"),
        asked=Asked(proposal=fields.reference("proposal"), statute=fields.digest("statute")),
        percent=fields.integer("percent", least=1, most=WHOLE - 1),
        closes_at=fields.instant("closes_at"),
        reminded_at=fields.instant("reminded_at"),
    )


def check_reminder(reminder: Reminder, *, asked: Asked, body: str, assembly: str) -> None:
    """Nothing, if the actor `assembly`, which decides, reminds `body` of this very text. Raises ReminderRefusal."""
    if reminder.actor != assembly:
        raise ReminderRefusal("reminder-foreign", reminder.actor)
    if reminder.asked != asked or reminder.body != body:
        raise ReminderRefusal("reminder-other-proposal", reminder.asked.proposal.id)


def unreported(roster: Iterable[str], reported: Iterable[str]) -> tuple[str, ...]:
    """Those of the roster, in its order, that no counted report came from."""
    heard = set(reported)
    return tuple(body for body in roster if body not in heard)


def _refuse(detail: str) -> ReminderRefusal:
    return ReminderRefusal("reminder-malformed", detail)
