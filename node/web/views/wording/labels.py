"""The words for states, choices, reasons and kinds, in one table each.

Called by the other views; a code without an entry is shown as it is, so nothing is ever hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.web.views.wording.words import Words

PROPOSAL_STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("Draft", "quiet"),
    "submitted": ("Submitted", "quiet"),
    "open": ("Open", "open"),
    "passed": ("Passed", "passed"),
    "rejected": ("Not passed", "rejected"),
    "closed_without_quorum": ("No quorum", "warn"),
    "withdrawn": ("Withdrawn", "quiet"),
}
POSITION_STATES: Mapping[str, tuple[str, str]] = {
    "counted": ("Reported", "done"),
    "open": ("Open", "open"),
    "missing": ("Not reported", "warn"),
    "late": ("Late", "warn"),
    "no_quorum": ("No quorum", "warn"),
    "invalid": ("Disputed", "rejected"),
    "equivocation": ("Disputed", "rejected"),
    "superseded": ("Replaced", "quiet"),
    "decided": ("Decided", "done"),
    "none": ("No report yet", "quiet"),
}
CHOICES: Mapping[str, str] = {"for": "For", "against": "Against", "abstain": "Abstain", "no_quorum": "No quorum"}
BODY_KINDS: Mapping[str, str] = {
    "coop": "Co-operative",
    "assembly": "Assembly",
    "person": "Person",
    "service": "Service",
    "other": "Other",
}
REASONS: Mapping[str, str] = {
    "threshold_met": "enough were in favour",
    "threshold_not_met": "too few were in favour",
    "tie": "it was a tie, and a tie changes nothing",
    "no_decisive_votes": "nobody chose for or against",
    "quorum_not_met": "too few took part",
    "empty_electorate": "nobody was on the roll",
    "rejection_quorum": "enough were against to stop it",
    "rejection_quorum_not_reached": "too few were against to stop it",
    "members_threshold_not_met": "enough bodies were in favour, but not enough members behind them",
    "previous_stage": "it was a tie, which the members' own count broke",
    "lot": "it was a tie, which the lot broke",
    "veto": "a constituent vetoed it",
}
BALLOT_STATES: Mapping[str, str] = {
    "counted": "counted",
    "superseded": "replaced by a newer ballot",
    "sent": "on its way to the deciding body",
    "late": "came after the close, not counted",
    "refused": "refused",
}
RINGS: Mapping[str, str] = {"own": "Own co-op", "federation": "Federation", "beyond": "Beyond"}
ROLES: Mapping[str, str] = {"member": "Member", "operator": "Operator"}
PURPOSES: Mapping[str, str] = {"offer": "Offer", "request": "Request"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A state in a word and the tone it is drawn in; the word alone carries the meaning."""

    text: str
    tone: str


def chip(states: Mapping[str, tuple[str, str]], state: str, say: Words) -> Chip:
    """The chip of a state."""
    text, tone = states.get(state, (state.replace("_", " "), "quiet"))
    return Chip(say(text), tone)


def label(labels: Mapping[str, str], key: str, say: Words) -> str:
    """The word for a key."""
    return say(labels.get(key, key.replace("_", " ")))
