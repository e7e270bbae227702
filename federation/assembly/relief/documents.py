"""The documents of a relief, read strictly: each `governance` member of its kind, or a refusal.

Called by the fold for whatever arrives, and by `writing` for whatever this body is about to say.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from unicodedata import normalize

from federation.assembly.fields import LARGEST, Fields
from federation.assembly.relief.plan_documents import read_plan
from federation.assembly.relief.reading import COMMON_KEYS, name_of, note_of, opened, part_of, refuse, rows_of, text_of
from federation.assembly.relief.shapes import (
    HEAVIEST,
    MOST_CRITERIA,
    MOST_DAYS,
    MOST_GOODS,
    MOST_TIMES,
    MOST_TRANSFERS,
    MOST_URGENT,
    Answer,
    Appeal,
    Criterion,
    Delivery,
    Endorsement,
    Entry,
    Good,
    Relief,
    Sent,
    Share,
    Stock,
    StockLine,
)

RELIEF_KEYS: Final = (
    "kind",
    "body",
    "statute",
    "title",
    "text",
    "goods",
    "criteria",
    "share",
    "reserve",
    "council",
    "survey",
    "stock_until",
    "signed_at",
)
STOCK_KEYS: Final = (*COMMON_KEYS, "seq", "delegate", "lines", "people", "urgency", "days_left", "note")
ENDORSEMENT_KEYS: Final = (*COMMON_KEYS, "plan", "delegate", "choice", "note")
DELIVERY_KEYS: Final = (*COMMON_KEYS, "plan", "transfer", "seq", "state", "amount", "note")
APPEAL_KEYS: Final = (*COMMON_KEYS, "plan", "transfer", "reason")
ANSWER_KEYS: Final = (*COMMON_KEYS, "appeal", "upheld", "reason")
GOOD_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
CHOICES: Final = ("for", "against")


def kind_of(document: object) -> str | None:
    """The kind that a document states, if it is one of a relief; None for everything else."""
    governance = document.get("governance") if isinstance(document, Mapping) else None
    kind = governance.get("kind") if isinstance(governance, Mapping) else None
    return kind if isinstance(kind, str) and kind in READERS else None


def read_entry(document: object) -> Entry:
    """The document of whatever kind it is; its signature is not checked here. Raises ReliefRefusal."""
    kind = kind_of(document)
    if kind is None:
        raise refuse("it is no document of a relief")
    return READERS[kind](document)


def read_relief(document: object) -> Relief:
    """What opens a relief. Raises ReliefRefusal."""
    opening = opened(document, "relief", *RELIEF_KEYS)
    fields = opening.fields
    goods = tuple(_good(row) for row in rows_of(fields, "goods", MOST_GOODS))
    if not goods or len({good.key for good in goods}) < len(goods) or len(set(map(_seen, goods))) < len(goods):
        raise refuse("'goods' must name at least one good, and none twice")
    return Relief(
        ref=opening.ref,
        actor=opening.actor,
        body=fields.text("body"),
        statute=fields.digest("statute"),
        title=name_of(fields, "title", 300),
        text=text_of(fields, "text"),
        goods=goods,
        criteria=_criteria(fields),
        share=Share(fields.one_of("share", tuple(Share))),
        reserve=part_of(fields, "reserve"),
        council=part_of(fields, "council"),
        survey=fields.reference("survey"),
        stock_until=fields.instant("stock_until"),
        signed_at=fields.instant("signed_at"),
    )


def read_stock(document: object) -> Stock:
    """What a co-op has and needs. Raises ReliefRefusal."""
    opening = opened(document, "stock", *STOCK_KEYS)
    fields, common = opening.fields, opening.common()
    lines = [_stock_line(row) for row in rows_of(fields, "lines", MOST_GOODS)]
    if len({line.good for line in lines}) < len(lines):
        raise refuse("'lines' names a good twice")
    return Stock(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        seq=fields.integer("seq", least=1, most=MOST_TIMES),
        delegate=name_of(fields, "delegate"),
        lines={line.good: line for line in lines},
        people=fields.integer("people"),
        urgency=fields.integer("urgency", most=MOST_URGENT),
        days_left=fields.integer("days_left", most=MOST_DAYS),
        note=note_of(fields, "note"),
        signed_at=common.signed_at,
    )


def read_endorsement(document: object) -> Endorsement:
    """A delegate's word on a plan. Raises ReliefRefusal."""
    opening = opened(document, "endorsement", *ENDORSEMENT_KEYS)
    fields, common = opening.fields, opening.common()
    return Endorsement(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        plan=fields.reference("plan"),
        delegate=name_of(fields, "delegate"),
        is_in_favour=fields.one_of("choice", CHOICES) == "for",
        note=note_of(fields, "note"),
        signed_at=common.signed_at,
    )


