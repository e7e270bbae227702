"""What a member sees of their own ballot: the form, and the receipt after casting.

Called by node.web.proposals and node.web.ballots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.wording.labels import BALLOT_STATES, CHOICES, label
from node.web.views.wording.places import local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import BallotRecord, ProposalRecord

HINTS = {
    "for": "I want this to happen.",
    "against": "I do not want this to happen.",
    "abstain": "I have no preference. It counts as taking part.",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a form."""

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotForm:
    """The ballot as a form; `chosen` is what stands now."""

    action: str
    legend: str
    choices: tuple[Option, ...]
    chosen: str | None
    button: str
    note: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a member can keep: when the ballot arrived, its number and fingerprint."""

    sentence: str
    at: Moment
    seq: int
    digest: str
    href: str


def ballot_form(
    record: ProposalRecord, current: BallotRecord | None, *, weight: int, setting: Setting, refusal: str | None = None
) -> BallotForm:
    """The form for a member on the roll of an open proposal."""
    say = setting.say
    closes = moment(record.closes_at, now=setting.now, say=say)
    note = say("You can change it until the close, %(when)s. The last one counts.", when=closes.text)
    if weight != 1:
        note = say("Your weight on the roll is %(weight)s.", weight=weight) + " " + note
    return BallotForm(
        action=local_path(record.id, origin=setting.origin, room="proposals", action="ballots"),
        legend=say("What do you say to this proposal?"),
        choices=tuple(Option(key, say(CHOICES[key]), say(hint)) for key, hint in HINTS.items()),
        chosen=current.choice if current else None,
        button=say("Change my ballot") if current else say("Cast my ballot"),
        note=note,
        refusal=refusal,
    )


def receipt(record: ProposalRecord, ballot: BallotRecord, setting: Setting) -> Receipt:
    """The receipt of a member's latest ballot."""
    say = setting.say
    state = label(BALLOT_STATES, ballot.status, say)
    sentence = say(
        "Your ballot “%(choice)s” is signed and %(state)s.", choice=label(CHOICES, ballot.choice, say), state=state
    )
    return Receipt(
        sentence=sentence,
        at=moment(ballot.received_at, now=setting.now, say=say),
        seq=ballot.seq,
        digest=ballot.digest,
        href=local_path(record.id, origin=setting.origin, room="proposals", action="receipt"),
    )


def receipt_text(proposal: ProposalRecord, ballot: BallotRecord, setting: Setting) -> str:
    """The receipt as a plain text to keep; it names no choice (G9)."""
    say = setting.say
    lines = (
        say("Receipt for a ballot"),
        "",
        say("Proposal: %(title)s", title=proposal.title),
        proposal.id,
        say("Ballot: %(digest)s", digest=ballot.digest),
        say("Number: %(seq)s", seq=ballot.seq),
        say("Received: %(at)s", at=moment(ballot.received_at, now=setting.now, say=say).iso),
        say("State: %(state)s", state=label(BALLOT_STATES, ballot.status, say)),
        "",
        say("To check it: fetch the evidence of this proposal after the close and look for the line of that digest."),
        f"{proposal.id}/evidence",
    )
    return "\n".join(lines) + "\n"
