"""Proposals of other bodies: what an assembly asks of us is put to our own electorate; others are kept to be seen.

Called by node.inbound.proposals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.assembly.bylaws.strictness import check_rule_of
from federation.assembly.refusals import RuleError
from federation.assembly.rules import read_rule
from federation.assembly.statute import read_statute
from federation.errors import NotYet
from federation.peers.directory import is_heard
from federation.vocabulary.times import read_time
from identity.canonical import content_digest
from node.governance import electorate
from node.governance.proposals import ProposalState
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound.proposals import Freezing, frozen_question
from node.services.assembly import ratification, reminders
from node.services.assembly.proofs import check_own_proof
from node.services.reliefs import deciding
from node.services.statutes import usual_rule
from storage.governance import proposals, rolls, statutes
from storage.house import members
from storage.neighbours import memberships
from storage.records import ProposalRecord, RollEntryRecord, StatuteRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An assembly's frozen proposal as received, and the statute it was opened under."""

    document: Mapping[str, Any]
    digest: str
    closes_at: datetime
    statute: StatuteRecord

    @property
    def root(self) -> dict[str, str]:
        """The topmost proposal this one answers: itself when nothing stands above it."""
        above = self.document["governance"]["upstream"]
        return (
            {"id": above["root"], "digest": above["root_digest"]} if above else {"id": self.id, "digest": self.digest}
        )

    @property
    def id(self) -> str:
        """The id of the assembly's proposal."""
        return str(self.document["id"])


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """Keep a peer's open proposal; put it to our own electorate when we are on the roster it was opened for (G6).

    Refusals: document-unproven, proposal-invalid, rule-weaker or amendment-rule (its statute wants another), uninvited
    (a stranger's that nobody whom we hear brings, and on whose roll none of our members stands). Raises NotYet while
    the statute it names has not arrived.
    """
    document = activity.document["object"]
    stated = document["governance"]["electorate"]
    bringer, is_tied = (
        activity.announced_by or activity.actor_id,
        await node.federation.strangers.is_none(activity.actor_id),
    )
    async with node.store.write() as tx:
        invited = await _invited(tx, stated)
        if await proposals.find(tx, document["id"]) is not None:
            return
        if not (is_tied or invited or await is_heard(tx, bringer)):
            raise Refusal("uninvited")
        await check_own_proof(tx, activity)
        await deciding.check_asked(tx, document)
        await _check_rule(tx, document)
        seen = _seen(document, activity, ratifies_id=await ratification.check_asked(tx, document))
        await proposals.add(tx, seen)
        await deciding.note(tx, seen, document, at=activity.received_at)
        await post.relay(tx, node, activity, ordering_key=seen.id)
        await events.append(
            tx, at=activity.received_at, actor=activity.actor_id, type="proposal-received", subject=seen.id,
            content={"title": seen.title, "digest": seen.digest},
        )  # fmt: skip
        if stated["kind"] == "constituents":
            await _answer_mandate(node, tx, document, activity)
        else:
            await rolls.add_all(tx, [RollEntryRecord(proposal_id=seen.id, voter=did, weight=1) for did in invited])


async def _check_rule(tx: Tx, document: Mapping[str, Any]) -> None:
    """Refuse a question to constituents by a rule that its statute, where it is here, does not let it be put to.

    A rule that we cannot read is shown, and no evidence that rests on it is valid.
    """
    stated = document["governance"]
    statute = await statutes.find(tx, stated["electorate"].get("statute") or "")
    if statute is None or stated.get("ratifies") is not None:
        return
    try:
        rule = read_rule(stated["rule"])
    except RuleError:
        return
    check_rule_of(
        rule,
        read_statute(statute.document),
        proposal_type=stated.get("type"),
        text=str((document.get("source") or {}).get("content", "")),
        is_answer=bool(stated.get("upstream")),
    )


async def answer_second_call(node: Node, tx: Tx, proposal_id: str, activity: VerifiedActivity) -> None:
    """An assembly calls again: put to our own electorate if we heard of its question too late for the first call.

    Whoever has answered, or is answering, goes on with that.
    """
    asked = await proposals.find(tx, proposal_id)
    if asked is None or asked.document is None or asked.electorate_kind != "constituents":
        return
    if not any(one.origin == "own" for one in await proposals.by_upstream(tx, asked.id)):
        await _answer_mandate(node, tx, asked.document, activity, closes_at=asked.closes_at)


async def _answer_mandate(
    node: Node,
    tx: Tx,
    document: Mapping[str, Any],
    activity: VerifiedActivity,
    *,
    closes_at: datetime | None = None,
) -> None:
    membership = await memberships.find(tx, "above", activity.actor_id)
    if membership is None or membership.state != "accepted":
        return
    statute = await statutes.find(tx, document["governance"]["electorate"]["statute"])
    if statute is None:
        raise NotYet("the statute this proposal was opened under has not arrived")
    roster = statute.document["governance"]["constituents"]
    closes_at = closes_at or read_time(document["governance"]["closes_at"])
    if node.body.did not in {entry["body"] for entry in roster} or closes_at is None:
        return
    upstream = Upstream(document=document, digest=content_digest(document), closes_at=closes_at, statute=statute)
    may_split = statute.document["governance"].get("may_split") is True
    is_split = may_split and membership.splits_since is not None
    await _open_own(node, tx, upstream, is_split=is_split)


