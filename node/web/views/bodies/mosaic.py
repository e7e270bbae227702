"""A field of squares, one for each body that casts ballots at home, filled by what it said: ten thousand stay light.

Called by the branches view. Equal neighbours are drawn as one strip, equal fillings as one path.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SQUARE, STEP = 5, 6


@dataclass(frozen=True, slots=True)
class Mosaic:
    """The drawing: for each filling one SVG path, in drawing units."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]


def mosaic(said: Sequence[str], *, across: int) -> Mosaic:
    """The squares in reading order, `across` in a row; `said` holds the filling of each."""
    drawn: dict[str, list[str]] = defaultdict(list)
    for first in range(0, len(said), across):
        column, y = 0, first // across * STEP
        for filling, equal in groupby(said[first : first + across]):
            count = sum(1 for _ in equal)
            drawn[filling].append(f"M{column * STEP} {y}h{count * STEP - 1}v{SQUARE}h-{count * STEP - 1}z")
            column += count
    rows = -(-len(said) // across)
    return Mosaic(
        width=min(across, len(said)) * STEP - 1,
        height=rows * STEP - 1,
        paths=tuple((filling, "".join(strips)) for filling, strips in sorted(drawn.items())),
    )
