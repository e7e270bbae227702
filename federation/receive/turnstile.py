"""Whose turn it is at the inbox: a line for each sender, served in turn, so that a flood waits behind itself.

Called by http.inbox before a body is read. It lives in one process; several web processes have one each, with room
for as much again.

A sender is an address and the host it claims to speak for: the claim alone could be forged to fill another's line, and
behind a proxy everybody may have one address. Addresses take turns, and within an address its hosts. Room is shared
in the same way: among addresses first, since anybody can claim as many hosts as it likes. Bytes take room when they
have come: what is only announced costs its sender nothing, and us neither.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from federation.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from federation.ports import Limits

Sender = tuple[str, str]
Load = dict[str, int]
"""How many "visits" somebody has here, how many "bytes" they take, and how many of them are "served"."""
NOTHING: Final[Load] = {"visits": 0, "bytes": 0, "served": 0}


@dataclass(slots=True, eq=False)
class Visit:
    """One request that was let in. `call` is done when its turn has come, and fails when it is sent away for others."""

    line: Line
    call: asyncio.Future[None]
    size_bytes: int = 0
    is_inside: bool = True
    is_served: bool = False

    @asynccontextmanager
    async def time_for(self, seconds: float) -> AsyncIterator[None]:
        """So long for what is done inside; over at once when the visit is sent away. Then raises TimeoutError."""
        async with asyncio.timeout(seconds) as patience:

            def end(_: asyncio.Future[None]) -> None:
                with suppress(RuntimeError):  # what was done inside ended in this very moment
                    patience.reschedule(0)

            self.call.add_done_callback(end)
            try:
                yield
            finally:
                self.call.remove_done_callback(end)


@dataclass(slots=True, eq=False)
class Line:
    """What one sender has here: all its visits, and of those the ones that were called up to wait, oldest first."""

    sender: Sender
    visits: list[Visit] = field(default_factory=list)
    waiting: deque[Visit] = field(default_factory=deque)
    load: Load = field(default_factory=NOTHING.copy)

    @property
    def address(self) -> str:
        """Where its visits come from."""
        return self.sender[0]


@dataclass(slots=True)
class Turnstile:
    """The lines by sender, and by address those in which somebody waits, in the order of their turns."""

    limits: Limits
    lines: dict[Sender, Line] = field(default_factory=dict)
    order: dict[str, dict[Sender, None]] = field(default_factory=dict)
    load: Load = field(default_factory=NOTHING.copy)
    loads: dict[str, Load] = field(default_factory=dict)

    @contextmanager
    def admitted(self, sender: Sender) -> Iterator[Visit]:
        """A visit of this sender; Throttled `queue-full` when it has too many here, or all have and it has most.

        When no room is left, the address that has most gives up the newest of its longest line for one that has less.
        """
        line = self.lines.get(sender) or Line(sender)
        if len(line.visits) >= self.limits.inbox_queue_of_one:
            raise self._full()
        visit = Visit(line, asyncio.get_running_loop().create_future())
        self._make_room(line, "visits", 1)
        self._remember(visit)
        try:
            yield visit
        finally:
            self._leave(visit)

    def take(self, visit: Visit, size_bytes: int) -> None:
        """Count bytes of a visit as they come; Throttled `queue-full` when it was sent away, or has to go now."""
        if not visit.is_inside:
            raise self._full()
        self._make_room(visit.line, "bytes", size_bytes)
        visit.size_bytes += size_bytes
        self._count(visit.line, "bytes", size_bytes)

    async def turn(self, visit: Visit) -> None:
        """Nothing, once it is this visit's turn; Throttled `queue-full` when it was sent away or that takes too long.

        Whoever is served keeps a place for `limits.fetch_seconds` of asking others, and then what our database takes.
        """
        line = visit.line
        if visit.is_inside and not self.order and self._has_place_for(line.address) and self._is_modest(line):
            self._begin(visit)
        elif visit.is_inside:
            line.waiting.append(visit)
            self.order.setdefault(line.address, {})[line.sender] = None
            self._serve()
        if visit.call.done():
            return visit.call.result()
        try:
            async with asyncio.timeout(self.limits.inbox_turn_seconds):
                await visit.call
        except TimeoutError as error:
            raise self._full() from error

    def _make_room(self, line: Line, what: str, taken: int) -> None:
        """Send others away until the line can have so much more; Throttled `queue-full` when it has most itself."""
        limits = self.limits
        of_one, of_all = limits.inbox_queue_of_address, limits.inbox_queue
        if what == "bytes":
            of_one, of_all = limits.inbox_queue_bytes_of_address, limits.inbox_queue_bytes
        while self.loads.get(line.address, NOTHING)[what] + taken > of_one:
            self._send_one_away(line, what, taken, is_own=True)
        while self.load[what] + taken > of_all:
            self._send_one_away(line, what, taken, is_own=False)

    def _send_one_away(self, line: Line, what: str, taken: int, *, is_own: bool) -> None:
        """Let the newest visit of who has most go, unless this line would then have as much as that one had."""
        address = line.address
        rivals = [one for one in self.lines.values() if one.load["served"] < one.load["visits"]]
        longest = max(
            (one for one in rivals if one.address == address or not is_own),
            key=lambda one: (self.loads[one.address][what], one.address == address, one.load[what]),
            default=None,
        )
        if longest is None:
            raise self._full()
        newest = next(visit for visit in reversed(longest.visits) if not visit.is_served)
        is_ours = longest.address == address
        theirs = longest.load if is_ours else self.loads[longest.address]
        ours = line.load if is_ours else self.loads.get(address, NOTHING)
        if theirs[what] <= ours[what] + taken:
            raise self._full()
        self._forget(newest)
        if not newest.call.done():  # its request may have ended in this very moment
            newest.call.set_exception(self._full())
            newest.call.exception()  # its request asks while it reads its body, if it still does

    def _remember(self, visit: Visit) -> None:
        line = visit.line
        self.lines[line.sender] = line
        line.visits.append(visit)
        self._count(line, "visits", 1)

    def _count(self, line: Line, what: str, more: int) -> None:
        of_address = self.loads.get(line.address)
        if of_address is None:
            of_address = self.loads[line.address] = NOTHING.copy()
        for load in (line.load, of_address, self.load):
            load[what] += more

    def _leave(self, visit: Visit) -> None:
        if visit.is_served:
            self._count(visit.line, "served", -1)
        if visit.is_inside:
            self._forget(visit)
        self._serve()

    def _forget(self, visit: Visit) -> None:
        line, visit.is_inside = visit.line, False
        line.visits.remove(visit)
        self._count(line, "visits", -1)
        self._count(line, "bytes", -visit.size_bytes)
        if visit in line.waiting:
            line.waiting.remove(visit)
            self._tidy(line)
        if not line.visits:
            del self.lines[line.sender]
        if not self.loads[line.address]["visits"]:
            del self.loads[line.address]

    def _serve(self) -> None:
        while (line := self._next_line()) is not None:
            visit = line.waiting.popleft()
            self._tidy(line)
            self._begin(visit)

    def _begin(self, visit: Visit) -> None:
        visit.is_served = True
        self._count(visit.line, "served", 1)
        if not visit.call.done():  # its request may have ended in this very moment
            visit.call.set_result(None)

    def _has_place_for(self, address: str) -> bool:
        """Whether one more from there may be served: one address never takes all places."""
        places, of_address = self.limits.inbox_places, self.loads.get(address, NOTHING)
        return self.load["served"] < places and of_address["served"] < max(1, places * 3 // 4)

    def _is_modest(self, line: Line) -> bool:
        return line.load["served"] < max(1, self.limits.inbox_places // 2)

    def _next_line(self) -> Line | None:
        """The line whose turn it is, now at the end of its address's order, and the address at the end of all."""
        if self.load["served"] >= self.limits.inbox_places:
            return None
        for address in [*self.order]:
            senders = self.order.pop(address)
            self.order[address] = senders
            if not self._has_place_for(address):
                continue
            for sender in [*senders]:
                if self._is_modest(self.lines[sender]):
                    del senders[sender]
                    senders[sender] = None
                    return self.lines[sender]
        return None

    def _tidy(self, line: Line) -> None:
        """Take a line without anybody out of the order of turns."""
        address, _ = line.sender
        if line.waiting:
            return
        del self.order[address][line.sender]
        if not self.order[address]:
            del self.order[address]

    def _full(self) -> Throttled:
        seconds = self.limits.retry_after_seconds
        return Throttled("queue-full", "Too much of yours waits here; come again.", retry_after_seconds=seconds)
