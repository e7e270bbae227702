"""What constituents said to the body above them, as the evidence has it: their lines, positions and vetoes (G6, G9).

Called by the walk for every constituent; what the position rests on is the walk's business.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from federation.assembly.equivocation import PAIR, equivocation_governance, place_of
from federation.assembly.fields import Fields, governance_of
from federation.assembly.positions import (
    INVALID_REPORTS,
    Asked,
    Position,
    PositionChoice,
    check_position,
    read_position,
)
from federation.assembly.references import Reference
from federation.assembly.refusals import EquivocationRefusal, PositionRefusal
from federation.assembly.reporting.vetoes import Veto, check_veto, read_veto
from federation.assembly.roll_up import Report, ReportStatus, RollUp, report_of, roll_up
from federation.assembly.statute import Constituent, Statute
from federation.assembly.tally import Count
from identity.errors import IdentityError
from node.governance.calls import Call
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.evidence.outcome_check import check_outcome
from node.governance.evidence.report import Decided
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import Signer, check_body_signature, signer
from node.governance.outcomes import CITED, Finding, Twins, assembly_finding
from node.governance.proposals import FrozenProposal

VETO_CHECKS: Final = frozenset({"veto-not-allowed", "veto-other-proposal"})


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an assembly asked, under which statute, and what each constituent weighs; its outcome makes the claims."""

    outcome: Line
    terms: FrozenProposal
    asked: Asked
    statute: Statute
    weights: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of an outcome: the constituent as the statute has it, what it weighs, and what is claimed of it."""

    constituent: Constituent
    weight: Count
    fields: Fields

    @property
    def status(self) -> ReportStatus:
        """What became of its report, as claimed."""
        return ReportStatus(self.fields.one_of("status", tuple(ReportStatus)))


def claims_of(hearing: Hearing) -> tuple[Claim, ...]:
    """The outcome's lines on its constituents, which must be those of the statute in its order."""

    def refuse(detail: str) -> EvidenceRefusal:
        return EvidenceRefusal("outcome-constituents", hearing.outcome.number, detail)

    _, fields = governance_of(hearing.outcome.document, "outcome", refuse)
    rows, roster = fields.rows("constituents"), hearing.statute.constituents
    if [row.text("body") for row in rows] != [each.body for each in roster]:
        raise refuse("not the roster of the statute")
    return tuple(map(Claim, roster, hearing.weights, rows))


@dataclass(frozen=True, slots=True)
class Word:
    """What a constituent said, as its documents show it: the report they make, and what the outcome cites for it.

    `signed` is there for a position that was heard: its line, who signed it, and what it says. `twins` are two
    positions of one number. That nothing came, nobody can prove.
    """

    report: Report
    cited: Reference | None = None
    signed: tuple[Line, Signer, Position] | None = None
    twins: Twins | None = None

    @property
    def kept(self) -> "Word":
        """The same without the document, which is large, for thousands are kept at once."""
        return replace(self, signed=None)


def word_of(shelf: Shelf, hearing: Hearing, claim: Claim) -> Word:
    """The constituent's word, its documents checked against the statute, the proposal and each other."""
    status = claim.status
    cited = _cited_position(hearing, claim)
    if status is ReportStatus.EQUIVOCATION:
        return Word(Report(status=status), twins=_proven_twins(shelf, hearing, claim))
    if cited is None:
        return Word(Report(status=status))
    line, by, position = _signed_position(shelf, claim, cited)
    refusal = _refusal_of(position, hearing, claim)
    if status is ReportStatus.INVALID:
        if refusal is None:
            raise EvidenceRefusal("position-follows", line.number)
        if refusal.code in INVALID_REPORTS:
            return Word(Report(status=status), cited)
    if refusal is not None:
        raise EvidenceRefusal(refusal.code, line.number, refusal.detail) from refusal
    return Word(report_of(position, is_late=status is ReportStatus.LATE), cited, signed=(line, by, position))


def _cited_position(hearing: Hearing, claim: Claim) -> Reference | None:
    """The position the outcome cites for this constituent; None for one that said nothing in time, or two things."""
    status, number = claim.status, hearing.outcome.number
    if claim.fields.is_absent("position"):
        if status in CITED - {ReportStatus.LATE}:
            raise EvidenceRefusal("position-missing", number, claim.constituent.name)
        return None
    if status not in CITED:
        raise EvidenceRefusal("position-unexpected", number, claim.constituent.name)
    return claim.fields.reference("position")


def _signed_position(shelf: Shelf, claim: Claim, cited: Reference) -> tuple[Line, Signer, Position]:
    line = shelf.take("position", cited)
    by = _signer(line, claim.constituent, "position-signature")
    check_body_signature(line, by, "position-signature")
    with reading("position-malformed", line.number):
        return line, by, read_position(line.document)


def _refusal_of(position: Position, hearing: Hearing, claim: Claim) -> PositionRefusal | None:
    """Why the position is not what its constituent may report; None if it is."""
    terms = hearing.statute.terms
    try:
        check_position(
            position,
            asked=hearing.asked,
            constituent=claim.constituent,
            splits=claim.weight if terms.may_split else None,
            needs_leaves=terms.needs_leaves,
        )
    except PositionRefusal as refusal:
        return refusal
    return None


