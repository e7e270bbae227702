"""What the assembly says in its relief: versions of the plan, the proposal that puts one, and answers to appeals.

Called by the doors for operators of the assembly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.comparing import compute
from federation.assembly.relief.decisions import EMERGENCY
from federation.assembly.relief.shapes import Rested
from federation.assembly.relief.writing import answer_governance, plan_governance
from node.governance.proposals import TEXT_LENGTH, TITLE_LENGTH
from node.governance.refusals import Refusal
from node.services import proposals as proposal_service
from node.services.reliefs.log import entry_of, keep
from node.services.reliefs.speaking import Speaking, newest, speaking
from storage.governance import reliefs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from federation.assembly.references import Reference
    from federation.assembly.relief.rosters import Roster
    from federation.assembly.relief.shapes import Adjustment, Plan
    from federation.assembly.relief.state import State
    from node.context import Node
    from storage.records import MemberRecord, ProposalRecord, ReliefEntryRecord

MOST_LISTED = 200
LAST_WORDS = "And {count} more; all of them are in the plan."


async def draft(
    node: Node, *, member: MemberRecord, relief_id: str, adjustments: Sequence[Adjustment] = (), text: str = ""
) -> ReliefEntryRecord:
    """The next version of the plan, computed from all stock that came in time and from what has moved already.

    Refusals: relief-not-the-assembly, relief-adjustment and others of the fold.
    """
    async with speaking(node, member, relief_id) as said:
        _check_ours(said)
        state = said.log.state
        statutes, moved = _tree(state.roster), _moved(state)
        stocks = _stocks(state, statutes)
        governance = plan_governance(
            version=max((plan.version for plan in state.plans.values()), default=0) + 1,
            statutes=statutes,
            stocks=stocks,
            deliveries=moved,
            adjustments=adjustments,
            computed=compute(state, statutes=statutes, stocks=stocks, deliveries=moved, adjustments=adjustments),
            text=text,
            **said.common,
        )
        return await said.say(governance)


async def put(node: Node, *, member: MemberRecord, relief_id: str, window_seconds: int | None = None) -> ProposalRecord:
    """The proposal that puts the newest version of the plan to every constituent, with its opening.

    Refusals: relief-not-the-assembly, relief-survey-open, relief-not-endorsed, relief-decision (it is put already), and
    those of opening a proposal.
    """
    async with node.store.read() as tx:
        record = await reliefs.find(tx, relief_id)
    title = f"Share out: {record.title}"[:TITLE_LENGTH] if record else ""
    asked = proposal_service.Draft(title=title, text=title, window_seconds=window_seconds, type=EMERGENCY)
    if record is None:
        raise Refusal("not-found")
    drafted = await proposal_service.drafted(node, author=member, written=asked, now=node.clock())
    async with speaking(node, member, relief_id) as said:
        _check_ours(said)
        plan = _putable(said.log.state, newest(said.log))
        worded = proposal_service.worded(drafted, text=_text(said.log.state, plan))
        opened = await proposal_service.open_at_once(node, said.tx, worded, said.now, plan=plan.ref.to_document())
        question = opened.document or {}
        entry = entry_of(relief_id, question, at=said.now, source="own")
        await keep(said.tx, said.log, entry, by=said.log.relief.assembly_actor)
    return opened


async def answer(
    node: Node, *, member: MemberRecord, relief_id: str, appeal_id: str, upheld: bool, reason: str
) -> ReliefEntryRecord:
    """Our answer to an appeal; one that is upheld holds its transfer until a later plan is in force.

    Refusals: relief-not-the-assembly, relief-appeal-unknown, relief-answered.
    """
    async with speaking(node, member, relief_id) as said:
        _check_ours(said)
        appealed = next((one for one in said.log.state.appeals.values() if one.ref.id == appeal_id), None)
        if appealed is None:
            raise ReliefRefusal("relief-appeal-unknown", appeal_id)
        if appealed.ref.digest in said.log.state.answers:
            raise ReliefRefusal("relief-answered", appeal_id)
        return await said.say(answer_governance(appeal=appealed.ref, upheld=upheld, reason=reason, **said.common))


def _check_ours(said: Speaking) -> None:
    if said.log.relief.assembly_did != said.node.body.did:
        raise ReliefRefusal("relief-not-the-assembly", said.log.relief.id)


def _stocks(state: State, statutes: Sequence[str]) -> list[Rested]:
    """The latest stock of everybody who stands below the assembly by these statutes."""
    bodies = state.roster.only(statutes).bodies
    return [Rested(body, stock.ref) for body, stock in sorted(state.latest.items()) if body in bodies]


def _moved(state: State) -> list[Reference]:
    """The last words that count on what moved under earlier versions."""
    found: set[Reference] = set()
    for plan in state.plans.values():
        for transfer in plan.computed.transfers:
            words = state.words(plan, transfer)
            found |= {each[-1].ref for each in (words.of_giver, words.of_taker) if each}
    return sorted(found, key=lambda ref: ref.digest)


def _tree(roster: Roster) -> list[str]:
    """The digests of the newest statute of the assembly and of each one below it, from the top down."""
    latest: dict[str, tuple[int, str]] = {}
    for digest, statute in roster.statutes.items():
        latest[statute.assembly] = max(latest.get(statute.assembly, (0, "")), (statute.version, digest))
    digests, level, seen = [], [roster.root], {roster.root}
    while level:
        found = [latest[assembly][1] for assembly in level if assembly in latest]
        digests += found
        below = [each.body for digest in found for each in roster.statutes[digest].constituents]
        level = [body for body in dict.fromkeys(below) if body not in seen]
        seen.update(level)
    return digests


def _putable(state: State, plan: Plan) -> Plan:
    if state.is_put(plan):
        raise ReliefRefusal("relief-decision", f"version {plan.version} is put already")
    return plan


def _text(state: State, plan: Plan) -> str:
    """The plan in words for everybody who decides on it."""
    lines = [plan.text.strip(), *_transfers(state, plan)] if plan.text.strip() else [*_transfers(state, plan)]
    return "\n".join(lines)[:TEXT_LENGTH] or f"Version {plan.version} moves nothing."


def _transfers(state: State, plan: Plan) -> Iterator[str]:
    goods = {good.key: good for good in state.relief.goods}
    yield f"\nVersion {plan.version} of the plan rests on the stock of {len(plan.stocks)} co-ops.\n"
    for each in plan.computed.transfers[:MOST_LISTED]:
        giver, taker, good = state.roster.name_of(each.giver), state.roster.name_of(each.taker), goods[each.good]
        yield f"{each.number}. {giver} gives {each.amount} {good.unit} of {good.name} to {taker}."
    if len(plan.computed.transfers) > MOST_LISTED:
        yield "\n" + LAST_WORDS.format(count=len(plan.computed.transfers) - MOST_LISTED)
