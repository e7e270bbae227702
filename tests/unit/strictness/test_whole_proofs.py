"""A proof checked with a digest that is known already: what it does not cover, or cannot be read, is refused."""

from __future__ import annotations

from typing import Any

import pytest

from identity.canonical import content_digest
from identity.errors import ProofRefusal
from identity.keys.pairs import generate_ed25519
from identity.proofs.eddsa_jcs_2022 import sign, verify_whole
from tests.unit.governance.worlds import OPENS

PAIR = generate_ed25519()
METHOD = "https://gracia.example/body#key"
SIGNED = sign({"id": "https://gracia.example/1"}, key=PAIR.private, verification_method=METHOD, created=OPENS)


def refused(document: dict[str, Any], digest: str = "") -> str:
    with pytest.raises(ProofRefusal) as refusal:
        verify_whole(document, key=PAIR.private.public_key(), digest=digest or content_digest(SIGNED))
    return refusal.value.code


def test_the_documents_own_digest_is_proven() -> None:
    verify_whole(SIGNED, key=PAIR.private.public_key(), digest=content_digest(SIGNED))


def test_any_other_digest_is_not() -> None:
    assert refused(SIGNED, "sha256:" + "0" * 64) == "proof-invalid"


def test_members_that_the_proof_does_not_cover_are_refused() -> None:
    assert refused({**SIGNED, "signature": {}}) == "proof-context"


def test_options_that_have_no_canonical_form_are_refused() -> None:
    assert refused({**SIGNED, "proof": {**SIGNED["proof"], "nonce": float("nan")}}) == "proof-malformed"
