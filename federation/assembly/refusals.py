"""Every reason the assembly rules say no, with its stable code.

Raised by the readers and checks of this room; `node` translates the codes at its doors.

    AssemblyRefusal
    ├── RuleError          a decision rule that cannot be applied
    ├── TallyError         counts that cannot have come from one vote
    ├── StatuteError       an assembly's rules that do not hold together
    ├── PositionRefusal    a reported position or veto that does not follow
    ├── ReminderRefusal    a reminder that reminds nobody
    ├── EquivocationRefusal  a proof of equivocation that proves nothing
    ├── PaperRefusal       a decision on paper that we cannot read
    ├── ReliefRefusal      a document that has no place in a relief
    └── AmendmentRefusal   a change of a statute that cannot be put to a decision
"""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, str]] = {
    "rule-malformed": "The decision rule is not written the way we can read.",
    "rule-method": "We do not know this counting method.",
    "rule-preset": "We do not know this named rule, or its details contradict its name.",
    "rule-threshold": "The threshold must lie above 0 and be reachable: at most 1, and below 1 if it must be exceeded.",
    "rule-base": "A threshold is measured against decisive, cast or electorate weight.",
    "rule-quorum": "This quorum cannot be applied here.",
    "rule-tie": "We do not know this way of breaking a tie.",
    "rule-weaker": "The rule asks for less than the statute of the assembly.",
    "tally-malformed": "The counts are not whole numbers from zero up, or they exceed the electorate.",
    "statute-malformed": "The statute is not written the way we can read.",
    "statute-mode": "We do not know this way of combining constituents.",
    "statute-weight": "A constituent's weight must be a whole number from 1 up.",
    "statute-constituent-twice": "One constituent is listed twice in the statute.",
    "statute-cycle": "An assembly cannot be its own constituent.",
    "statute-rule": "The rule in the statute cannot be applied to constituents.",
    "statute-members": "The statute does not say how many members its constituents have.",
    "statute-seats": "The seats do not fit the way constituents are combined.",
    "statute-double": "The second count, of members, cannot be applied.",
    "statute-quota": "The quota does not fit the way constituents are combined.",
    "statute-cap": "The cap on one constituent's weight cannot be applied.",
    "statute-split": "Constituents cannot split their weight under this statute.",
    "statute-leaves": "The statute does not ask for the counts it needs.",
    "statute-share": "A share is written like 2/3 or 66 %.",
    "statute-window": "The time is too short for every level to decide before the one above.",
    "statute-veto": "The right of veto cannot be applied.",
    "statute-ratification": "The ratification cannot be applied.",
    "statute-recount": "The recount cannot be applied.",
    "statute-jurisdiction": "The statute does not follow the preset it names.",
    "position-malformed": "The position is not written the way we can read.",
    "position-other-proposal": "The position is about another proposal, or another text of this one.",
    "position-other-statute": "The position was reported under another statute than the one in force here.",
    "position-not-a-constituent": "The body that reports is not a constituent under this statute.",
    "position-other-actor": "The position was published by another actor than the constituent's own.",
    "position-invalid": "The reported position does not follow from the tally and rule it states.",
    "position-split": "The body splits its weight otherwise than its own tally and the statute allow.",
    "equivocation-malformed": "The proof of equivocation is not written the way we can read.",
    "equivocation-other-place": "The two documents stand in different places, so both may be true.",
    "equivocation-same-content": "The two documents say the same; a copy is no equivocation.",
    "equivocation-other-key": "The key in the proof is not that of the voter it accuses.",
    "equivocation-signature": "One of the two documents is not signed with the key in the proof.",
    "paper-malformed": "The file is not a decision on paper the way we can read it.",
    "amendment-malformed": "The text does not carry one change of the statute in the way we can read.",
    "amendment-member": "This member of a statute is not changed by decision.",
    "amendment-nothing": "The change leaves the statute as it is.",
    "amendment-rule": "The proposal is not decided by the rule that the statute lays down for its own change.",
    "amendment-other": "The new statute is not the one that was decided.",
    "veto-malformed": "The veto is not written the way we can read.",
    "veto-reason": "A veto says in at most 5,000 characters which severe need it protects.",
    "veto-not-allowed": "The statute lets nobody veto this type of proposal.",
    "veto-other-proposal": "The veto is about another proposal, or under another statute.",
    "position-leaves": "The statute counts every co-op, and the position does not bring their counts.",
    "veto-signature": "The veto is not signed with the constituent's key in the statute.",
    "veto-late": "The proposal has closed; a veto comes before that.",
    "veto-twice": "This body has vetoed this proposal before; its first veto stands.",
    "reminder-malformed": "The reminder is not written the way we can read.",
    "reminder-foreign": "Only an assembly we belong to reminds us, and only of its own proposals.",
    "reminder-other-proposal": "The reminder is about another text of the proposal, or for another body.",
    "relief-malformed": "The document of a relief is not written the way we can read.",
    "relief-too-large": "The document of a relief holds more than one may.",
    "relief-other": "The document belongs to another relief.",
    "relief-not-the-assembly": "Only the assembly that opened the relief may say this.",
    "relief-statute": "The statute does not fit the relief.",
    "relief-statute-unknown": "A statute that the document rests on is not here.",
    "relief-body-unknown": "The body stands in none of the statutes of this relief.",
    "relief-body-actor": "The document was published by another actor than the body's own.",
    "relief-not-a-coop": "Only co-ops report stock, and assemblies do not.",
    "relief-replay": "This document is in the log already.",
    "relief-good-unknown": "The relief does not share this good.",
    "relief-stock-late": "The time for reporting stock is over.",
    "relief-plan-unknown": "The plan is not here.",
    "relief-plan-stock-unknown": "A stock that the plan rests on is not here.",
    "relief-plan-stock": "The plan rests on a stock that is not what it says.",
    "relief-plan-delivery-unknown": "A delivery that the plan rests on is not here.",
    "relief-plan-delivery": "The plan rests on a delivery that is not what it says.",
    "relief-adjustment": "The plan lays down by hand what cannot be given.",
    "relief-plan-computed": "The plan does not follow from what it rests on.",
    "relief-endorsed-twice": "This delegate has spoken on this version of the plan.",
    "relief-no-delegate": "Only the co-ops whose stock the plan rests on have a delegate in its council.",
    "relief-delegate": "Another person speaks for this co-op in the council.",
    "relief-decision": "The decision is not one of this relief.",
    "relief-decision-unknown": "The decision is not here.",
    "relief-survey-open": "The survey has not passed.",
    "relief-not-endorsed": "Not enough delegates have endorsed the plan.",
    "relief-not-in-force": "The plan is not in force.",
    "relief-transfer-unknown": "The plan has no such transfer.",
    "relief-delivery-body": "Only the giver and the taker of a transfer speak of its delivery.",
    "relief-delivery-state": "A giver says what was sent, a taker what arrived.",
    "relief-delivery-amount": "That is more than the plan gives.",
    "relief-transfer-held": "The transfer is held: an appeal against it was upheld.",
    "relief-too-often": "This body has said this as often as one may.",
    "relief-appeal-unknown": "The appeal is not here.",
    "relief-answered": "The appeal has been answered.",
    "relief-log": "The log of the relief is not written the way we can read.",
    "relief-untrusted": "The log rests on other keys than the one you trust.",
    "relief-signature": "The document is not signed with a key that the statutes give its author.",
}

