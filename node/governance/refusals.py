"""Every reason this node says no, on one page: code, category, text for people, advice for operators.

Raised by rules and services with `Refusal(code)`; only the doors turn a category into a status of their protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Category(StrEnum):
    """What kind of no it is."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_MANY = "too_many"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the table: `public` is kind and safe to show, `advice` tells an operator what to look at."""

    category: Category
    public: str
    advice: str


BAD, WHO, NO, NONE, CLASH, GONE, MANY, AWAY = Category

REFUSALS: Final[Mapping[str, Reason]] = {
    # finding things and being let in
    "not-found": Reason(NONE, "We could not find this. It may have moved or never been here.", "Check the address."),
    "not-signed-in": Reason(WHO, "Please sign in first.", "The session is missing, expired or signed out."),
    "forbidden": Reason(NO, "This is not yours to do. An operator of your co-op can help.", "Role or owner lacking."),
    "passphrase-wrong": Reason(WHO, "Name and passphrase do not match. Please try again.", "Watch for guessing."),
    "passphrase-weak": Reason(BAD, "Please choose a longer passphrase: four or five words do.", "Minimum length."),
    "name-taken": Reason(CLASH, "Somebody here already has this name. Please choose another.", "Names are unique."),
    "name-invalid": Reason(BAD, "Names have 1 to 40 small letters, digits or hyphens.", "Shape of a handle."),
    "role-unknown": Reason(BAD, "We do not know this role.", "Roles are member and operator."),
    "csrf": Reason(NO, "This form has grown old. Please load the page again and resend.", "CSRF token mismatch."),
    "too-many-requests": Reason(MANY, "That was a lot at once. Please wait a minute.", "A rate limit was reached."),
    # the shape of what was sent
    "malformed": Reason(BAD, "We could not read what was sent.", "The document lacks a member or has a wrong type."),
    "too-large": Reason(BAD, "This is more than we can take in one piece.", "A size limit was reached."),
    "unsupported-media-type": Reason(BAD, "We cannot read this kind of content.", "Check Content-Type."),
    "idempotency-conflict": Reason(
        CLASH, "This was sent before with other contents.", "One Idempotency-Key, two different requests."
    ),
    # proposals
    "text-missing": Reason(BAD, "A proposal needs a title and a text.", "Title or text is empty."),
    "text-too-long": Reason(
        BAD, "This text is too long. Please put details in an attachment.", "Limits of check_text."
    ),
    "window-invalid": Reason(BAD, "The time for casting ballots is too short or too long.", "Bounds of check_window."),
    "rule-invalid": Reason(BAD, "This decision rule cannot be used here.", "Detail says which part of the rule."),
    "type-invalid": Reason(BAD, "A type is one word of small letters, like emergency.", "Checked by check_type."),
    "state-wrong": Reason(CLASH, "The proposal has moved on; this step is not open any more.", "See TRANSITIONS."),
    "proposal-invalid": Reason(
        BAD, "This proposal is not complete enough to decide on.", "A peer's Question lacks members."
    ),
    "proposal-not-open": Reason(CLASH, "This proposal takes no ballots now.", "It is not open yet, or closed early."),
    "empty-electorate": Reason(CLASH, "There is nobody who could decide this yet.", "The roll or roster is empty."),
    # ballots
    "ballot-late": Reason(GONE, "This ballot came after the close. It is kept, but not counted.", "By our own clock."),
    "ballot-stale": Reason(CLASH, "A newer ballot of this person is already here.", "Sequence not above the current."),
    "ballot-wrong-proposal": Reason(CLASH, "This ballot is for another text of the proposal.", "Id or digest differs."),
    "ballot-equivocation": Reason(
        CLASH, "Two different ballots claim the same place; neither counts.", "Same voter and sequence, other content."
    ),
    "ballot-forged": Reason(
        NO, "This ballot is not signed by the voter it names.", "Proof missing, broken or foreign."
    ),
    "not-on-roll": Reason(NO, "You are not on the roll of this proposal.", "The roll was fixed when it opened."),
    "choice-unknown": Reason(BAD, "Please choose for, against or abstain.", "The ballot names another choice."),
    # statutes
    "no-statute": Reason(CLASH, "There is no statute yet; the first constituent brings it.", "Accept one first."),
    # rolls and weights
    "roll-duplicate": Reason(CLASH, "One person stands on the roll twice.", "Two entries share a DID."),
    "number-invalid": Reason(BAD, "Please write whole numbers, like 40.", "Digits alone, without a point or a unit."),
    "weight-invalid": Reason(BAD, "A weight is a whole number from 1 up.", "Weights are integers, never fractions."),
    "members-invalid": Reason(BAD, "A number of members is a whole number from 1 up.", "Up to 1,000,000,000."),
    # assemblies
    "already-member": Reason(CLASH, "This co-op already belongs, or has already asked.", "Membership row exists."),
    "not-a-constituent": Reason(NO, "This body does not belong to the assembly.", "It is not on the statute's roster."),
    "not-an-assembly": Reason(BAD, "This address is not an assembly.", "Only assemblies have constituents."),
    "application-unknown": Reason(
        NONE, "There is no open application of this body.", "Answered already, or never sent."
    ),
    "statute-invalid": Reason(BAD, "This statute cannot be applied.", "Detail says which check failed."),
    "document-unproven": Reason(
        BAD, "This document does not prove itself.", "Its own proof is missing, broken, or by a key its actor lacks."
    ),
    "statute-unknown": Reason(NONE, "We do not have this statute.", "Its digest was never received here."),
    "uninvited": Reason(
        NO, "Nobody here follows that body or belongs with it.", "Taken when somebody brings it whom we hear."
    ),
    "cycle": Reason(CLASH, "An assembly cannot stand above and below the same body.", "The tree would be a ring."),
    "peer-unreachable": Reason(AWAY, "We could not reach that node. Please try again later.", "Fetch failed."),
    "split-not-allowed": Reason(
        CLASH, "This assembly's statute lets nobody split its position.", "may_split in its newest statute."
    ),
    # positions and evidence
    "position-invalid": Reason(
        BAD, "This position does not follow from its tally.", "INVALID_REPORT; kept, not counted."
    ),
    "position-late": Reason(GONE, "This position came after the close. It is kept, but not counted.", "By our clock."),
    "position-stale": Reason(
        CLASH, "A newer position of this body is already here.", "Sequence not above the current."
    ),
    "position-equivocation": Reason(
        CLASH, "This body sent two different positions with one number; neither counts.", "Keep both as proof."
    ),
    "evidence-missing": Reason(
        NONE, "The evidence for this decision is not complete yet.", "A level below is missing."
    ),
    "evidence-invalid": Reason(
        BAD, "This evidence does not prove its decision.", "Run the verifier for the failing check."
    ),
    # offers
    "offer-unknown": Reason(NONE, "This offer is not here, or it was withdrawn.", "Unknown or withdrawn offer."),
    "offer-invalid": Reason(
        BAD, "An offer needs a title and says what is offered or asked.", "Members missing or wrong."
    ),
    # neighbours
    "move-unproven": Reason(NO, "The new address does not say that it is the old one.", "alsoKnownAs lacks the mover."),
    "address-invalid": Reason(
        BAD, "This is not the address of an actor elsewhere, like https://coop.example/body.", "No URL, or our own."
    ),
    "flag-own": Reason(BAD, "This was said here. An operator of your co-op can hide it.", "Flags go to other nodes."),
    # replies
    "reply-empty": Reason(BAD, "There is nothing in this reply yet.", "No content."),
    "reply-too-long": Reason(
        BAD, "This reply is too long. Please say it in fewer words.", "LONGEST_TEXT, LONGEST_HTML."
    ),
    "reply-too-deep": Reason(CLASH, "This thread is deep enough. Please answer further up.", "DEEPEST levels."),
    "reply-too-many": Reason(
        MANY, "You have said a lot here already. Please leave room.", "MOST_BY_ONE for a proposal."
    ),
    "reply-forged": Reason(NO, "This reply is not signed by the member it names.", "Proof missing, broken or foreign."),
    # other nodes
    "peer-host-invalid": Reason(
        BAD, "This is not the host of another node, like coop.example.", "Malformed, or this node's own name."
    ),
    # the house
    "already-initialised": Reason(CLASH, "This node is already set up.", "Use another data folder for a second node."),
    "origin-changed": Reason(
        CLASH, "This node was set up under another address.", "Keys and ids carry the first origin."
    ),
}


class Refusal(Exception):  # noqa: N818 - a refusal is not a fault
    """A rule said no. `public` is for people, `str()` for the log; `detail` must be safe to show."""

    def __init__(self, code: str, detail: str = "") -> None:
        reason = REFUSALS[code]
        self.code = code
        self.category = reason.category
        self.detail = detail
        self.public = f"{reason.public} ({detail})" if detail else reason.public
        self.advice = reason.advice
        super().__init__(f"{code}: {self.public} {reason.advice}")
