"""Who stands below an assembly, at any depth, as its statute and those of the assemblies below it say.

Called by the fold, which takes in statutes as they come, and by the plan, which names the statutes it rests on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.statute import Constituent, Statute

DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Standing:
    """A body below the assembly: how the statute above it knows it, and the assemblies from the top down to there."""

    constituent: Constituent
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody below the assembly `root`, by DID; `keys` are all keys any statute gave, by actor."""

    root: str
    actor: str
    statutes: Mapping[str, Statute] = field(default_factory=dict)
    bodies: Mapping[str, Standing] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def standing(self, body: str) -> Standing:
        """Where a body stands; refuses `relief-body-unknown`."""
        found = self.bodies.get(body)
        if found is None:
            raise ReliefRefusal("relief-body-unknown", body)
        return found

    def actor_of(self, body: str) -> str:
        """The actor of a body on the roster, or of the assembly itself; refuses `relief-body-unknown`."""
        return self.actor if body == self.root else self.standing(body).constituent.actor

    def name_of(self, body: str) -> str:
        """The name for people; the DID of a body that is not on the roster."""
        found = self.bodies.get(body)
        return found.constituent.name if found else body

    def with_statute(self, digest: str, statute: Statute) -> "Roster":
        """The roster with one more statute, of the assembly or of one below. Refuses one of anybody else."""
        if statute.assembly != self.root and self.standing(statute.assembly).constituent.kind != "assembly":
            raise ReliefRefusal("relief-statute", f"{statute.assembly} is no assembly")
        if self.actor_of(statute.assembly) != statute.actor:
            raise ReliefRefusal("relief-statute", f"{statute.assembly} has another actor")
        return roster_of(self.root, self.actor, {**self.statutes, digest: statute})

    def only(self, digests: Iterable[str]) -> "Roster":
        """The roster that these statutes alone make; refuses `relief-statute-unknown` for one that is not here."""
        wanted = tuple(digests)
        for digest in wanted:
            if digest not in self.statutes:
                raise ReliefRefusal("relief-statute-unknown", digest)
        return roster_of(self.root, self.actor, {digest: self.statutes[digest] for digest in wanted})


def roster_of(root: str, actor: str, statutes: Mapping[str, Statute]) -> Roster:
    """The roster of these statutes by digest, level by level: a body with two ways up stands on the shortest.

    Where an assembly has several versions, everybody in any of them stands in the roster, as the newest knows them.
    """
    by_assembly: dict[str, list[Statute]] = {}
    for _, statute in sorted(statutes.items(), key=lambda item: (-item[1].version, item[0])):
        by_assembly.setdefault(statute.assembly, []).append(statute)
    bodies: dict[str, Standing] = {}
    level: list[tuple[str, tuple[str, ...]]] = [(root, (root,))]
    for _ in range(DEEPEST):
        level = _next_level(level, by_assembly, bodies, root)
    return Roster(root=root, actor=actor, statutes=statutes, bodies=bodies, keys=_keys(statutes.values()))


def _next_level(
    level: list[tuple[str, tuple[str, ...]]],
    by_assembly: Mapping[str, list[Statute]],
    bodies: dict[str, Standing],
    root: str,
) -> list[tuple[str, tuple[str, ...]]]:
    """The assemblies one level further down, after everybody on this level was written into `bodies`."""
    below: list[tuple[str, tuple[str, ...]]] = []
    for assembly, path in sorted(level):
        for statute in by_assembly.get(assembly, ()):
            for each in statute.constituents:
                if each.body in bodies or each.body == root:
                    continue
                bodies[each.body] = Standing(each, path)
                below += [(each.body, (*path, each.body))] if each.kind == "assembly" else []
    return below


def _keys(statutes: Iterable[Statute]) -> dict[str, frozenset[str]]:
    keys: dict[str, set[str]] = {}
    for statute in statutes:
        for each in statute.constituents:
            keys.setdefault(each.actor, set()).add(each.key)
    return {actor: frozenset(each) for actor, each in keys.items()}