RELIEF_WAITS: Final = frozenset(
    {
        "relief-statute-unknown",
        "relief-body-unknown",
        "relief-plan-unknown",
        "relief-plan-stock-unknown",
        "relief-plan-delivery-unknown",
        "relief-decision-unknown",
        "relief-survey-open",
        "relief-not-endorsed",
        "relief-not-in-force",
        "relief-appeal-unknown",
    }
)
"""Refusals of a relief that may end when another document arrives."""


class AssemblyRefusal(Exception):  # noqa: N818 - a refusal is not a fault
    """A rule said no. `code` is stable; `public`, and `explained` with what exactly, are safe to show."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.public = TEXTS[code]
        self.detail = detail
        self.explained = f"{self.public} ({detail})" if detail else self.public
        super().__init__(f"{code}: {self.explained}")


class RuleError(AssemblyRefusal):
    """Choose a rule whose threshold, base and quorum can be applied to this electorate."""


class TallyError(AssemblyRefusal):
    """Ask the reporting body for a recount: these counts contradict themselves."""


class StatuteError(AssemblyRefusal):
    """Correct the statute before publishing it; peers refuse it as it stands."""


class PositionRefusal(AssemblyRefusal):
    """Keep the document as evidence and do not count it; the reporting body may send a higher sequence."""


class ReminderRefusal(AssemblyRefusal):
    """Pass over the reminder; whoever sent it has nothing to ask of this body."""


class EquivocationRefusal(AssemblyRefusal):
    """Do not publish or act on this proof; it accuses nobody."""


class ReliefRefusal(AssemblyRefusal):
    """Keep the document out of the relief's log; where `waits`, offer it again when more of the log is there."""

    @property
    def waits(self) -> bool:
        """Whether what it needs may only not have arrived yet."""
        return self.code in RELIEF_WAITS


class AmendmentRefusal(AssemblyRefusal):
    """Correct the text of the proposal before it opens; a statute changes only by what was decided."""


class PaperRefusal(AssemblyRefusal):
    """Correct the file; `docs/reference/roll-up-file.md` says what stands in it."""
