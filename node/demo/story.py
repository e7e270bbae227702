"""The acts of the demo, spoken to the nodes over HTTP only: founding, joining, enrolling, deciding, proving.

Called by run; tests play the same acts with their own hosts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from node.demo.cast import IBERIAN_COMMONS, MOTION, MOTION_TEXT, WEIGHT_DENOMINATOR, Part, member_names
from node.demo.client import Door, DoorError
from node.demo.hosts import Host, free_ports, node_folder
from node.services.setup import Founding, found_body
from node.settings import Settings
from node.wiring import open_prepared_store, open_sealer

if TYPE_CHECKING:
    from pathlib import Path

    import aiohttp

PASSPHRASE = "one member one vote"  # noqa: S105  # printed on screen for whoever looks at the demo
WINDOW_SECONDS = 300
MARGIN_SECONDS = 20
LOOK_SECONDS = 0.1
DECISION_SECONDS = 280.0
AT_ONCE = 8

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Stage:
    """Where the story plays: the bodies, their settings, and a door at each for its operator."""

    http: aiohttp.ClientSession
    parts: Sequence[Part]
    settings: dict[str, Settings]
    operators: dict[str, Door] = field(default_factory=dict)
    members: dict[str, list[Door]] = field(default_factory=dict)

    def origin(self, handle: str) -> str:
        """Where the body of that handle listens."""
        return self.settings[handle].origin

    def actor(self, handle: str) -> str:
        """The actor of that body."""
        return f"{self.origin(handle)}/body"


def set_stage(http: aiohttp.ClientSession, folder: Path, *, base_port: int, **overrides: Any) -> Stage:
    """Settings for the thirteen nodes, each with its own folder and port."""
    parts = list(IBERIAN_COMMONS.everybody())
    ports = free_ports(base_port, len(parts))
    settings = {
        part.handle: demo_settings(node_folder(folder, part.handle), port, handle=part.handle, **overrides)
        for part, port in zip(parts, ports, strict=True)
    }
    return Stage(http=http, parts=parts, settings=settings)


def demo_settings(folder: Path, port: int, *, handle: str, **overrides: Any) -> Settings:
    """Settings of one demo node: loopback peers, quick retries, light argon2, many sign-ins from one address."""
    told = {name: value(handle) if callable(value) else value for name, value in overrides.items()}
    return Settings(
        **{
            "data_dir": folder,
            "origin": f"http://127.0.0.1:{port}",
            "listen_port": port,
            "allow_loopback_peers": True,
            "shortest_window_seconds": 1,
            "sign_in_per_minute": 10_000,
            "inbox_per_minute": 100_000,
            "passphrase_rounds": 1,
            "passphrase_memory_kib": 1024,
            "retry_base_seconds": 0.5,
            "retry_cap_seconds": 5.0,
            "sweep_seconds": 1.0,
            "lease_seconds": 15.0,
            "log_level": "warning",
            **told,
        }
    )


async def found(stage: Stage, host: Host, progress: Progress) -> None:
    """Give each node a database, keys and a first operator, start it, and let its operator sign in."""

    async def one(part: Part) -> None:
        await found_node(stage.settings[part.handle], part)
        await host.start(stage.settings[part.handle])
        door = Door(stage.http, stage.origin(part.handle))
        await door.sign_in(member_names(part)[0], PASSPHRASE)
        stage.operators[part.handle] = door

    await _each("Thirteen nodes make their keys and start", stage.parts, one, progress)


async def found_node(settings: Settings, part: Part) -> None:
    """What `rochdale init` does for one body of the story."""
    founding = Founding(
        name=part.name,
        handle=part.handle,
        kind=part.kind,
        rule=part.rule,
        window_seconds=WINDOW_SECONDS,
        weight_denominator=WEIGHT_DENOMINATOR if part.kind == "assembly" else 1,
        margin_seconds=MARGIN_SECONDS,
        operator=member_names(part)[0],
        passphrase=PASSPHRASE,
    )
    store = await open_prepared_store(settings)
    try:
        await found_body(store, open_sealer(settings), settings=settings, founding=founding, now=datetime.now(UTC))
    finally:
        await store.close()


async def join(stage: Stage, progress: Progress) -> None:
    """Every body asks the assembly above it to be let in; its operator accepts with the statute's weight."""
    pairs = [(below, above) for above in stage.parts for below in above.below]

    async def one(pair: tuple[Part, Part]) -> None:
        below, above = pair
        await stage.operators[below.handle].post(
            "memberships", {"address": stage.origin(above.handle)}, already="already-member"
        )
        await _until(lambda: _has_asked(stage, below, above))
        answer = {"actor": stage.actor(below.handle), "accept": True, "weight": below.weight}
        await stage.operators[above.handle].post("constituents/decide", answer, already="application-unknown")

    await _each("Co-ops join their federations, federations join Iberian Commons", pairs, one, progress)
    for below, above in pairs:
        await _until(partial(_is_accepted, stage, below, above))


async def enrol(stage: Stage, progress: Progress) -> None:
    """Co-ops enrol their members; each gets a did:key, and signs in as in a browser."""
    coops = [part for part in stage.parts if part.ballots]
    names = [(part, name) for part in coops for name in member_names(part)]

    async def one(pair: tuple[Part, str]) -> None:
        part, name = pair
        operator = stage.operators[part.handle]
        if name != member_names(part)[0]:
            newcomer = {"name": name, "display_name": name.capitalize(), "passphrase": PASSPHRASE}
            await operator.post("members", newcomer, already="name-taken")
        door = Door(stage.http, stage.origin(part.handle))
        await door.sign_in(name, PASSPHRASE)
        stage.members.setdefault(part.handle, []).append(door)

    await _each("Members enrol, each with an identifier and key of their own", names, one, progress)


