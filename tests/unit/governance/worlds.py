"""Whole federations on paper: real keys, signed documents, and the evidence of one decision.

A plan says who weighs what and how they cast; `build` opens the proposals from the top down, casts, closes and
reports from the bottom up with the product's own rules, and assembles the bundle. Labels such as `ballot:gracia:0`
or `outcome:barcelona` name the documents, so that a test can edit one before it is signed, sign it with a stranger's
key, or leave it out, with everything above it made to fit what was honest.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.assembly.decide import Further, decide
from federation.assembly.lots import Lot, beacon, commitment
from federation.assembly.positions import Asked, position_governance, read_position
from federation.assembly.references import Reference
from federation.assembly.reporting.vetoes import veto_governance
from federation.assembly.roll_up import MISSING, REACHED, Report, ReportStatus, report_of, roll_up
from federation.assembly.rules import PRESETS, Rule, rule_document
from federation.assembly.statute import Constituent, read_statute, statute_governance
from federation.assembly.weighing.modes import weights_of
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.polls import PollText, question
from federation.vocabulary.terms import BALLOT, OUTCOME, POSITION, PUBLIC, STATUTE, VETO
from identity.canonical import bytes_digest, content_digest
from identity.dids.did_key import did_key, verification_method
from identity.instants import instant_text
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.ballots import Choice, read_ballot
from node.governance.calls import FIRST, SECOND, Call, again, in_second_call
from node.governance.counting import ballot_set_digest, count
from node.governance.electorate import Roll, freeze, roll_document
from node.governance.evidence import Anchor, assemble
from node.governance.outcomes import Finding, assembly_finding, members_finding, outcome_governance
from node.governance.proposals import Ratified, read_proposal
from node.governance.recounts import Recount, is_anybody_out, recounts_at

if TYPE_CHECKING:
    from federation.assembly.tally import Count

Document = dict[str, Any]
Edit = Callable[[Document], None]

OPENS = datetime(2026, 3, 1, 9, tzinfo=UTC)
WINDOW = timedelta(days=7)
CLOSES = OPENS + WINDOW
TITLE = "Establish an inter-federation trade agreement"
TEXT = "Shall we trade with each other on agreed terms, beginning in June?"


@cache
def key_of(name: str) -> Ed25519PrivateKey:
    """The key that a body or voter of this name always has."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def voter_did(name: str) -> str:
    """The did:key of a voter such as `gracia:0`."""
    return did_key(key_of(f"voter {name}").public_key())


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A body. A co-op casts `ballots` (for, against, abstain) and has `silent` more members; an assembly has `below`.

    `reports`: counted, late (with its evidence), late-bare (position only), late-unsent, missing, invalid,
    equivocation. `nested_as` gives a body another's identity, to make rings. `veto` is the reason of one;
    `splits` parts its weight above, `told` says so in its proposal. `call` is the one that decides, where the
    rule knows a second. `reports` may also be `later`: not heard at the close, and counted in the recount of a body
    above that `is_recounted`, as the late ones are; `second`: heard in the second call only; `restated`: in both, by a
    position each. `ratifies` is the plan of the same body's decision that this one
    makes binding, `nested_as` that body; `opens_later` is for what is asked after another decision. `puts` says that a
    plan of a relief comes into force with the decision.
    """

    name: str
    title: str = ""
    weight: int = 1
    rule: Rule = PRESETS["majority"]
    ballots: tuple[int, int, int] = (0, 0, 0)
    silent: int = 0
    below: tuple[Plan, ...] = ()
    denominator: int = 1
    mode: str = "weights"
    reports: str = "counted"
    nested_as: str = ""
    members: int | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    veto: str = ""
    splits: bool = False
    told: bool = False
    proposal_type: str = "motion"
    call: int = 0
    ratifies: Plan | None = None
    nonce: str = "nonce"
    is_recounted: bool = False
    opens_later: timedelta = timedelta(0)
    puts: bool = False

    @property
    def identity(self) -> str:
        return self.nested_as or self.name

    @property
    def did(self) -> str:
        return f"did:web:{self.identity}.example"

    @property
    def actor(self) -> str:
        return f"https://{self.identity}.example/body"

    @property
    def multibase(self) -> str:
        return ed25519_multibase(key_of(self.identity).public_key())

    def constituent(self) -> Constituent:
        return Constituent(
            body=self.did,
            actor=self.actor,
            name=self.title or self.name,
            kind="assembly" if self.below else "coop",
            key=self.multibase,
            weight=self.weight,
            members=self.members,
        )


@dataclass(frozen=True, kw_only=True)
class Tampering:
    """What a test does to a world while it is made.

    `edits` change a document before it is signed, `afterwards` after; `strangers` sign with another body's or
    voter's key; `left_out` never reach the bundle; `more` are added to it.
    """

    edits: Mapping[str, Edit] = field(default_factory=dict)
    afterwards: Mapping[str, Edit] = field(default_factory=dict)
    strangers: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    more: tuple[Document, ...] = ()
    more_ballots: Mapping[str, tuple[tuple[str, Choice, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A finished federation: its documents by label, the root decision, the anchor and the bundle."""

    documents: Mapping[str, Document]
    decision: Reference
    anchor: Anchor
    bundle: bytes

    def outcome(self, name: str) -> Document:
        """The governance of a body's outcome."""
        governance: Document = self.documents[f"outcome:{name}"]["governance"]
        return governance