def read_delivery(document: object) -> Delivery:
    """What a giver or a taker says of a transfer; one that failed has the amount zero. Raises ReliefRefusal."""
    opening = opened(document, "delivery", *DELIVERY_KEYS)
    fields, common = opening.fields, opening.common()
    state = Sent(fields.one_of("state", tuple(Sent)))
    return Delivery(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        plan=fields.reference("plan"),
        transfer=fields.integer("transfer", least=1, most=MOST_TRANSFERS),
        seq=fields.integer("seq", least=1, most=MOST_TIMES),
        state=state,
        amount=fields.integer("amount", most=0) if state is Sent.FAILED else fields.integer("amount", least=1),
        note=note_of(fields, "note"),
        signed_at=common.signed_at,
    )


def read_appeal(document: object) -> Appeal:
    """An objection to a plan or to one of its transfers. Raises ReliefRefusal."""
    opening = opened(document, "appeal", *APPEAL_KEYS)
    fields, common = opening.fields, opening.common()
    return Appeal(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        plan=fields.reference("plan"),
        transfer=None if fields.is_absent("transfer") else fields.integer("transfer", least=1, most=MOST_TRANSFERS),
        reason=text_of(fields, "reason"),
        signed_at=common.signed_at,
    )


def read_answer(document: object) -> Answer:
    """The assembly's answer to an appeal. Raises ReliefRefusal."""
    opening = opened(document, "answer", *ANSWER_KEYS)
    fields, common = opening.fields, opening.common()
    return Answer(
        ref=common.ref,
        actor=common.actor,
        relief=common.relief,
        body=common.body,
        appeal=fields.reference("appeal"),
        is_upheld=fields.flag("upheld"),
        reason=text_of(fields, "reason"),
        signed_at=common.signed_at,
    )


READERS: Final[Mapping[str, Callable[[object], Entry]]] = {
    "relief": read_relief,
    "stock": read_stock,
    "plan": read_plan,
    "endorsement": read_endorsement,
    "delivery": read_delivery,
    "appeal": read_appeal,
    "answer": read_answer,
}
KINDS: Final = tuple(READERS)


def _good(row: Fields) -> Good:
    row.only("key", "name", "unit")
    key = row.text("key")
    if not GOOD_KEY.fullmatch(key):
        raise refuse("the 'key' of a good has up to 40 small letters of a to z, digits and hyphens")
    return Good(key=key, name=name_of(row, "name"), unit=name_of(row, "unit", 40))


def _seen(good: Good) -> str:
    """A name as people see it: however it is spelled in bytes, spaced and capitalised."""
    return " ".join(normalize("NFKC", good.name).casefold().split())


def _stock_line(row: Fields) -> StockLine:
    row.only("good", "held", "needed")
    return StockLine(row.text("good"), row.integer("held", most=LARGEST), row.integer("needed", most=LARGEST))


def _criteria(fields: Fields) -> Mapping[Criterion, int]:
    rows = rows_of(fields, "criteria", MOST_CRITERIA)
    weights: dict[Criterion, int] = {}
    for row in rows:
        row.only("key", "weight")
        weights[Criterion(row.one_of("key", tuple(Criterion)))] = row.integer("weight", least=1, most=HEAVIEST)
    if not weights or len(weights) < len(rows):
        raise refuse("'criteria' must name at least one criterion, and none twice")
    return weights
