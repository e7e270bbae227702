"""A federation too big for one page: one body at a time, its constituents on pages, each with what lies below it.

Called by node.web.federation. Nothing is left out: every body is reached by its name or by going down the tree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from node.web.views.bodies.mosaic import Mosaic, mosaic
from node.web.views.federation import DEEPEST, Place, body_alone, roster
from node.web.views.wording.labels import CHOICES, label
from node.web.views.wording.places import Link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from node.web.views.federation import FederationFacts
    from node.web.views.tree import TreeBody
    from node.web.views.wording.setting import Setting

PER_PAGE = 40
MOST_FOUND = 40
ACROSS_FOCUS, ACROSS_ROW = 120, 100
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Branch:
    """A seat of the tree with all below it; `said` has one word for each leaf, in reading order."""

    place: Place
    below: tuple[Branch, ...]
    bodies: int
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked to see: a body by DID, which page of its constituents, a part of a name."""

    decision: str = ""
    body: str = ""
    page: int = 1
    name: str = ""

    def address(self, **changes: object) -> str:
        """The page with these questions changed."""
        known = {"decision": self.decision, "body": self.body, "page": self.page, "name": self.name} | changes
        return "/federation?" + urlencode({key: value for key, value in known.items() if value not in {"", 1}})


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchLine:
    """One constituent of the body shown; `inside` is where to look into it, None for a leaf."""

    body: TreeBody
    inside: str | None
    count: int
    counts: Sequence[tuple[str, str, str]]
    picture: Mosaic | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPage:
    """One body of a big federation, the way down to it, and a page of its constituents or of names found."""

    focus: TreeBody
    way: Sequence[Link]
    counts: Sequence[tuple[str, str, str]]
    picture: Mosaic | None
    lines: Sequence[BranchLine]
    found: Sequence[Link] | None
    first: int
    total: int
    earlier: str | None
    later: str | None
    name: str
    hidden: Mapping[str, str]


def branch(place: Place, facts: FederationFacts, seen: frozenset[str] = frozenset()) -> Branch:
    """The seat and all below it, as the statutes name them; a ring of statutes ends where it begins again."""
    statute = facts.statutes.get(place.did)
    is_end = statute is None or place.did in seen or len(seen) > DEEPEST
    deeper = seen | {place.did}
    below = () if statute is None or is_end else tuple(branch(one, facts, deeper) for one in roster(statute))
    return Branch(
        place=place,
        below=below,
        bodies=1 + sum(one.bodies for one in below),
        said=tuple(word for one in below for word in one.said) or (_said(place, facts),),
    )


def depth(one: Branch) -> int:
    """How many levels there are from this seat down."""
    return 1 + max(map(depth, one.below), default=0)


def branch_page(top: Branch, asked: Asked, facts: FederationFacts, setting: Setting) -> BranchPage:
    """What is shown of a big federation; the top where the body asked for is not in it."""
    way = next(_ways(top, asked.body), (top,)) if asked.body else (top,)
    focus = way[-1]
    first = max(0, min(asked.page - 1, (len(focus.below) - 1) // PER_PAGE)) * PER_PAGE
    shown = focus.below[first : first + PER_PAGE]
    here = first // PER_PAGE + 1
    has_more = first + PER_PAGE < len(focus.below)
    return BranchPage(
        focus=body_alone(focus.place, facts, setting, is_root=len(way) == 1),
        way=[Link(one.place.name, asked.address(body=one.place.did, page=1, name="")) for one in way[:-1]],
        counts=_counts(focus, setting),
        picture=mosaic(focus.said, across=ACROSS_FOCUS),
        lines=[_line(one, asked, facts, setting) for one in shown],
        found=_found(top, asked) if asked.name else None,
        first=first + 1,
        total=len(focus.below),
        earlier=asked.address(page=here - 1, name="") if first else None,
        later=asked.address(page=here + 1, name="") if has_more else None,
        name=asked.name,
        hidden={"decision": asked.decision} if asked.decision else {},
    )


def _line(one: Branch, asked: Asked, facts: FederationFacts, setting: Setting) -> BranchLine:
    return BranchLine(
        body=body_alone(one.place, facts, setting, is_root=False),
        inside=asked.address(body=one.place.did, page=1, name="") if one.below else None,
        count=one.bodies - 1,
        counts=_counts(one, setting) if one.below else (),
        picture=mosaic(one.said, across=ACROSS_ROW) if one.below else None,
    )


def _counts(one: Branch, setting: Setting) -> list[tuple[str, str, str]]:
    """Key, label and number of leaves of everything that was said below, silence last."""
    counted = Counter(one.said)
    words = {**CHOICES, SILENT: "Not reported"}
    return [(key, label(words, key, setting.say), f"{counted[key]:,}") for key in words if counted[key]]


def _found(top: Branch, asked: Asked) -> list[Link]:
    wanted = asked.name.casefold()
    matching = ((way, one) for way, one in _walk(top, ()) if wanted in one.place.name.casefold())
    links = []
    for way, one in matching:
        target = one if one.below else way[-1] if way else one
        page = 1 if target is one else _place_in(target, one) // PER_PAGE + 1
        note = " / ".join(step.place.name for step in way)
        links.append(Link(one.place.name, asked.address(body=target.place.did, page=page, name=""), note=note))
        if len(links) == MOST_FOUND:
            break
    return links


def _place_in(above: Branch, one: Branch) -> int:
    return next(place for place, each in enumerate(above.below) if each is one)


def _ways(top: Branch, did: str) -> Iterator[tuple[Branch, ...]]:
    return ((*way, one) for way, one in _walk(top, ()) if one.place.did == did)


def _walk(one: Branch, way: tuple[Branch, ...]) -> Iterator[tuple[tuple[Branch, ...], Branch]]:
    yield way, one
    for below in one.below:
        yield from _walk(below, (*way, one))


def _said(place: Place, facts: FederationFacts) -> str:
    position = facts.positions.get(place.did)
    return position.choice if position is not None and position.status == "counted" else SILENT
