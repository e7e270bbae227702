"""FEP-0837: offers and requests have the shape of the FEP's own examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.governed import Frame
from federation.vocabulary.loader import expand
from federation.vocabulary.offers import OfferText, Purpose, market_proposal
from federation.vocabulary.terms import PUBLIC

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

VF = "https://w3id.org/valueflows/ont/vf#"
OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/"


def made(purpose: Purpose, reciprocal: str | None = None) -> dict[str, Any]:
    frame = Frame(
        document_id="https://coop.example/offers/1",
        attributed_to="https://coop.example/body",
        published=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        to=[PUBLIC],
    )
    text = OfferText(purpose=purpose, title="Van", summary="On Saturdays.", reciprocal=reciprocal)
    return market_proposal(frame, text, content_html="<p>On Saturdays.</p>")


def test_it_has_every_member_of_the_fep_s_first_example(vectors: Vectors) -> None:
    example = vectors.json("fep/fep-0837.examples.json")[0]
    ours = made("offer")

    assert example.keys() - ours.keys() == set()
    assert example["publishes"].keys() - ours["publishes"].keys() == set()
    assert ours["type"] == example["type"] == "Proposal"


@pytest.mark.parametrize("purpose", ["offer", "request"])
def test_the_primary_intent_is_a_fragment_of_the_proposal(purpose: Purpose) -> None:
    proposal = made(purpose, reciprocal="Cake")

    assert proposal["purpose"] == purpose
    assert proposal["publishes"]["id"] == f"{proposal['id']}#primary"
    assert proposal["reciprocal"]["id"] == f"{proposal['id']}#reciprocal"
    assert proposal["publishes"]["resourceQuantity"]["hasNumericalValue"] == "1"


def test_a_json_ld_reader_finds_the_terms_of_valueflows() -> None:
    (expanded,) = expand(made("offer"))

    assert expanded["@type"] == [f"{VF}Proposal"]
    (intent,) = expanded[f"{VF}publishes"]
    assert intent["@type"] == [f"{VF}Intent"]
    (quantity,) = intent[f"{VF}resourceQuantity"]
    assert quantity[f"{OM2}hasNumericalValue"] == [{"@value": "1"}]
