from __future__ import annotations

import typing

import pytest

from identity import errors


@pytest.mark.parametrize(
    "codes", [errors.SignatureCode, errors.ProofCode, errors.KeyCode, errors.DidCode, errors.SealCode]
)
def test_every_code_has_a_text_that_is_safe_to_show(codes: object) -> None:
    for code in typing.get_args(codes):
        assert errors.PUBLIC_TEXTS[code].endswith(".")


def test_every_text_belongs_to_a_code_that_can_be_raised() -> None:
    families = (errors.SignatureCode, errors.ProofCode, errors.KeyCode, errors.DidCode, errors.SealCode)
    codes = {code for family in families for code in typing.get_args(family)} | {"canonical-form"}

    assert codes == set(errors.PUBLIC_TEXTS)


def test_a_refusal_has_a_code_a_public_text_and_advice() -> None:
    refusal = errors.SignatureRefusal("signature-invalid", "key https://peer.example/body#main-key")

    assert refusal.code == "signature-invalid"
    assert "peer.example" in str(refusal)
    assert "peer.example" not in refusal.public
    assert isinstance(refusal, errors.IdentityError)
