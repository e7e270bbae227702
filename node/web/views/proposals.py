"""What the proposal pages show: lines of the list, and one proposal with its sentence, bar, reasons, ballot and papers.

Called by node.web.proposals and node.web.home with the facts they read; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from node.markdown import to_html
from node.web.views.standing import Binding, ProposalFacts, Standing, standing
from node.web.views.timeline import DECIDED, Step, steps
from node.web.views.wording.labels import CHOICES, PROPOSAL_STATES, Chip, chip, label
from node.web.views.wording.places import Link, local_path
from node.web.views.wording.rules import RuleWords, rule_words
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.web.views.ballots import BallotForm, Receipt
    from node.web.views.community import Opinions, Thread
    from node.web.views.ends.vetoes import VetoPanel
    from node.web.views.tree import TreeBody
    from node.web.views.wording.setting import Setting
    from node.web.views.wording.words import Words
    from storage.records import BallotRecord, ProposalRecord


@dataclass(frozen=True, slots=True)
class RecentBallot:
    """Who chose what, when ballots are open."""

    voter: str
    choice: str
    choice_label: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Action:
    """A next step a member may take: a link, or a button that posts."""

    label: str
    href: str
    note: str
    tone: str = "quiet"
    is_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage:
    """Everything the page of one proposal shows."""

    path: str
    title: str
    chip: Chip
    by: str
    text: Markup
    standing: Standing
    live_path: str | None
    binding: Binding | None
    actions: Sequence[Action]
    ballot: BallotForm | None
    why_not: str | None
    receipt: Receipt | None
    why_title: str
    rule: RuleWords
    quorum_now: str | None
    deciders: str
    bound: str
    whats_next: str | None
    bodies: Sequence[TreeBody]
    vetoes: VetoPanel | None
    recent: Sequence[RecentBallot]
    opinions: Opinions | None
    thread: Thread | None
    steps: Sequence[Step]
    links: Sequence[Link]


def deciders_sentence(facts: ProposalFacts, say: Words) -> str:
    """Whose ballots or positions count."""
    kind = facts.record.electorate_kind
    if kind == "constituents":
        return say("The constituents of %(name)s, each with the weight its statute gives it.", name=facts.decider)
    if kind == "roll":
        return say("Members of %(name)s and the invited members of other co-ops on the roll.", name=facts.decider)
    return say("The members of %(name)s, as the roll stood when it opened.", name=facts.decider)


def bound_sentence(facts: ProposalFacts, say: Words) -> str:
    """Whom the outcome binds."""
    if facts.above:
        values = {"above": facts.above, "root": facts.root or facts.above}
        return say("The position goes up to %(above)s. What %(root)s decides binds every body below it.", **values)
    if facts.record.electorate_kind == "constituents":
        return say("%(name)s and every body below it, also those that were against.", name=facts.decider)
    return say("%(name)s and its members.", name=facts.decider)


NEXT = {
    "draft": "Its author submits it; then an operator opens it.",
    "submitted": "An operator opens it. Text, rule and roll are frozen at that moment.",
    "open": "At the close the ballots are counted and the outcome is published with its evidence.",
}


def whats_next(facts: ProposalFacts, say: Words) -> str | None:
    """What comes after this state, or None when nothing does."""
    state = facts.record.state
    if state == "open" and facts.above:
        return say("At the close the ballots are counted and the position goes up to %(above)s.", above=facts.above)
    if state in DECIDED and facts.above and facts.record.decision_document is None:
        return say(
            "The position was reported. %(root)s decides when its own deadline comes.", root=facts.root or facts.above
        )
    return say(NEXT[state]) if state in NEXT else None


def recent_ballots(
    ballots: Sequence[BallotRecord], names: Mapping[str, str], setting: Setting
) -> tuple[RecentBallot, ...]:
    """The last counted ballots with the names we know; a stranger is shown by the end of their identifier."""
    say = setting.say
    return tuple(
        RecentBallot(
            voter=names.get(ballot.voter) or say("Member …%(end)s", end=ballot.voter[-6:]),
            choice=ballot.choice,
            choice_label=label(CHOICES, ballot.choice, say),
            at=moment(ballot.received_at, now=setting.now, say=say),
        )
        for ballot in ballots
        if ballot.status == "counted"
    )


def actions(record: ProposalRecord, *, is_author: bool, is_operator: bool, setting: Setting) -> tuple[Action, ...]:
    """What the reader may do with a proposal of ours before it opens."""
    say = setting.say

    def at(action: str) -> str:
        return local_path(record.id, origin=setting.origin, room="proposals", action=action)

    offered = []
    if record.state == "draft" and is_author:
        offered.append(Action(say("Submit"), at("submit"), say("Hand it to the operators for opening."), ""))
    if record.state in {"draft", "submitted"} and is_operator:
        note = say("Freeze text, rule and roll, publish it and let the ballots begin.")
        if record.state == "submitted":
            offered.append(Action(say("Open for ballots"), at("open"), note, ""))
    if record.state in {"draft", "submitted"} and (is_author or is_operator):
        offered.append(Action(say("Withdraw"), at("withdraw"), say("Take it back; it stays listed as withdrawn.")))
    return tuple(offered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the page adds for this reader and around the proposal."""

    actions: Sequence[Action] = ()
    ballot: BallotForm | None = None
    why_not: str | None = None
    receipt: Receipt | None = None
    bodies: Sequence[TreeBody] = ()
    vetoes: VetoPanel | None = None
    recent: Sequence[RecentBallot] = ()
    binding: Binding | None = None
    opinions: Opinions | None = None
    thread: Thread | None = None
    links: Sequence[Link] = ()


def proposal_page(facts: ProposalFacts, reading: Reading, setting: Setting) -> ProposalPage:
    """The page of one proposal."""
    record, say = facts.record, setting.say
    path = local_path(record.id, origin=setting.origin, room="proposals")
    live = local_path(record.id, origin=setting.origin, room="proposals", action="live")
    written = say("%(decider)s, written by %(author)s", decider=facts.decider, author=facts.author or "")
    return ProposalPage(
        path=path,
        title=record.title,
        chip=chip(PROPOSAL_STATES, record.state, say),
        by=written if facts.author else facts.decider,
        text=Markup(to_html(record.text)),  # noqa: S704 - cleaned by node.markdown
        standing=standing(facts, setting),
        live_path=live if record.state == "open" else None,
        why_title=say("Why") if record.state in DECIDED else say("How it is decided"),
        rule=rule_words(record.rule, say),
        quorum_now=_quorum_now(facts, say),
        deciders=deciders_sentence(facts, say),
        bound=bound_sentence(facts, say),
        whats_next=whats_next(facts, say),
        steps=steps(record, now=setting.now, say=say),
        binding=reading.binding,
        actions=reading.actions,
        ballot=reading.ballot,
        why_not=reading.why_not,
        receipt=reading.receipt,
        bodies=reading.bodies,
        vetoes=reading.vetoes,
        recent=reading.recent,
        opinions=reading.opinions,
        thread=reading.thread,
        links=reading.links,
    )


def _quorum_now(facts: ProposalFacts, say: Words) -> str | None:
    count = facts.count
    if count is None or count.needed is None or facts.record.state not in {"open", *DECIDED}:
        return None
    values = {"needed": count.text(count.needed), "whole": count.text(count.tally.electorate)}
    return say("That is %(needed)s of %(whole)s.", **values)
