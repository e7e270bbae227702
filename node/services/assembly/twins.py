"""Answers of this body to the same question, asked by two assemblies that both belong to the one that asks it.

Members cast once and it counts in each; called by services.ballots, and by the doors that show what belongs together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.governance.proposals import ElectorateKind, ProposalState, read_proposal
from storage.governance import proposals, rolls

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine import Tx
    from storage.records import ProposalRecord


async def twins_of(tx: Tx, proposal: ProposalRecord) -> tuple[ProposalRecord, ...]:
    """Our other answers to the same text under the same topmost question, oldest first."""
    if proposal.origin != "own" or proposal.root_id is None or proposal.electorate_kind != ElectorateKind.MEMBERS:
        return ()
    found = [one for one in await proposals.by_root(tx, proposal.root_id) if one.origin == "own"]
    return tuple(one for one in found if one.id != proposal.id and _is_same(one, proposal))


async def open_twins(tx: Tx, proposal: ProposalRecord, voter: str, now: datetime) -> tuple[ProposalRecord, ...]:
    """Those of them that take a ballot of this voter now: the last word on a text is the last word on it everywhere."""
    found = [one for one in await twins_of(tx, proposal) if one.state == ProposalState.OPEN and now <= one.closes_at]
    return tuple([one for one in found if await rolls.entry(tx, one.id, voter) is not None])


def _is_same(one: ProposalRecord, other: ProposalRecord) -> bool:
    ours, theirs = read_proposal(one.document), read_proposal(other.document)
    if ours.upstream is None or theirs.upstream is None:
        return False
    same = (ours.upstream.root, ours.text_digest, ours.title, ours.type)
    return same == (theirs.upstream.root, theirs.text_digest, theirs.title, theirs.type)
