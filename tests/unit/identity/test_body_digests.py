from __future__ import annotations

import pytest

from identity.errors import SignatureRefusal
from identity.http_signatures.digest import check_digest, sha256_digest_header

BODY = b'{"hello": "world"}'
DIGEST = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="


def test_the_digest_of_the_draft_s_own_example_is_reproduced() -> None:
    assert sha256_digest_header(BODY) == DIGEST


@pytest.mark.parametrize(
    "header", [DIGEST, DIGEST.replace("SHA", "sha"), f"MD5=abc, {DIGEST}", f" {DIGEST} ,SHA-512=x"]
)
def test_a_fitting_digest_is_found_among_others(header: str) -> None:
    check_digest(header, BODY)


@pytest.mark.parametrize("header", [None, "", "SHA-512=abc", "MD5=abc", "X48E9q=", "SHA-2560=abc"])
def test_without_a_sha256_value_the_digest_is_missing(header: str | None) -> None:
    with pytest.raises(SignatureRefusal) as refusal:
        check_digest(header, BODY)

    assert refusal.value.code == "digest-missing"


@pytest.mark.parametrize(
    "header",
    [
        f"{DIGEST}, {DIGEST}",
        f"{DIGEST}, SHA-256=other",
        "SHA-256=",
        "SHA-256=not base64",
        "SHA-256=é",
        sha256_digest_header(BODY + b" "),
        DIGEST[:-3],
    ],
)
def test_a_digest_that_does_not_fit_is_a_mismatch(header: str) -> None:
    with pytest.raises(SignatureRefusal) as refusal:
        check_digest(header, BODY)

    assert refusal.value.code == "digest-mismatch"
