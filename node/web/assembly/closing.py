"""What is read for the pages about the close of an assembly's decision: reminders and vetoes.

Called by standing and proposals; written by node.services.assembly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.statute import read_statute
from node.services.assembly import reminders, vetoes
from node.web.views.ends.reminders import Reminded
from node.web.views.ends.vetoes import veto_panel
from storage import proposals, statutes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.context import Node
    from node.web.views.ends.vetoes import VetoPanel
    from node.web.views.wording.setting import Setting
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def reminded_about(tx: Tx, record: ProposalRecord, assembly: str) -> tuple[Reminded, ...]:
    """Whom we reminded about a proposal of ours; and by the name `assembly`, the reminders that came to us about it."""
    if record.electorate_kind != "constituents" and record.upstream_id is None:
        return ()
    found = await reminders.about(tx, record)
    names = await constituent_names(tx, record) if found else {}
    return tuple(Reminded(names.get(one.body_did, "") if one.source == "own" else assembly, one) for one in found)


async def vetoes_of(
    tx: Tx, node: Node, record: ProposalRecord, setting: Setting, *, is_operator: bool
) -> VetoPanel | None:
    """The vetoes on a proposal or the one above it, and the form for an operator who may add one."""
    deciding = await proposals.find(tx, record.upstream_id) if record.upstream_id else record
    found = await vetoes.about(tx, record)
    names = await constituent_names(tx, deciding) if deciding and found else {}
    may_veto = is_operator and await vetoes.may_veto(node, tx, record)
    return veto_panel(record, found, names, setting, may_veto=may_veto)


async def constituent_names(tx: Tx, record: ProposalRecord) -> Mapping[str, str]:
    """The names of constituents by DID, as the statute of an assembly's proposal has them."""
    statute = await statutes.find(tx, record.statute_digest) if record.statute_digest else None
    return {each.body: each.name for each in read_statute(statute.document).constituents} if statute else {}
