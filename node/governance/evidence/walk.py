"""The walk from a decision down to the ballots: every document checked, every level recomputed (G6, G9).

Called by `verify`. Each level is checked with what the level above knows of it; nothing vouches for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from federation.assembly.positions import Asked, Bodies
from federation.assembly.references import Reference
from federation.assembly.roll_up import REACHED, ReportStatus, RollUp, roll_up
from federation.assembly.rules import Rule
from federation.assembly.statute import Statute, read_statute
from federation.assembly.weighing.modes import denominator_of, weights_of
from node.governance.calls import FIRST, Call
from node.governance.evidence.call_check import check_replaced, checked_call, checked_recount
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.hearing import (
    Claim,
    Hearing,
    Word,
    check_basis,
    check_first_call,
    check_promise,
    checked_veto,
    claims_of,
    found_by,
    has_all_spoken,
    word_of,
)
from node.governance.evidence.line import Line
from node.governance.evidence.outcome_check import check_outcome, checked_lot, closed_at, revealed_nonce
from node.governance.evidence.recount import Counted, counted_ballots, recount, recount_first
from node.governance.evidence.report import Decided, Level
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import Signer, check_body_signature
from node.governance.evidence.terms_check import Mandate, check_mandate, check_ratifies, check_under, mandate_of
from node.governance.outcomes import Finding
from node.governance.proposals import ElectorateKind, FrozenProposal, Upstream, read_proposal
from node.governance.ratification import check_ratification, counted_under, needs_ratification
from node.governance.recounts import Recount, recounts_at


@dataclass(frozen=True, slots=True)
class Case:
    """One body's decision to be checked: who signs, which documents, and the mandate it answers (None at the root)."""

    by: Signer
    proposal: Reference
    outcome: Reference
    mandate: Mandate | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A case whose proposal and outcome are authentic; what they say is not believed yet.

    `terms` are those of its call, `frozen` those of the first.
    """

    case: Case
    proposal: Line
    outcome: Line
    frozen: FrozenProposal
    terms: FrozenProposal
    call: Call | None


@dataclass(frozen=True, slots=True)
class Heard:
    """One constituent's line: its word, its branch of the tree, and when it signed a position that was heard."""

    word: Word
    level: Level
    signed_at: datetime | None = None


def walk(shelf: Shelf, case: Case) -> Level:
    """The body's level, recomputed with everything below it; raises EvidenceRefusal at the first failed check."""
    opened = _open(shelf, case)
    if opened.terms.electorate.kind is ElectorateKind.CONSTITUENTS:
        return _assembly(shelf, opened)
    counted = counted_ballots(shelf, opened.proposal, opened.terms)
    finding = recount(counted, opened.terms, opened.outcome).of_call(opened.call, opened.terms.rule)
    all_spoke = finding.ballot_count == opened.terms.electorate.count
    check_outcome(opened.outcome, finding, opened.terms, case.proposal, all_spoke=all_spoke)
    decided = replace(_decided(finding, opened.terms), is_first_recounted=_first_of_members(shelf, opened, counted))
    return Level(body=case.by.did, name=case.by.name, decided=decided)


def _first_of_members(shelf: Shelf, opened: Opened, counted: Counted) -> bool | None:
    first = _first_call(opened)
    if first is None:
        return None
    line = shelf.take("outcome", first[0])
    return recount_first(line, counted, opened.frozen, call=first[1], proposal=opened.case.proposal)


def _first_of_bodies(shelf: Shelf, opened: Opened, hearing: Hearing, rolled: RollUp) -> bool | None:
    first = _first_call(opened)
    if first is None:
        return None
    asked = replace(hearing, outcome=shelf.take("outcome", first[0]), terms=opened.frozen)
    heard_now = {line.body for line in rolled.lines if line.status is not ReportStatus.MISSING}
    check_first_call(shelf, asked, first[1], proposal=opened.case.proposal, heard_now=heard_now)
    return True


