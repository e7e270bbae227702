"""Recorded activities to their handlers: by kind, once, and with the refusals of the rules kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.errors import WireRefusal
from federation.ports import ANY_KIND
from federation.receive.dispatch import dispatch_activity, kind_of
from storage.engine import open_store
from storage.records import ActivityRecord
from storage.work import activities
from tests.doors.peers import NOON, Wire, as_bytes, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.receive.verify import VerifiedActivity


class RuleRefusal(Exception):  # noqa: N818 - as the rules name theirs
    code = "ballot-late"


@pytest.fixture
async def here(sqlite_url: str) -> AsyncIterator[Wire]:
    store = await open_store(sqlite_url)
    async with wire(store) as served:
        served.federation.refusal_types = (RuleRefusal,)
        yield served
    await store.close()


async def received(here: Wire, **members: Any) -> ActivityRecord:
    document = {"id": "https://coop.example/a/1", "type": "Create", "actor": "https://coop.example/body", **members}
    record = ActivityRecord(
        id=str(document["id"]),
        direction="in",
        type=str(document["type"]),
        actor_id="https://coop.example/body",
        raw=as_bytes(document).decode(),
        received_at=NOON,
        is_public=True,
        source_actor="https://assembly.example/body",
    )
    async with here.federation.store.write() as tx:
        await activities.add(tx, record)
    return record


async def state_of(here: Wire, record: ActivityRecord) -> tuple[str, str | None]:
    async with here.federation.store.read() as tx:
        row = await activities.find(tx, record.id)
    assert row is not None
    return row.state, row.reason


def raising(error: Exception) -> Any:
    async def handle(_: VerifiedActivity) -> None:
        raise error

    return handle


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"object": {"type": "Question", "governance": {"kind": "proposal"}}}, "proposal"),
        ({"object": "https://x.example/1", "governance": {"kind": "application"}}, "application"),
        ({"object": {"type": ["Note", "Page"]}}, "Note"),
        ({"object": "https://x.example/1"}, ""),
        ({"object": {"governance": {"kind": 5}}}, ""),
        ({}, ""),
    ],
)
def test_the_kind_is_what_an_activity_is_about(document: dict[str, Any], kind: str) -> None:
    assert kind_of(document) == kind


async def test_the_handler_of_the_kind_goes_before_the_handler_of_any_kind(here: Wire) -> None:
    called: list[str] = []

    async def of_ballots(activity: VerifiedActivity) -> None:
        called.append(f"ballots, by {activity.announced_by}")

    async def of_anything(_: VerifiedActivity) -> None:
        called.append("anything")

    here.federation.handlers.update({("Create", "ballot"): of_ballots, ("Create", ANY_KIND): of_anything})
    ballot = await received(here, object={"governance": {"kind": "ballot"}})
    note = await received(here, id="https://coop.example/a/2", object={"type": "Note"})

    for record in (ballot, note):
        await dispatch_activity(here.federation, record.id)

    assert called == ["ballots, by https://assembly.example/body", "anything"]


@pytest.mark.parametrize(
    ("error", "reason"), [(RuleRefusal(), "ballot-late"), (WireRefusal("object-owner", "not yours"), "object-owner")]
)
async def test_a_refusal_is_kept_with_its_code_and_not_tried_again(here: Wire, error: Exception, reason: str) -> None:
    here.federation.handlers["Create", ANY_KIND] = raising(error)
    record = await received(here)

    await dispatch_activity(here.federation, record.id)
    here.federation.handlers["Create", ANY_KIND] = raising(AssertionError("called again"))
    await dispatch_activity(here.federation, record.id)

    assert await state_of(here, record) == ("refused", reason)


async def test_a_fault_passes_and_leaves_the_activity_to_be_tried_again(here: Wire) -> None:
    here.federation.handlers["Create", ANY_KIND] = raising(ConnectionError("not yet"))
    record = await received(here)

    with pytest.raises(ConnectionError):
        await dispatch_activity(here.federation, record.id)

    assert await state_of(here, record) == ("recorded", None)


async def test_an_activity_that_is_not_there_is_nothing_to_do(here: Wire) -> None:
    await dispatch_activity(here.federation, "https://coop.example/a/unknown")
