"""What an operator sees: health, queues by peer, failed deliveries with advice, work waiting, memberships.

Called by node.web.operator, node.web.assembly and node.web.profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from node.web.views.wording.labels import BODY_KINDS, Chip, label
from node.web.views.wording.numbers import weight_text
from node.web.views.wording.times import Moment, moment, span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import (
        DeliveryRecord,
        DeliverySummary,
        JobRecord,
        JobSummary,
        MembershipRecord,
        PeerPolicyRecord,
        PeerRecord,
        UnreachableHostRecord,
    )

MEMBERSHIP_STATES: Mapping[str, tuple[str, str]] = {
    "asked": ("Waiting for an answer", "open"),
    "accepted": ("Accepted", "done"),
    "rejected": ("Declined", "rejected"),
    "suspended": ("Suspended", "warn"),
    "left": ("Left", "quiet"),
}
POLICIES = {"limit": ("Limited", "open"), "block": ("Blocked", "rejected"), "allow": ("Allowed", "passed")}
POLICY_CHOICES: Mapping[str, tuple[str, str]] = {
    "block": ("Block", "Nothing is taken from it, fetched from it or sent to it."),
    "limit": ("Limit", "What it sends is taken in, but not passed on and not shown in public."),
    "allow": ("Allow", "It is heard in full, also where a name above it is limited or blocked."),
}
ADVICE: tuple[tuple[range, str], ...] = (
    (
        range(401, 404),
        "The peer did not believe our signature or blocks us. Ask its operator; check this machine's clock.",
    ),
    (range(404, 411), "The inbox is gone. If the co-op moved, remove it and join again at its new address."),
    (range(429, 430), "The peer asks for patience. Trying again later is enough."),
    (range(500, 600), "The peer has a fault of its own. Its operator should look at the log of that minute."),
)
UNREACHABLE = "The peer did not answer. Is its machine running, and does its name still lead to it?"
ENDLESS = "What it says has no end so far, and is read slowly for now. If you cannot tell why, limit or block it below."
LATE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One sign of health; `advice` says what to do when it is not well."""

    name: str
    value: str
    tone: str = "good"
    advice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLine:
    """A delivery that was given up, with its reason and what to do."""

    id: int
    host: str
    reason: str
    facts: str
    advice: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """The waiting rows of one kind of work."""

    kind: str
    count: int
    running: int
    failing: int
    next: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedLine:
    """A piece of work that stands still, with its fault."""

    id: int
    kind: str
    key: str
    reason: str
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentLine:
    """A host that does not answer, and when it is tried next."""

    host: str
    reason: str
    facts: str
    next: Moment