def _first_call(opened: Opened) -> tuple[Reference, Call] | None:
    """The outcome of the first call where this is the second, and what it has to say of its call."""
    if opened.call is None or opened.call.first is None:
        return None
    return opened.call.first, Call(FIRST, again_at=opened.terms.closes_at)


def _open(shelf: Shelf, case: Case) -> Opened:
    outcome = shelf.take("outcome", case.outcome)
    check_body_signature(outcome, case.by, "outcome-signature")
    proposal = shelf.take("proposal", case.proposal)
    check_body_signature(proposal, case.by, "proposal-signature")
    with reading("proposal-malformed", proposal.number):
        terms = read_proposal(proposal.document)
    if terms.body != case.by.did:
        raise EvidenceRefusal("proposal-other-body", proposal.number)
    shelf.refuse_twin(("proposal", terms.id), proposal)
    check_ratifies(proposal.number, terms)
    if case.mandate:
        check_mandate(proposal.number, terms, case.mandate)
    call, called = checked_call(shelf, outcome, case.by, terms, proposal=case.proposal, mandate=case.mandate)
    return Opened(case, proposal, outcome, frozen=terms, terms=called, call=call)


def _assembly(shelf: Shelf, opened: Opened) -> Level:
    terms, hearing = opened.terms, _hearing(shelf, opened)
    ratified = _ratified(shelf, opened, hearing.statute)
    claims = claims_of(hearing)
    heard = {claim.constituent.body: _hear(shelf, opened, hearing, claim) for claim in claims}
    vetoes = {claim.constituent.body: checked_veto(shelf, hearing, claim) for claim in claims}
    cited = {body: veto for body, veto in vetoes.items() if veto}
    words = {body: each.word for body, each in heard.items()}
    counted = [word.cited.digest for word in words.values() if word.cited and word.report.status in REACHED]
    nonce = revealed_nonce(opened.outcome, terms)
    with reading("statute-malformed", opened.outcome.number):
        rolled = roll_up(
            counted_under(hearing.statute, terms),
            terms.rule,
            {body: word.report for body, word in words.items()},
            vetoed_by=cited,
            lot=checked_lot(opened.outcome, terms, opened.proposal.digest, counted) if nonce else None,
        )
    finding = found_by(rolled, terms, words, cited)
    signed_at = {body: each.signed_at for body, each in heard.items() if each.signed_at}
    recount_of = _recounted(shelf, opened, hearing.statute, signed_at)
    finding = replace(finding, nonce=nonce, recount=recount_of).of_call(opened.call, rolled.rule)
    check_outcome(opened.outcome, finding, terms, opened.case.proposal, all_spoke=has_all_spoken(hearing, rolled))
    is_root = terms.upstream is None and terms.ratifies is None
    decided = replace(
        _decided(finding, terms),
        recount=finding.recount,
        is_first_recounted=_first_of_bodies(shelf, opened, hearing, rolled),
        denominator=denominator_of(hearing.statute),
        bodies=Bodies(rolled.reached, rolled.bodies),
        needs_ratification=needs_ratification(hearing.statute, finding.outcome.state, is_root=is_root),
    )
    return Level(
        body=opened.case.by.did,
        name=hearing.statute.name,
        decided=decided,
        below=_below(rolled, heard),
        ratifies=ratified,
    )


def _ratified(shelf: Shelf, opened: Opened, statute: Statute) -> Level | None:
    """The decision that this one ratifies, walked like any other; None for one that ratifies nothing."""
    about = opened.terms.ratifies
    if about is None:
        return None
    number = opened.proposal.number
    case = Case(by=opened.case.by, proposal=about.proposal, outcome=about.outcome, mandate=None)
    of = _open(shelf, case)
    with reading("ratification", number):
        check_ratification(opened.terms, of=of.terms, statute=statute)
    level = walk(shelf, case)
    if opened.terms.opens_at < closed_at(of.outcome):
        raise EvidenceRefusal("ratification", number, "opened before there was a decision")
    if level.decided is None or not level.decided.needs_ratification:
        raise EvidenceRefusal("ratification", number, "of a decision that needs none")
    until = level.decided.recount.until if level.decided.recount else None
    if until and opened.terms.opens_at < until:
        raise EvidenceRefusal("ratification", number, "asked before the time for late positions was over")
    return level


