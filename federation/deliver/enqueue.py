"""An activity of ours into the outbox and onto the delivery rows, inside the caller's transaction (P13).

Called by the node's services, after their own rows and before their commit, which wakes the worker.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from federation.authoring import signed
from federation.peers import reachability
from federation.peers.policy import Policy, policy_for
from federation.receive.origins import host_of, same_origin
from federation.vocabulary.reading import first_type, id_of
from storage.neighbours import peer_policies
from storage.records import ActivityRecord, DeliveryRecord
from storage.work import activities, deliveries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from federation.ports import Federation
    from storage.engine import Tx


async def publish(  # noqa: PLR0913  # what is passed on brings its text
    tx: Tx,
    federation: Federation,
    activity: Mapping[str, Any],
    *,
    inboxes: Sequence[str],
    ordering_key: str,
    is_public: bool,
    verbatim: str | None = None,
) -> dict[str, Any]:
    """The activity as stored: signed by its actor if it had no proof yet, one delivery row per distinct inbox.

    Repeating it with the same id adds nothing. `ordering_key` is the id of the object it is about: activities with the
    same key reach each host in order. Inboxes come from `deliver.audience`; our own and those of blocked hosts
    are left out. `verbatim` is the text of its object as it came, and goes out byte for byte. Nothing is sent here.
    """
    document = dict(activity) if "proof" in activity else signed(federation, activity, actor_id=str(activity["actor"]))
    now = federation.clock()
    row = ActivityRecord(
        id=str(document["id"]),
        direction="out",
        type=first_type(document),
        actor_id=str(document["actor"]),
        raw=_text(document) if verbatim is None else _text_around(verbatim, document),
        received_at=now,
        is_public=is_public,
        state="dispatched",
        object_id=id_of(document.get("object")),
    )
    if await activities.add(tx, row):
        await _enqueue(tx, federation, row.id, await _heard(tx, federation, inboxes), ordering_key)
    return document


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text_around(verbatim: str, document: Mapping[str, Any]) -> str:
    """The document as text, its object as that text."""
    members = ((name, verbatim if name == "object" else _text(value)) for name, value in document.items())
    return "{" + ",".join(f"{_text(name)}:{text}" for name, text in members) + "}"


async def _heard(tx: Tx, federation: Federation, inboxes: Iterable[str]) -> list[str]:
    """The inboxes, each once, without our own and those of blocked hosts."""
    policies = await peer_policies.all(tx)
    others = [inbox for inbox in dict.fromkeys(inboxes) if not same_origin(inbox, federation.origin)]
    return [inbox for inbox in others if policy_for(host_of(inbox), policies) is not Policy.BLOCK]


async def _enqueue(tx: Tx, federation: Federation, activity_id: str, inboxes: Iterable[str], ordering_key: str) -> None:
    now = federation.clock()
    rows = [
        DeliveryRecord(
            activity_id=activity_id,
            inbox=inbox,
            host=host_of(inbox),
            ordering_key=ordering_key,
            next_attempt_at=now,
            created_at=now,
        )
        for inbox in inboxes
    ]
    if rows:
        await deliveries.add_all(tx, rows)
        await reachability.want_delivery(tx, activity_id, list(dict.fromkeys(row.host for row in rows)), now)
