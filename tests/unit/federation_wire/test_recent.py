"""What every request asks is read by one for all, and waited for only when it is old."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from federation.recent import Recent
from tests.doors.api import Clock


@dataclass(slots=True)
class Source:
    """Something that changes; `gate` is closed while an answer is held back."""

    value: int = 1
    asked: int = 0
    fault: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> int:
        self.asked, value = self.asked + 1, self.value
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return value


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> Source:
    made = Source()
    made.gate.set()
    return made


async def test_many_who_ask_at_once_are_answered_by_one_look(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)

    answers = await asyncio.gather(*(recent.get() for _ in range(9)))

    assert (answers, source.asked) == ([1] * 9, 1)
    clock.move(seconds=0.9)
    assert (await recent.get(), source.asked) == (1, 1)


async def test_after_a_second_it_is_read_anew_and_nobody_waits(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    await recent.get()
    source.value = 2
    source.gate.clear()
    clock.move(seconds=1.5)

    assert [await recent.get(), await recent.get()] == [1, 1]
    await asyncio.sleep(0)
    source.gate.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert (await recent.get(), source.asked) == (2, 2)


async def test_after_two_seconds_it_is_waited_for(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    await recent.get()
    source.value = 2
    clock.move(seconds=2)

    assert await recent.get() == 2


async def test_what_was_being_read_before_a_change_is_not_kept(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    source.gate.clear()
    early = asyncio.create_task(recent.get())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.value = 2
    recent.forget()
    source.gate.set()

    assert await recent.get() == 2
    assert await early == 2


async def test_a_fault_reaches_who_waits_and_the_next_reads_again(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    source.fault = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await recent.get()

    source.fault = None

    assert (await recent.get(), source.asked) == (1, 2)


async def test_a_fault_behind_whoever_asks_is_theirs_to_meet_later(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    await recent.get()
    source.fault = ConnectionError("away")
    clock.move(seconds=1.5)

    assert await recent.get() == 1
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.move(seconds=1)

    with pytest.raises(ConnectionError):
        await recent.get()


async def test_who_gives_up_does_not_end_the_look_of_others(clock: Clock, source: Source) -> None:
    recent = Recent(source.read, clock)
    source.gate.clear()
    first, second = asyncio.create_task(recent.get()), asyncio.create_task(recent.get())
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()

    assert await second == 1
    assert source.asked == 1
