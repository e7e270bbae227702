"""The log of a relief in plain sentences: what each document says, and where the relief stands with it.

Called by `rochdale relief check` and by the page of a relief.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from federation.assembly.decide import OutcomeState
from federation.assembly.relief.documents import kind_of, read_entry
from federation.assembly.relief.moving import Way
from federation.assembly.relief.shapes import Answer, Appeal, Delivery, Endorsement, Plan, Relief, Sent, Stock, Transfer
from federation.assembly.relief.state import State, Step

STEPS: Final[Mapping[Step, str]] = {
    Step.SURVEY: "Survey",
    Step.STOCK: "Stock",
    Step.COUNCIL: "Council",
    Step.DECISION: "Decision",
    Step.RATIFICATION: "Ratification",
    Step.DISTRIBUTION: "Distribution",
    Step.DONE: "All arrived",
    Step.REFUSED: "Not wanted",
}
STEP_SENTENCES: Final[Mapping[Step, str]] = {
    Step.SURVEY: "Every co-op is asked whether to share.",
    Step.STOCK: "Co-ops say what they have and what they need.",
    Step.COUNCIL: "The delegates speak on the plan.",
    Step.DECISION: "The plan is put to every co-op; severe local need can veto it.",
    Step.RATIFICATION: "The plan was decided and waits to be ratified.",
    Step.DISTRIBUTION: "The plan is in force, and things are on their way.",
    Step.DONE: "Everything in the plan has arrived.",
    Step.REFUSED: "The survey did not pass, so nothing is shared.",
}
WAYS: Final[Mapping[Way, str]] = {
    Way.PLANNED: "not sent yet",
    Way.HELD: "held until a later plan",
    Way.SENT: "on its way",
    Way.ARRIVED: "arrived",
    Way.FAILED: "failed",
}
OUTCOMES: Final[Mapping[OutcomeState, str]] = {
    OutcomeState.PASSED: "passed",
    OutcomeState.REJECTED: "was rejected",
    OutcomeState.NO_QUORUM: "had no quorum",
    OutcomeState.EMPTY: "had nobody to decide it",
    OutcomeState.VETOED: "was vetoed",
}


VOID: Final = "It does not count: by its date the plan was not in force any more, or the transfer was held."


def sentence(state: State, document: Mapping[str, Any]) -> str:
    """What a document in the log of this relief says; `state` knows the names."""
    if kind_of(document) is None:
        return BESIDE[document["governance"]["kind"]](state, document)
    entry = read_entry(document)
    return SAID[type(entry)](state, entry)


def counted(number: int, unit: str) -> str:
    """A number with its unit, thousands apart."""
    return f"{number:,} {unit}"


def goods_of(state: State, key: str, amount: int) -> str:
    """An amount of one good in words."""
    good = next((each for each in state.relief.goods if each.key == key), None)
    return f"{counted(amount, good.unit)} of {good.name}" if good else f"{amount:,} of {key}"


def name_in(state: State, body: str) -> str:
    """The name of a body; the assembly's own stands in no statute here."""
    if body == state.relief.body:
        own = [each.name for each in state.roster.statutes.values() if each.assembly == body]
        return own[-1] if own else "The assembly"
    return state.roster.name_of(body)


def _relief(state: State, relief: Relief) -> str:
    return f"{name_in(state, relief.body)} opens the relief “{relief.title}”."


def _stock(state: State, stock: Stock) -> str:
    said = f"{name_in(state, stock.body)} reports its stock (number {stock.seq})"
    return f"{said}; {stock.delegate} speaks for it in the council."


def _plan(state: State, plan: Plan) -> str:
    found = plan.computed
    return (
        f"{name_in(state, plan.body)} drafts version {plan.version} of the plan: stock of {len(plan.stocks):,} co-ops, "
        f"{len(found.allotments):,} allotments, {len(found.transfers):,} transfers, "
        f"{len(plan.adjustments):,} laid down by hand."
    )


def _endorsement(state: State, said: Endorsement) -> str:
    word = "for" if said.is_in_favour else "against"
    return f"{said.delegate} of {name_in(state, said.body)} is {word} {_version(state, said)}.{_noted(said.note)}"


def _delivery(state: State, said: Delivery) -> str:
    plan = state.plan(said.plan)
    transfer = state.transfer_of(plan, said.transfer) if plan else None
    words = goods_of(state, transfer.good, said.amount) if transfer else f"{said.amount:,}"
    what = {
        Sent.SENT: f"has sent {words}",
        Sent.ARRIVED: f"has got {words}",
        Sent.FAILED: "says that it failed",
    }[said.state]
    void = "" if transfer is None or _counts(state, said, transfer) else f" {VOID}"
    who, note = name_in(state, said.body), _noted(said.note)
    return f"Transfer {said.transfer} of {_version(state, said)}: {who} {what}.{note}{void}"


def _counts(state: State, said: Delivery, transfer: Transfer) -> bool:
    plan = state.plan(said.plan)
    if plan is None or said.ref.digest not in state.deliveries:
        return True
    words = state.words(plan, transfer)
    return said in (words.of_giver if said.body == transfer.giver else words.of_taker)


def _appeal(state: State, appeal: Appeal) -> str:
    about = f"transfer {appeal.transfer} of " if appeal.transfer else ""
    return f"{name_in(state, appeal.body)} appeals against {about}{_version(state, appeal)}: {appeal.reason}"


def _answer(state: State, answer: Answer) -> str:
    appeal = state.appeals.get(answer.appeal.digest)
    whose = f" of {name_in(state, appeal.body)}" if appeal else ""
    word = "upholds" if answer.is_upheld else "turns down"
    return f"{name_in(state, answer.body)} {word} the appeal{whose}: {answer.reason}"


def _statute(_state: State, document: Mapping[str, Any]) -> str:
    stated = document["governance"]
    count = len(stated["constituents"])
    return f"Statute of {stated['name']}, version {stated['version']}, with {count:,} constituents."


def _proposal(state: State, document: Mapping[str, Any]) -> str:
    stated = document["governance"]
    if stated.get("ratifies") is not None:
        return f"{name_in(state, stated['body'])} asks its constituents to ratify the plan."
    if stated.get("plan") is not None:
        return f"{name_in(state, stated['body'])} puts the plan to every co-op."
    return f"{name_in(state, stated['body'])} asks every co-op whether to share."


def _outcome(state: State, document: Mapping[str, Any]) -> str:
    stated = document["governance"]
    decision = state.decisions.get(stated["proposal"]["digest"])
    what = "The survey"
    if decision is not None and decision.ratifies is not None:
        what = "The ratification of the plan"
    elif decision is not None and decision.plan is not None:
        what = "The decision on the plan"
    return f"{what} {OUTCOMES[OutcomeState(stated['outcome'])]}."


def _version(state: State, said: Endorsement | Delivery | Appeal) -> str:
    plan = state.plan(said.plan)
    return f"version {plan.version}" if plan else "a plan that is not here"


def _noted(note: str) -> str:
    return f" {note}" if note else ""


BESIDE: Final[Mapping[str, Callable[[State, Mapping[str, Any]], str]]] = {
    "statute": _statute,
    "proposal": _proposal,
    "outcome": _outcome,
}
SAID: Final[Mapping[type, Callable[[State, Any], str]]] = {
    Relief: _relief,
    Stock: _stock,
    Plan: _plan,
    Endorsement: _endorsement,
    Delivery: _delivery,
    Appeal: _appeal,
    Answer: _answer,
}
