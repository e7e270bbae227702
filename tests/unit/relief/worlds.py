"""A relief on paper: one federation with two assemblies and five co-ops, real keys, signed documents.

North has East (apple, birch), West (cedar, dill) and elm, which belongs to it directly.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.assembly.references import Reference
from federation.assembly.relief.comparing import compute
from federation.assembly.relief.log import apply, start
from federation.assembly.relief.shapes import Adjustment, Criterion, Good, Rested, Sent, Share, StockLine
from federation.assembly.relief.writing import (
    answer_governance,
    appeal_governance,
    delivery_governance,
    endorsement_governance,
    plan_governance,
    relief_governance,
    stock_governance,
)
from federation.assembly.statute import Constituent, statute_governance
from identity.canonical import content_digest
from identity.instants import instant_text
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.assembly.relief.shapes import Plan
    from federation.assembly.relief.state import State

Document = dict[str, Any]

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
UNTIL = NOW + timedelta(days=2)
FLOUR = Good("flour", "Flour", "kg")
WATER = Good("water", "Drinking water", "l")
BELOW: Mapping[str, Sequence[str]] = {
    "north": ("east", "west", "elm"),
    "east": ("apple", "birch"),
    "west": ("cedar", "dill"),
}
PAIRS: Mapping[str, tuple[int, int, int, int, int]] = {
    # held, needed, people, urgency, days left
    "apple": (130, 30, 50, 1, 30),
    "birch": (10, 50, 20, 10, 1),
    "cedar": (55, 30, 40, 1, 30),
    "dill": (0, 100, 10, 5, 3),
    "elm": (20, 80, 5, 10, 0),
}
CRITERIA = {Criterion.PEOPLE: 2, Criterion.URGENCY: 1}


@cache
def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def did(name: str) -> str:
    return f"did:web:{name}.example"


def actor(name: str) -> str:
    return f"https://{name}.example/body"


def multibase(name: str) -> str:
    return ed25519_multibase(key_of(name).public_key())


def signed(name: str, governance: Mapping[str, Any], *, number: int = 0, by: str | None = None) -> Document:
    """A document of the body `name`, signed with its key or with that of `by`."""
    content = hashlib.sha256(repr((name, governance, number)).encode()).hexdigest()[:12]
    document = {
        "id": f"https://{name}.example/{governance['kind']}/{content}",
        "attributedTo": actor(name),
        "governance": dict(governance),
    }
    method = f"{actor(name)}#main-key"
    return eddsa_jcs_2022.sign(document, key=key_of(by or name), verification_method=method, created=NOW)


def ref_of(document: Document) -> Reference:
    return Reference(document["id"], content_digest(document))


def statute(name: str, *, version: int = 1, below: Sequence[str] | None = None, **terms: Any) -> Document:
    governance = statute_governance(
        assembly=did(name),
        name=name.title(),
        version=version,
        mode="heads",
        weight_denominator=1,
        constituents=[
            Constituent(
                body=did(each),
                actor=actor(each),
                name=each.title(),
                kind="assembly" if each in BELOW else "coop",
                key=multibase(each),
                weight=1,
            )
            for each in below or BELOW[name]
        ],
        rule={"preset": "majority"},
        margin_seconds=0,
        adopted_at=NOW,
        terms=terms,
    )
    return signed(name, governance)


def proposal(name: str, top: Document, *, number: int = 0, **members: Any) -> Document:
    """A proposal of type emergency, with no more than a relief looks at."""
    governance = {
        "kind": "proposal",
        "body": did(name),
        "type": "emergency",
        "electorate": {"kind": "constituents", "statute": content_digest(top)},
        **members,
    }
    return signed(name, governance, number=number)


def outcome(
    name: str,
    of: Document,
    state: str = "passed",
    *,
    number: int = 0,
    at: datetime = NOW,
    first: Document | None = None,
) -> Document:
    """An outcome; of a recount where it names the `first` whose place it takes."""
    governance: dict[str, Any] = {"kind": "outcome", "proposal": ref_of(of).to_document(), "body": did(name)}
    governance |= {"outcome": state, "closed_at": instant_text(at)}
    if first is not None:
        governance["recount"] = {"first": ref_of(first).to_document()}
    return signed(name, governance, number=number)


@dataclass
class World:
    """A log that grows: `take` puts a document in, `state` is what it adds up to."""

    share: Share = Share.PROPORTIONAL
    criteria: Mapping[Criterion, int] = field(default_factory=lambda: CRITERIA)
    reserve: Fraction = Fraction(1, 5)
    terms: Mapping[str, Any] = field(default_factory=dict)
    goods: Sequence[Good] = (FLOUR,)
    at: datetime = NOW + timedelta(hours=1)
    log: list[Document] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.statutes = [statute("north", **self.terms), statute("east"), statute("west")]
        self.survey = proposal("north", self.statutes[0])
        self.relief = signed(
            "north",
            relief_governance(
                body=did("north"),
                statute=content_digest(self.statutes[0]),
                title="Flood in the valley",
                text="The river has left its bed.",
                goods=self.goods,
                criteria=self.criteria,
                share=self.share,
                reserve=self.reserve,
                council=Fraction(1, 2),
                survey=ref_of(self.survey),
                stock_until=UNTIL,
                signed_at=NOW,
            ),
        )
        self.ref = ref_of(self.relief)
        self.state: State = start(self.relief)
        self.log.append(self.relief)

    def take(self, *documents: Document) -> Document:
        for document in documents:
            self.state = apply(self.state, document, self.at)
            self.log.append(document)
        return documents[-1]

    def surveyed(self) -> World:
        self.take(*self.statutes, self.survey, outcome("north", self.survey))
        return self

    def stocked(self) -> World:
        self.take(*(self.stock(name) for name in PAIRS))
        return self

    def stock(self, name: str, *, seq: int = 1, by: str | None = None, **changes: Any) -> Document:
        held, needed, people, urgency, days = PAIRS.get(name, (1, 0, 1, 1, 1))
        members: dict[str, Any] = {
            "delegate": f"Delegate of {name}",
            "lines": [StockLine("flour", held, needed)],
            "people": people,
            "urgency": urgency,
            "days_left": days,
            **changes,
        }
        governance = stock_governance(relief=self.ref, body=did(name), seq=seq, signed_at=NOW, **members)
        return signed(by or name, governance)

    def plan(
        self,
        version: int = 1,
        *,
        by: str = "north",
        adjustments: Sequence[Adjustment] = (),
        deliveries: Sequence[Reference] = (),
        text: str = "",
    ) -> Document:
        stocks = [Rested(each.body, each.ref) for _, each in sorted(self.state.latest.items())]
        basis: dict[str, Any] = {
            "statutes": [content_digest(each) for each in self.statutes],
            "stocks": stocks,
            "adjustments": adjustments,
            "deliveries": deliveries,
        }
        governance = plan_governance(
            relief=self.ref,
            body=did(by),
            version=version,
            computed=compute(self.state, **basis),
            text=text,
            signed_at=NOW,
            **basis,
        )
        return signed(by, governance)

    def endorsement(self, name: str, plan: Document, *, in_favour: bool = True, delegate: str = "") -> Document:
        governance = endorsement_governance(
            relief=self.ref,
            plan=ref_of(plan),
            body=did(name),
            delegate=delegate or f"Delegate of {name}",
            in_favour=in_favour,
            signed_at=NOW,
        )
        return signed(name, governance)

    def decision(self, plan: Document, number: int = 0) -> Document:
        return proposal("north", self.statutes[0], plan=ref_of(plan).to_document(), number=number)

    def ratification(self, decision: Document, of: Document) -> Document:
        ratifies = {"proposal": ref_of(decision).to_document(), "outcome": ref_of(of).to_document()}
        return proposal("north", self.statutes[0], type="ratification", ratifies=ratifies)

    def in_force(self, version: int = 1, **more: Any) -> Document:
        """A plan that is drafted, endorsed by three, put to the decision and passed."""
        plan = self.take(self.plan(version, **more))
        self.take(*(self.endorsement(name, plan) for name in ("apple", "birch", "cedar")))
        decision = self.take(self.decision(plan))
        self.take(outcome("north", decision))
        return plan

    def version(self, number: int) -> Plan:
        found = self.state.version(number)
        assert found is not None
        return found

    def delivery(
        self,
        plan: Document,
        name: str,
        number: int,
        state: str,
        amount: int,
        *,
        seq: int = 1,
        at: datetime = NOW + timedelta(days=5),
    ) -> Document:
        governance = delivery_governance(
            relief=self.ref,
            plan=ref_of(plan),
            transfer=number,
            body=did(name),
            seq=seq,
            state=Sent(state),
            amount=amount,
            signed_at=at,
        )
        return signed(name, governance)

    def appeal(
        self, plan: Document, name: str, number: int | None = None, reason: str = "We were overlooked."
    ) -> Document:
        governance = appeal_governance(
            relief=self.ref, plan=ref_of(plan), transfer=number, body=did(name), reason=reason, signed_at=NOW
        )
        return signed(name, governance)

    def answer(self, appeal: Document, *, upheld: bool, at: datetime = NOW + timedelta(days=4)) -> Document:
        governance = answer_governance(
            relief=self.ref, body=did("north"), appeal=ref_of(appeal), upheld=upheld, reason="We looked.", signed_at=at
        )
        return signed("north", governance)


def without(document: Document, name: str) -> Document:
    return {**document, "governance": {key: value for key, value in document["governance"].items() if key != name}}