def _proven_twins(shelf: Shelf, hearing: Hearing, claim: Claim) -> Twins:
    """The two positions of one number, about this proposal, that the constituent's key signed."""
    number, name = hearing.outcome.number, claim.constituent.name
    rows = () if claim.fields.is_absent("equivocation") else claim.fields.rows("equivocation")
    if len(rows) != PAIR:
        raise EvidenceRefusal("position-twins", number, name)
    first, second = (Reference(row.text("id"), row.digest("digest")) for row in rows)
    one, other = (shelf.take("position", each).document for each in (first, second))
    try:
        equivocation_governance(one, other, key=claim.constituent.key)
    except EquivocationRefusal as refusal:
        raise EvidenceRefusal("position-twins", number, refusal.code) from refusal
    place, about = place_of(one), hearing.asked.proposal.to_document()
    if first.digest > second.digest or (place.signer, place.members["proposal"]) != (claim.constituent.body, about):
        raise EvidenceRefusal("position-twins", number, name)
    return first, second


def checked_veto(shelf: Shelf, hearing: Hearing, claim: Claim) -> Reference | None:
    """The veto the outcome cites for this constituent, checked; None where it cites none."""
    if claim.fields.is_absent("veto"):
        return None
    cited = claim.fields.reference("veto")
    line = shelf.take("veto", cited)
    check_body_signature(line, _signer(line, claim.constituent, "veto-signature"), "veto-signature")
    with reading("veto-malformed", line.number):
        veto = read_veto(line.document)
    _check_veto(line, hearing, claim, veto)
    return cited


def check_first_call(
    shelf: Shelf, hearing: Hearing, call: Call, *, proposal: Reference, heard_now: Collection[str]
) -> None:
    """The outcome of a first call that missed its quorum, computed again from the positions and vetoes it cites.

    Of a position that another took the place of, what it rests on is not looked at: it is taken as its body signed it.
    `heard_now` are the bodies that the second call does not list as missing: what came stays.
    """
    claims, terms, statute = claims_of(hearing), hearing.terms, hearing.statute
    for claim in claims:
        if claim.status is not ReportStatus.MISSING and claim.constituent.body not in heard_now:
            raise EvidenceRefusal("outcome-call", hearing.outcome.number, f"{claim.constituent.name} was heard before")
    words = {claim.constituent.body: word_of(shelf, hearing, claim).kept for claim in claims}
    vetoes = {claim.constituent.body: checked_veto(shelf, hearing, claim) for claim in claims}
    vetoed = {body: veto for body, veto in vetoes.items() if veto}
    with reading("statute-malformed", hearing.outcome.number):
        rolled = roll_up(statute, terms.rule, {body: word.report for body, word in words.items()}, vetoed_by=vetoed)
    found = found_by(rolled, terms, words, vetoed)
    check_outcome(hearing.outcome, found.missed(call), terms, proposal, all_spoke=has_all_spoken(hearing, rolled))


def found_by(
    rolled: RollUp, terms: FrozenProposal, words: Mapping[str, Word], vetoes: Mapping[str, Reference]
) -> Finding:
    """The finding of a roll-up of these words, as an outcome on these terms states it."""
    return assembly_finding(
        rolled,
        {body: word.cited for body, word in words.items() if word.cited},
        terms.electorate.digest,
        vetoes=vetoes,
        twins={body: word.twins for body, word in words.items() if word.twins},
        is_reported=terms.upstream is not None,
    )


def has_all_spoken(hearing: Hearing, rolled: RollUp) -> bool:
    """Whether nothing more could come: every constituent was heard, and none has until the close for a veto."""
    veto = hearing.statute.terms.veto
    return rolled.reached == rolled.bodies and not (veto and hearing.terms.type in veto.types)


def _check_veto(line: Line, hearing: Hearing, claim: Claim, veto: Veto) -> None:
    try:
        check_veto(
            veto,
            asked=hearing.asked,
            constituent=claim.constituent,
            statute=hearing.statute,
            proposal_type=hearing.terms.type,
        )
    except PositionRefusal as refusal:
        code = refusal.code if refusal.code in VETO_CHECKS else "veto-other-proposal"
        raise EvidenceRefusal(code, line.number, refusal.detail) from refusal
    if veto.signed_at > hearing.terms.closes_at:
        raise EvidenceRefusal("veto-late", line.number)


def _signer(line: Line, constituent: Constituent, code: str) -> Signer:
    try:
        return signer(actor=constituent.actor, did=constituent.body, key=constituent.key, name=constituent.name)
    except IdentityError as error:
        raise EvidenceRefusal(code, line.number, error.code) from error


def check_basis(number: int, position: Position, decided: Decided | None) -> None:
    """The position must repeat what was recomputed from its own evidence."""
    assert decided is not None, "a level that was walked has a decision"
    recomputed = (
        decided.level,
        decided.tally,
        decided.outcome.state,
        decided.outcome.reason,
        decided.rule,
        decided.members,
        decided.bodies,
        decided.leaves,
        decided.further,
    )
    outcome = position.outcome
    claimed = (
        position.level,
        position.tally,
        outcome.state,
        outcome.reason,
        position.rule,
        position.members,
        position.bodies,
        position.leaves,
        position.further,
    )
    if recomputed != claimed:
        raise EvidenceRefusal("position-basis", number)


def check_promise(number: int, position: Position, decided: Decided | None, statute: Statute) -> None:
    """A body whose frozen proposal said that its position would be split has split it, where it could, and no other."""
    is_promised = decided is not None and decided.is_split and statute.terms.may_split
    if position.split is not None and not is_promised:
        raise EvidenceRefusal("position-split", number, "its members were not told that it would be split")
    if is_promised and position.split is None and position.choice is not PositionChoice.NO_QUORUM:
        raise EvidenceRefusal("position-split", number, "its members were told that it would be split")
