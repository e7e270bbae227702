"""The stock that was reported, and the log in plain sentences, a bounded number of rows of each.

Called by the page of a relief.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.canonical import content_digest
from node.governance.relief_words import sentence
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.assembly.relief.shapes import Stock
    from federation.assembly.relief.state import State
    from node.services.reliefs.log import Log
    from node.web.views.wording.setting import Setting
    from storage.records import ReliefEntryRecord

MOST_ROWS = 200
"""Rows of one table on the page; the whole log has them all."""


@dataclass(frozen=True, slots=True)
class GoodLine:
    """One good of one co-op: held and needed, and what that leaves."""

    name: str
    held: str
    needed: str
    balance: str
    is_short: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """What one co-op reported."""

    name: str
    is_here: bool
    delegate: str
    lines: Sequence[GoodLine]
    people: str
    urgency: int
    days_left: int
    note: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One document of the log in a sentence; `is_waiting` when what it rests on has not come."""

    sentence: str
    at: Moment
    is_waiting: bool


def stock_rows(state: State, setting: Setting) -> list[StockRow]:
    """Our own first, then by name."""
    here = setting.body_did
    order = sorted(
        state.latest.values(), key=lambda each: (each.body != here, state.roster.name_of(each.body), each.body)
    )
    return [_stock_row(state, stock, setting) for stock in order[:MOST_ROWS]]


def log_lines(log: Log, last: Sequence[ReliefEntryRecord], setting: Setting) -> list[LogLine]:
    """The last documents, newest first, and what opened it all at the end."""
    left = {content_digest(document) for document, _ in log.left}
    lines = [
        LogLine(
            sentence(log.state, entry.document),
            moment(entry.received_at, now=setting.now, say=setting.say),
            entry.digest in left,
        )
        for entry in last
    ]
    began = moment(log.relief.received_at, now=setting.now, say=setting.say)
    return [*lines, LogLine(sentence(log.state, log.relief.document), began, is_waiting=False)]


def _stock_row(state: State, stock: Stock, setting: Setting) -> StockRow:
    return StockRow(
        name=state.roster.name_of(stock.body),
        is_here=stock.body == setting.body_did,
        delegate=setting.say("%(name)s speaks for it", name=stock.delegate),
        lines=[_good_line(state, stock, key, setting) for key in stock.lines],
        people=f"{stock.people:,}",
        urgency=stock.urgency,
        days_left=stock.days_left,
        note=stock.note,
    )


def _good_line(state: State, stock: Stock, key: str, setting: Setting) -> GoodLine:
    line, say = stock.lines[key], setting.say
    good = next(each for each in state.relief.goods if each.key == key)
    if line.shortage:
        balance = say("lacks %(amount)s %(unit)s", amount=f"{line.shortage:,}", unit=good.unit)
    elif line.surplus:
        balance = say("%(amount)s %(unit)s too much", amount=f"{line.surplus:,}", unit=good.unit)
    else:
        balance = say("just enough")
    return GoodLine(good.name, f"{line.held:,}", f"{line.needed:,}", balance, is_short=line.shortage > 0)