async def propose(stage: Stage) -> str:
    """Iberian Commons puts the motion to its constituents; the proposal's id."""
    operator = stage.operators[IBERIAN_COMMONS.handle]
    drafted = await operator.post("proposals", {"title": MOTION, "text": MOTION_TEXT})
    await operator.post(f"proposals/{drafted['key']}/submit")
    opened = await operator.post(f"proposals/{drafted['key']}/open")
    return str(opened["id"])


async def decide(stage: Stage, progress: Progress) -> None:
    """The motion reaches every co-op; its members cast their ballots at home."""
    coops = [part for part in stage.parts if part.ballots]
    keys = {part.handle: await _until(partial(_open_proposal, stage, part)) for part in coops}
    papers = [
        (keys[part.handle], door, choice)
        for part in coops
        for door, choice in zip(stage.members[part.handle], part.ballots.choices() if part.ballots else (), strict=True)
    ]

    async def one(paper: tuple[str, Door, str]) -> None:
        key, door, choice = paper
        await door.post(f"proposals/{key}/ballots", {"choice": choice})

    await _each("Members cast their ballots at home", papers, one, progress)


async def wait_for_decision(stage: Stage, proposal_id: str, progress: Progress) -> dict[str, dict[str, Any]]:
    """Each body's own outcome with the binding decision, by handle, once it has come down to all."""
    outcomes: dict[str, dict[str, Any]] = {}

    async def one(part: Part) -> None:
        outcomes[part.handle] = await _until(lambda: _bound_outcome(stage, part, proposal_id), seconds=DECISION_SECONDS)

    await _each("Positions go up, the decision comes down", stage.parts, one, progress)
    return outcomes


async def fetch_evidence(stage: Stage, proposal_id: str) -> bytes:
    """The evidence bundle of the decision, as anyone can fetch it."""

    async def ready() -> bytes | None:
        async with stage.http.get(f"{proposal_id}/evidence") as response:
            return await response.read() if response.ok else None

    return await _until(ready, seconds=DECISION_SECONDS)


async def share_offer(stage: Stage, progress: Progress) -> str:
    """A member of Gràcia offers a hammer; the id of the offer once a co-op in Lisbon lists it."""
    offer = {
        "purpose": "offer",
        "title": "Hammer and saw, to borrow",
        "summary": "Good for a weekend of shelves. Please bring them back sharp.",
        "place": "Gràcia, Barcelona",
    }
    what = "A member of Gràcia offers tools, a co-op in Lisbon lists them"
    progress(what, 0, 1)
    published = await stage.members["gracia"][0].post("offers", offer)

    async def listed() -> str | None:
        found = await stage.members["marvila"][0].get("offers", text="hammer")
        return next((str(one["id"]) for one in found["items"] if one["id"] == published["id"]), None)

    found = await _until(listed)
    progress(what, 1, 1)
    return found


async def _has_asked(stage: Stage, below: Part, above: Part) -> bool:
    ties = await stage.operators[above.handle].get("constituents", state="asked")
    return any(tie["actor"] == stage.actor(below.handle) for tie in ties["items"])


async def _is_accepted(stage: Stage, below: Part, above: Part) -> bool:
    door = stage.operators[below.handle]
    ties = await door.get("memberships", state="accepted")
    try:
        latest = await door.get("statutes/latest", assembly=_did(stage.origin(above.handle)))
    except DoorError as refusal:
        if refusal.code != "not-found":
            raise
        return False
    is_listed = len(latest["document"]["governance"]["constituents"]) == len(above.below)
    return is_listed and any(tie["actor"] == stage.actor(above.handle) for tie in ties["items"])


async def _open_proposal(stage: Stage, part: Part) -> str | None:
    listed = await stage.operators[part.handle].get("proposals", state="open", origin="own")
    return next((str(one["key"]) for one in listed["items"] if one["title"] == MOTION), None)


async def _bound_outcome(stage: Stage, part: Part, proposal_id: str) -> dict[str, Any] | None:
    door = stage.operators[part.handle]
    listed = await door.get("proposals", origin="own")
    key = next((str(one["key"]) for one in listed["items"] if one["title"] == MOTION), None)
    if key is None:
        return None
    outcome: dict[str, Any] = await door.get(f"proposals/{key}/outcome")
    decision = outcome["decision"]
    is_bound = decision is not None and decision["governance"]["proposal"]["id"] == proposal_id
    return outcome if is_bound else None


def _did(origin: str) -> str:
    return f"did:web:{origin.removeprefix('http://').replace(':', '%3A')}"


async def _until(look: Callable[[], Awaitable[T | None]], *, seconds: float = 60.0) -> T:
    """What `look` finds, looking until it finds something. TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while True:
            found_it = await look()
            if found_it:
                return found_it
            await asyncio.sleep(LOOK_SECONDS)


async def _each(what: str, things: Iterable[T], one: Callable[[T], Awaitable[None]], progress: Progress) -> None:
    """Do `one` for every thing, several at a time, telling how far it is."""
    waiting, gate, done = list(things), asyncio.Semaphore(AT_ONCE), 0
    progress(what, 0, len(waiting))

    async def gated(thing: T) -> None:
        nonlocal done
        async with gate:
            await one(thing)
        done += 1
        progress(what, done, len(waiting))

    async with asyncio.TaskGroup() as group:
        for thing in waiting:
            group.create_task(gated(thing))
