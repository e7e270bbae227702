"""Verified activity to command: a table of pairs, one file per noun; read by the wire's dispatch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from federation.ports import ANY_KIND
from node.inbound import (
    answers,
    assemblies,
    ballots,
    farewells,
    follows,
    neighbours,
    notes,
    offers,
    peers,
    proposals,
    reliefs,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from federation.ports import Concern, Handler
    from federation.receive.verify import VerifiedActivity
    from node.context import Node

    NodeHandler = Callable[[Node, VerifiedActivity], Awaitable[None]]

TABLE: dict[tuple[str, str], NodeHandler] = {
    ("Accept", ANY_KIND): answers.accepted,
    ("Add", ANY_KIND): notes.added,
    ("Create", "answer"): reliefs.said,
    ("Create", "appeal"): reliefs.said,
    ("Create", "ballot"): ballots.cast,
    ("Create", "delivery"): reliefs.said,
    ("Create", "endorsement"): reliefs.said,
    ("Create", "equivocation"): assemblies.exposed,
    ("Create", "outcome"): proposals.decided,
    ("Create", "plan"): reliefs.said,
    ("Create", "position"): proposals.reported,
    ("Create", "proposal"): proposals.opened,
    ("Block", ANY_KIND): neighbours.blocked,
    ("Create", "Note"): notes.published,
    ("Create", "Proposal"): offers.published,
    ("Create", "relief"): reliefs.begun,
    ("Create", "reminder"): proposals.reminded,
    ("Create", "reply"): notes.published,
    ("Create", "statute"): assemblies.adopted,
    ("Create", "stock"): reliefs.said,
    ("Create", "veto"): proposals.vetoed,
    ("Delete", ANY_KIND): farewells.deleted,
    ("Flag", ANY_KIND): neighbours.flagged,
    ("Follow", ANY_KIND): follows.asked,
    ("Join", ANY_KIND): assemblies.asked,
    ("Leave", ANY_KIND): assemblies.left,
    ("Move", ANY_KIND): neighbours.moved,
    ("Reject", ANY_KIND): answers.rejected,
    ("Remove", ANY_KIND): notes.removed,
    ("Undo", ANY_KIND): follows.undone,
    ("Update", "Note"): notes.published,
    ("Update", "Proposal"): offers.published,
    ("Update", "application"): assemblies.recounted,
    ("Update", ANY_KIND): peers.changed,
    ("Update", "reply"): notes.published,
}
"""(activity type, kind of what it is about) to the handler; everything else is kept and passed over."""

LOCAL = frozenset({
    ("Create", "Note"),
    ("Create", "Proposal"),
    ("Create", "ballot"),
    ("Create", "position"),
    ("Create", "reply"),
    ("Update", "Note"),
    ("Update", "Proposal"),
    ("Update", "reply"),
})  # fmt: skip
"""Those that come in great numbers and ask nobody but our own database, so that many can share a commit."""

CONCERNED: Mapping[tuple[str, str], Concern] = {
    (activity_type, kind): notes.is_about_something
    for activity_type in ("Create", "Update")
    for kind in ("Note", "reply")
}
"""What a document has to say for the handler of its pair to do anything at all."""


def handlers(node: Node) -> dict[tuple[str, str], Handler]:
    """The table bound to a node."""
    return {pair: partial(handler, node) for pair, handler in TABLE.items()}
