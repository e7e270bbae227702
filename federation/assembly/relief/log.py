"""The fold of a relief: its log is a list of signed documents, and its state follows from them alone.

Called by the node for each document it makes or receives, and by `rochdale relief check` for a whole log. Signatures
are not checked here; `signatures` does that. The order of documents does not matter: where a body contradicts itself,
a rule that all readers share says what counts. Stock has its time limit by the assembly's clock alone. Where a refusal
`waits`, the document may be offered again when more has arrived.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar

from federation.assembly.refusals import ReliefRefusal, StatuteError
from federation.assembly.relief.checks import (
    check_answer,
    check_appeal,
    check_delivery,
    check_endorsement,
    check_plan,
    check_stock,
)
from federation.assembly.relief.decisions import read_decision, read_ending
from federation.assembly.relief.documents import read_entry, read_relief
from federation.assembly.relief.reading import digest_of
from federation.assembly.relief.rosters import Roster
from federation.assembly.relief.shapes import Answer, Appeal, Delivery, Endorsement, Plan, Stock
from federation.assembly.relief.state import State
from federation.assembly.statute import Statute, read_statute

Document = Mapping[str, Any]
Arrived = tuple[Document, datetime | None]
"""A document, and when it arrived at the assembly; None where that is not known."""
Key = TypeVar("Key")
Value = TypeVar("Value")


def start(document: object) -> State:
    """The state of a relief of which only the first document is there. Raises ReliefRefusal."""
    relief = read_relief(document)
    return State(relief=relief, roster=Roster(root=relief.body, actor=relief.actor))


def apply(state: State, document: Mapping[str, object], at: datetime | None) -> State:
    """The state with one more document. Raises ReliefRefusal, and then nothing has changed.

    `at` is when it arrived at the assembly, None where that is not known: then stock has no time limit.
    """
    kind = _kind(document)
    if kind in BESIDE:
        return BESIDE[kind](state, document)
    entry = read_entry(document)
    take = TAKES.get(type(entry))
    if take is None:
        raise ReliefRefusal("relief-replay" if entry.ref == state.relief.ref else "relief-other", entry.ref.id)
    return take(state, entry, at)


def fold(state: State, documents: Iterable[Arrived]) -> tuple[State, list[Arrived], list[Arrived]]:
    """The state with all of these that have a place in it, them in an order in which they have, and what is left.

    The same state follows from any order, and from parts of a log one after the other with what was left of each.
    """
    taken: list[Arrived] = []
    left, is_moving = list(documents), True
    while left and is_moving:
        offered, left, is_moving = left, [], False
        for document, at in offered:
            try:
                state = apply(state, document, at)
                taken.append((document, at))
                is_moving = True
            except ReliefRefusal:
                left.append((document, at))
    return state, taken, left


def _kind(document: Mapping[str, object]) -> str:
    governance = document.get("governance")
    kind = governance.get("kind") if isinstance(governance, Mapping) else None
    return kind if isinstance(kind, str) else ""


def _statute(state: State, document: Mapping[str, object]) -> State:
    """A statute of the assembly or of one below."""
    digest = digest_of(document)
    if digest in state.roster.statutes:
        raise ReliefRefusal("relief-replay", digest)
    try:
        statute: Statute = read_statute(document)
    except StatuteError as error:
        raise ReliefRefusal("relief-statute", error.explained) from error
    return replace(state, roster=state.roster.with_statute(digest, statute))


def _decision(state: State, document: Mapping[str, object]) -> State:
    decision = read_decision(state, document)
    return replace(state, decisions=_with(state.decisions, decision.ref.digest, decision))


def _ending(state: State, document: Mapping[str, object]) -> State:
    ending = read_ending(state, document)
    return replace(state, endings=_with(state.endings, ending.proposal.digest, ending))


def _stock(state: State, stock: Stock, at: datetime | None) -> State:
    check_stock(state, stock, at)
    current = state.latest.get(stock.body)
    latest = state.latest
    if current is None or _number(stock) > _number(current):
        latest = _with(state.latest, stock.body, stock)
    return replace(state, stocks=_with(state.stocks, stock.ref.digest, stock), latest=latest)


def _plan(state: State, plan: Plan, at: datetime | None) -> State:
    del at
    check_plan(state, plan)
    return replace(state, plans=_with(state.plans, plan.ref.digest, plan))


def _endorsement(state: State, said: Endorsement, at: datetime | None) -> State:
    del at
    check_endorsement(state, said)
    return replace(state, endorsements=_with(state.endorsements, (said.plan.digest, said.body), said))


def _delivery(state: State, said: Delivery, at: datetime | None) -> State:
    del at
    check_delivery(state, said)
    place = (said.plan.digest, said.transfer, said.body)
    deliveries = _with(state.deliveries, said.ref.digest, said)
    words = tuple(sorted((*state.spoken.get(place, ()), said), key=_number))
    return replace(state, deliveries=deliveries, spoken=_with(state.spoken, place, words))


def _appeal(state: State, appeal: Appeal, at: datetime | None) -> State:
    del at
    check_appeal(state, appeal)
    return replace(state, appeals=_with(state.appeals, appeal.ref.digest, appeal))


def _answer(state: State, answer: Answer, at: datetime | None) -> State:
    del at
    check_answer(state, answer)
    return replace(state, answers=_with(state.answers, answer.appeal.digest, answer))


BESIDE: Final[Mapping[str, Callable[[State, Mapping[str, object]], State]]] = {
    "statute": _statute,
    "proposal": _decision,
    "outcome": _ending,
}
TAKES: Final[Mapping[type, Callable[[State, Any, datetime | None], State]]] = {
    Stock: _stock,
    Plan: _plan,
    Endorsement: _endorsement,
    Delivery: _delivery,
    Appeal: _appeal,
    Answer: _answer,
}


def _number(said: Stock | Delivery) -> tuple[int, str]:
    """Of two under one number the one with the higher digest is the later: any order would do that all readers know."""
    return said.seq, said.ref.digest


def _with(known: Mapping[Key, Value], key: Key, value: Value) -> dict[Key, Value]:
    return {**known, key: value}
