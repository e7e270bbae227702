"""The electorate of a proposal: a roll of voters and weights, frozen and hashed when it opens (G7).

Called when a co-op's proposal opens, when ballots are counted, and by the verifier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from federation.assembly.fields import LARGEST, governance_of
from identity.canonical import bytes_digest, canonical_bytes
from node.governance.refusals import Refusal

ROLL: Final = "rochdale:Roll"
ROLL_KEYS: Final = ("kind", "proposal", "entries")
PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Roll:
    """Who may cast a ballot, sorted by DID, each with a whole weight; `digest` commits to all of it."""

    entries: tuple[tuple[str, int], ...]
    digest: str
    count: int
    weight: int

    def weights(self) -> dict[str, int]:
        """Weight by voter."""
        return dict(self.entries)


def freeze(members: Iterable[tuple[str, int]]) -> Roll:
    """The roll of these (voter DID, weight) pairs, in whatever order they come; it may be empty.

    Refuses `weight-invalid` below 1, beyond exact JSON integers or for fractions, `roll-duplicate` for a voter twice.
    """
    entries = tuple(sorted(members))
    if any(type(weight) is not int or weight < 1 for _, weight in entries):
        raise Refusal("weight-invalid")
    if len({voter for voter, _ in entries}) < len(entries):
        raise Refusal("roll-duplicate")
    total = sum(weight for _, weight in entries)
    if total > LARGEST:
        raise Refusal("weight-invalid", "the weights add up to too much")
    return Roll(entries=entries, digest=roll_digest(entries), count=len(entries), weight=total)


def roll_digest(entries: Iterable[tuple[str, int]]) -> str:
    """`sha256:<hex>` over the canonical JSON of the sorted [DID, weight] pairs."""
    return bytes_digest(canonical_bytes([list(entry) for entry in sorted(entries)]))


def roll_document(proposal_id: str, roll: Roll) -> dict[str, object]:
    """The roll as it stands in evidence; the signed proposal commits to its digest, so it carries no proof."""
    entries = [list(entry) for entry in roll.entries]
    return {"type": ROLL, "governance": {"kind": "roll", "proposal": proposal_id, "entries": entries}}


def read_roll(document: object) -> tuple[str, Roll]:
    """Proposal id and roll out of a roll document. Refuses `malformed` and as `freeze`; entries must be sorted."""
    outer, fields = governance_of(document, "roll", _refuse)
    outer.only("type", "governance")
    fields.only(*ROLL_KEYS)
    listed = fields.members.get("entries")
    if not isinstance(listed, list):
        raise _refuse("'entries' must be a list")
    roll = freeze([_entry(row) for row in listed])
    if [list(entry) for entry in roll.entries] != listed:
        raise _refuse("the entries are not sorted")
    return fields.text("proposal"), roll


def _entry(row: object) -> tuple[str, int]:
    if not isinstance(row, list) or len(row) != PAIR or not isinstance(row[0], str) or type(row[1]) is not int:
        raise _refuse("an entry is a pair of DID and weight")
    return row[0], row[1]


def _refuse(detail: str) -> Refusal:
    return Refusal("malformed", detail)
