"""Whatever stands in a member of a document, the fold takes it or refuses it, and what it took can be shown."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.log import apply, start
from node.governance.relief_words import sentence
from tests.unit.relief.worlds import World, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.assembly.relief.state import State

Way = tuple[str | int, ...]
RATIFIED = {"ratification": {"kind": "threshold", "share": "1/2", "within_seconds": 86_400}}
NASTY: tuple[Any, ...] = (
    None, [], {}, -1, 0, 1.5, True, "", "x" * 5_001, 2**60, float("nan"), float("inf"), "\ud800", "\x00", [[]], [None],
    [1], [{}], {"id": 1}, {"id": "x", "digest": "sha256:" + "0" * 64}, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "\u0661", "1/0", "-1/2", {"proposal": None}, [{"body": {}}], "\u202e",
)  # fmt: skip


def steps() -> Iterator[tuple[State, dict[str, Any]]]:
    """Every document of a relief with all that came before it."""
    world = World(terms=RATIFIED).surveyed().stocked()
    plan = world.in_force()
    world.take(outcome("north", world.take(world.ratification(world.log[-2], world.log[-1]))))
    world.take(world.answer(world.take(world.appeal(plan, "dill", 2)), upheld=True))
    world.take(world.delivery(plan, "apple", 1, "sent", 33))
    state = start(world.relief)
    for document in world.log[1:]:
        yield state, document
        state = apply(state, document, world.at)


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """Every member, and of lists the first."""
    members = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*way, name)
        yield from ways(inner, (*way, name))


def with_member(document: dict[str, Any], way: Way, value: Any) -> dict[str, Any]:
    changed: Any = deepcopy(document)
    inner = changed
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = value
    found: dict[str, Any] = changed
    return found


SEEN = {document["governance"]["kind"]: (before, document) for before, document in steps()}


@pytest.mark.parametrize("kind", SEEN)
def test_every_member_of_every_kind_is_read_strictly(kind: str) -> None:
    state, document = SEEN[kind]
    for way in ways(document):
        for value in NASTY:
            changed = with_member(document, way, value)
            with suppress(ReliefRefusal):
                after = apply(state, changed, None)
                assert sentence(after, changed)
                assert after.step
                assert all(after.moved(plan) is not None for plan in after.plans.values())


def test_a_relief_is_read_strictly() -> None:
    relief = World().relief
    for way in ways(relief):
        for value in NASTY:
            with suppress(ReliefRefusal):
                assert start(with_member(relief, way, value)).step