@dataclass(frozen=True)
class _Upstream:
    own: Reference
    root: Reference
    closes_at: datetime
    weight: Count | None = None


def _opens(plan: Plan) -> datetime:
    """A ratification opens once there is a decision."""
    return max(OPENS + plan.opens_later, CLOSES if plan.ratifies else OPENS)


class _Builder:
    def __init__(self, tampering: Tampering) -> None:
        self.tampering = tampering
        self.documents: dict[str, Document] = {}
        self.honest: dict[str, Document] = {}
        self.withheld: set[str] = set(tampering.left_out)
        self.twins: dict[str, tuple[Reference, Reference]] = {}

    def keep(self, label: str, document: Document) -> Document:
        self.tampering.afterwards.get(label, _untouched)(document)
        self.documents[label] = document
        return document

    def sign(self, label: str, document: Document, *, signer: str, method: str, created: datetime) -> Document:
        self.honest[label], document = document, copy.deepcopy(document)
        self.tampering.edits.get(label, _untouched)(document)
        key = key_of(self.tampering.strangers.get(label, signer))
        signed = eddsa_jcs_2022.sign(document, key=key, verification_method=method, created=created)
        return self.keep(label, signed)

    def sign_as_body(self, label: str, document: Document, plan: Plan, created: datetime) -> Document:
        method = f"{plan.actor}#ed25519-key"
        return self.sign(label, document, signer=plan.identity, method=method, created=created)

    def decide(self, plan: Plan, above: _Upstream | None) -> Document:
        """The body's signed outcome, and everything it rests on."""
        opens_at = _opens(plan)
        closes_at = above.closes_at - timedelta(hours=1) if above else opens_at + WINDOW
        if plan.below:
            return self._decide_assembly(plan, above, closes_at)
        roll = freeze((voter_did(voter), 1) for voter in _voters(plan))
        electorate = {"kind": "members", "count": roll.count, "weight": roll.weight, "digest": roll.digest}
        asked = self._open(plan, electorate, above, closes_at)
        document = roll_document(asked["id"], roll)
        self.tampering.edits.get(f"roll:{plan.name}", _untouched)(document)
        self.keep(f"roll:{plan.name}", document)
        finding = self._count(plan, roll, reference(asked))
        return self._close(plan, reference(asked), finding, closes_at)

    def _decide_assembly(self, plan: Plan, above: _Upstream | None, closes_at: datetime) -> Document:
        ratified = None
        if plan.ratifies:
            outcome = self.decide(plan.ratifies, None)
            ratified = Ratified(reference(self.documents[f"proposal:{plan.ratifies.name}"]), reference(outcome))
        by = plan.ratifies or plan
        statute = self.documents[f"statute:{by.name}"] if plan.ratifies else self._adopt(plan)
        electorate = {"kind": "constituents", "statute": content_digest(statute)}
        asked = self._open(plan, electorate, above, closes_at, ratified=ratified)
        own = reference(asked)
        upstream = _Upstream(own=own, root=above.root if above else own, closes_at=closes_at)
        laid_down = read_statute(self.honest[f"statute:{by.name}"])
        weights = weights_of(laid_down)
        heard = {
            each.did: self._hear(each, upstream, Asked(own, content_digest(statute)), weight)
            for each, weight in zip(plan.below, weights, strict=True)
        }
        reports = {body: report for body, (report, _) in heard.items()}
        positions = {body: position for body, (_, position) in heard.items() if position}
        if plan.ratifies:
            laid_down = replace(laid_down, terms=laid_down.terms.for_ratification())
        vetoes = {each.did: self._veto(each, Asked(own, content_digest(statute))) for each in plan.below if each.veto}
        counted = [positions[body].digest for body, report in reports.items() if report.status in REACHED]
        lot, is_reported = _lot(plan, own, counted), above is not None

        def found(heard: Mapping[str, Report], cited: Mapping[str, Reference] = positions) -> Finding:
            rolled = roll_up(laid_down, plan.rule, heard, vetoed_by=vetoes, lot=lot)
            digest = content_digest(statute)
            finding = assembly_finding(rolled, cited, digest, vetoes=vetoes, twins=self.twins, is_reported=is_reported)
            return replace(finding, nonce=plan.nonce if "lot" in plan.rule.tie else None)

        at_close = {each.did: MISSING for each in plan.below if each.reports == "later"}
        at_first = {each.did: MISSING for each in plan.below if each.reports == "second"}
        earlier = {each.did: self.documents.get(f"before:{each.name}") for each in plan.below}
        before = {body: reference(document) for body, document in earlier.items() if document}
        finding = found(reports | at_close)
        terms, until = read_proposal(self.honest[f"proposal:{plan.name}"]), None
        until = recounts_at(laid_down, (in_second_call(terms) or terms) if plan.call == SECOND else terms)
        if until and is_anybody_out(row["status"] for row in finding.constituents or ()):
            finding = replace(finding, recount=Recount(until=until))
        first_call = found(reports | at_close | at_first, positions | before)
        if not plan.is_recounted or until is None:
            return self._close(plan, own, finding, closes_at, first_call=first_call)
        first = reference(self._close(plan, own, finding, closes_at, label="replaced", first_call=first_call))
        counting = {
            body: replace(one, status=ReportStatus.COUNTED) if one.choice else one for body, one in reports.items()
        }
        finding = replace(found(counting), recount=Recount(first=first))
        return self._close(plan, own, finding, closes_at, closed_at=until)

    def _adopt(self, plan: Plan) -> Document:
        governance = statute_governance(
            assembly=plan.did,
            name=plan.title or plan.name,
            version=1,
            mode=plan.mode,
            weight_denominator=plan.denominator,
            constituents=[each.constituent() for each in plan.below],
            rule=rule_document(plan.rule),
            margin_seconds=3600,
            adopted_at=OPENS - timedelta(days=30),
            terms=plan.terms,
        )
        label = f"statute:{plan.name}"
        frame = _frame(plan, f"statutes/{plan.name}", OPENS - timedelta(days=30))
        return self.sign_as_body(label, governed(STATUTE, frame, governance), plan, OPENS - timedelta(days=30))

    def _open(
        self,
        plan: Plan,
        electorate: Mapping[str, Any],
        above: _Upstream | None,
        closes_at: datetime,
        ratified: Ratified | None = None,
    ) -> Document:
        governance: Document = {
            "kind": "proposal",
            "body": plan.did,
            "text_digest": bytes_digest(TEXT.encode()),
            "rule": rule_document(plan.rule),
            "opens_at": instant_text(_opens(plan)),
            "closes_at": instant_text(closes_at),
            "electorate": dict(electorate),
            "upstream": _upstream_document(above),
        }
        if "lot" in plan.rule.tie:
            governance["lot"] = commitment(plan.nonce)
        if plan.proposal_type != "motion":
            governance["type"] = plan.proposal_type
        if plan.told:
            governance["splits"] = True
        if plan.puts:
            governance["plan"] = {"id": f"{plan.actor}/plans/1", "digest": bytes_digest(b"plan")}
        if ratified:
            governance["ratifies"] = ratified.to_document()
        text = PollText(title=TITLE, content_html=f"<p>{TEXT}</p>", markdown=TEXT, closes_at=closes_at)
        document = question(_frame(plan, f"proposals/{plan.name}", OPENS), text, governance)
        return self.sign_as_body(f"proposal:{plan.name}", document, plan, OPENS)

    def _count(self, plan: Plan, roll: Roll, proposal: Reference) -> Finding:
        choices = [choice for choice, number in zip(Choice, plan.ballots, strict=True) for _ in range(number)]
        cast = [(voter, choice, 1) for voter, choice in zip(_voters(plan), choices, strict=False)]
        cast += self.tampering.more_ballots.get(plan.name, ())
        papers = [
            read_ballot(self._cast(f"ballot:{plan.name}:{number}", plan, proposal, each))
            for number, each in enumerate(cast)
        ]
        tally, digests = count(papers, roll), [paper.digest for paper in papers]
        further = Further(lot=_lot(plan, proposal, digests))
        finding = members_finding(decide(plan.rule, tally, further=further), tally, digests)
        return replace(finding, further=further, nonce=plan.nonce if further.lot else None)

    def _cast(self, label: str, plan: Plan, proposal: Reference, paper: tuple[str, Choice, int]) -> Document:
        voter, choice, seq = paper
        did, at = voter_did(voter), OPENS + timedelta(hours=1)
        governance = {
            "kind": "ballot",
            "proposal": proposal.to_document(),
            "voter": did,
            "choice": str(choice),
            "seq": seq,
            "cast_at": instant_text(at),
        }
        document = governed(BALLOT, _frame(plan, f"ballots/{label}", at), governance)
        return self.sign(label, document, signer=f"voter {voter}", method=verification_method(did), created=at)

    def _close(
        self,
        plan: Plan,
        proposal: Reference,
        finding: Finding,
        closes_at: datetime,
        *,
        label: str = "outcome",
        closed_at: datetime | None = None,
        first_call: Finding | None = None,
    ) -> Document:
        if plan.call == SECOND:
            finding, closes_at = self._call_again(plan, proposal, (first_call or finding, finding), closes_at)
        elif plan.call == FIRST:
            finding = replace(finding, call=Call(FIRST))
        at = closed_at or closes_at
        governance = outcome_governance(proposal=proposal, body=plan.did, finding=finding, closed_at=at)
        document = governed(OUTCOME, _frame(plan, f"{label}s/{plan.name}", at), governance)
        return self.sign_as_body(f"{label}:{plan.name}", document, plan, at)

    def _call_again(
        self, plan: Plan, proposal: Reference, findings: tuple[Finding, Finding], closes_at: datetime
    ) -> tuple[Finding, datetime]:
        """The finding of the second of two calls and its close, after the outcome of the first."""
        missed, finding = findings
        following = again(plan.rule, closes_at)
        assert following is not None
        again_at, rule = following
        missed = replace(missed.missed(Call(FIRST, again_at=again_at)), recount=None)
        governance = outcome_governance(proposal=proposal, body=plan.did, finding=missed, closed_at=closes_at)
        document = governed(OUTCOME, _frame(plan, f"outcomes/{plan.name}/first", closes_at), governance)
        label = f"first:{plan.name}"
        first = reference(self.documents.get(label) or self.sign_as_body(label, document, plan, closes_at))
        lines = finding.constituents
        reached = sum(line["status"] in REACHED for line in lines) if lines else None
        outcome = decide(
            rule, finding.tally, reached=reached, bodies=len(lines) if lines else None, further=finding.further
        )
        return replace(finding, outcome=outcome).of_call(Call(SECOND, first=first), rule), again_at

    def _hear(self, plan: Plan, upstream: _Upstream, asked: Asked, weight: Count) -> tuple[Report, Reference | None]:
        silent = {"missing": MISSING, "late-unsent": Report(status=ReportStatus.LATE)}
        if plan.reports in silent:
            return silent[plan.reports], None
        upstream = replace(upstream, weight=weight) if plan.splits else upstream
        before = set(self.documents)
        outcome = self.decide(plan, upstream)
        if plan.reports in {"late-bare", "invalid", "equivocation"}:
            self.withheld |= self.documents.keys() - before
        if plan.reports in {"invalid", "equivocation"}:
            return self._misreport(plan, asked, outcome, upstream)
        if plan.reports == "restated":
            self._report(plan, asked, outcome, upstream, label="before")
        position = self._report(plan, asked, outcome, upstream, seq=2 if plan.reports == "restated" else 1)
        said = read_position(self.honest[f"position:{plan.name}"])
        return report_of(said, is_late=plan.reports.startswith("late")), reference(position)

    def _misreport(
        self, plan: Plan, asked: Asked, outcome: Document, upstream: _Upstream
    ) -> tuple[Report, Reference | None]:
        """A position that does not follow from its tally, and for an equivocation another of the same number."""
        wrong = reference(self._report(plan, asked, outcome, upstream, choice="no_quorum"))
        if plan.reports == "equivocation":
            other = reference(self._report(plan, asked, outcome, upstream, label="twin"))
            first, second = sorted((wrong, other), key=lambda one: one.digest)
            self.twins[plan.did] = (first, second)
        return Report(status=ReportStatus(plan.reports)), wrong

    def _veto(self, plan: Plan, asked: Asked) -> Reference:
        at = OPENS + timedelta(hours=2)
        governance = veto_governance(asked=asked, body=plan.did, reason=plan.veto, signed_at=at)
        document = governed(VETO, _frame(plan, f"vetoes/{plan.name}", at), governance)
        return reference(self.sign_as_body(f"veto:{plan.name}", document, plan, at))

    def _report(
        self,
        plan: Plan,
        asked: Asked,
        outcome: Document,
        upstream: _Upstream,
        *,
        seq: int = 1,
        label: str = "position",
        **said: str,
    ) -> Document:
        at = upstream.closes_at
        governance = (
            position_governance(
                asked=asked,
                question=self.documents[f"proposal:{plan.name}"],
                outcome=outcome,
                seq=seq,
                signed_at=at,
                splits=upstream.weight,
            )
            | said
        )
        document = governed(POSITION, _frame(plan, f"{label}s/{plan.name}", at), governance)
        return self.sign_as_body(f"{label}:{plan.name}", document, plan, at)


