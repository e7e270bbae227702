"""How a proposal stands, in lists and atop its page: sentence, bar, numbers, and the decision from above.

Called by the proposal page's view, by home and by the federation page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.bars import Bar, tally_bar
from node.web.views.ends.calls import call_sentence
from node.web.views.ends.ratification import ratification_sentence
from node.web.views.ends.recounts import recount_sentence
from node.web.views.ends.reminders import Reminded, ReminderLine, reminder_line
from node.web.views.ends.twins import Twin, TwinLine, twin_line
from node.web.views.timeline import DECIDED
from node.web.views.wording.labels import PROPOSAL_STATES, Chip, chip
from node.web.views.wording.places import local_path
from node.web.views.wording.sentences import Count, standing_sentence
from node.web.views.wording.times import Moment, maybe_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """What was read about one proposal. `above` names the assembly it answers, `root` the one that decides."""

    record: ProposalRecord
    decider: str
    count: Count | None
    author: str | None = None
    above: str | None = None
    root: str | None = None
    divergence: str | None = None
    reminders: Sequence[Reminded] = ()
    twins: Sequence[Twin] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The part that changes while ballots come in."""

    sentence: str
    bar: Bar | None
    unit: str
    is_decided: bool
    twins: Sequence[TwinLine]
    divergence: str | None
    reminders: Sequence[ReminderLine] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One proposal in a list."""

    path: str
    title: str
    chip: Chip
    by: str
    sentence: str
    bar: Bar | None
    when: Moment | None
    when_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The decision that came down from the root and binds this body."""

    name: str
    chip: Chip
    sentence: str
    path: str


def standing(facts: ProposalFacts, setting: Setting) -> Standing:
    """The sentence, bar and numbers of a proposal now."""
    record, say, count = facts.record, setting.say, facts.count
    shown = count is not None and record.state in {"open", *DECIDED}
    return Standing(
        sentence=standing_sentence(record.state, record.reason, count, say),
        bar=tally_bar(count.tally, say=say, denominator=count.denominator) if count and shown else None,
        unit=say("Weight") if count and count.of_bodies else say("Ballots"),
        is_decided=record.state in DECIDED,
        divergence=facts.divergence,
        reminders=[reminder_line(one, setting) for one in facts.reminders],
        twins=[twin_line(one, record, setting) for one in facts.twins],
        notes=[note for note in _notes(record, setting) if note],
    )


def _notes(record: ProposalRecord, setting: Setting) -> tuple[str | None, ...]:
    say = setting.say
    return (call_sentence(record, say), recount_sentence(record, setting), ratification_sentence(record, say))


def proposal_line(facts: ProposalFacts, setting: Setting) -> ProposalLine:
    """The proposal as one entry of a list."""
    record, say, now = facts.record, setting.say, setting.now
    shown = standing(facts, setting)
    is_open = record.state == "open"
    when = record.closes_at if is_open else record.closed_at
    return ProposalLine(
        path=local_path(record.id, origin=setting.origin, room="proposals"),
        title=record.title,
        chip=chip(PROPOSAL_STATES, record.state, say),
        by=facts.decider,
        sentence=shown.sentence,
        bar=shown.bar,
        when=maybe_moment(when, now=now, say=say),
        when_label=say("Closes") if is_open else say("Closed"),
    )


def binding(root: ProposalFacts, setting: Setting) -> Binding:
    """The decision of the root proposal, as its constituents are told."""
    return Binding(
        name=root.decider,
        chip=chip(PROPOSAL_STATES, root.record.state, setting.say),
        sentence=standing(root, setting).sentence,
        path=local_path(root.record.id, origin=setting.origin, room="proposals"),
    )
