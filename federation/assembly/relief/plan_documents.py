"""The reader of a plan, and the JSON of its computed part, which reader and writer share.

Called by `documents`, `writing` and by whoever compares a plan with its recomputation.
"""

from collections.abc import Mapping
from typing import Final

from federation.assembly.fields import Fields
from federation.assembly.references import Reference
from federation.assembly.relief.reading import COMMON_KEYS, note_of, opened, refuse, rows_of, text_of
from federation.assembly.relief.shapes import (
    MOST_ADJUSTMENTS,
    MOST_CRITERIA,
    MOST_DELIVERIES,
    MOST_GOODS,
    MOST_STATUTES,
    MOST_STOCKS,
    MOST_TRANSFERS,
    Adjustment,
    Allotment,
    Computed,
    Criterion,
    Gift,
    Plan,
    Rested,
    Transfer,
)

COMPUTED_KEYS: Final = ("allotments", "gifts", "transfers")
PLAN_KEYS: Final = (
    *COMMON_KEYS,
    "version",
    "statutes",
    "stocks",
    "deliveries",
    "adjustments",
    *COMPUTED_KEYS,
    "text",
)
ALLOTMENT_KEYS: Final = ("body", "good", "shortage", "amount", "score", "parts", "adjusted", "tied")
GIFT_KEYS: Final = ("body", "good", "surplus", "reserve", "amount")
TRANSFER_KEYS: Final = ("number", "giver", "taker", "good", "amount")


def read_plan(document: object) -> Plan:
    """One version of a plan, whose computed part is as claimed. Raises ReliefRefusal."""
    opening = opened(document, "plan", *PLAN_KEYS)
    fields, common = opening.fields, opening.common()
    return Plan(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        version=fields.integer("version", least=1),
        statutes=_statutes(fields),
        stocks=_stocks(fields),
        deliveries=tuple(_reference(row) for row in rows_of(fields, "deliveries", MOST_DELIVERIES)),
        adjustments=tuple(_adjustment(row) for row in rows_of(fields, "adjustments", MOST_ADJUSTMENTS)),
        computed=read_computed(fields),
        text=note_of(fields, "text"),
        signed_at=common.signed_at,
    )


def read_computed(fields: Fields) -> Computed:
    """The computed part as claimed. Raises ReliefRefusal."""
    return Computed(
        allotments=tuple(_allotment(row) for row in rows_of(fields, "allotments", MOST_STOCKS * MOST_GOODS)),
        gifts=tuple(_gift(row) for row in rows_of(fields, "gifts", MOST_STOCKS * MOST_GOODS)),
        transfers=tuple(_transfer(row) for row in rows_of(fields, "transfers", MOST_TRANSFERS)),
    )


def computed_document(computed: Computed) -> dict[str, object]:
    """The members `allotments`, `gifts` and `transfers` of a plan."""
    return {
        "allotments": [_allotment_document(each) for each in computed.allotments],
        "gifts": [{key: getattr(each, key) for key in GIFT_KEYS} for each in computed.gifts],
        "transfers": [{key: getattr(each, key) for key in TRANSFER_KEYS} for each in computed.transfers],
    }


def _allotment_document(each: Allotment) -> dict[str, object]:
    return {
        "body": each.body,
        "good": each.good,
        "shortage": each.shortage,
        "amount": each.amount,
        "score": each.score,
        "parts": _parts_document(each.parts),
        "adjusted": each.is_adjusted,
        "tied": each.is_tied,
    }


def adjustment_document(adjustment: Adjustment) -> dict[str, object]:
    """The JSON form."""
    return {
        "body": adjustment.body,
        "good": adjustment.good,
        "amount": adjustment.amount,
        "reason": adjustment.reason,
    }


def _statutes(fields: Fields) -> tuple[str, ...]:
    digests = tuple(_digest(row) for row in rows_of(fields, "statutes", MOST_STATUTES))
    if not digests or len(set(digests)) < len(digests):
        raise refuse("'statutes' must name at least one statute, and none twice")
    return digests


def _stocks(fields: Fields) -> tuple[Rested, ...]:
    stocks = []
    for row in rows_of(fields, "stocks", MOST_STOCKS):
        row.only("body", "id", "digest")
        stocks.append(Rested(row.text("body"), Reference(row.text("id"), row.digest("digest"))))
    if len({each.body for each in stocks}) < len(stocks):
        raise refuse("'stocks' names a body twice")
    return tuple(stocks)


def _reference(row: Fields) -> Reference:
    row.only("id", "digest")
    return Reference(row.text("id"), row.digest("digest"))


def _adjustment(row: Fields) -> Adjustment:
    row.only("body", "good", "amount", "reason")
    return Adjustment(row.text("body"), row.text("good"), row.integer("amount"), text_of(row, "reason"))


def _allotment(row: Fields) -> Allotment:
    row.only(*ALLOTMENT_KEYS)
    return Allotment(
        body=row.text("body"),
        good=row.text("good"),
        shortage=row.integer("shortage", least=1),
        amount=row.integer("amount"),
        score=row.integer("score"),
        parts=_parts(row),
        is_adjusted=row.flag("adjusted"),
        is_tied=row.flag("tied"),
    )


def _parts(row: Fields) -> Mapping[Criterion, int]:
    parts = rows_of(row, "parts", MOST_CRITERIA)
    for part in parts:
        part.only("key", "value")
    return {Criterion(part.one_of("key", tuple(Criterion))): part.integer("value") for part in parts}


def _parts_document(parts: Mapping[Criterion, int]) -> list[dict[str, object]]:
    return [{"key": str(key), "value": value} for key, value in parts.items()]


def _gift(row: Fields) -> Gift:
    row.only(*GIFT_KEYS)
    return Gift(
        row.text("body"),
        row.text("good"),
        row.integer("surplus", least=1),
        row.integer("reserve"),
        row.integer("amount"),
    )


def _transfer(row: Fields) -> Transfer:
    row.only(*TRANSFER_KEYS)
    return Transfer(
        row.integer("number", least=1, most=MOST_TRANSFERS),
        row.text("giver"),
        row.text("taker"),
        row.text("good"),
        row.integer("amount", least=1),
    )


def _digest(row: Fields) -> str:
    row.only("digest")
    return row.digest("digest")
