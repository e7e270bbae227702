"""The federation as this node knows it: the tree of bodies and where each stands in a decision.

Called by node.web.federation and node.web.proposals with statutes, positions and proposals they read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from federation.assembly.decide import OutcomeState, decide
from federation.assembly.refusals import TEXTS
from federation.assembly.rules import read_rule
from federation.assembly.statute import read_statute
from federation.assembly.tally import Tally
from federation.assembly.weighing.modes import denominator_of, weights_of
from node.web.views.bars import Bar, tally_bar
from node.web.views.timeline import DECIDED
from node.web.views.tree import Picture, TreeBody, picture
from node.web.views.wording.labels import CHOICES, POSITION_STATES, PROPOSAL_STATES, Chip, chip, label
from node.web.views.wording.numbers import share_text, weight_text
from node.web.views.wording.places import home_of
from node.web.views.wording.times import Moment, maybe_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import EquivocationRecord, PositionRecord, ProposalRecord, StatuteRecord

DEEPEST = 12
AGREEING = "Counted directly, members say the same: %(yes)s for, %(no)s against (%(share)s for)."
DIFFERING = (
    "Members and bodies differ: counted directly, %(yes)s members are for and %(no)s against (%(share)s for); "
    "under the same rule that would have ended the other way."
)
ROOT_CHOICES = {"passed": "for", "rejected": "against"}


@dataclass(frozen=True, slots=True)
class Tree:
    """One federation: its root body and, when it fits, its picture."""

    root: TreeBody
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationFacts:
    """What was read: statutes by DID and, of one decision, positions by DID, proposals and tallies by actor."""

    statutes: Mapping[str, StatuteRecord]
    proposals: Mapping[str, ProposalRecord] = field(default_factory=dict)
    positions: Mapping[str, PositionRecord] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)

    def under(self, statute: StatuteRecord) -> FederationFacts:
        """The same with one assembly's statute as it stood for a proposal."""
        return replace(self, statutes={**self.statutes, statute.assembly_did: statute})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One seat in the tree: which body, what it is, its weight in words and the members it stands for."""

    did: str
    actor: str
    name: str
    kind: str
    weight: str = ""
    members: int | None = None


def roster(statute: StatuteRecord) -> tuple[Place, ...]:
    """The seats a statute names, in its own order, each with what it weighs there by the statute's mode."""
    rules = read_statute(statute.document)
    denominator = denominator_of(rules)
    return tuple(
        Place(
            did=each.body,
            actor=each.actor,
            name=each.name,
            kind=each.kind,
            weight=weight_text(weight, denominator),
            members=each.members,
        )
        for each, weight in zip(rules.constituents, weights_of(rules), strict=True)
    )


def denominator_of_statute(statute: StatuteRecord | None) -> int:
    """How many units are shown as 1 under a statute, by its mode."""
    return denominator_of(read_statute(statute.document)) if statute else 1


def roots(facts: FederationFacts) -> tuple[Place, ...]:
    """The assemblies nobody above is known of, by name."""
    below = {place.did for statute in facts.statutes.values() for place in roster(statute)}
    tops = [statute for did, statute in facts.statutes.items() if did not in below]
    places = [
        Place(
            did=statute.assembly_did,
            actor=statute.assembly_actor,
            name=str(statute.document["governance"].get("name", "")),
            kind="assembly",
        )
        for statute in tops
    ]
    return tuple(sorted(places, key=lambda place: place.name))


def federation_trees(facts: FederationFacts, setting: Setting) -> tuple[Tree, ...]:
    """Every tree this node knows."""
    return tuple(federation_tree(place, facts, setting) for place in roots(facts))


def federation_tree(top: Place, facts: FederationFacts, setting: Setting) -> Tree:
    """The whole tree under one root."""
    root = _body(top, facts, setting, seen=frozenset(), is_decided=False)
    return Tree(root, picture(root))


def constituent_lines(did: str, facts: FederationFacts, setting: Setting, *, is_decided: bool) -> tuple[TreeBody, ...]:
    """The constituents of one assembly, each with its report, without what lies below them."""
    statute = facts.statutes.get(did)
    if statute is None:
        return ()
    return tuple(body_alone(place, facts, setting, is_root=False, is_decided=is_decided) for place in roster(statute))


def _body(
    place: Place, facts: FederationFacts, setting: Setting, *, seen: frozenset[str], is_decided: bool
) -> TreeBody:
    proposal = facts.proposals.get(place.actor)
    is_closed = proposal is not None and proposal.state in DECIDED
    alone = body_alone(place, facts, setting, is_root=not seen, is_decided=is_decided)
    return replace(alone, constituents=_below(place, facts, setting, seen=seen, is_decided=is_closed))


