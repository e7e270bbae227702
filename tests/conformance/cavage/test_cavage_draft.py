"""draft-cavage-http-signatures-12, appendix C: its message, its key and its three signatures."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.errors import SignatureRefusal
from identity.http_signatures.cavage import read_signature, signing_string, verify
from identity.http_signatures.digest import check_digest

TARGET = "/foo?param=value&pet=dog"
BODY = b'{"hello": "world"}'
HEADERS = {
    "host": "example.com",
    "date": "Sun, 05 Jan 2014 21:31:40 GMT",
    "content-type": "application/json",
    "digest": "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
    "content-length": "18",
}
PUBLIC_KEY = b"""-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
SIGNATURES = {
    "date": (
        "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0Gpp"
        "auB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM="
    ),
    "(request-target) host date": (
        "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3n"
        "ndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="
    ),
    "(request-target) host date content-type digest content-length": (
        "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaE"
        "RZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="
    ),
}


@pytest.fixture
def key() -> RSAPublicKey:
    loaded = load_pem_public_key(PUBLIC_KEY)
    assert isinstance(loaded, RSAPublicKey)
    return loaded


@pytest.mark.parametrize(("components", "signature"), SIGNATURES.items())
def test_our_signing_string_is_the_one_the_draft_signed(key: RSAPublicKey, components: str, signature: str) -> None:
    text = signing_string(components.split(" "), method="POST", target=TARGET, values=HEADERS)

    key.verify(base64.b64decode(signature), text, PKCS1v15(), SHA256())


def test_the_digest_of_the_draft_fits_its_body() -> None:
    check_digest(HEADERS["digest"], BODY)


@pytest.mark.parametrize(("components", "signature"), SIGNATURES.items())
def test_the_draft_s_signatures_are_refused_for_what_they_leave_out_or_for_their_weak_key(
    key: RSAPublicKey, components: str, signature: str
) -> None:
    header = f'keyId="Test",algorithm="rsa-sha256",headers="{components}",signature="{signature}"'
    headers = {**HEADERS, "signature": header}

    with pytest.raises(SignatureRefusal) as refusal:
        verify(
            read_signature(headers),
            method="POST",
            target=TARGET,
            headers=headers,
            body=BODY,
            key=key,
            now=datetime(2014, 1, 5, 21, 31, 40, tzinfo=UTC),
        )

    assert refusal.value.code == ("key-unsuitable" if "digest" in components else "signature-component")
