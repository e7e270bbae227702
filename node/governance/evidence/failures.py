"""Every check a bundle can fail, on one page; the first that fails is the one reported (G9).

Raised by the reading and walking of a bundle, caught only by `verify_bundle`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from federation.assembly.refusals import AssemblyRefusal
from node.governance.refusals import Refusal

CHECKS: Final[Mapping[str, str]] = {
    # the file
    "manifest-missing": "The first line is not the manifest of an evidence bundle.",
    "manifest-malformed": "The manifest lacks a member, or one has a wrong type or version.",
    "line-unfinished": "A line does not end with a line feed.",
    "lines-count": "The bundle holds more or fewer lines than its manifest says.",
    "lines-digest": "The lines are not those the manifest commits to.",
    "line-malformed": "A line is not one JSON object.",
    "line-not-canonical": "A line is not in canonical form (RFC 8785).",
    "line-duplicate": "Two lines hold the same document.",
    "line-unused": "A line has no part in this decision.",
    "anchor-missing": "The bundle does not say with which key the decision is checked.",
    "anchor-malformed": "The anchor lacks a member, or its key cannot be read.",
    "anchor-twice": "The bundle names more than one anchor.",
    "anchor-untrusted": "The bundle is anchored in another key than the one you trust.",
    # documents citing documents
    "evidence-missing": "A document that the decision rests on is not in the bundle.",
    "reference-type": "A document is of another type than the one that was cited.",
    "reference-id": "A document has another id than the one that was cited.",
    # who signed
    "outcome-signature": "An outcome is not signed by the body it is about.",
    "proposal-signature": "A proposal is not signed by the body that decides it.",
    "statute-signature": "A statute is not signed by its assembly.",
    "position-signature": "A position is not signed with the constituent's key in the statute.",
    "ballot-signature": "A ballot is not signed by the voter it names.",
    # proposals
    "proposal-malformed": "A proposal cannot be read.",
    "proposal-other-body": "A proposal is decided by another body than the one that reports.",
    "proposal-upstream": "A proposal does not answer the assembly's proposal.",
    "proposal-text": "A proposal puts another text to its electorate than the assembly's.",
    "proposal-window": "A proposal is open at other times than the statute and the proposal above leave it.",
    "proposal-amendment": "A change of the statute is put to another rule, or of another type, than it has to be.",
    "proposal-rule": "A proposal is put to a weaker rule than the statute's.",
    "place-twice": "Two documents stand where one body signs only one.",
    # rolls and ballots
    "roll-malformed": "A roll cannot be read.",
    "roll-digest": "A roll is not the one that was frozen with its proposal.",
    "ballot-malformed": "A ballot cannot be read.",
    "ballot-other-proposal": "A ballot is for another text of the proposal.",
    "ballot-not-on-roll": "A ballot is by somebody who is not on the roll.",
    "ballot-duplicate": "Two ballots of one voter are among those counted.",
    # statutes and positions
    "statute-malformed": "A statute cannot be read or applied.",
    "statute-other-assembly": "A statute is another assembly's.",
    "position-missing": "A constituent is listed as counted, or as invalid, without its position.",
    "position-unexpected": "A constituent listed as silent has a position.",
    "position-malformed": "A position cannot be read.",
    "position-other-proposal": "A position is about another proposal.",
    "position-other-statute": "A position was reported under another statute.",
    "position-not-a-constituent": "A position is by another body than the constituent listed.",
    "position-invalid": "A position does not follow from its own tally.",
    "position-follows": "A position that is listed as invalid follows from its own tally.",
    "position-twins": "The positions of a constituent that is listed as having signed two of one number prove nothing.",
    "position-basis": "A position does not say what the constituent's own outcome says.",
    "tree-cycle": "A body stands above itself.",
    "tree-too-deep": "The tree of bodies has more levels than we follow.",
    "position-split": "A position splits its weight otherwise than its tally and the statute allow.",
    "position-leaves": "A position does not bring the count of every co-op below, as the statute asks.",
    "veto-signature": "A veto is not signed with the constituent's key in the statute.",
    "veto-malformed": "A veto cannot be read, or gives no reason.",
    "veto-not-allowed": "A veto is of a kind that the statute does not know.",
    "veto-other-proposal": "A veto is about another proposal, or by another body.",
    "veto-late": "A veto was signed after the close.",
    "ratification": "A ratification is not the one that the statute lays down for the decision it names.",
    # outcomes, recomputed
    "outcome-malformed": "An outcome cannot be read.",
    "outcome-early": "An outcome was declared before its proposal closed.",
    "outcome-constituents": "An outcome lists other constituents, weights or reports than its evidence gives.",
    "outcome-ballots": "The ballots are not the set the outcome commits to.",
    "outcome-statute": "An outcome was computed under another statute than its proposal names.",
    "outcome-tally": "An outcome states other counts than the recount.",
    "outcome-state": "An outcome states another decision than the recount.",
    "outcome-reason": "An outcome states another reason than the recount.",
    "outcome-members": "An outcome states other members' counts than the recount.",
    "outcome-rule": "An outcome states another rule than the statute gives.",
    "outcome-second": "An outcome states another second count than the recount.",
    "outcome-vetoes": "An outcome states other vetoes than its evidence gives.",
    "outcome-lot": "An outcome draws its lot otherwise than the proposal committed to.",
    "outcome-leaves": "An outcome lists other co-ops or counts than the recount.",
    "outcome-call": "An outcome names another call than its rule and its first call give.",
    "outcome-recount": "An outcome was not recounted as its statute and the outcome before it give.",
    "outcome-level": "An outcome states another level than its tree has.",
    "outcome-body": "An outcome is about another body or proposal.",
}


class EvidenceRefusal(Exception):  # noqa: N818 - a failed check is not a fault
    """A check failed. `code` is in CHECKS, `line` counts from 1 and is None where no single line is to blame."""

    def __init__(self, code: str, line: int | None = None, detail: str = "") -> None:
        self.code = code
        self.line = line
        self.text = f"{CHECKS[code]} ({detail})" if detail else CHECKS[code]
        super().__init__(f"{code}: {self.text}")


@contextmanager
def reading(code: str, line: int) -> Iterator[None]:
    """Inside, a refusal of the rules becomes the failed check `code` at `line`."""
    try:
        yield
    except (AssemblyRefusal, Refusal) as refusal:
        raise EvidenceRefusal(code, line, refusal.detail or refusal.code) from refusal
