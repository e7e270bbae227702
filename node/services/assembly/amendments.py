"""Changing our statute by a proposal under the statute in force: drafted here, adopted when it passes.

Called by the doors, and by services.closing; services.proposals checks such a text again when it opens. New
constituents, other weights and suspensions are changes of the roster, and so of the statute (G6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from federation.assembly.bylaws.amendments import (
    AMENDMENT,
    amended,
    amendment_text,
    check_amendment,
    is_amendment,
    read_amendment,
)
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.rules import rule_document
from federation.assembly.statute import DECIDED, read_statute
from node.governance.refusals import Refusal
from node.outbound import post
from node.services import proposals as proposal_service
from node.services.assemblies import follow_each_other
from node.services.statutes import adopt_statute, constituent_entry
from storage.governance import statutes
from storage.neighbours import memberships
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from node.context import Node
    from storage.engine import Tx
    from storage.records import MemberRecord, MembershipRecord, ProposalRecord, StatuteRecord

Changes = dict[str, Any]


async def draft_amendment(
    node: Node, *, author: MemberRecord, title: str, reasons: str, changes: Mapping[str, Any]
) -> ProposalRecord:
    """A draft that changes these members of our statute once it passes under the rule for that.

    Refusals: no-statute, not-a-constituent (a body that never asked to join), and those of the change itself
    (AmendmentRefusal, StatuteError).
    """
    async with node.store.read() as tx:
        in_force = await _in_force(node, tx)
        await _refuse_strangers(tx, changes.get("constituents", ()))
    statute = read_statute(in_force.document)
    rule = statute.terms.amendment or statute.rule
    text = amendment_text(reasons, changes)
    check_amendment(text, statute=in_force.document, rule=rule)
    written = proposal_service.Draft(title=title, text=text, rule=rule_document(rule), type=AMENDMENT)
    return await proposal_service.draft(node, author=author, written=written)


async def admission(node: Node, *, applicant: str, weight: int) -> Changes:
    """The change that puts an applicant on the roster. Refusals: no-statute, application-unknown."""
    async with node.store.read() as tx:
        roster = await _roster(node, tx)
        asked = await memberships.find(tx, "below", applicant)
    if asked is None or asked.state not in {"asked", "suspended"}:
        raise Refusal("application-unknown")
    return {"constituents": [*roster, constituent_entry(replace(asked, weight=weight))]}


async def correction(
    node: Node, *, constituent: str, weight: int | None, members: int | None, as_reported: bool = False
) -> Changes:
    """The change of a constituent's weight and number of members; None leaves either as it is, decided or not.

    A number that is decided stands, also where it is the one in force, until another decision sets one or takes the
    constituent's `as_reported` again. Refusals: no-statute, not-found, members-invalid (a number and as reported).
    """
    if as_reported and members is not None:
        raise Refusal("members-invalid")
    async with node.store.read() as tx:
        roster = await _roster(node, tx)
        tie = await memberships.find(tx, "below", constituent)
    if tie is None or all(entry["actor"] != constituent for entry in roster):
        raise Refusal("not-found")
    said: Changes = {} if weight is None else {"weight": weight}
    if members is not None:
        said |= {"members": members, DECIDED: True}
    elif as_reported:
        said |= {"members": tie.members, DECIDED: False}
    return {"constituents": [_corrected(entry, said) if entry["actor"] == constituent else entry for entry in roster]}


def _corrected(entry: Mapping[str, Any], said: Changes) -> Changes:
    corrected = {**entry, **said}
    return corrected if corrected.get(DECIDED) else {name: it for name, it in corrected.items() if name != DECIDED}


async def suspension(node: Node, *, constituent: str) -> Changes:
    """The change that takes a constituent off the roster. Refusals: no-statute, not-found."""
    async with node.store.read() as tx:
        roster = await _roster(node, tx)
    remaining = [entry for entry in roster if entry["actor"] != constituent]
    if len(remaining) == len(roster):
        raise Refusal("not-found")
    return {"constituents": remaining}


async def adopt(node: Node, tx: Tx, proposal: ProposalRecord, decision: Mapping[str, str], now: datetime) -> None:
    """Make the change of a proposal that passed: the next statute, naming the decision, and the roster it lists.

    A change that no longer fits, because another came first, is written into the log and changes nothing.
    """
    if proposal.upstream_id is not None or not is_amendment(proposal.text):
        return
    in_force = await _in_force(node, tx)
    try:
        following = amended(in_force.document, read_amendment(proposal.text))
        await _settle_roster(node, tx, following["constituents"], now)
        await _settle_counts(tx, await statutes.find(tx, proposal.statute_digest or ""), following["constituents"])
        await adopt_statute(node, tx, {**following, "adopted_by": dict(decision)}, now)
    except AssemblyRefusal as refusal:
        content = {"code": refusal.code, "version": in_force.version}
        await events.append(
            tx, at=now, actor=node.body.actor_id, type="amendment-not-adopted", subject=proposal.id, content=content
        )


async def _refuse_strangers(tx: Tx, roster: Any) -> None:
    """Nobody stands on a roster who did not ask to, under the key its own actor lists."""
    known = {(tie.did, tie.actor_id, tie.key_multibase) for tie in await memberships.list(tx, "below")}
    for entry in roster if isinstance(roster, list) else ():
        if not isinstance(entry, dict) or (entry.get("body"), entry.get("actor"), entry.get("key")) not in known:
            raise Refusal("not-a-constituent")


async def _settle_roster(node: Node, tx: Tx, roster: Any, now: datetime) -> None:
    """Let our ties downward say what the new roster says."""
    weights = {entry["body"]: entry["weight"] for entry in roster}
    for tie in await memberships.list(tx, "below"):
        is_listed = tie.did in weights
        if is_listed and tie.state in {"asked", "suspended"}:
            await _admit(node, tx, tie, weights[tie.did], now)
        elif tie.state == "accepted" and not is_listed:
            await _save(tx, replace(tie, state="suspended", decided_at=now), by=node.body.actor_id, now=now)
        elif tie.state == "accepted" and tie.weight != weights[tie.did]:
            await memberships.save(tx, replace(tie, weight=weights[tie.did]))


async def _settle_counts(tx: Tx, asked_under: StatuteRecord | None, roster: Any) -> None:
    """A number of members that was decided stands from now on, and one that no longer is gives way to reports."""
    before = (
        {entry["body"]: entry for entry in asked_under.document["governance"]["constituents"]} if asked_under else {}
    )
    listed = {entry["body"]: entry for entry in roster}
    for tie in await memberships.list(tx, "below", "accepted"):
        if tie.did in listed:
            decided = _decided(tie, listed[tie.did], before.get(tie.did))
            if decided != tie.members_decided:
                await memberships.save(tx, replace(tie, members_decided=decided))


def _decided(tie: MembershipRecord, entry: Mapping[str, Any], before: Mapping[str, Any] | None) -> int | None:
    """The number that stands by this line of the roster, beside the line of the statute it was asked under.

    One that the line changed without saying that it is decided counts as decided, unless the body reports it too.
    """
    number: int | None = entry.get("members")
    if entry.get(DECIDED):
        return number
    if before is None or (number == before.get("members") and not before.get(DECIDED)):
        return tie.members_decided
    return None if before.get(DECIDED) or number == tie.members else number


async def _admit(node: Node, tx: Tx, tie: MembershipRecord, weight: int, now: datetime) -> None:
    admitted = replace(tie, state="accepted", weight=weight, decided_at=now)
    await _save(tx, admitted, by=node.body.actor_id, now=now)
    await follow_each_other(tx, admitted, now)
    await post.accept(tx, node, tie.activity_id, to=tie.actor_id)


async def _save(tx: Tx, tie: MembershipRecord, *, by: str, now: datetime) -> None:
    await memberships.save(tx, tie)
    content = {"body": tie.did, "name": tie.name, "weight": tie.weight}
    await events.append(tx, at=now, actor=by, type=f"constituent-{tie.state}", subject=tie.actor_id, content=content)


async def _roster(node: Node, tx: Tx) -> Sequence[Mapping[str, Any]]:
    roster: Sequence[Mapping[str, Any]] = (await _in_force(node, tx)).document["governance"]["constituents"]
    return roster


async def _in_force(node: Node, tx: Tx) -> StatuteRecord:
    found = await statutes.latest(tx, node.body.did)
    if found is None:
        raise Refusal("no-statute")
    return found
