"""FEP-0837: the terms mean the same however the context of a sender spells them."""

from __future__ import annotations

import pytest

from federation.receive.dispatch import kind_of
from federation.vocabulary.market_names import short_names

VF = "https://w3id.org/valueflows/ont/vf#"
OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/"


@pytest.mark.parametrize("prefix", ["", "vf:", VF])
def test_a_proposal_is_known_by_each_spelling_of_its_type(prefix: str) -> None:
    assert kind_of({"type": "Create", "object": {"type": f"{prefix}Proposal"}}) == "Proposal"


def test_members_are_read_by_each_spelling_at_every_depth() -> None:
    spelled = {f"{VF}purpose": "offer", f"{VF}publishes": [{f"{VF}action": "transfer", f"{OM2}hasUnit": "one"}]}

    assert short_names(spelled) == {"purpose": "offer", "publishes": [{"action": "transfer", "hasUnit": "one"}]}


def test_a_plain_term_has_precedence_over_its_other_spellings() -> None:
    assert short_names({"purpose": "offer", f"{VF}purpose": "request"}) == {"purpose": "offer"}
    assert short_names({f"{VF}purpose": "request", "purpose": "offer"}) == {"purpose": "offer"}


def test_terms_of_other_vocabularies_stay_as_they_are() -> None:
    foreign = {"https://schema.example/purpose": "x", "as:name": "y", "name": "Van"}

    assert short_names(foreign) == foreign
    assert kind_of({"type": "Create", "object": {"type": "https://schema.example/Proposal"}}) != "Proposal"
