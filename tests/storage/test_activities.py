from dataclasses import replace
from datetime import timedelta

from storage import activities, deliveries, intake
from storage.engine import Store
from storage.records import Conclusion
from storage.work import retention
from tests.storage.samples import NOON, activity, delivery


async def test_an_activity_is_stored_once_and_byte_for_byte(store: Store) -> None:
    original = activity()
    async with store.write() as tx:
        assert await activities.add(tx, original)
        assert not await activities.add(tx, activity(raw="{}"))

    async with store.read() as tx:
        found = await activities.find(tx, original.id)

    assert found is not None
    assert found.raw == original.raw
    assert found.position > 0


async def test_of_many_only_the_new_ones_are_named(store: Store) -> None:
    async with store.write() as tx:
        await activities.add(tx, activity("2"))

        assert await activities.add_all(tx, [activity("1"), activity("2"), activity("3")]) == {"1", "3"}
        assert await activities.add_all(tx, []) == frozenset()


async def test_received_activities_wait_in_order_until_dispatched_or_refused(store: Store) -> None:
    async with store.write() as tx:
        for name in ("1", "2", "3"):
            await activities.add(tx, activity(name))
        await activities.add(tx, activity("ours", direction="out"))
        await activities.conclude_all(tx, [Conclusion("1", "dispatched"), Conclusion("2", "refused", "ballot-late")])

        assert [waiting.id for waiting in await intake.arrived(tx, limit=100)] == ["3"]
        refused = await activities.find(tx, "2")

    assert refused is not None
    assert (refused.state, refused.reason) == ("refused", "ballot-late")


async def test_the_outbox_pages_through_public_activities_of_ours_both_ways(store: Store) -> None:
    async with store.write() as tx:
        for number in range(5):
            await activities.add(tx, activity(f"ours-{number}", direction="out"))
        await activities.add(tx, activity("private", direction="out", is_public=False))
        await activities.add(tx, activity("theirs"))

    async with store.read() as tx:
        newest = await activities.outbox(tx, limit=2)
        older = await activities.outbox(tx, limit=2, before=newest[-1].position)
        since = await activities.outbox(tx, limit=2, after=older[-1].position)
        total = await activities.outbox_count(tx)
        recent = await activities.recent(tx, limit=2)
        earlier = await activities.recent(tx, limit=1, before=recent[-1].position)

    assert [found.id for found in newest] == ["ours-4", "ours-3"]
    assert [found.id for found in older] == ["ours-2", "ours-1"]
    assert [found.id for found in since] == ["ours-2", "ours-3"]
    assert total == 5
    assert [found.id for found in recent] == ["theirs", "private"]
    assert [found.id for found in earlier] == ["ours-4"]


async def test_what_was_passed_on_is_needed_though_it_was_refused_since(store: Store) -> None:
    async with store.write() as tx:
        for name in ("1", "2"):
            await activities.add(tx, activity(name, state="refused"))
        await deliveries.add_all(tx, [delivery("1")])

        looked = await retention.look_at(tx, after=0, limit=9)
        gone = await retention.throw_away(tx, [one.position for one in looked])

        assert [one.is_unneeded for one in looked] == [False, True]
        assert gone == 1
        assert await activities.known(tx, ["1", "2"]) == {"1"}


async def test_what_came_uninvited_waits_again_where_it_first_came_and_holds_up_nothing(store: Store) -> None:
    first, later = activity("1", direction="in"), activity("2", direction="in")
    again = replace(first, raw="{}", source_actor="https://assembly.example/body", received_at=NOON + timedelta(days=9))
    async with store.write() as tx:
        taken = [(await intake.take_in(tx, [one], hosts=())).new for one in (first, later)]
        await activities.conclude_all(tx, [Conclusion(first.id, "refused", activities.UNINVITED)])
        before = await activities.find(tx, first.id)
        taken += [(await intake.take_in(tx, [again, again], hosts=())).new for _ in range(2)]

    async with store.read() as tx:
        found = await activities.find(tx, first.id)
    assert taken == [{first.id}, {later.id}, {first.id}, frozenset()]
    assert (found, before) == (
        replace(again, received_at=first.received_at, position=before.position if before else 0),
        replace(first, state="refused", reason="uninvited", position=before.position if before else 0),
    )
