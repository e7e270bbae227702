"""What a relief's log adds up to, and what follows from it: which step it is at, which plan is in force, what moved.

Made by `log`; read by services, pages and `rochdale relief check`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Final

from federation.assembly.decide import OutcomeState
from federation.assembly.references import Reference
from federation.assembly.relief.force import Decision, Ending, Force, Span, spans_of
from federation.assembly.relief.moving import Moved, Way, Words, moved
from federation.assembly.relief.rosters import Roster
from federation.assembly.relief.shapes import Answer, Appeal, Delivery, Endorsement, Plan, Relief, Stock, Transfer

FAILED: Final = 2


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


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The log as a value. `stocks`, `plans`, `decisions`, `deliveries` and `appeals` by digest; `latest` stock by body.

    `endorsements` by digest of the plan and body; `endings` and `answers` by the digest of what they are about;
    `spoken` are all deliveries by digest of the plan, transfer and body, in the order of their `seq`.
    """

    relief: Relief
    roster: Roster
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    latest: Mapping[str, Stock] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    endorsements: Mapping[tuple[str, str], Endorsement] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    endings: Mapping[str, Ending] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    spoken: Mapping[tuple[str, int, str], Sequence[Delivery]] = field(default_factory=dict)
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
        return found is not None and found.has_passed

    def plan(self, ref: Reference) -> Plan | None:
        """The plan that a document refers to."""
        found = self.plans.get(ref.digest)
        return found if found is not None and found.ref == ref else None

    def version(self, number: int) -> Plan | None:
        """The plan of this version; of several the one that has been in force."""
        found = [plan for plan in self.plans.values() if plan.version == number]
        return max(found, key=lambda plan: (bool(self.spans(plan)), plan.ref.digest), default=None)

    @property
    def newest_plan(self) -> Plan | None:
        """The plan with the highest version."""
        return max(self.plans.values(), key=rank, default=None)

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
        """The proposal on this version: one that passed, then one that is open, then one that failed in the end."""
        found = [one for one in self.decisions.values() if one.plan == plan.ref]
        return min(found, key=lambda one: (not self._is_alive(one), self._rank(one), one.ref.digest), default=None)

    def ratification_of(self, decision: Decision) -> Decision | None:
        """The proposal that ratifies this one."""
        found = [one for one in self.decisions.values() if one.ratifies == decision.ref]
        return min(found, key=lambda one: (self._rank(one), one.ref.digest), default=None)

    def ending_of(self, decision: Decision | None) -> OutcomeState | None:
        """How a proposal ended; None while it is open."""
        found = self.endings.get(decision.ref.digest) if decision else None
        return found.state if found else None

    def is_put(self, plan: Plan) -> bool:
        """Whether this version is put to a decision that is open, waits to be ratified or binds; others may follow."""
        decision = self.decision_on(plan)
        return decision is not None and self._is_alive(decision)

    def spans(self, plan: Plan) -> tuple[Span, ...]:
        """From when until when this version is or was in force; nothing for one that never was."""
        return spans_of(
            ending
            for decision in self.decisions.values()
            if decision.plan == plan.ref
            for ending in self._binding(decision)
        )

    def is_in_force(self, plan: Plan) -> bool:
        """Whether this version was decided, and ratified where the statute has a ratification."""
        return any(span.until is None for span in self.spans(plan))

    @property
    def plan_in_force(self) -> Plan | None:
        """The highest version that is in force."""
        return max((plan for plan in self.plans.values() if self.is_in_force(plan)), key=rank, default=None)

    def left_out(self, plan: Plan) -> tuple[str, ...]:
        """Bodies whose last stock here is not what this version rests on: it came late, or was passed over."""
        used = {each.body: each.ref for each in plan.stocks}
        return tuple(sorted(body for body, stock in self.latest.items() if used.get(body) != stock.ref))

    def moved(self, plan: Plan) -> tuple[Moved, ...]:
        """Every transfer of a plan with what is known of it."""
        in_force, force, holds = self.plan_in_force, self._force(plan), self._holds(plan)
        is_over = in_force is not None and rank(in_force) > rank(plan)
        return tuple(
            moved(each, self._words(plan, each, force, holds), is_over=is_over) for each in plan.computed.transfers
        )

    def words(self, plan: Plan, transfer: Transfer) -> Words:
        """All that was said of one transfer, and what counts of it."""
        return self._words(plan, transfer, self._force(plan), self._holds(plan))

    def transfer_of(self, plan: Plan, number: int) -> Transfer | None:
        """The transfer of a plan with this number."""
        transfers = plan.computed.transfers
        return transfers[number - 1] if 1 <= number <= len(transfers) else None

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
        return {OutcomeState.PASSED: 0, None: 1}.get(self.ending_of(decision), FAILED)

    def _is_alive(self, decision: Decision) -> bool:
        """Whether it is open, waits to be ratified, or binds."""
        ratifying = self.ratification_of(decision)
        return self._rank(decision) < FAILED and (ratifying is None or self._rank(ratifying) < FAILED)

    def _binding(self, decision: Decision) -> list[Ending]:
        """The outcomes that bring into force what this decides: its own, or those of its ratifications."""
        statute = self.roster.statutes.get(decision.statute or "")
        own = self.endings.get(decision.ref.digest)
        if own is None or statute is None or statute.terms.ratification is None:
            return [own] if own else []
        if own.state is not OutcomeState.PASSED:
            return []
        found = [self.endings.get(each.ref.digest) for each in self.decisions.values() if each.ratifies == decision.ref]
        return [each for each in found if each]

    def _force(self, plan: Plan) -> Force:
        later = [self.spans(each) for each in self.plans.values() if rank(each) > rank(plan)]
        return Force(self.spans(plan), tuple(chain.from_iterable(later)))

    def _holds(self, plan: Plan) -> dict[int, Answer]:
        """The earliest upheld answer for each transfer of this plan."""
        holds: dict[int, Answer] = {}
        for appeal in self.appeals.values():
            answer = self.answers.get(appeal.ref.digest)
            if answer is None or not answer.is_upheld or appeal.plan != plan.ref or appeal.transfer is None:
                continue
            first = holds.get(appeal.transfer, answer)
            holds[appeal.transfer] = min(first, answer, key=lambda one: (one.signed_at, one.ref.digest))
        return holds

    def _words(self, plan: Plan, transfer: Transfer, force: Force, holds: Mapping[int, Answer]) -> Words:
        given, taken = (
            self.spoken.get((plan.ref.digest, transfer.number, body), ()) for body in (transfer.giver, transfer.taker)
        )
        return Words(given, taken, force, holds.get(transfer.number))


def rank(plan: Plan) -> tuple[int, str]:
    """Later versions come later; two plans of one version have an order too."""
    return plan.version, plan.ref.digest
