"""Work done in groups: what arrives while one group is being worked off is the next, so one transaction serves many.

Used by the store, whose callers never see a group.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Group(Generic[T, R]):
    """Items handed in one by one; `work` gets as many as wait, `largest` at most, and answers each in its place."""

    work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]
    largest: int
    _waiting: list[tuple[T, asyncio.Future[R]]] = field(default_factory=list)
    _worker: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """What `work` answers for this item; its exception when it fails for the item alone."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run(), name="group")
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self.largest], self._waiting[self.largest :]
            await self._work_off(group)

    async def _work_off(self, group: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            answers = await self.work([item for item, _ in group])
        except Exception as fault:  # noqa: BLE001  # handed to whoever waits for it
            if len(group) == 1:
                _settle(group[0][1], fault)
                return
            # One item that cannot be done must not cost the others their answer.
            for one in group:
                await self._work_off([one])
            return
        for (_, waiting), answer in zip(group, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)


def _settle(waiting: asyncio.Future[R], fault: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(fault)
