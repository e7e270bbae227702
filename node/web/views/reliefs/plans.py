"""A plan as people read it: each allotment with its reasons, who gives, each way with what is known of it, appeals.

Called by the page of a relief.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.assembly.relief.computing.scores import WHOLE
from federation.assembly.relief.moving import Way
from federation.assembly.relief.state import rank
from node.governance.relief_words import OUTCOMES, WAYS, goods_of, name_in
from node.web.views.reliefs.lines import MOST_ROWS
from node.web.views.reliefs.rights import left_out
from node.web.views.wording.labels import Chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.assembly.relief.moving import Moved
    from federation.assembly.relief.shapes import Allotment, Gift, Plan, Transfer
    from federation.assembly.relief.state import State
    from node.web.views.wording.setting import Setting
    from node.web.views.wording.words import Words

TONES = {Way.PLANNED: "quiet", Way.HELD: "warn", Way.SENT: "open", Way.ARRIVED: "passed", Way.FAILED: "rejected"}
REASONS = {"people": "people", "urgency": "urgency", "shortfall": "missing share", "days_left": "days left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AllotmentRow:
    """What one co-op gets of one good, and why so much."""

    name: str
    is_here: bool
    good: str
    shortage: str
    amount: str
    score: str
    parts: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRow:
    """What one co-op gives of one good and what it keeps."""

    name: str
    good: str
    surplus: str
    reserve: str
    amount: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """One transfer; `form` is giver or taker where this body may say something of it, `amount` what it begins with."""

    number: int
    sentence: str
    chip: Chip
    facts: Sequence[str]
    form: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One version of a plan."""

    version: int
    chip: Chip
    text: str
    council: str
    words: Sequence[str]
    left_out: str
    allotments: Sequence[AllotmentRow]
    allotment_count: int
    gifts: Sequence[GiftRow]
    ways: Sequence[WayRow]
    way_count: int
    is_moving: bool


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An objection and what the assembly answered."""

    id: str
    by: str
    about: str
    reason: str
    answer: str | None
    chip: Chip


def plan_view(state: State, plan: Plan, setting: Setting) -> PlanView:
    """One version of the plan as it stands."""
    say, found, here = setting.say, plan.computed, setting.body_did
    in_favour, against, delegates = state.endorsed_by(plan)
    holds = state.plan_in_force == plan
    reasons = {(each.body, each.good): each.reason for each in plan.adjustments}
    own_first = sorted(found.allotments, key=lambda each: (each.body != here, -each.score, each.body))
    moved = sorted(
        state.moved(plan),
        key=lambda each: (here not in {each.transfer.giver, each.transfer.taker}, each.way is Way.ARRIVED),
    )
    return PlanView(
        version=plan.version,
        chip=_chip(state, plan, say),
        text=plan.text,
        council=say(
            "%(for)s of %(all)s delegates are for it, %(against)s against.",
            **{"for": in_favour, "all": delegates, "against": against},
        ),
        words=_words(state, plan),
        left_out=left_out(state, plan),
        allotments=[
            _allotment(state, each, reasons.get((each.body, each.good), ""), setting) for each in own_first[:MOST_ROWS]
        ],
        allotment_count=len(found.allotments),
        gifts=[_gift(state, each, reasons.get((each.body, each.good), ""), say) for each in found.gifts[:MOST_ROWS]],
        ways=[_way(state, each, setting, may_leave=holds) for each in moved[:MOST_ROWS]],
        way_count=len(found.transfers),
        is_moving=bool(state.spans(plan)),
    )


def shown_plans(state: State) -> list[Plan]:
    """The version in force, the newest, and those before of which something is still on its way."""
    found = {plan.ref: plan for plan in (state.plan_in_force, state.newest_plan) if plan is not None}
    for plan in sorted(state.plans.values(), key=rank, reverse=True):
        if any(each.way is Way.SENT for each in state.moved(plan)):
            found.setdefault(plan.ref, plan)
    return list(found.values())


def appeal_rows(state: State) -> list[AppealRow]:
    """Every appeal, those without an answer first."""
    order = sorted(state.appeals.values(), key=lambda each: (each.ref.digest in state.answers, each.signed_at))
    return [_appeal(state, each.ref.digest) for each in order[:MOST_ROWS]]


def _appeal(state: State, digest: str) -> AppealRow:
    appeal, answer = state.appeals[digest], state.answers.get(digest)
    plan = state.plan(appeal.plan)
    about = f"transfer {appeal.transfer} of " if appeal.transfer else ""
    chip = (
        Chip("Open", "open")
        if answer is None
        else Chip("Upheld", "passed")
        if answer.is_upheld
        else Chip("Turned down", "rejected")
    )
    return AppealRow(
        id=appeal.ref.id,
        by=name_in(state, appeal.body),
        about=f"{about}version {plan.version if plan else '?'}",
        reason=appeal.reason,
        answer=answer.reason if answer else None,
        chip=chip,
    )


def _chip(state: State, plan: Plan, say: Words) -> Chip:
    in_force = state.plan_in_force
    if in_force == plan:
        return Chip(say("In force"), "passed")
    if in_force is not None and rank(in_force) > rank(plan):
        return Chip(say("Replaced"), "quiet")
    decision = state.decision_on(plan)
    ended = state.ending_of(decision)
    if ended is not None:
        return Chip(say("The decision %(ended)s", ended=OUTCOMES[ended]), "warn")
    return Chip(say("Being decided"), "open") if decision else Chip(say("Before the council"), "open")


def _words(state: State, plan: Plan) -> list[str]:
    """What each delegate said, as far as they said something."""
    said = [state.endorsements.get((plan.ref.digest, each.body)) for each in plan.stocks]
    return [
        f"{each.delegate} ({name_in(state, each.body)}): {'for' if each.is_in_favour else 'against'}"
        f"{'. ' + each.note if each.note else ''}"
        for each in said
        if each is not None
    ][:MOST_ROWS]


def _allotment(state: State, each: Allotment, reason: str, setting: Setting) -> AllotmentRow:
    say = setting.say
    note = say("Laid down by the council: %(reason)s", reason=reason) if each.is_adjusted else ""
    if each.is_tied:
        note = say("Equal to others; only the order of their DIDs decided over the last of it.")
    return AllotmentRow(
        name=name_in(state, each.body),
        is_here=each.body == setting.body_did,
        good=next(good.name for good in state.relief.goods if good.key == each.good),
        shortage=f"{each.shortage:,}",
        amount=f"{each.amount:,}",
        score=_points(each.score),
        parts=", ".join(f"{REASONS[str(key)]} {_points(value)}" for key, value in each.parts.items()),
        note=note,
    )


def _points(millionths: int) -> str:
    """A score with two decimals, rounded down; the whole number is in the log."""
    hundredths = millionths * 100 // WHOLE
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _gift(state: State, each: Gift, reason: str, say: Words) -> GiftRow:
    return GiftRow(
        name=name_in(state, each.body),
        good=next(good.name for good in state.relief.goods if good.key == each.good),
        surplus=f"{each.surplus:,}",
        reserve=f"{each.reserve:,}",
        amount=f"{each.amount:,}",
        note=say("Laid down by the council: %(reason)s", reason=reason) if reason else "",
    )


def _way(state: State, each: Moved, setting: Setting, *, may_leave: bool) -> WayRow:
    transfer, form = each.transfer, ""
    if transfer.giver == setting.body_did and may_leave and each.held_by is None:
        form = "giver"
    elif transfer.taker == setting.body_did and (may_leave or each.sent is not None):
        form = "taker"
    return WayRow(
        number=transfer.number,
        sentence=_given(state, transfer, setting),
        chip=Chip(setting.say(WAYS[each.way]), TONES[each.way]),
        facts=_facts(state, each, setting.say),
        form=form,
        amount=each.sent.amount if form == "taker" and each.sent else transfer.amount,
    )


def _given(state: State, transfer: Transfer, setting: Setting) -> str:
    what = goods_of(state, transfer.good, transfer.amount)
    giver, taker = name_in(state, transfer.giver), name_in(state, transfer.taker)
    if transfer.giver == setting.body_did:
        return setting.say("We give %(what)s to %(taker)s.", what=what, taker=taker)
    if transfer.taker == setting.body_did:
        return setting.say("%(giver)s gives us %(what)s.", giver=giver, what=what)
    return setting.say("%(giver)s gives %(what)s to %(taker)s.", giver=giver, what=what, taker=taker)


def _facts(state: State, each: Moved, say: Words) -> list[str]:
    facts: list[str] = []
    for said, words in ((each.sent, "sent %(what)s"), (each.arrived, "arrived %(what)s")):
        if said is not None:
            facts.append(say(words, what=goods_of(state, each.transfer.good, said.amount)))
            facts += [said.note] if said.note else []
    if each.missing:
        facts.append(say("%(count)s did not arrive", count=f"{each.missing:,}"))
    if each.held_by is not None:
        facts.append(say("an appeal against it was upheld: %(reason)s", reason=each.held_by.reason))
    return facts
