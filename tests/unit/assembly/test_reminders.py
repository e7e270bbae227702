from datetime import UTC, datetime, timedelta

import pytest

from federation.assembly.positions import Asked
from federation.assembly.references import Reference
from federation.assembly.refusals import ReminderRefusal
from federation.assembly.reporting.reminders import (
    Schedule,
    check_reminder,
    read_reminder,
    reminder_governance,
    unreported,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
ASKED = Asked(proposal=Reference("https://alpha.example/proposals/1", DIGEST), statute=DIGEST)
SCHEDULE = Schedule(NOON, NOON + timedelta(hours=10), (90, 50))


def document(**changes: object) -> dict[str, object]:
    governance = reminder_governance(
        asked=ASKED, body="did:web:beta", percent=50, closes_at=NOON + timedelta(days=1), reminded_at=NOON
    )
    return {
        "id": "https://alpha.example/reminders/1",
        "attributedTo": "https://alpha.example/body",
        "governance": governance | changes,
    }


def test_a_reminder_reads_back_as_written() -> None:
    reminder = read_reminder(document())

    assert (reminder.id, reminder.actor) == ("https://alpha.example/reminders/1", "https://alpha.example/body")
    assert (reminder.body, reminder.percent, reminder.asked) == ("did:web:beta", 50, ASKED)
    assert (reminder.closes_at, reminder.reminded_at) == (NOON + timedelta(days=1), NOON)


@pytest.mark.parametrize(
    "changes", [{"percent": 0}, {"percent": 100}, {"percent": "50"}, {"closes_at": "soon"}, {"why": "x"}, {"body": ""}]
)
def test_a_reminder_of_another_shape_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ReminderRefusal, match="reminder-malformed"):
        read_reminder(document(**changes))


def test_a_reminder_counts_from_the_deciding_assembly_for_the_body_it_names() -> None:
    reminder = read_reminder(document())
    other = Asked(proposal=Reference("https://alpha.example/proposals/2", DIGEST), statute=DIGEST)

    check_reminder(reminder, asked=ASKED, body="did:web:beta", assembly="https://alpha.example/body")
    for asked, body, assembly, code in (
        (ASKED, "did:web:beta", "https://beta.example/body", "reminder-foreign"),
        (other, "did:web:beta", "https://alpha.example/body", "reminder-other-proposal"),
        (ASKED, "did:web:gamma", "https://alpha.example/body", "reminder-other-proposal"),
    ):
        with pytest.raises(ReminderRefusal, match=code):
            check_reminder(reminder, asked=asked, body=body, assembly=assembly)


@pytest.mark.parametrize(
    ("hours", "reached", "following"),
    [(0, None, 5), (4.9, None, 5), (5, 50, 9), (8, 50, 9), (9, 90, None), (10, None, None)],
)
def test_the_moments_of_a_schedule(hours: float, reached: int | None, following: int | None) -> None:
    now = NOON + timedelta(hours=hours)

    assert SCHEDULE.reached(now) == reached
    assert SCHEDULE.following(now) == (NOON + timedelta(hours=following) if following else None)


def test_a_schedule_without_moments_never_comes() -> None:
    silent = Schedule(NOON, NOON + timedelta(hours=10), ())

    assert (silent.reached(NOON + timedelta(hours=9)), silent.following(NOON)) == (None, None)


def test_the_unreported_stand_in_the_order_of_the_roster() -> None:
    assert unreported(["c", "a", "b"], ["a", "x"]) == ("c", "b")
