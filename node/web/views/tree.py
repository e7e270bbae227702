"""The tree of bodies and its picture: boxes and lines from the root on the left to the co-ops on the right.

Called by the federation view; big trees get no picture, the nested lists carry everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from node.web.views.bars import Bar
    from node.web.views.wording.labels import Chip
    from node.web.views.wording.times import Moment

MOST_LEAVES = 16
MOST_LEVELS = 4
BOX_WIDTH, BOX_HEIGHT, COLUMN, ROW = 208, 48, 276, 58


@dataclass(frozen=True, slots=True)
class TreeBody:
    """One body of the tree and where it stands in the decision shown."""

    name: str
    kind: str
    href: str
    weight: str
    weight_label: str
    chip: Chip
    choice: str | None
    choice_label: str | None
    bar: Bar | None
    turnout: str | None
    deadline: Moment | None
    members_label: str | None = None
    is_here: bool = False
    evidence: str | None = None
    note: str | None = None
    constituents: tuple[TreeBody, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A body in the picture; x and y are its upper left corner in drawing units."""

    body: TreeBody
    x: int
    y: int
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing: boxes, and one curve from each body to each of its constituents."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[str, ...]


def leaves(body: TreeBody) -> int:
    """How many bodies under this one have no constituents, itself included."""
    return sum(map(leaves, body.constituents)) or 1


def levels(body: TreeBody) -> int:
    """How many levels the tree has from this body down."""
    return 1 + max(map(levels, body.constituents), default=0)


def walk(body: TreeBody) -> Iterator[TreeBody]:
    """The body and everything below it, in reading order."""
    yield body
    for constituent in body.constituents:
        yield from walk(constituent)


def _caption(body: TreeBody) -> str:
    share = next((part.share_of_decisive for part in body.bar.parts if part.key == "for"), None) if body.bar else None
    said = [body.choice_label or body.chip.text]
    if share and not (body.bar and body.bar.is_empty):
        said.append(share)
    if body.weight:
        said.append(body.weight_label)
    return " · ".join(said)


def _curve(upper: Box, lower: Box) -> str:
    x1, y1 = upper.x + BOX_WIDTH, upper.y + BOX_HEIGHT // 2
    x2, y2 = lower.x, lower.y + BOX_HEIGHT // 2
    half = (x1 + x2) // 2
    return f"M{x1} {y1} C{half} {y1} {half} {y2} {x2} {y2}"


def _place(body: TreeBody, *, level: int, row: int, boxes: list[Box], curves: list[str]) -> Box:
    placed, below = [], row
    for constituent in body.constituents:
        placed.append(_place(constituent, level=level + 1, row=below, boxes=boxes, curves=curves))
        below += leaves(constituent)
    y = (placed[0].y + placed[-1].y) // 2 if placed else row * ROW
    box = Box(body=body, x=level * COLUMN, y=y, caption=_caption(body))
    boxes.append(box)
    curves.extend(_curve(box, lower) for lower in placed)
    return box


def picture(root: TreeBody) -> Picture | None:
    """The drawing of a tree that fits on a page, else None."""
    if leaves(root) > MOST_LEAVES or levels(root) > MOST_LEVELS or not root.constituents:
        return None
    boxes: list[Box] = []
    curves: list[str] = []
    _place(root, level=0, row=0, boxes=boxes, curves=curves)
    return Picture(
        width=(levels(root) - 1) * COLUMN + BOX_WIDTH,
        height=leaves(root) * ROW - (ROW - BOX_HEIGHT),
        boxes=tuple(boxes),
        curves=tuple(curves),
    )
