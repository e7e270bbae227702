"""Who takes part and how they vote: the worked case of hierarchical voting, as data; read by story and tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

MOTION = "Establish an inter-federation trade agreement"
MOTION_TEXT = """\
The federations of Barcelona, Madrid and Lisbon agree to trade with one another.

- Member co-operatives may offer goods, tools and hours to co-operatives of the other federations.
- Prices are agreed between the two sides; time counts hour for hour.
- Disagreements go first to the two federations concerned, then to this assembly.

The agreement is reviewed after one year.
"""
WEIGHT_DENOMINATOR = 10


@dataclass(frozen=True, slots=True)
class Ballots:
    """How many members of a co-op cast which ballot."""

    in_favour: int
    against: int
    abstain: int = 0

    def choices(self) -> list[str]:
        """One choice a member."""
        return ["for"] * self.in_favour + ["against"] * self.against + ["abstain"] * self.abstain


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A body of the story. `weight` is in tenths and counts in the assembly above; `ballots` is None for assemblies."""

    handle: str
    name: str
    kind: Literal["coop", "assembly"]
    weight: int = WEIGHT_DENOMINATOR
    rule: dict[str, Any] = field(default_factory=dict)
    ballots: Ballots | None = None
    below: tuple[Part, ...] = ()

    def everybody(self) -> Iterator[Part]:
        """The body itself and all below it, from the top."""
        yield self
        for part in self.below:
            yield from part.everybody()


def _majority(**members: Any) -> dict[str, Any]:
    return {"preset": "majority", "closes_early": True, **members}


def _coop(handle: str, name: str, weight: int, ballots: Ballots) -> Part:
    quorum = {"kind": "participation", "share": "1/2"}
    return Part(handle=handle, name=name, kind="coop", weight=weight, rule=_majority(quorum=quorum), ballots=ballots)


def _federation(handle: str, name: str, weight: int, *coops: Part) -> Part:
    return Part(handle=handle, name=name, kind="assembly", weight=weight, rule=_majority(), below=coops)


IBERIAN_COMMONS = Part(
    handle="iberian-commons",
    name="Iberian Commons",
    kind="assembly",
    rule={
        "preset": "supermajority-66",
        "closes_early": True,
        "quorum": {"kind": "bodies", "share": "1/2"},
    },
    below=(
        _federation(
            "barcelona",
            "Barcelona Federation",
            10,
            _coop("gracia", "Gràcia", 10, Ballots(23, 2)),
            _coop("eixample", "Eixample", 9, Ballots(18, 5)),
            _coop("sagrada", "Sagrada", 8, Ballots(15, 8)),
        ),
        _federation(
            "madrid",
            "Madrid Federation",
            9,
            _coop("lavapies", "Lavapiés", 10, Ballots(20, 4)),
            _coop("malasana", "Malasaña", 9, Ballots(14, 9, 2)),
            _coop("vallecas", "Vallecas", 8, Ballots(9, 13)),
        ),
        _federation(
            "lisbon",
            "Lisbon Federation",
            7,
            _coop("alfama", "Alfama", 10, Ballots(8, 13, 1)),
            _coop("benfica", "Benfica", 9, Ballots(11, 10)),
            _coop("marvila", "Marvila", 8, Ballots(6, 15)),
        ),
    ),
)

FIRST_NAMES = [
    "ada",
    "aina",
    "alba",
    "ana",
    "andreu",
    "anna",
    "arnau",
    "bea",
    "berta",
    "biel",
    "blanca",
    "bruno",
    "carla",
    "carme",
    "clara",
    "cora",
    "dario",
    "diana",
    "elena",
    "elsa",
    "emma",
    "enric",
    "eva",
    "fina",
    "gala",
    "gemma",
    "gil",
    "gina",
    "greta",
    "hugo",
    "ines",
    "iris",
    "irene",
    "ivan",
    "jana",
    "joan",
    "joana",
    "jordi",
    "julia",
    "laia",
    "leo",
]


def member_names(part: Part) -> list[str]:
    """A sign-in name for each member of a co-op, the first being its operator."""
    count = len(part.ballots.choices()) if part.ballots else 1
    return FIRST_NAMES[:count]