def _lot(plan: Plan, proposal: Reference, counted: list[str]) -> Lot | None:
    if "lot" not in plan.rule.tie:
        return None
    return Lot(proposal=proposal.digest, beacon=beacon(ballot_set_digest(counted), [plan.nonce]))


def build(plan: Plan, tampering: Tampering | None = None) -> World:
    """The world of a plan, signed and assembled."""
    builder = _Builder(tampering or Tampering())
    decision = reference(builder.decide(plan, None))
    anchor = Anchor(actor=plan.actor, did=plan.did, key=plan.multibase)
    shown = [document for label, document in builder.documents.items() if label not in builder.withheld]
    bundle = assemble([*shown, *builder.tampering.more], decision, anchor)
    return World(documents=builder.documents, decision=decision, anchor=anchor, bundle=bundle)


def reference(document: Mapping[str, Any]) -> Reference:
    """How other documents cite this one."""
    return Reference(document["id"], content_digest(document))


def coop(name: str, ballots: tuple[int, int, int], **more: Any) -> Plan:
    """A co-op of the Iberian example or of a test."""
    return Plan(name=name, ballots=ballots, **more)


BARCELONA = Plan(
    name="barcelona",
    title="Barcelona Federation",
    weight=10,
    denominator=10,
    below=(
        coop("gracia", (23, 2, 0), title="Gràcia", weight=10),
        coop("eixample", (18, 5, 0), title="Eixample", weight=9),
        coop("sagrada", (15, 8, 0), title="Sagrada Família", weight=8),
    ),
)
MADRID = Plan(
    name="madrid",
    title="Madrid Federation",
    weight=9,
    denominator=10,
    below=(
        coop("lavapies", (12, 4, 1), title="Lavapiés", weight=10),
        coop("vallecas", (9, 6, 0), title="Vallecas", weight=9),
        coop("retiro", (5, 7, 2), title="Retiro", weight=8),
    ),
)
LISBON = Plan(
    name="lisbon",
    title="Lisbon Federation",
    weight=7,
    denominator=10,
    below=(
        coop("alfama", (6, 11, 0), title="Alfama", weight=10),
        coop("graca", (5, 9, 1), title="Graça", weight=9),
        coop("belem", (10, 4, 0), title="Belém", weight=8),
    ),
)


