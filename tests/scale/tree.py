"""The bodies of a simulated federation, made from a seed: who is below whom, how members vote, how a node is."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.assembly.statute import Constituent
from identity.keys.multikey import ed25519_multibase
from node.governance.ballots import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator


class Behaviour(StrEnum):
    """What a body's node does with its position."""

    HONEST = "honest"
    SILENT = "silent"  # partitioned until long after the close
    LATE = "late"  # slow: its position arrives after the close
    LYING = "lying"  # claims what its own tally does not give
    FORGING = "forging"  # signs with a key that is not on the roster
    TWO_FACED = "two-faced"  # signs two different positions with one number


FAULTS = (Behaviour.SILENT, Behaviour.LATE, Behaviour.LYING, Behaviour.FORGING, Behaviour.TWO_FACED)


@dataclass(frozen=True, eq=False)
class Body:
    """One body. `votes` has a choice or None (did not cast) for each member; an assembly has `below` instead."""

    number: int
    level: int
    weight: int
    behaviour: Behaviour
    votes: tuple[Choice | None, ...] = ()
    below: tuple[Body, ...] = ()

    @property
    def origin(self) -> str:
        return f"https://b{self.number}.example"

    @property
    def did(self) -> str:
        return f"did:web:b{self.number}.example"

    @property
    def actor(self) -> str:
        return f"{self.origin}/body"

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.did.encode()).digest())

    def constituent(self) -> Constituent:
        """Its line on the roster above."""
        return Constituent(
            body=self.did,
            actor=self.actor,
            name=f"Body {self.number}",
            kind="assembly" if self.below else "coop",
            key=ed25519_multibase(self.key.public_key()),
            weight=self.weight,
        )

    def everybody(self) -> Iterator[Body]:
        """The body and all below it."""
        yield self
        for body in self.below:
            yield from body.everybody()


def grow(*, coops: int, members: int, levels: int, faulty_share: float, seed: int) -> Body:
    """The top of a tree of that many levels, its co-ops sharing the members among them unevenly."""
    chance = random.Random(seed)
    numbers = iter(range(1_000_000_000))
    size = max(1, members // coops)
    bodies = [_coop(chance, next(numbers), size, faulty_share) for _ in range(coops)]
    fan_out = max(2, round(coops ** (1 / (levels - 1))))
    for level in range(2, levels):
        groups = [tuple(bodies[start : start + fan_out]) for start in range(0, len(bodies), fan_out)]
        bodies = [
            Body(next(numbers), level, chance.randint(1, 20), _behaviour(chance, faulty_share), below=group)
            for group in groups
        ]
    return Body(next(numbers), levels, 1, Behaviour.HONEST, below=tuple(bodies))


def _coop(chance: random.Random, number: int, size: int, faulty_share: float) -> Body:
    count = max(1, chance.randint(size // 2, size + (size + 1) // 2))
    lean = chance.uniform(0.3, 0.8)
    kinds = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, None)
    votes = chance.choices(kinds, weights=(lean * 0.7, (1 - lean) * 0.7, 0.05, 0.25), k=count)
    return Body(number, 1, chance.randint(1, 20), _behaviour(chance, faulty_share), votes=tuple(votes))


def _behaviour(chance: random.Random, faulty_share: float) -> Behaviour:
    return chance.choice(FAULTS) if chance.random() < faulty_share else Behaviour.HONEST


def census(top: Body) -> Counter[str]:
    """How many bodies of each kind, how many members, and how many nodes of each behaviour."""
    counted: Counter[str] = Counter()
    for body in top.everybody():
        counted[f"level {body.level}"] += 1
        counted["members"] += len(body.votes)
        counted[body.behaviour] += 1
    return counted
