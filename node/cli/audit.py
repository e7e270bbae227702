"""`rochdale audit`: the event chain walked and every closed decision of this body recomputed from its signed inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import data_option, settings_at, with_node
from node.cli.speaking import NO, Stop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from federation.assembly.decide import Further, Outcome
    from federation.assembly.tally import Tally
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

EVENTS_AT_ONCE = 1000
PROPOSALS_AT_ONCE = 100
CLOSED = ("passed", "rejected", "closed_without_quorum")


@dataclass(frozen=True, slots=True)
class Recount:
    """What the inputs of a decision give, computed again."""

    tally: Tally
    outcome: Outcome


@click.command("audit")
@data_option
def audit(data: Path | None) -> None:
    """Check that nothing in this node's past was changed behind its back.

    Walks the hash-chained event log, then recounts every decision this body closed from ballots and positions whose
    signatures are checked again. Exits 1 naming the first thing that does not hold.
    """
    quiet_logs()

    async def work(node: Node) -> tuple[int, int]:
        return await _walk_events(node), await _recount_all(node)

    links, decisions = with_node(settings_at(data), work)
    click.echo(f"Events in an unbroken chain: {links}. Decisions recounted, all as signed: {decisions}.")


async def _walk_events(node: Node) -> int:
    from storage import events

    last = None
    async with node.store.read() as tx:
        while links := await events.walk(tx, after=last.seq if last else 0, limit=EVENTS_AT_ONCE):
            broken = events.check_chain(links, after=last)
            if broken is not None:
                advice = "Restore a backup made before this event, and find out who wrote to the database."
                raise Stop(f"The event log is broken at event {broken}.", advice, NO)
            last = links[-1]
    return last.seq if last else 0


async def _recount_all(node: Node) -> int:
    count = 0
    async with node.store.read() as tx:
        async for proposal in _closed(tx):
            difference = await _difference(node, tx, proposal)
            if difference is not None:
                happened = f"The decision {proposal.id} does not hold: {difference}."
                raise Stop(happened, "Compare with the evidence bundle that peers hold of it.", NO)
            count += 1
    return count


async def _closed(tx: Tx) -> AsyncIterator[ProposalRecord]:
    from storage import proposals

    offset = 0
    while found := await proposals.list(tx, states=CLOSED, origin="own", limit=PROPOSALS_AT_ONCE, offset=offset):
        for proposal in found:
            yield proposal
        offset += len(found)


async def _difference(node: Node, tx: Tx, proposal: ProposalRecord) -> str | None:
    """Where the signed outcome differs from what its own inputs give, in words; None where it holds."""
    from identity.canonical import content_digest
    from identity.errors import IdentityError
    from identity.proofs import eddsa_jcs_2022

    signed = proposal.outcome_document
    if signed is None or content_digest(signed) != proposal.outcome_digest:
        return "its outcome is not the document that was signed"
    try:
        key = node.keyring.ed25519_named(eddsa_jcs_2022.proof_method(signed))
        if key is None:
            return "it is signed with a key this body never had"
        eddsa_jcs_2022.verify(signed, key=key.public_key(), now=None, whole=True)
        counted = await (_rolled_up if proposal.electorate_kind == "constituents" else _counted)(tx, proposal)
    except IdentityError as error:
        return f"a signature does not check ({error.code})"
    stated = signed["governance"]
    if counted.tally.to_document() != stated["tally"]:
        return f"it says {stated['tally']}, its inputs give {counted.tally.to_document()}"
    if (counted.outcome.state, counted.outcome.reason) != (stated["outcome"], stated["reason"]):
        return f"it says {stated['outcome']}, its inputs give {counted.outcome.state}"
    return None


async def _counted(tx: Tx, proposal: ProposalRecord) -> Recount:
    """Ballots whose signatures check, counted with the frozen roll."""
    from federation.assembly.decide import decide
    from federation.assembly.rules import read_rule
    from identity.dids.did_key import public_key
    from identity.proofs import eddsa_jcs_2022
    from node.governance import counting
    from node.governance.ballots import read_ballot
    from node.governance.electorate import freeze
    from storage import ballots, rolls

    papers = []
    for record in await ballots.counted(tx, proposal.id):
        paper = read_ballot(record.document)
        eddsa_jcs_2022.verify(record.document, key=public_key(paper.voter), now=None, whole=True)
        papers.append(paper)
    roll = freeze([(entry.voter, entry.weight) for entry in await rolls.entries(tx, proposal.id)])
    tally = counting.count(papers, roll)
    return Recount(tally, decide(read_rule(proposal.rule), tally, further=_further(proposal)))


async def _rolled_up(tx: Tx, proposal: ProposalRecord) -> Recount:
    """Counted positions whose signatures check by the roster's keys, rolled up under the statute."""
    from federation.assembly.positions import read_position
    from federation.assembly.roll_up import report_of, roll_up
    from federation.assembly.rules import read_rule
    from federation.assembly.statute import read_statute
    from identity.keys.multikey import read_multibase
    from identity.proofs import eddsa_jcs_2022
    from storage import positions, statutes

    kept = await statutes.find(tx, proposal.statute_digest or "")
    if kept is None:
        raise Stop(f"The statute of {proposal.id} is missing.", "Restore it from a backup.", NO)
    statute = read_statute(kept.document)
    keys = {one.body: one.key for one in statute.constituents}
    reports = {}
    for record in await positions.for_proposal(tx, proposal.id):
        if record.status == "counted":
            eddsa_jcs_2022.verify(record.document, key=read_multibase(keys[record.body_did]), now=None, whole=True)
            reports[record.body_did] = report_of(read_position(record.document))
    stated = _further(proposal)
    by = stated.vetoes.by if stated.vetoes else ()
    rolled = roll_up(statute, read_rule(proposal.rule), reports, vetoed_by=by, lot=stated.lot)
    return Recount(rolled.tally, rolled.outcome)


def _further(proposal: ProposalRecord) -> Further:
    """The lot and the vetoes that the outcome states; `rochdale verify` checks them, from the bundle that has them."""
    from federation.assembly.fields import fields_of
    from federation.assembly.reporting.besides import read_further

    signed = (proposal.outcome_document or {}).get("governance")
    return read_further(fields_of(signed, ValueError), None)


COMMANDS = (audit,)