def iberian_plan(*below: Plan, rule: Rule = PRESETS["supermajority-66"]) -> Plan:
    """Iberian Commons over these federations; by default all three of S4."""
    return Plan(
        name="iberia",
        title="Iberian Commons",
        rule=rule,
        denominator=10,
        below=below or (BARCELONA, MADRID, LISBON),
    )


def iberian_world(tampering: Tampering | None = None) -> World:
    """S4's own case: 19 of 26 tenths, 73.08 %, passes at 66/100."""
    return build(iberian_plan(), tampering)


SMALL_PLAN = Plan(
    name="top",
    title="Top",
    below=(Plan(name="middle", title="Middle", below=(coop("leaf", (1, 0, 0), title="Leaf"),)),),
)


def small_world(tampering: Tampering | None = None) -> World:
    """Three levels with one ballot: small enough to try every byte."""
    return build(SMALL_PLAN, tampering)


def _untouched(_: Document) -> None:
    """Leave a document as it is."""


def _voters(plan: Plan) -> list[str]:
    return [f"{plan.name}:{number}" for number in range(sum(plan.ballots) + plan.silent)]


def _frame(plan: Plan, path: str, published: datetime) -> Frame:
    document_id = f"https://{plan.identity}.example/{path}"
    return Frame(document_id=document_id, attributed_to=plan.actor, published=published, to=[PUBLIC])


def _upstream_document(above: _Upstream | None) -> Document | None:
    if above is None:
        return None
    return {
        "id": above.own.id,
        "digest": above.own.digest,
        "root": above.root.id,
        "root_digest": above.root.digest,
    }
