"""Due deliveries of one host to its inboxes, each attempt signed afresh (P13).

Called by the worker for the job (`deliver`, host); rows are leased, so two workers never send the same one at once.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from federation.authoring import followers_id, proven_now
from federation.deliver.retry import Verdict, is_of_host, judge, retry_after, wait
from federation.errors import FetchFailure, FetchForbidden
from federation.fetch.signing import Outgoing
from federation.peers import followers, reachability
from federation.ports import Letter
from federation.vocabulary.reading import addresses
from federation.vocabulary.terms import ACTIVITY_JSON
from storage.records import DeliveryClaim, SettledDelivery
from storage.work import activities, deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from federation.fetch.client import PeerAnswer
    from federation.ports import Federation
    from storage.engine import Tx
    from storage.records import ActivityRecord, DeliveryRecord

_ROUNDS = 8  # claims per call: an object's history goes out in one call, yet no host keeps a worker for long
_KEPT_BODIES = 32
_GONE = 410
_MANY_FOR_ONE = 8  # rows of a claim that make another line worth opening, which is a connection

Said = dict[str, dict[str, str]]
"""What is said besides to the host of one claim, by activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One delivery after one attempt. `status` None: no answer came. `asked` is what Retry-After asked for.

    `is_tried` is false for what was put off together with another one.
    """

    delivery: DeliveryRecord
    verdict: Verdict
    status: int | None = None
    error: str = ""
    asked: timedelta | None = None
    is_tried: bool = True

    @property
    def is_of_host(self) -> bool:
        """Whether the host as a whole takes nothing now, as far as this attempt shows."""
        return self.verdict is Verdict.RETRY and is_of_host(self.status)

    @property
    def is_silence(self) -> bool:
        """Whether the inbox was asked and did not answer."""
        return self.is_tried and self.verdict is Verdict.RETRY and self.status is None

    def for_another(self, row: DeliveryRecord) -> Attempt:
        """The same of a row that need not be tried to know."""
        return replace(self, delivery=row, is_tried=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one claim for one host came to. `silence` is the attempt that showed the host unreachable."""

    federation: Federation
    host: str
    attempts: Sequence[Attempt]

    @property
    def silence(self) -> Attempt | None:
        """The first attempt that says the host takes nothing now."""
        return _silence(self.attempts)


async def deliver_host(federation: Federation, host: str) -> datetime | None:
    """Send what is due to `host`; the moment of its next attempt (possibly past).

    None when nothing is left, or when the host takes nothing now: then a probe is planned, and all else waits for it.
    """
    due_at: datetime | None = None
    for _ in range(_ROUNDS):
        claimed = await _claim(federation, host)
        attempts = await _attempt_all(federation, claimed)
        done = Round(federation=federation, host=host, attempts=attempts)
        due_at = await federation.store.write_together(_settle_rounds, done)
        if not claimed or due_at is None or due_at > federation.clock():
            break
    return due_at


async def _claim(federation: Federation, host: str) -> Sequence[DeliveryRecord]:
    limits = federation.limits
    lease = timedelta(seconds=limits.delivery_lease_seconds)
    claim = DeliveryClaim(host, limits.delivery_batch, federation.clock(), lease)
    return await federation.store.write_together(deliveries.claim_all, claim)


