"""Decisions of a relief: its survey, the proposal that puts a plan, and what ratifies it, into the log as they come.

Called where a proposal opens or ends, by services.closing for ours and by services.decisions and mandates for those of
others, in their transaction: a plan is in force from the very moment its decision binds, on every node by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.refusals import ReliefRefusal
from federation.errors import NotYet
from node.governance.refusals import Refusal
from node.services.reliefs.log import Log, entry_of, keep, load
from storage.governance import proposals, reliefs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from storage.engine import Tx
    from storage.records import ProposalRecord, ReliefRecord


async def check_asked(tx: Tx, question: Mapping[str, Any]) -> None:
    """Nothing for a question that names no plan, or one that is here: members decide on nothing they cannot read.

    Refusals: proposal-invalid for another body's plan. Raises NotYet while the plan has not arrived.
    """
    about = question["governance"].get("plan")
    if about is None:
        return
    entry = await reliefs.entry(tx, about["digest"])
    if entry is None:
        raise NotYet("the plan that this proposal puts has not arrived")
    is_its_own = entry.document["attributedTo"] == question["attributedTo"]
    if (entry.kind, entry.id) != ("plan", about["id"]) or not is_its_own:
        raise Refusal("proposal-invalid", "it puts another plan")


async def note(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], *, at: datetime) -> None:
    """A question that opened or an outcome that was signed, into the log of the relief it belongs to, if to any."""
    relief = await _relief_of(tx, proposal)
    if relief is not None:
        log = await load(tx, relief)
        await keep_decision(tx, log, document, at=at)


async def note_survey(tx: Tx, log: Log, *, at: datetime) -> None:
    """The survey of a relief that has just begun here, with its outcome if that came first."""
    survey = await proposals.find(tx, log.relief.survey_id)
    for document in (survey.document, survey.outcome_document) if survey else ():
        if document is not None:
            log = await keep_decision(tx, log, document, at=at)


async def keep_decision(tx: Tx, log: Log, document: Mapping[str, Any], *, at: datetime) -> Log:
    """The log with a decision, which stands whatever is here: one that has no place yet is kept for when it has."""
    source = "own" if log.relief.source == "own" else "peer"
    entry = entry_of(log.relief.id, document, at=at, source=source)
    try:
        return await keep(tx, log, entry, by=log.relief.assembly_actor)
    except ReliefRefusal as refusal:
        if refusal.waits:
            await reliefs.append(tx, entry)
        return log


async def _relief_of(tx: Tx, proposal: ProposalRecord) -> ReliefRecord | None:
    if proposal.upstream_id is not None or proposal.document is None:
        return None
    surveyed = await reliefs.of_survey(tx, proposal.ratifies_id or proposal.id)
    if surveyed is not None:
        return surveyed
    plan = proposal.document["governance"].get("plan")
    if proposal.ratifies_id is not None:
        entry = await reliefs.entry_at(tx, proposal.ratifies_id)
    else:
        entry = await reliefs.entry(tx, plan["digest"]) if plan else None
    return await reliefs.find(tx, entry.relief_id) if entry else None
