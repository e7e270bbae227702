"""The `governance` members of the documents of a relief, each read back before it is handed out.

Called by the node that is about to sign one. All raise ReliefRefusal for what a reader would refuse.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from federation.assembly.fields import share_text
from federation.assembly.references import Reference
from federation.assembly.relief.documents import read_entry
from federation.assembly.relief.plan_documents import adjustment_document, computed_document
from federation.assembly.relief.shapes import (
    Adjustment,
    Computed,
    Criterion,
    Good,
    Rested,
    Sent,
    Share,
    StockLine,
)
from identity.instants import instant_text

NOBODY = "urn:unsigned"
"""Id and author of a document that is only read to see whether it could be."""


def relief_governance(  # noqa: PLR0913 - the members of a relief, one keyword each
    *,
    body: str,
    statute: str,
    title: str,
    text: str,
    goods: Iterable[Good],
    criteria: Mapping[Criterion, int],
    share: Share,
    reserve: Fraction,
    council: Fraction,
    survey: Reference,
    stock_until: datetime,
    signed_at: datetime,
) -> dict[str, object]:
    """What opens a relief."""
    return _checked(
        "relief",
        signed_at,
        body=body,
        statute=statute,
        title=title,
        text=text,
        goods=[{"key": good.key, "name": good.name, "unit": good.unit} for good in goods],
        criteria=[{"key": str(key), "weight": weight} for key, weight in criteria.items()],
        share=str(share),
        reserve=share_text(reserve),
        council=share_text(council),
        survey=survey.to_document(),
        stock_until=instant_text(stock_until),
    )


def stock_governance(  # noqa: PLR0913 - the members of a stock, one keyword each
    *,
    relief: Reference,
    body: str,
    seq: int,
    delegate: str,
    lines: Iterable[StockLine],
    people: int,
    urgency: int,
    days_left: int,
    note: str = "",
    signed_at: datetime,
) -> dict[str, object]:
    """What a co-op has and needs."""
    return _checked(
        "stock",
        signed_at,
        relief=relief.to_document(),
        body=body,
        seq=seq,
        delegate=delegate,
        lines=[{"good": line.good, "held": line.held, "needed": line.needed} for line in lines],
        people=people,
        urgency=urgency,
        days_left=days_left,
        note=note,
    )


def plan_governance(  # noqa: PLR0913 - the members of a plan, one keyword each
    *,
    relief: Reference,
    body: str,
    version: int,
    statutes: Sequence[str],
    stocks: Iterable[Rested],
    deliveries: Iterable[Reference] = (),
    adjustments: Iterable[Adjustment] = (),
    computed: Computed,
    text: str = "",
    signed_at: datetime,
) -> dict[str, object]:
    """One version of a plan."""
    return _checked(
        "plan",
        signed_at,
        relief=relief.to_document(),
        body=body,
        version=version,
        statutes=[{"digest": digest} for digest in statutes],
        stocks=[{"body": each.body, **each.ref.to_document()} for each in stocks],
        deliveries=[each.to_document() for each in deliveries],
        adjustments=[adjustment_document(each) for each in adjustments],
        **computed_document(computed),
        text=text,
    )


def endorsement_governance(  # noqa: PLR0913 - the members of an endorsement, one keyword each
    *,
    relief: Reference,
    plan: Reference,
    body: str,
    delegate: str,
    in_favour: bool,
    note: str = "",
    signed_at: datetime,
) -> dict[str, object]:
    """A delegate's word on one version of the plan."""
    return _checked(
        "endorsement",
        signed_at,
        relief=relief.to_document(),
        plan=plan.to_document(),
        body=body,
        delegate=delegate,
        choice="for" if in_favour else "against",
        note=note,
    )


def delivery_governance(  # noqa: PLR0913 - the members of a delivery, one keyword each
    *,
    relief: Reference,
    plan: Reference,
    transfer: int,
    body: str,
    seq: int,
    state: Sent,
    amount: int,
    note: str = "",
    signed_at: datetime,
) -> dict[str, object]:
    """What a giver or a taker says of a transfer."""
    return _checked(
        "delivery",
        signed_at,
        relief=relief.to_document(),
        plan=plan.to_document(),
        transfer=transfer,
        body=body,
        seq=seq,
        state=str(state),
        amount=amount,
        note=note,
    )


def appeal_governance(
    *, relief: Reference, plan: Reference, transfer: int | None = None, body: str, reason: str, signed_at: datetime
) -> dict[str, object]:
    """An objection to a plan or to one of its transfers."""
    return _checked(
        "appeal",
        signed_at,
        relief=relief.to_document(),
        plan=plan.to_document(),
        transfer=transfer,
        body=body,
        reason=reason,
    )


def answer_governance(
    *, relief: Reference, body: str, appeal: Reference, upheld: bool, reason: str, signed_at: datetime
) -> dict[str, object]:
    """The assembly's answer to an appeal."""
    return _checked(
        "answer",
        signed_at,
        relief=relief.to_document(),
        body=body,
        appeal=appeal.to_document(),
        upheld=upheld,
        reason=reason,
    )


def _checked(kind: str, signed_at: datetime, **members: object) -> dict[str, object]:
    governance = {"kind": kind, **members, "signed_at": instant_text(signed_at)}
    read_entry({"id": NOBODY, "attributedTo": NOBODY, "governance": governance})
    return governance