async def _attempt_all(federation: Federation, claimed: Sequence[DeliveryRecord]) -> list[Attempt]:
    said: Said = {}
    silent: dict[str, Attempt] = {}
    attempts: list[Attempt] = []
    for rows in _in_turns(claimed):
        silence = _silence(attempts)
        if silence is not None:
            attempts += [silence.for_another(row) for row in rows]
            continue
        waiting, lines = iter(rows), min(federation.limits.delivery_concurrency, 1 + len(rows) // _MANY_FOR_ONE)
        done = await asyncio.gather(*(_attempt_in_line(federation, waiting, said, silent) for _ in range(lines)))
        attempts += chain.from_iterable(done)
    return attempts


def _in_turns(claimed: Sequence[DeliveryRecord]) -> list[Sequence[DeliveryRecord]]:
    """The first row alone, which probes: a dead host costs one time-out, not one for each row. Then the others.

    Of two activities about one object the host hears one at all its inboxes, then the other.
    """
    turns: dict[int, list[DeliveryRecord]] = {}
    about: dict[str, dict[str, int]] = {}
    for row in claimed:
        known = about.setdefault(row.ordering_key, {})
        place = known.setdefault(row.activity_id, len(known))
        turns.setdefault(place if row is not claimed[0] else -1, []).append(row)
    return [turns[place] for place in sorted(turns)]


def _silence(attempts: Sequence[Attempt]) -> Attempt | None:
    """The first attempt that says the host takes nothing now. Where one inbox answers, another's silence is its own."""
    answers = any(attempt.status is not None for attempt in attempts)
    return next((one for one in attempts if one.is_of_host and not (answers and one.status is None)), None)


async def _attempt_in_line(
    federation: Federation, waiting: Iterator[DeliveryRecord], said: Said, silent: dict[str, Attempt]
) -> list[Attempt]:
    """What came of the rows of a host that this line took, one after the other; all lines take from the same.

    A line that hears that the host takes nothing now takes all that is left, untried. So it takes what is for an inbox
    that just did not answer; those are in `silent`.
    """
    attempts = []
    for row in waiting:
        known = silent.get(row.inbox)
        attempt = known.for_another(row) if known else await _attempt(federation, row, said)
        attempts.append(attempt)
        silent |= {row.inbox: attempt} if attempt.is_silence else {}
        if attempt.is_of_host and attempt.status is not None:
            attempts += [attempt.for_another(left) for left in waiting]
    return attempts


async def _attempt(federation: Federation, row: DeliveryRecord, said: Said) -> Attempt:
    try:
        answer = await _post(federation, row, said)
    except FetchForbidden as failure:
        return Attempt(delivery=row, verdict=Verdict.FAILED, error=failure.advice)
    except FetchFailure as failure:
        return Attempt(delivery=row, verdict=judge(None), error=failure.advice)
    verdict = judge(answer.status)
    told = "" if verdict is Verdict.SENT else f"{answer.status}: {answer.body[:200].decode(errors='replace')}"
    asked = retry_after(answer.headers.get("retry-after"), now=federation.clock())
    return Attempt(delivery=row, verdict=verdict, status=answer.status, error=told, asked=asked)


async def _post(federation: Federation, row: DeliveryRecord, said: Said) -> PeerAnswer:
    letter = await _letter(federation, row.activity_id)
    if row.activity_id not in said:
        said[row.activity_id] = await _said_besides(federation, row, letter)
    headers = {"content-type": ACTIVITY_JSON, **said[row.activity_id]}
    request = Outgoing(method="POST", url=row.inbox, actor_id=letter.actor_id, headers=headers, body=letter.body)
    return await federation.signing.send(request)


async def _said_besides(federation: Federation, row: DeliveryRecord, letter: Letter) -> dict[str, str]:
    about = dict(await federation.headers_about(row.ordering_key))
    if letter.is_for_followers:
        about |= await followers.headers_for(federation, row.host)
    # They name documents of others, whose ids may have letters that no header can carry.
    return {name: value for name, value in about.items() if value.isascii() and value.isprintable()}


async def _letter(federation: Federation, activity_id: str) -> Letter:
    """The activity as it travels: read once for all the inboxes it goes to, and again once our keys are others."""
    kept, name = federation.letters, (activity_id, federation.keyring.ed25519(federation.actor_id)[0])
    if name not in kept:
        activity = await federation.store.read_together(activities.find_all, activity_id)
        if activity is None:
            raise FetchForbidden("activity-missing", f"{activity_id} is not stored")
        kept[name] = _written(federation, activity)
        while len(kept) > _KEPT_BODIES:
            kept.pop(next(iter(kept)))
    return kept[name]


def _written(federation: Federation, activity: ActivityRecord) -> Letter:
    said = json.loads(activity.raw)
    proven = proven_now(federation, said)
    raw = activity.raw if proven is said else json.dumps(proven, ensure_ascii=False, separators=(",", ":"))
    return Letter(activity.actor_id, raw.encode(), followers_id(federation) in addresses(said))


async def _settle_rounds(tx: Tx, rounds: Sequence[Round]) -> Sequence[datetime | None]:
    """When each host has something due again; None for those that take nothing now."""
    now = max(done.federation.clock() for done in rounds)
    await reachability.note_answers(tx, {done.host for done in rounds if _answered(done)}, now)
    settled: list[SettledDelivery] = []
    for done in rounds:
        paused_until = await _pause(tx, done, now)
        settled += [_settled(done.federation, one, now, paused_until) for one in done.attempts]
        await _give_up_the_old(tx, done, now)
    await deliveries.settle_all(tx, settled)
    await _doubt_the_gone(tx, rounds, now)
    # Whatever else waits for an inbox that does not answer lets the others of its host go first from now on.
    await deliveries.count_silence(tx, [one.delivery for done in rounds for one in done.attempts if one.is_silence])
    due_at = await deliveries.next_due_all(tx, [done.host for done in rounds if done.silence is None])
    await reachability.forget(tx, [done.host for done in rounds if not done.attempts and done.host not in due_at])
    return [due_at.get(done.host) for done in rounds]


async def _doubt_the_gone(tx: Tx, rounds: Sequence[Round], now: datetime) -> None:
    """Have those asked whose inbox says that it is gone; not at once, for a proxy may say so for an hour."""
    for done in rounds:
        gone = {one.delivery.inbox for one in done.attempts if one.status == _GONE}
        if gone:
            wait_seconds = done.federation.limits.gone_after_seconds
            await reachability.doubt(tx, gone, at=now + timedelta(seconds=wait_seconds))


async def _give_up_the_old(tx: Tx, done: Round, now: datetime) -> None:
    """Give up what waited its time for those who did not answer, tried or not: one attempt speaks for all of it.

    The actors behind the inboxes of a host that takes nothing are asked whether they are still there.
    """
    made_by = now - timedelta(days=done.federation.limits.delivery_hold_days)
    if done.silence is not None:
        inboxes = await deliveries.give_up(tx, _overdue(done.silence, now), host=done.host, made_by=made_by)
        await reachability.doubt(tx, inboxes, at=now)
        return
    for silence in {one.delivery.inbox: one for one in done.attempts if one.is_silence}.values():
        await deliveries.give_up(tx, _overdue(silence, now), inbox=silence.delivery.inbox, made_by=made_by)


def _overdue(silence: Attempt, now: datetime) -> SettledDelivery:
    return SettledDelivery(silence.delivery.id, "failed", now, silence.status, silence.error)


def _answered(done: Round) -> bool:
    return bool(done.attempts) and done.silence is None


async def _pause(tx: Tx, done: Round, now: datetime) -> datetime | None:
    silence, federation = done.silence, done.federation
    if silence is None:
        return None
    pause = partial(wait, limits=federation.limits, random=federation.random, at_least=silence.asked)
    return await reachability.note_failure(tx, done.host, error=silence.error, pause=pause, now=now)


def _settled(federation: Federation, attempt: Attempt, now: datetime, paused_until: datetime | None) -> SettledDelivery:
    row, limits = attempt.delivery, federation.limits
    federation.count("delivery", attempt.verdict)
    if attempt.verdict is Verdict.SENT:
        return SettledDelivery(row.id, "sent", now, attempt.status, None)
    pause = wait(row.attempts, limits, random=federation.random, at_least=attempt.asked)
    next_at = paused_until if attempt.is_of_host and paused_until is not None else now + pause
    is_given_up = row.created_at + timedelta(days=limits.delivery_hold_days) <= now
    state = "failed" if attempt.verdict is Verdict.FAILED or is_given_up else "due"
    return SettledDelivery(row.id, state, next_at, attempt.status, attempt.error, attempt.is_tried)