def _recounted(shelf: Shelf, opened: Opened, statute: Statute, signed_at: Mapping[str, datetime]) -> Recount | None:
    """What the outcome says of a recount, checked; the outcome before it is walked like any other."""
    until = recounts_at(statute, opened.terms)
    stated = checked_recount(opened.outcome, until)
    if stated is None or stated.first is None or until is None:
        return stated
    level = walk(shelf, replace(opened.case, outcome=stated.first))
    first = shelf.take("outcome", stated.first)
    check_replaced(opened.outcome, first, level, signed_at=signed_at, until=until)
    return stated


def _hearing(shelf: Shelf, opened: Opened) -> Hearing:
    statute = _statute(shelf, opened)
    asked = Asked(proposal=opened.case.proposal, statute=opened.terms.electorate.digest)
    return Hearing(opened.outcome, opened.terms, asked, statute, weights_of(statute))


def _statute(shelf: Shelf, opened: Opened) -> Statute:
    by = opened.case.by
    line = shelf.take_digest("statute", opened.terms.electorate.digest)
    check_body_signature(line, by, "statute-signature")
    with reading("statute-malformed", line.number):
        statute = read_statute(line.document)
    if statute.assembly != by.did:
        raise EvidenceRefusal("statute-other-assembly", line.number)
    shelf.refuse_twin(("statute", statute.assembly, statute.version), line)
    check_under(opened.proposal, opened.frozen, statute)
    return statute


def _hear(shelf: Shelf, opened: Opened, hearing: Hearing, claim: Claim) -> Heard:
    constituent, word = claim.constituent, word_of(shelf, hearing, claim)
    if word.signed is None:
        silent = Level(body=constituent.body, name=constituent.name, decided=None)
        return Heard(word, silent)
    line, by, position = word.signed
    if claim.status is ReportStatus.LATE and not shelf.holds(position.basis_outcome.digest):
        return Heard(word.kept, Level(body=by.did, name=by.name, decided=None), position.signed_at)
    case = Case(
        by=by,
        proposal=position.basis_proposal,
        outcome=position.basis_outcome,
        mandate=_mandate(opened, hearing.statute),
    )
    level = walk(shelf, case)
    check_basis(line.number, position, level.decided)
    check_promise(line.number, position, level.decided, hearing.statute)
    return Heard(word.kept, replace(level, name=constituent.name), position.signed_at)


def _mandate(opened: Opened, statute: Statute) -> Mandate:
    terms, own, above = opened.frozen, opened.case.proposal, opened.case.mandate
    cited_as = Upstream(proposal=own, root=terms.upstream.root if terms.upstream else own)
    path = above.path if above else ()
    return mandate_of(terms, ends_at=opened.terms.closes_at, cited_as=cited_as, statute=statute, path=path)


@lru_cache(maxsize=256)
def _one(rule: Rule) -> Rule:
    """Equal rules as one, for thousands of bodies often have the same."""
    return rule


def _decided(finding: Finding, terms: FrozenProposal) -> Decided:
    return Decided(
        level=finding.level,
        outcome=finding.outcome,
        tally=finding.tally,
        rule=_one(finding.rule or terms.rule),
        leaves=finding.leaves,
        further=replace(finding.further, members=finding.members),
        members=finding.members,
        ballots=finding.ballot_count,
        call=finding.call.number if finding.call else None,
        is_split=terms.is_split,
    )


def _below(rolled: RollUp, heard: dict[str, Heard]) -> tuple[Level, ...]:
    return tuple(
        replace(
            heard[line.body].level,
            status=line.status,
            choice=line.choice,
            weight=line.weight,
            counted_weight=line.counted_weight,
        )
        for line in rolled.lines
    )
