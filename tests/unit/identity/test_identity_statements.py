from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from identity.dids.did_key import did_key, verification_method
from identity.errors import ProofRefusal
from identity.keys.pairs import generate_ed25519
from identity.proofs import eddsa_jcs_2022
from identity.proofs.fep_c390 import check, statement

if TYPE_CHECKING:
    from identity.keys.pairs import Ed25519Pair

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ACTOR = "https://coop.example/members/ana"


def stated(pair: Ed25519Pair, *, actor_id: str = ACTOR) -> dict[str, Any]:
    return statement(did_key(pair.public), actor_id, key=pair.private, created=NOW)


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(ProofRefusal) as refused:
        check(document, actor_id=ACTOR, now=NOW)
    return refused.value.code


def test_a_statement_says_which_key_an_actor_is(ed25519_pair: Ed25519Pair) -> None:
    assert check(stated(ed25519_pair), actor_id=ACTOR, now=NOW) == did_key(ed25519_pair.public)


def test_a_statement_about_another_actor_is_refused(ed25519_pair: Ed25519Pair) -> None:
    assert refusal(stated(ed25519_pair, actor_id="https://mallory.example/")) == "proof-invalid"


def test_a_statement_whose_actor_was_replaced_is_refused(ed25519_pair: Ed25519Pair) -> None:
    document = stated(ed25519_pair, actor_id="https://mallory.example/")

    assert refusal({**document, "alsoKnownAs": ACTOR}) == "proof-invalid"


def test_a_statement_signed_by_somebody_else_is_refused(ed25519_pair: Ed25519Pair) -> None:
    mallory = generate_ed25519()
    claim = {"type": "VerifiableIdentityStatement", "subject": did_key(ed25519_pair.public), "alsoKnownAs": ACTOR}

    for name in (did_key(mallory.public), did_key(ed25519_pair.public)):
        forged = eddsa_jcs_2022.sign(claim, key=mallory.private, verification_method=name, created=NOW)
        assert refusal(forged) == "proof-invalid"


def test_the_method_may_be_the_did_or_its_fragment(ed25519_pair: Ed25519Pair) -> None:
    did = did_key(ed25519_pair.public)
    claim = {"type": "VerifiableIdentityStatement", "subject": did, "alsoKnownAs": ACTOR}
    method = verification_method(did)

    document = eddsa_jcs_2022.sign(claim, key=ed25519_pair.private, verification_method=method, created=NOW)

    assert check(document, actor_id=ACTOR, now=NOW) == did


@pytest.mark.parametrize(
    "change",
    [{"type": "Note"}, {"subject": None}, {"subject": "did:web:coop.example"}, {"subject": "did:key:z6Mk"}],
)
def test_what_is_no_statement_by_a_key_is_malformed(ed25519_pair: Ed25519Pair, change: dict[str, Any]) -> None:
    assert refusal({**stated(ed25519_pair), **change}) == "proof-malformed"


def test_a_statement_from_the_future_is_refused_and_read_offline(ed25519_pair: Ed25519Pair) -> None:
    document = stated(ed25519_pair)

    with pytest.raises(ProofRefusal) as refused:
        check(document, actor_id=ACTOR, now=NOW - timedelta(days=1))

    assert refused.value.code == "proof-expired"
    assert check(document, actor_id=ACTOR, now=None) == did_key(ed25519_pair.public)