@dataclass(frozen=True, slots=True)
class PeerLine:
    """A peer and when its actor document was last read; `note` says what is odd about it."""

    name: str
    kind: str
    actor: str
    at: Moment
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A host that is not heard in full, or is though a name above it is not."""

    host: str
    chip: Chip
    note: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLine:
    """A tie to an assembly above, or to a constituent or applicant below.

    Numbers of members: `reported` by the body, `decided` otherwise, and `in_force` in our statute.
    """

    name: str
    actor: str
    kind: str
    chip: Chip
    weight: str | None
    note: str
    at: Moment
    can_leave: bool
    reported: str | None = None
    decided: str | None = None
    in_force: str | None = None
    is_split: bool = False
    may_split: bool = False


def health(
    summary: DeliverySummary, jobs: Sequence[JobSummary], *, store: str, setting: Setting
) -> tuple[HealthLine, ...]:
    """The signs of health, each with advice where something waits too long."""
    say = setting.say
    oldest = setting.now - summary.oldest_due_at if summary.oldest_due_at else timedelta(0)
    is_late = oldest > LATE_AFTER
    failing, parked = sum(job.failing for job in jobs), sum(job.parked for job in jobs)
    return (
        HealthLine(say("Database"), say("%(store)s answers", store=store)),
        HealthLine(
            say("Messages waiting"),
            say.count("%(number)s message", "%(number)s messages", summary.due),
            "warn" if is_late else "good",
            say("The oldest has been due for %(span)s. See the peers below.", span=span(oldest, say))
            if is_late
            else None,
        ),
        HealthLine(
            say("Messages given up"),
            say.count("%(number)s message", "%(number)s messages", summary.failed),
            "warn" if summary.failed else "good",
            say("Each stands below with its reason and a button.") if summary.failed else None,
        ),
        HealthLine(
            say("Work that failed"),
            say.count("%(number)s piece", "%(number)s pieces", failing),
            "warn" if failing else "good",
            say("It is tried again by itself; the log of the node names the fault.") if failing else None,
        ),
        HealthLine(
            say("Work that stands still"),
            say.count("%(number)s piece", "%(number)s pieces", parked),
            "warn" if parked else "good",
            say("It failed too often. Nothing is lost; take it up again below, best after an update.")
            if parked
            else None,
        ),
        HealthLine(say("Messages sent"), f"{summary.sent:,}"),
    )


def failed_line(record: DeliveryRecord, setting: Setting) -> FailedLine:
    """A failed delivery."""
    say = setting.say
    advice = next((text for codes, text in ADVICE if (record.last_status or 0) in codes), UNREACHABLE)
    given = say("It answered %(status)s.", status=record.last_status) if record.last_status else say("No answer.")
    return FailedLine(
        id=record.id,
        host=record.host,
        reason=f"{given} {record.last_error or ''}".strip(),
        facts=say.count(
            "Tried %(number)s time, first %(when)s.",
            "Tried %(number)s times, first %(when)s.",
            record.attempts,
            when=moment(record.created_at, now=setting.now, say=say).distance,
        ),
        advice=say(advice),
    )


def job_line(summary: JobSummary, setting: Setting) -> JobLine:
    """The waiting work of one kind."""
    at = moment(summary.oldest_run_at, now=setting.now, say=setting.say)
    return JobLine(summary.kind, summary.waiting, summary.running, summary.failing, at)


def parked_line(record: JobRecord, setting: Setting) -> ParkedLine:
    """A job that was put aside."""
    say, at = setting.say, record.parked_at or record.run_at
    return ParkedLine(
        id=record.id,
        kind=record.kind,
        key=record.key,
        reason=record.last_error or "",
        facts=say.count(
            "Tried %(number)s time, put aside %(when)s.",
            "Tried %(number)s times, put aside %(when)s.",
            record.attempts,
            when=moment(at, now=setting.now, say=say).distance,
        ),
    )


def silent_line(record: UnreachableHostRecord, setting: Setting) -> SilentLine:
    """An unreachable host."""
    say = setting.say
    return SilentLine(
        host=record.host,
        reason=record.error,
        facts=say.count(
            "It did not answer %(number)s time, first %(when)s.",
            "It did not answer %(number)s times, first %(when)s.",
            record.failures,
            when=moment(record.since, now=setting.now, say=say).distance,
        ),
        next=moment(record.try_at, now=setting.now, say=say),
    )


def peer_line(record: PeerRecord, setting: Setting, *, endless: Collection[str] = ()) -> PeerLine:
    """A known peer; `endless` are those whose outbox may have no end."""
    say = setting.say
    note = say(ENDLESS) if record.actor_id in endless else None
    at = moment(record.fetched_at, now=setting.now, say=say)
    return PeerLine(record.name or record.host, label(BODY_KINDS, record.kind, say), record.actor_id, at, note)


def policy_line(record: PeerPolicyRecord, setting: Setting) -> PolicyLine:
    """A host that an operator decided about."""
    text, tone = POLICIES[record.policy]
    at = moment(record.decided_at, now=setting.now, say=setting.say)
    return PolicyLine(record.host, Chip(setting.say(text), tone), record.note, at)


def membership_line(
    record: MembershipRecord,
    setting: Setting,
    *,
    denominator: int = 1,
    in_force: int | None = None,
    may_split: bool = False,
) -> MembershipLine:
    """A tie between bodies. `in_force`: the members our statute names; `may_split`: whether theirs lets us split."""
    say = setting.say
    text, tone = MEMBERSHIP_STATES[record.state]
    return MembershipLine(
        name=record.name or record.actor_id,
        actor=record.actor_id,
        kind=label(BODY_KINDS, record.kind, say),
        chip=Chip(say(text), tone),
        weight=weight_text(record.weight, denominator) if record.weight is not None else None,
        note=say("answered") if record.decided_at else say("asked"),
        at=moment(record.decided_at or record.created_at, now=setting.now, say=say),
        can_leave=record.direction == "above" and record.state in {"asked", "accepted"},
        reported=_number(record.members),
        decided=_number(record.members_decided),
        in_force=_number(in_force),
        is_split=record.splits_since is not None,
        may_split=may_split or record.splits_since is not None,
    )


def _number(count: int | None) -> str | None:
    return f"{count:,}" if count is not None else None
