"""What a relief's log adds up to, and what follows from it: which step it is at, which plan is in force, what moved.

Made by `log`; read by services, pages and `rochdale relief check`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from federation.assembly.decide import OutcomeState
from federation.assembly.references import Reference
from federation.assembly.relief.rosters import Roster
from federation.assembly.relief.shapes import Answer, Appeal, Delivery, Endorsement, Plan, Relief, Sent, Stock, Transfer


class Step(StrEnum):
    """Where a relief stands; the order is the way it goes."""

    SURVEY = "survey"
    STOCK = "stock"
    COUNCIL = "council"
    DECISION = "decision"
    RATIFICATION = "ratification"
    DISTRIBUTION = "distribution"
    DONE = "done"
    REFUSED = "refused"


class Way(StrEnum):
    """Where one transfer stands."""

    PLANNED = "planned"
    HELD = "held"
    SENT = "sent"
    ARRIVED = "arrived"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal in this log: the survey, one that decides on a plan, or one that ratifies such a one."""

    ref: Reference
    plan: Reference | None
    ratifies: Reference | None
    statute: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome document of a proposal in this log; `before` is the outcome whose place it took by a recount."""

    ref: Reference
    proposal: Reference
    state: OutcomeState
    closed_at: datetime
    before: "Ending | None" = None


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer of a plan and what is known of it; amounts are None where nobody has said any."""

    transfer: Transfer
    way: Way
    sent: Delivery | None
    arrived: Delivery | None
    held_by: Answer | None

    @property
    def missing(self) -> int | None:
        """How much less arrived than was sent, None until both are said."""
        if self.sent is None or self.arrived is None:
            return None
        return self.sent.amount - self.arrived.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The log as a value. `stocks`, `deliveries` and `appeals` by digest; `latest` stock by body; plans by version.

    `endorsements` by digest of the plan and body; `decisions` by digest; `endings` and `answers` by the digest of what
    they are about; `spoken` is the latest delivery by digest of the plan, transfer and body.
    """

    relief: Relief
    roster: Roster
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    latest: Mapping[str, Stock] = field(default_factory=dict)
    plans: Mapping[int, Plan] = field(default_factory=dict)
    endorsements: Mapping[tuple[str, str], Endorsement] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    endings: Mapping[str, Ending] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    spoken: Mapping[tuple[str, int, str], Delivery] = field(default_factory=dict)
    appeals: Mapping[str, Appeal] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def survey_ending(self) -> OutcomeState | None:
        """How the survey ended; None while it is open."""
        found = self.endings.get(self.relief.survey.digest)
        return found.state if found else None

    @property
    def has_survey_passed(self) -> bool:
        """Whether the survey passed, at its close or in a recount: what was put then stays put."""
        found = self.endings.get(self.relief.survey.digest)
        return found is not None and any(
            each is not None and each.state is OutcomeState.PASSED for each in (found, found.before)
        )

    def plan(self, ref: Reference) -> Plan | None:
        """The plan that a document refers to."""
        return next((plan for plan in self.plans.values() if plan.ref == ref), None)

    @property
    def newest_plan(self) -> Plan | None:
        """The plan with the highest version."""
        return self.plans[max(self.plans)] if self.plans else None

    def endorsed_by(self, plan: Plan) -> tuple[int, int, int]:
        """How many delegates are for this version, how many against, and how many there are."""
        said = [self.endorsements.get((plan.ref.digest, each.body)) for each in plan.stocks]
        spoken = [each.is_in_favour for each in said if each]
        return spoken.count(True), spoken.count(False), len(plan.stocks)

    def is_endorsed(self, plan: Plan) -> bool:
        """Whether more than the wanted share of all delegates are for this version."""
        in_favour, _, delegates = self.endorsed_by(plan)
        return in_favour > self.relief.council * delegates

    def decision_on(self, plan: Plan) -> Decision | None:
        """The latest proposal on this version: one that passed, then one that is open, then one that failed."""
        found = [one for one in self.decisions.values() if one.plan == plan.ref]
        return min(found, key=lambda one: (self._rank(one), one.ref.digest), default=None)

    def ratification_of(self, decision: Decision) -> Decision | None:
        """The proposal that ratifies this one."""
        found = [one for one in self.decisions.values() if one.ratifies == decision.ref]
        return min(found, key=lambda one: (self._rank(one), one.ref.digest), default=None)

    def ending_of(self, decision: Decision | None) -> OutcomeState | None:
        """How a proposal ended; None while it is open."""
        found = self.endings.get(decision.ref.digest) if decision else None
        return found.state if found else None

    def needs_ratification(self, decision: Decision) -> bool:
        """Whether the statute it was decided under lays one down."""
        statute = self.roster.statutes.get(decision.statute or "")
        return statute is not None and statute.terms.ratification is not None

    def is_in_force(self, plan: Plan) -> bool:
        """Whether this version was decided, and ratified where the statute has a ratification."""
        decision = self.decision_on(plan)
        if decision is None or self.ending_of(decision) is not OutcomeState.PASSED:
            return False
        if not self.needs_ratification(decision):
            return True
        return self.ending_of(self.ratification_of(decision)) is OutcomeState.PASSED

    def was_in_force(self, plan: Plan, moment: datetime) -> bool:
        """Whether this version was in force at a moment before a recount turned its decision."""
        decision = self.decision_on(plan)
        found = self.endings.get(decision.ref.digest) if decision else None
        if decision is None or found is None or found.before is None or self.needs_ratification(decision):
            return False
        return found.before.state is OutcomeState.PASSED and moment <= found.closed_at

    @property
    def plan_in_force(self) -> Plan | None:
        """The highest version that is in force."""
        return next(
            (self.plans[each] for each in sorted(self.plans, reverse=True) if self.is_in_force(self.plans[each])), None
        )

    def left_out(self, plan: Plan) -> tuple[str, ...]:
        """Bodies whose last stock here is not what this version rests on: it came late, or was passed over."""
        used = {each.body: each.ref for each in plan.stocks}
        return tuple(sorted(body for body, stock in self.latest.items() if used.get(body) != stock.ref))

    def moved(self, plan: Plan) -> tuple[Moved, ...]:
        """Every transfer of a plan with what is known of it."""
        held = self._holds(plan)
        return tuple(self._moved(plan, transfer, held.get(transfer.number)) for transfer in plan.computed.transfers)

    def transfer_of(self, plan: Plan, number: int) -> Transfer | None:
        """The transfer of a plan with this number."""
        transfers = plan.computed.transfers
        return transfers[number - 1] if 1 <= number <= len(transfers) else None

    def held_by(self, plan: Plan, number: int) -> Answer | None:
        """The answer that holds this transfer, as long as no later version is in force."""
        return self._holds(plan).get(number)

    @property
    def step(self) -> Step:
        """Where the relief stands."""
        in_force = self.plan_in_force
        if in_force is not None:
            arrived = all(each.way is Way.ARRIVED for each in self.moved(in_force))
            return Step.DONE if arrived else Step.DISTRIBUTION
        if self.survey_ending is not OutcomeState.PASSED:
            return Step.SURVEY if self.survey_ending is None else Step.REFUSED
        return self._before_force()

    def _before_force(self) -> Step:
        newest = self.newest_plan
        if newest is None:
            return Step.STOCK
        decision = self.decision_on(newest)
        if decision is None:
            return Step.COUNCIL
        if self.ending_of(decision) is None:
            return Step.DECISION
        ratifying = self.ending_of(self.ratification_of(decision))
        is_pending = self.ending_of(decision) is OutcomeState.PASSED and ratifying is None
        return Step.RATIFICATION if is_pending else Step.COUNCIL

    def _rank(self, decision: Decision) -> int:
        state = self.ending_of(decision)
        return 0 if state is OutcomeState.PASSED else 1 if state is None else 2

    def _holds(self, plan: Plan) -> dict[int, Answer]:
        """The earliest upheld answer for each transfer of this plan, if no later version is in force."""
        in_force = self.plan_in_force
        if in_force is not None and in_force.version > plan.version:
            return {}
        holds: dict[int, Answer] = {}
        for appeal in self.appeals.values():
            answer = self.answers.get(appeal.ref.digest)
            if answer is None or not answer.is_upheld or appeal.plan != plan.ref or appeal.transfer is None:
                continue
            first = holds.get(appeal.transfer, answer)
            holds[appeal.transfer] = min(first, answer, key=lambda one: (one.signed_at, one.ref.digest))
        return holds

    def _moved(self, plan: Plan, transfer: Transfer, hold: Answer | None) -> Moved:
        sent = self.spoken.get((plan.ref.digest, transfer.number, transfer.giver))
        arrived = self.spoken.get((plan.ref.digest, transfer.number, transfer.taker))
        has_left = sent is not None and sent.state is Sent.SENT and not is_after(sent, hold)
        return Moved(
            transfer,
            _way(sent, arrived, has_left=has_left, is_held=hold is not None),
            sent if has_left else None,
            arrived if arrived and arrived.state is Sent.ARRIVED else None,
            None if has_left else hold,
        )


def is_after(sent: Delivery, hold: Answer | None) -> bool:
    """Whether it was said to be sent after the transfer was held."""
    return hold is not None and sent.signed_at > hold.signed_at


def _way(sent: Delivery | None, arrived: Delivery | None, *, has_left: bool, is_held: bool) -> Way:
    if arrived is not None:
        return Way(str(arrived.state))
    if has_left:
        return Way.SENT
    if is_held:
        return Way.HELD
    return Way.FAILED if sent is not None and sent.state is Sent.FAILED else Way.PLANNED