def body_alone(
    place: Place, facts: FederationFacts, setting: Setting, *, is_root: bool, is_decided: bool = False
) -> TreeBody:
    """One body without what lies below it; `is_decided` says that the assembly above it has closed."""
    say = setting.say
    proposal, position = facts.proposals.get(place.actor), facts.positions.get(place.did)
    tally = _tally(position) or facts.tallies.get(place.actor)
    denominator = denominator_of_statute(facts.statutes.get(place.did))
    choice = _choice(proposal, position, is_root=is_root)
    return TreeBody(
        name=place.name,
        kind=place.kind,
        href=home_of(place.actor),
        weight=place.weight,
        weight_label=say("weight %(weight)s", weight=place.weight),
        members_label=say.count("%(number)s member", "%(number)s members", place.members) if place.members else None,
        chip=_chip(proposal, position, setting, is_root=is_root, is_decided=is_decided),
        choice=choice,
        choice_label=label(CHOICES, choice, say) if choice and not is_root else None,
        bar=_bar(tally, setting, denominator),
        turnout=share_text(tally.cast, tally.electorate) if tally and tally.cast else None,
        deadline=maybe_moment(proposal.closes_at, now=setting.now, say=say)
        if proposal is not None and proposal.state == "open"
        else None,
        is_here=place.did == setting.body_did,
        evidence=_evidence(proposal, position, is_root=is_root),
        note=_note(position, setting),
    )


def _below(
    place: Place, facts: FederationFacts, setting: Setting, *, seen: frozenset[str], is_decided: bool
) -> tuple[TreeBody, ...]:
    statute = facts.statutes.get(place.did)
    if statute is None or place.did in seen or len(seen) > DEEPEST:
        return ()
    deeper = seen | {place.did}
    return tuple(_body(each, facts, setting, seen=deeper, is_decided=is_decided) for each in roster(statute))


def _evidence(proposal: ProposalRecord | None, position: PositionRecord | None, *, is_root: bool) -> str | None:
    """Where the body serves the proof of its own level: of the decision at the root, of its position elsewhere."""
    if is_root:
        return f"{proposal.id}/evidence" if proposal is not None and proposal.state in DECIDED else None
    basis: Mapping[str, Any] | None = position.document["governance"].get("basis") if position else None
    told = str(basis["proposal"]["id"]) if basis else ""
    return f"{told}/evidence" if told.startswith(("https://", "http://")) else None


def _note(position: PositionRecord | None, setting: Setting) -> str | None:
    """Why a position does not count, where its body signed what does not follow."""
    why = TEXTS.get(position.reason or "") if position else None
    return setting.say(why) if why else None


def _tally(position: PositionRecord | None) -> Tally | None:
    found: Mapping[str, Any] | None = position.document["governance"].get("tally") if position else None
    return Tally.from_document(found) if found else None


def _bar(tally: Tally | None, setting: Setting, denominator: int) -> Bar | None:
    return tally_bar(tally, say=setting.say, denominator=denominator) if tally else None


def _choice(proposal: ProposalRecord | None, position: PositionRecord | None, *, is_root: bool) -> str | None:
    if is_root:
        return ROOT_CHOICES.get(proposal.state) if proposal else None
    return position.choice if position else None


def _chip(
    proposal: ProposalRecord | None,
    position: PositionRecord | None,
    setting: Setting,
    *,
    is_root: bool,
    is_decided: bool,
) -> Chip:
    say = setting.say
    if is_root:
        return chip(PROPOSAL_STATES, proposal.state, say) if proposal else Chip(say("Assembly"), "quiet")
    if position is not None:
        is_short = position.status == "counted" and position.choice == "no_quorum"
        return chip(POSITION_STATES, "no_quorum" if is_short else position.status, say)
    if proposal is not None and proposal.state == "open":
        return chip(POSITION_STATES, "open", say)
    return chip(POSITION_STATES, "missing" if is_decided else "none", say)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One proof that somebody signed two things, in a sentence, with the address of the proof."""

    sentence: str
    href: str
    at: Moment | None


def contradiction_line(record: EquivocationRecord, setting: Setting) -> Contradiction:
    """What was signed twice, and by whom."""
    say, text = setting.say, CONTRADICTIONS[record.what]
    return Contradiction(
        sentence=say(text, signer=record.signer),
        href=record.document_id,
        at=maybe_moment(record.received_at, now=setting.now, say=say),
    )


CONTRADICTIONS: Mapping[str, str] = {
    "ballot": "%(signer)s signed two different ballots with one number; neither counts.",
    "position": "%(signer)s reported two different positions with one number; it counts as not reported.",
    "statute": "%(signer)s signed two different statutes as the same version.",
}


def divergence_sentence(proposal: ProposalRecord, setting: Setting) -> str | None:
    """Whether members, counted directly, agree with the bodies; None while their tallies are not complete (G6)."""
    outcome = proposal.outcome_document or {}
    counted = (outcome.get("governance") or {}).get("members")
    is_rolled_up = proposal.electorate_kind == "constituents"
    if not counted or not is_rolled_up or proposal.state not in {"passed", "rejected"}:
        return None
    tally = Tally.from_document(counted)
    direct = decide(replace(read_rule(proposal.rule), quorum=None), tally)
    values = {
        "yes": weight_text(tally.in_favour),
        "no": weight_text(tally.against),
        "share": share_text(tally.in_favour, tally.decisive),
    }
    if (direct.state is OutcomeState.PASSED) == (proposal.state == "passed"):
        return setting.say(AGREEING, **values)
    return setting.say(DIFFERING, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationPage:
    """What the federation page shows; `decision` is the line of the proposal the positions belong to.

    `branches` are the federations too big to be trees on one page.
    """

    sentence: str
    trees: Sequence[Tree]
    branches: Sequence[Any]
    decision: Any | None
    decisions: Sequence[Any]
    divergence: str | None
    contradictions: Sequence[Contradiction]
    join_path: str | None
