"""docs/reference/activities.md, from the table of node.inbound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.ports import ANY_KIND
from node.inbound import TABLE
from node.reference.markdown_table import code, page, table

if TYPE_CHECKING:
    from collections.abc import Mapping

INTRODUCTION = """What this node does with an activity once its sender is proven. The kind is `governance.kind`
of the activity or of its object, else the object's type. Everything not listed is kept and passed over. An
`Announce` around a whole activity is unwrapped first and read as the activity inside. Shapes are in
[FEDERATION.md](../../FEDERATION.md)."""

MEANING: Mapping[tuple[str, str], str] = {
    (
        "Accept",
        ANY_KIND,
    ): "Our application to an assembly was accepted, or a ballot we carried was taken, with a receipt.",
    (
        "Add",
        ANY_KIND,
    ): "Somebody we hear took an activity into a discussion: fetched from its origin, and read as usual.",
    ("Block", ANY_KIND): "An actor wants nothing more from us: it is told nothing, and we stop reading it.",
    (
        "Create",
        "Note",
    ): "An answer to a poll of ours: kept as an opinion, never as a ballot. Or a reply in a thread: shown there.",
    ("Create", "Proposal"): "An offer or request of a peer: listed, and passed on by assemblies.",
    ("Create", "ballot"): "A member of another co-op casts a ballot here: checked, kept, answered with a receipt.",
    ("Create", "answer"): "An assembly answers an appeal in its relief: kept in its log, passed on.",
    ("Create", "appeal"): "A body objects to a plan, or to a transfer: kept in the relief's log, passed on.",
    ("Create", "delivery"): "A giver or a taker says what was sent or arrived: kept in the relief's log, passed on.",
    ("Create", "endorsement"): "A delegate's word on a plan: kept in the relief's log, passed on.",
    ("Create", "equivocation"): "Proof that somebody signed two things for one place: checked alone, neither counts.",
    ("Create", "outcome"): "A body says what was decided: kept with the proposal, binding when it comes from above.",
    ("Create", "plan"): "An assembly's plan for sharing: computed again, kept in the relief's log, passed on.",
    ("Create", "position"): "A constituent reports upward: its tally is recomputed, then it is kept and passed on.",
    ("Create", "proposal"): "A body opens a proposal. If an assembly of ours asks us, it is put to our own electorate.",
    ("Create", "relief"): "An assembly begins a relief: kept with its survey, passed on.",
    ("Create", "reminder"): "An assembly of ours waits for our position: shown to members, and passed on downward.",
    ("Create", "reply"): "A member of another body replies in a thread we keep: shown there with the member's name.",
    ("Create", "statute"): "An assembly's new rules and roster: kept for ever under its digest.",
    ("Create", "stock"): "A co-op says what it has and needs: kept in the relief's log, passed on.",
    ("Create", "veto"): "A constituent vetoes a proposal of its assembly: checked, kept with its reason, passed on.",
    (
        "Delete",
        ANY_KIND,
    ): "An offer is withdrawn, or a reply deleted; one that has not come yet will not be shown when it comes.",
    ("Flag", ANY_KIND): "Somebody asks our operators to look at something of ours: kept for their eyes only.",
    ("Follow", ANY_KIND): "A peer wants to hear from us: written down and accepted.",
    ("Join", ANY_KIND): "A body asks to join this assembly: waits for an operator.",
    ("Leave", ANY_KIND): "A constituent leaves: the next statute is without it.",
    ("Move", ANY_KIND): "An actor lives elsewhere: if we follow it, we follow it there, once its new self says so too.",
    ("Reject", ANY_KIND): "Our application was refused, or a ballot we carried was, with the reason.",
    ("Remove", ANY_KIND): "The body that keeps a thread takes a reply out of it: out of sight here too.",
    ("Undo", ANY_KIND): "A follow or a block is taken back, also when that comes first.",
    ("Update", "Note"): "A reply was changed: the newest version is shown.",
    ("Update", "Proposal"): "A peer changed its offer or request.",
    ("Update", "application"): "A constituent or applicant counted its members again: kept for the next statute.",
    (
        "Update",
        ANY_KIND,
    ): "An actor changed itself: it is fetched again, and a constituent's new key goes onto the roster.",
    ("Update", "reply"): "A reply of another body's member was changed: the newest version is shown.",
}


def text() -> str:
    """The page. KeyError when a pair of the table has no meaning here yet."""
    rows = (
        (
            code(kind),
            "anything" if about == ANY_KIND else code(about),
            MEANING[kind, about],
            code(f"{handler.__module__.rsplit('.', 1)[-1]}.{handler.__name__}"),
        )
        for (kind, about), handler in sorted(TABLE.items())
    )
    return page("Activities", INTRODUCTION, table(("activity", "about", "what it means here", "handler"), rows))
