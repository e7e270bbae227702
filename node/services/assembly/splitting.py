"""Whether our position in an assembly is split as our own members are, where the assembly's statute lets bodies split.

Chosen by our operators through the doors; frozen into our own question on the assembly's text when that opens, so that
members know how they will be counted; applied when it closes. The parts follow from our tally and are never typed in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from federation.assembly.statute import find_constituent, read_statute
from federation.assembly.weighing.modes import weights_of
from node.governance.refusals import Refusal
from storage.governance import statutes
from storage.neighbours import memberships
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from federation.assembly.tally import Count
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MembershipRecord, ProposalRecord


async def choose(node: Node, *, by: str, assembly: str, splits: bool) -> MembershipRecord:
    """Our membership with the choice, for questions that reach us from now on.

    Refusals: not-found, split-not-allowed (the assembly's newest statute lets nobody split).
    """
    now = node.clock()
    async with node.store.write() as tx:
        tie = await memberships.find(tx, "above", assembly)
        if tie is None or tie.state != "accepted":
            raise Refusal("not-found")
        newest = await statutes.latest(tx, tie.did)
        if splits and (newest is None or not read_statute(newest.document).terms.may_split):
            raise Refusal("split-not-allowed")
        if splits == (tie.splits_since is not None):
            return tie
        chosen = replace(tie, splits_since=now if splits else None)
        await memberships.save(tx, chosen)
        content = {"splits": splits}
        await events.append(tx, at=now, actor=by, type="split-chosen", subject=assembly, content=content)
    return chosen


async def weight_to_split(node: Node, tx: Tx, question: Mapping[str, Any], above: ProposalRecord) -> Count | None:
    """Our weight under the statute the assembly asked under, if our own question says that we split; None if not."""
    statute = await statutes.find(tx, above.statute_digest or "")
    if statute is None or question["governance"].get("splits") is not True:
        return None
    rules = read_statute(statute.document)
    constituent = find_constituent(rules, node.body.did)
    return weights_of(rules)[rules.constituents.index(constituent)] if rules.terms.may_split else None