async def _open_own(node: Node, tx: Tx, upstream: Upstream, *, is_split: bool) -> None:
    """Our own proposal on the assembly's text, closing a margin earlier so that our position arrives in time."""
    now = node.clock()
    margin = timedelta(seconds=upstream.statute.document["governance"]["margin_seconds"])
    closes_at = upstream.closes_at - margin
    hindrance = await _hindrance(node, tx, is_late=closes_at <= now)
    if hindrance is not None:
        await events.append(
            tx, at=now, actor=node.body.actor_id, type=hindrance, subject=upstream.id,
            content={"closes_at": upstream.closes_at.isoformat()},
        )  # fmt: skip
        return
    proposal_id = node.url("proposals", node.new_id())
    stated, entries = await _electorate(node, tx, proposal_id)
    source = upstream.document.get("source") or {}
    freezing = Freezing(
        proposal_id=proposal_id,
        title=str(upstream.document["name"]),
        text=str(source.get("content", "")),
        rule=await usual_rule(node, tx),
        opens_at=now,
        closes_at=closes_at,
        electorate=stated,
        upstream={
            "id": upstream.id, "digest": upstream.digest,
            "root": upstream.root["id"], "root_digest": upstream.root["digest"],
        },
        type=upstream.document["governance"].get("type"),
        is_split=is_split,
    )  # fmt: skip
    document = frozen_question(node, freezing)
    answer = _own(node, freezing, document, upstream)
    await proposals.add(tx, answer)
    await rolls.add_all(tx, entries)
    await jobs.enqueue(tx, "close", proposal_id, run_at=closes_at)
    await reminders.plan(node, tx, answer, now)
    await post.create(tx, node, document, ordering_key=proposal_id)
    content = {"digest": content_digest(document), "upstream": upstream.id}
    await events.append(
        tx, at=now, actor=node.body.actor_id, type="proposal-opened", subject=proposal_id, content=content
    )


async def _hindrance(node: Node, tx: Tx, *, is_late: bool) -> str | None:
    """Why we cannot answer, as the type of an event; the assembly's proposal is kept and passed on all the same."""
    if is_late:
        return "mandate-too-late"
    has_nobody = node.body.kind == "assembly" and await statutes.latest(tx, node.body.did) is None
    return "mandate-without-constituents" if has_nobody else None


async def _electorate(node: Node, tx: Tx, proposal_id: str) -> tuple[dict[str, Any], list[RollEntryRecord]]:
    if node.body.kind == "assembly":
        statute = await statutes.latest(tx, node.body.did)
        if statute is None:
            raise Refusal("empty-electorate")
        return {"kind": "constituents", "statute": statute.digest}, []
    roll = electorate.freeze([(voter.did, voter.weight) for voter in await members.active(tx)])
    entries = [RollEntryRecord(proposal_id=proposal_id, voter=did, weight=weight) for did, weight in roll.entries]
    return {"kind": "members", "count": roll.count, "weight": roll.weight, "digest": roll.digest}, entries


async def _invited(tx: Tx, electorate: Mapping[str, Any]) -> list[str]:
    """Those of our members whom a peer's roll names: they may cast here, at home."""
    named = set(electorate.get("invited", ())) if electorate["kind"] != "constituents" else set()
    return [member.did for member in await members.active(tx) if member.did in named] if named else []


def _own(node: Node, freezing: Freezing, document: Mapping[str, Any], upstream: Upstream) -> ProposalRecord:
    return ProposalRecord(
        id=freezing.proposal_id,
        deciding_actor=node.body.actor_id,
        origin="own",
        title=freezing.title,
        text=freezing.text,
        state=ProposalState.OPEN,
        rule=freezing.rule,
        opens_at=freezing.opens_at,
        closes_at=freezing.closes_at,
        document=document,
        digest=content_digest(document),
        statute_digest=freezing.electorate.get("statute"),
        upstream_id=upstream.id,
        root_id=upstream.root["id"],
        electorate_kind=freezing.electorate["kind"],
        type=freezing.type,
        created_at=freezing.opens_at,
        updated_at=freezing.opens_at,
    )


def _seen(document: Mapping[str, Any], activity: VerifiedActivity, *, ratifies_id: str | None) -> ProposalRecord:
    governance = document["governance"]
    opens_at, closes_at = read_time(governance.get("opens_at")), read_time(governance.get("closes_at"))
    stated = governance.get("electorate")
    if opens_at is None or closes_at is None or not isinstance(stated, Mapping) or "kind" not in stated:
        raise Refusal("proposal-invalid")
    above = governance.get("upstream") or {}
    source = document.get("source") or {}
    return ProposalRecord(
        id=str(document["id"]),
        deciding_actor=activity.actor_id,
        origin="peer",
        title=str(document.get("name", ""))[:300],
        text=str(source.get("content", ""))[:50_000],
        state=ProposalState.OPEN,
        rule=governance.get("rule", {}),
        opens_at=opens_at,
        closes_at=closes_at,
        document=document,
        digest=content_digest(document),
        statute_digest=stated.get("statute"),
        upstream_id=above.get("id"),
        root_id=above.get("root"),
        electorate_kind=str(stated["kind"]),
        type=governance.get("type"),
        ratifies_id=ratifies_id,
        created_at=opens_at,
        updated_at=activity.received_at,
    )
