"""The documents of a bundle, fetched by what cites them; knows which were used.

Made by `verify`, asked by the walk. A line that nothing asked for has no part in the decision.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from federation.assembly.references import Reference
from node.governance.evidence.bundle import FIRST, Bundle
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.line import Line

TYPES: Final[Mapping[str, str]] = {
    "proposal": "Question",
    "outcome": "rochdale:Outcome",
    "position": "rochdale:Position",
    "statute": "rochdale:Statute",
    "veto": "rochdale:Veto",
}
PREFIX: Final = "sha256:"


class Shelf:
    """Lines by content digest, rolls and ballots by the proposal they are for. Each is read when it is asked for."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._index = bundle.index
        self._places = dict[tuple[str | int, ...], str]()
        self._used = bytearray(FIRST + len(bundle.index.digests))
        for number in bundle.index.anchors:
            self._used[number] = True

    def holds(self, digest: str) -> bool:
        """Whether a document with this content digest is in the bundle."""
        return self._number(digest) is not None

    def take(self, kind: str, reference: Reference) -> Line:
        """The cited document; raises EvidenceRefusal when it is missing or is not what was cited."""
        line = self.take_digest(kind, reference.digest)
        if line.document.get("id") != reference.id:
            raise EvidenceRefusal("reference-id", line.number, reference.id)
        return line

    def take_digest(self, kind: str, digest: str) -> Line:
        """The document cited by digest alone, as statutes are."""
        number = self._number(digest)
        if number is None:
            raise EvidenceRefusal("evidence-missing", detail=f"{kind} {digest}")
        line = self._bundle.line(number)
        if line.document.get("type") != TYPES[kind]:
            raise EvidenceRefusal("reference-type", line.number, kind)
        self._used[number] = True
        return line

    def take_roll(self, proposal_id: str) -> Line:
        """The roll of a proposal."""
        number = self._index.rolls.get(proposal_id)
        if number is None:
            raise EvidenceRefusal("evidence-missing", detail=f"roll of {proposal_id}")
        self._used[number] = True
        return self._bundle.line(number)

    def take_ballots(self, proposal_id: str) -> Iterator[Line]:
        """All ballots for a proposal, in the order of their lines."""
        for number in self._index.ballots.get(proposal_id, ()):
            self._used[number] = True
            yield self._bundle.line(number)

    def is_cast(self, line: Line) -> bool:
        """Whether the scan found this ballot signed by the voter it names."""
        return bool(self._index.cast[line.number - FIRST])

    def refuse_twin(self, place: tuple[str | int, ...], line: Line) -> None:
        """Raises EvidenceRefusal where another document was met before in a place that has room for one."""
        if self._places.setdefault(place, line.digest) != line.digest:
            raise EvidenceRefusal("place-twice", line.number)

    def refuse_unused(self) -> None:
        """Raises EvidenceRefusal for the first line that nothing asked for."""
        unused = self._used.find(b"\0", FIRST)
        if unused >= 0:
            raise EvidenceRefusal("line-unused", unused)

    def _number(self, digest: str) -> int | None:
        return self._index.number_of(bytes.fromhex(digest.removeprefix(PREFIX)))
