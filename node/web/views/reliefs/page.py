"""One relief as a page: where it stands, what was reported, planned, moved and objected to, and what one may do.

Called by the handlers of node.web.reliefs with a log that is already folded.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.assembly.relief.state import Step as At
from federation.assembly.relief.state import rank
from node.governance.relief_words import STEP_SENTENCES, STEPS, name_in
from node.web.views.reliefs.lines import LogLine, StockRow, log_lines, stock_rows
from node.web.views.reliefs.plans import AppealRow, PlanView, appeal_rows, plan_view, shown_plans
from node.web.views.reliefs.rights import Rights, rights
from node.web.views.timeline import PLACES, Step
from node.web.views.wording.labels import Chip
from node.web.views.wording.places import Link, local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.assembly.relief.shapes import Relief
    from federation.assembly.relief.state import State
    from node.services.reliefs.log import Log
    from node.web.views.wording.setting import Setting
    from node.web.views.wording.words import Words
    from storage.records import ReliefEntryRecord, ReliefRecord

TONES = {At.REFUSED: "rejected", At.DONE: "passed", At.DISTRIBUTION: "open"}
CRITERIA = {
    "people": "people affected",
    "urgency": "urgency from 0 to 10",
    "shortfall": "missing share of the need",
    "days_left": "days it can hold out",
}
SHARES = {
    "proportional": "Too little is shared in proportion to what each lacks, times its score.",
    "priority": "Too little goes to the highest score first.",
}


@dataclass(frozen=True, slots=True)
class ReliefLine:
    """A relief in a list."""

    title: str
    path: str
    by: str
    chip: Chip
    sentence: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefPage:
    """Everything on the page of one relief; `typed` are fields of a form that was refused."""

    id: str
    path: str
    title: str
    by: str
    chip: Chip
    sentence: str
    paragraphs: Sequence[str]
    steps: Sequence[Step]
    deadline: Moment
    rules: Sequence[str]
    links: Sequence[Link]
    goods: Sequence[tuple[str, str]]
    stocks: Sequence[StockRow]
    stock_count: int
    plans: Sequence[PlanView]
    appeals: Sequence[AppealRow]
    log: Sequence[LogLine]
    log_count: int
    rights: Rights
    typed: Mapping[str, str]
    refusal: str | None


def relief_line(record: ReliefRecord, state: State, setting: Setting) -> ReliefLine:
    """One relief in the list of them."""
    return ReliefLine(
        title=record.title,
        path=local_path(record.id, origin=setting.origin, room="reliefs"),
        by=name_in(state, record.assembly_did),
        chip=_chip(state, setting.say),
        sentence=setting.say(STEP_SENTENCES[state.step]),
        at=moment(record.received_at, now=setting.now, say=setting.say),
    )


def relief_page(
    log: Log,
    last: Sequence[ReliefEntryRecord],
    setting: Setting,
    *,
    is_operator: bool,
    typed: Mapping[str, str] | None = None,
    refusal: str | None = None,
) -> ReliefPage:
    """The page as this visitor sees it; `last` are the last entries of the log, newest first."""
    state, record, say = log.state, log.relief, setting.say
    relief = state.relief
    return ReliefPage(
        id=record.id,
        path=local_path(record.id, origin=setting.origin, room="reliefs"),
        title=relief.title,
        by=name_in(state, relief.body),
        chip=_chip(state, say),
        sentence=say(STEP_SENTENCES[state.step]),
        paragraphs=[part for part in relief.text.split("\n") if part.strip()],
        steps=_steps(state, say),
        deadline=moment(relief.stock_until, now=setting.now, say=say),
        rules=_rules(relief, say),
        links=_links(log, setting),
        goods=[(good.key, f"{good.name} ({good.unit})") for good in relief.goods],
        stocks=stock_rows(state, setting),
        stock_count=len(state.latest),
        plans=_plans(state, setting),
        appeals=appeal_rows(state),
        log=log_lines(log, last, setting),
        log_count=len(log.arrivals),
        rights=rights(state, setting, is_operator=is_operator),
        typed=defaultdict(str, typed or {}),
        refusal=refusal,
    )


def _plans(state: State, setting: Setting) -> list[PlanView]:
    return [plan_view(state, plan, setting) for plan in shown_plans(state)]


def _chip(state: State, say: Words) -> Chip:
    return Chip(say(STEPS[state.step]), TONES.get(state.step, "warn"))


def _steps(state: State, say: Words) -> tuple[Step, ...]:
    """The way of a relief with what is done; one that was not wanted ends after the survey."""
    way: list[At] = [step for step in At if step is not At.REFUSED]
    statute = state.roster.statutes.get(state.relief.statute)
    if statute is None or statute.terms.ratification is None:
        way.remove(At.RATIFICATION)
    if state.step is At.REFUSED:
        way = [At.SURVEY, At.REFUSED]
    here = len(way) if state.step is At.DONE else way.index(state.step)
    places = ["done" if place < here else "now" if place == here else "next" for place in range(len(way))]
    return tuple(
        Step(say(STEPS[step]), place, say(PLACES[place]), None) for step, place in zip(way, places, strict=True)
    )


def _rules(relief: Relief, say: Words) -> list[str]:
    weights = ", ".join(f"{CRITERIA[str(key)]} ({weight})" for key, weight in relief.criteria.items())
    return [
        say("The score counts, with its weight, %(weights)s.", weights=weights),
        say(SHARES[str(relief.share)]),
        say("Whoever gives keeps %(share)s of its surplus.", share=relief.reserve),
        say("A plan is put to all when more than %(share)s of the delegates are for it.", share=relief.council),
    ]


def _links(log: Log, setting: Setting) -> list[Link]:
    say, state = setting.say, log.state
    found = [(say("The survey"), state.relief.survey.id)]
    for plan in sorted(state.plans.values(), key=rank):
        decision = state.decision_on(plan)
        if decision is not None:
            found.append((say("The decision on version %(version)s", version=plan.version), decision.ref.id))
    links = [Link(label, local_path(ref, origin=setting.origin, room="proposals")) for label, ref in found]
    path = local_path(log.relief.id, origin=setting.origin, room="reliefs", action="log")
    note = say("Check it anywhere: rochdale relief check FILE")
    return [*links, Link(say("The whole log, signed"), path, note=note)]
