"""A recorded activity to the handler of its kind, outside the request that brought it.

Called by the workers: for what has just arrived, and for the job (`dispatch`, activity id) of what could not be done
with at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure, NotYet, WireRefusal
from federation.ports import ANY_KIND
from federation.receive.verify import recorded_activity
from federation.vocabulary.market_names import short_name
from federation.vocabulary.reading import first_type, governance_kind
from identity.errors import CanonicalError, DidRefused, KeyRefused, ProofRefusal
from storage.records import Conclusion
from storage.work import activities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.ports import Federation, Handler
    from federation.receive.verify import VerifiedActivity
    from storage.records import ActivityRecord

IGNORED = "ignored"
INCOMPLETE = "incomplete"
RECORDED = "recorded"
_WIRE_REFUSALS = (WireRefusal, ProofRefusal, KeyRefused, DidRefused, CanonicalError)


def kind_of(document: Mapping[str, Any]) -> str:
    """What an activity is about: its own governance kind, else its object's, else its object's type, else "".

    Of a list of objects the first one's type stands for all; handlers of governance are never given lists.
    """
    about = document.get("object")
    if isinstance(about, list):
        return short_name(first_type(about[0])) if about else ""
    return governance_kind(document) or governance_kind(about) or short_name(first_type(about))


def handler_for(federation: Federation, activity: VerifiedActivity) -> Handler | None:
    """The handler of (type, kind), else of (type, ANY_KIND), else None."""
    pair = _entry(federation, activity)
    return None if pair is None else federation.handlers[pair]


def at_first(federation: Federation, activity: VerifiedActivity) -> Conclusion:
    """What an activity is when it arrives: `recorded`, and so to be dispatched, or done with already.

    Done with is what no handler will do anything about, as its kind or its document alone says. Most of what servers of
    many people send is such.
    """
    pair = _entry(federation, activity)
    if pair is None or (pair in federation.concerned and not federation.concerned[pair](activity.document)):
        return Conclusion(activity.id, "dispatched", IGNORED)
    return Conclusion(activity.id, RECORDED)


def _entry(federation: Federation, activity: VerifiedActivity) -> tuple[str, str] | None:
    pairs = ((activity.type, kind_of(activity.document)), (activity.type, ANY_KIND))
    return next((pair for pair in pairs if pair in federation.handlers), None)


async def dispatch_activity(federation: Federation, activity_id: str) -> None:
    """Hand a recorded activity to its handler; types without one are marked dispatched with reason `ignored`.

    A refusal of the rules marks it refused with the refusal's code; any other exception passes, so the job is retried.
    One that still lacks something earlier (P15), or needs a peer that still does not answer, is refused as
    `incomplete` after `limits.out_of_order_days`.
    Handlers may therefore see an activity twice and must not act twice. Nothing happens for one already dispatched.
    """
    row = await federation.store.read_together(activities.find_all, activity_id)
    if row is None or not _waits(row):
        return
    conclusion = await _handled(federation, recorded_activity(row))
    await federation.store.write_together(activities.conclude_all, conclusion)
    federation.count("activity", conclusion.state)


async def conclude_locally(federation: Federation, row: ActivityRecord) -> Conclusion | None:
    """What the handler of an activity that arrived made of it, not written yet; None when it is to be dispatched alone.

    That is when its handler asks others than our own database, and when anything fails.
    """
    try:
        activity = recorded_activity(row)
        pair = _entry(federation, activity)
        is_local = pair is None or pair in federation.local
        return await _handled(federation, activity) if is_local else None
    except Exception:  # noqa: BLE001  # it fails again alone, where its job keeps what is wrong
        return None


def _waits(row: ActivityRecord) -> bool:
    return row.direction == "in" and row.state in {RECORDED, "queued"}


async def _handled(federation: Federation, activity: VerifiedActivity) -> Conclusion:
    handler = handler_for(federation, activity)
    if handler is None:
        return Conclusion(activity.id, "dispatched", IGNORED)
    try:
        await handler(activity)
    except (NotYet, FetchFailure):
        patience = timedelta(days=federation.limits.out_of_order_days)
        if federation.clock() - activity.received_at < patience:
            raise
        return Conclusion(activity.id, "refused", INCOMPLETE)
    except Exception as refusal:
        if not isinstance(refusal, _WIRE_REFUSALS + federation.refusal_types):
            raise
        return Conclusion(activity.id, "refused", str(getattr(refusal, "code", type(refusal).__name__)))
    return Conclusion(activity.id, "dispatched")
