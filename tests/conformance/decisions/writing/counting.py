"""Vectors of counting: rules, ballots, lateness, lots and roll-ups; called by files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from federation.assembly.decide import Further, decide
from federation.assembly.lots import Lot, beacon, commitment, drawn_order
from federation.assembly.positions import place
from federation.assembly.references import Reference
from federation.assembly.roll_up import Report, roll_up
from federation.assembly.rules import PRESETS, Rule, read_rule, rule_document
from federation.assembly.tally import Tally, count_document
from identity.canonical import bytes_digest
from identity.instants import instant_text
from node.governance.ballots import BallotFacts, Choice, check_ballot, read_ballot
from node.governance.counting import ballot_set_digest, count
from node.governance.electorate import freeze
from node.governance.outcomes import assembly_finding, outcome_governance
from node.governance.refusals import Refusal
from tests.conformance.decisions.writing.documents import CLOSES, Document, town
from tests.unit.assembly.rosters import counted, sized, split, statute_of, voted

if TYPE_CHECKING:
    from federation.assembly.statute import Statute

MAJORITY = PRESETS["majority"]
TALLIES = (
    (0, 0, 0, 0), (0, 0, 0, 9), (0, 0, 3, 9), (1, 0, 0, 9), (2, 2, 0, 9), (3, 2, 4, 9), (4, 5, 0, 9), (5, 4, 0, 9),
    (6, 3, 0, 9), (2, 1, 0, 3), (66, 34, 0, 100), (65, 35, 0, 100), (85, 15, 0, 100), (84, 16, 0, 100),
)  # fmt: skip
QUORUMS: tuple[Document | None, ...] = (
    None,
    {"kind": "participation", "share": "1/2"},
    {"kind": "participation", "share": "1/2", "abstain_counts": False},
    {"kind": "approval", "share": "1/3"},
    {"kind": "rejection", "share": "1/3"},
)


def rules() -> list[Document]:
    """Every preset with every quorum on every tally."""
    named = [{"preset": name} for name in PRESETS]
    stated = [{**one, **({"quorum": quorum} if quorum else {})} for one, quorum in product(named, QUORUMS)]
    return [_ruled(rule, Tally(*numbers)) for rule in stated for numbers in TALLIES]


def _ruled(stated: Document, tally: Tally) -> Document:
    outcome = decide(read_rule(stated), tally)
    return {
        "rule": stated,
        "tally": tally.to_document(),
        "outcome": str(outcome.state),
        "reason": str(outcome.reason),
    }


@dataclass(frozen=True)
class Paper:
    """A ballot as counting sees it."""

    voter: str
    seq: int
    choice: Choice
    digest: str


ROLL = (("did:example:ana", 1), ("did:example:ben", 2), ("did:example:cem", 1), ("did:example:dia", 3))
HANDS = (
    ("nobody", ()),
    ("once each", (("ana", 1, "for", "1"), ("ben", 1, "against", "2"), ("cem", 1, "abstain", "3"))),
    ("a change of mind", (("ana", 1, "for", "1"), ("ana", 2, "against", "2"))),
    ("a change of mind, the later first", (("ana", 2, "against", "2"), ("ana", 1, "for", "1"))),
    ("the same paper twice", (("dia", 1, "for", "1"), ("dia", 1, "for", "1"))),
    ("two papers in one place", (("dia", 1, "for", "1"), ("dia", 1, "against", "2"))),
    ("an earlier one stands when the later is an equivocation",
     (("dia", 1, "for", "1"), ("dia", 2, "for", "2"), ("dia", 2, "against", "3"))),
    ("somebody off the roll", (("eva", 1, "for", "1"), ("ana", 1, "for", "2"))),
)  # fmt: skip


def ballots() -> list[Document]:
    """Hands of papers on one roll, and the tally and set digest that follow."""
    roll = freeze(ROLL)
    return [
        {
            "what": what,
            "roll": [list(entry) for entry in roll.entries],
            "roll_digest": roll.digest,
            "papers": [_paper_document(_paper(*each)) for each in hand],
            "tally": count([_paper(*each) for each in hand], roll).to_document(),
            "set_digest_of_all": ballot_set_digest(_paper(*each).digest for each in hand),
        }
        for what, hand in HANDS
    ]


def _paper(name: str, seq: int, choice: str, mark: str) -> Paper:
    return Paper(f"did:example:{name}", seq, Choice(choice), bytes_digest(mark.encode()))


def _paper_document(paper: Paper) -> Document:
    return {"voter": paper.voter, "seq": paper.seq, "choice": str(paper.choice), "digest": paper.digest}


def lateness() -> Document:
    """What becomes of ballots and positions by when they come and what came before."""
    ballot = read_ballot(town().documents["ballot:gracia:0"])
    return {"closes_at": instant_text(CLOSES), "ballots": _late_ballots(ballot), "positions": _late_positions()}


BALLOT_CASES: tuple[tuple[int, dict[str, Any]], ...] = (
    (-1, {}), (0, {}), (1, {}), (0, {"is_open": False}), (0, {"weight": None}), (0, {"proposal_digest": "sha256:0"}),
    (0, {"current_seq": 1, "current_digest": "sha256:other"}),
    (0, {"current_seq": 2, "current_digest": "sha256:other"}),
    (1, {"is_open": False}), (1, {"weight": None}), (1, {"proposal_digest": "sha256:0"}),
)  # fmt: skip


def _late_ballots(ballot: Any) -> list[Document]:
    cases = []
    for milliseconds, changes in BALLOT_CASES:
        known: dict[str, Any] = {
            "proposal_id": ballot.proposal_id,
            "proposal_digest": ballot.proposal_digest,
            "is_open": True,
            "weight": 1,
            **changes,
        }
        at = CLOSES + timedelta(milliseconds=milliseconds)
        refusal = None
        try:
            check_ballot(ballot, BallotFacts(closes_at=CLOSES, **known), received_at=at)
        except Refusal as refused:
            refusal = refused.code
        cases.append({"seq": ballot.seq, "received_at": instant_text(at), "known": known, "refusal": refusal})
    return cases


def _late_positions() -> list[Document]:
    cases = []
    for milliseconds, seq, digest, current in product((0, 1), (1, 2), ("a", "b"), (None, (1, "a"), (2, "a"))):
        at = CLOSES + timedelta(milliseconds=milliseconds)
        became = place(seq, digest, current=current, received_at=at, closes_at=CLOSES)
        cases.append(
            {
                "seq": seq,
                "digest": digest,
                "current": {"seq": current[0], "digest": current[1]} if current else None,
                "received_at": instant_text(at),
                "becomes": str(became),
            }
        )
    return cases


def lots() -> list[Document]:
    """Lots from a nonce, a set of papers and a proposal."""
    rule = Rule(threshold=Fraction(1, 2), strict=True, tie=("lot",))
    cases = []
    for nonce, number in product(("nonce", "another"), (0, 1, 2)):
        proposal = bytes_digest(f"proposal {number}".encode())
        papers = ballot_set_digest([bytes_digest(b"1"), bytes_digest(b"2")])
        lot = Lot(proposal=proposal, beacon=beacon(papers, [nonce]))
        outcome = decide(rule, Tally(2, 2, 0, 4), further=Further(lot=lot))
        cases.append(
            {
                "nonce": nonce,
                "commitment": commitment(nonce),
                "proposal_digest": proposal,
                "set_digest": papers,
                "beacon": lot.beacon,
                "order": list(drawn_order(lot, ("for", "against"))),
                "rule": rule_document(rule),
                "tally": Tally(2, 2, 0, 4).to_document(),
                "outcome": str(outcome.state),
                "reason": str(outcome.reason),
            }
        )
    return cases


THREE = {"a": 10, "b": 9, "c": 7}
SIZES = {"a": 25, "b": 11, "c": 10}
CASES: tuple[tuple[str, Statute, dict[str, Report]], ...] = (
    ("all in favour", statute_of(THREE), {name: counted("for") for name in THREE}),
    ("one against", statute_of(THREE), {"a": counted("for"), "b": counted("for"), "c": counted("against")}),
    ("one missing", statute_of(THREE), {"a": counted("for"), "b": counted("against")}),
    ("one without quorum", statute_of(THREE), {"a": counted("for"), "b": counted("no_quorum")}),
    ("one abstains", statute_of(THREE), {"a": counted("abstain"), "b": counted("for"), "c": counted("against")}),
    ("nobody reported", statute_of(THREE), {}),
    ("a level higher", statute_of(THREE), {"a": counted("for", level=3), "b": counted("for", level=1)}),
    ("proportional", statute_of(THREE, "proportional"), {"a": voted(2, 1), "b": voted(1, 6), "c": voted(0, 0, 3)}),
    ("split", statute_of(THREE, may_split=True), {"a": split(6, 4), "b": counted("against")}),
    ("square roots", sized("sqrt", SIZES), {"a": counted("for"), "b": counted("against"), "c": counted("against")}),
)


def roll_ups() -> list[Document]:
    """Statutes, what each constituent reported, and the lines, tally and outcome that follow."""
    cases = [_rolled(what, statute, MAJORITY, reports) for what, statute, reports in CASES]
    what, statute, reports = CASES[1]
    return [*cases, _rolled(f"{what}, two thirds", statute, PRESETS["two-thirds"], reports)]


def _rolled(what: str, statute: Statute, rule: Rule, reports: dict[str, Report]) -> Document:
    rolled = roll_up(statute, rule, reports)
    finding = assembly_finding(rolled, {}, "sha256:" + "0" * 64)
    about = Reference("https://above/proposals/1", "sha256:" + "0" * 64)
    governance = outcome_governance(proposal=about, body="did:web:above", finding=finding, closed_at=CLOSES)
    wanted = ("outcome", "reason", "level", "tally", "members", "constituents")
    return {
        "what": what,
        "mode": statute.mode,
        "constituents": [
            {"body": one.body, "weight": one.weight, "members": one.members} for one in statute.constituents
        ],
        "rule": rule_document(rule),
        "reports": {body: _report(report) for body, report in reports.items()},
        "reached": rolled.reached,
        "counted_weights": [count_document(line.counted_weight) for line in rolled.lines],
        "finding": {name: governance[name] for name in wanted},
    }


def _report(report: Report) -> Document:
    parts = report.split
    return {
        "status": str(report.status),
        "choice": str(report.choice) if report.choice else None,
        "tally": report.tally.to_document() if report.tally else None,
        "level": report.level,
        "split": {"for": parts.in_favour, "against": parts.against, "abstain": parts.abstain} if parts else None,
    }
