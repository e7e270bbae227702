"""httpsig as an independent peer, and as the attacker its own verifier lets in (P1)."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from identity.errors import SignatureRefusal
from identity.http_signatures.cavage import read_signature, sign_request, verify
from identity.http_signatures.digest import sha256_digest_header
from identity.keys.pairs import RsaPair, generate_rsa
from identity.keys.pem import public_pem

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
BODY = b'{"type":"Create"}'
COMPONENTS = ["(request-target)", "host", "date", "digest", "content-type"]
HEADERS = {
    "host": "peer.example",
    "date": "Sat, 21 Nov 2026 10:00:00 GMT",
    "digest": sha256_digest_header(BODY),
    "content-type": "application/activity+json",
}
KEY_ID = "https://victim.example/body#main-key"


@pytest.fixture(scope="module")
def pair() -> RsaPair:
    return generate_rsa()


def httpsig_signed(secret: str, algorithm: str) -> dict[str, str]:
    from httpsig import HeaderSigner

    signer = HeaderSigner(KEY_ID, secret, algorithm=algorithm, headers=COMPONENTS, sign_header="signature")
    return dict(signer.sign(HEADERS, method="POST", path="/inbox"))


def httpsig_accepts(headers: dict[str, str], pem: str) -> bool:
    from httpsig import HeaderVerifier

    verifier: Any = HeaderVerifier(
        headers, pem, required_headers=COMPONENTS, method="POST", path="/inbox", sign_header="signature"
    )
    return bool(verifier.verify())


def check(headers: dict[str, str], pair: RsaPair) -> None:
    verify(
        read_signature(headers), method="POST", target="/inbox", headers=headers, body=BODY, key=pair.public, now=NOW
    )


def test_a_request_signed_by_httpsig_is_accepted(pair: RsaPair) -> None:
    pem = pair.private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    check(httpsig_signed(pem, "rsa-sha256"), pair)


def test_httpsig_accepts_a_request_that_we_signed(pair: RsaPair) -> None:
    added = sign_request(
        method="POST", target="/inbox", headers=HEADERS, body=BODY, key_id=KEY_ID, key=pair.private, now=NOW
    )

    assert httpsig_accepts({**HEADERS, **added}, public_pem(pair.public))


def test_httpsig_reads_our_header_as_we_do(pair: RsaPair) -> None:
    from httpsig.utils import parse_signature_header

    added = sign_request(
        method="POST", target="/inbox", headers=HEADERS, body=BODY, key_id=KEY_ID, key=pair.private, now=NOW
    )
    theirs, ours = parse_signature_header(added["signature"]), read_signature(added)

    assert theirs["keyid"] == ours.key_id
    assert tuple(theirs["headers"].split(" ")) == ours.headers
    assert theirs["algorithm"] == ours.algorithm


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha512", "hmac-sha1"])
def test_a_forgery_keyed_with_the_public_key_fools_httpsig_and_not_us(pair: RsaPair, algorithm: str) -> None:
    pem = public_pem(pair.public)
    forged = httpsig_signed(pem, algorithm)

    assert httpsig_accepts(forged, pem)
    with pytest.raises(SignatureRefusal) as refusal:
        check(forged, pair)
    assert refusal.value.code == "signature-algorithm"


@pytest.mark.parametrize("label", ["rsa-sha256", "hs2019"])
def test_the_forgery_is_refused_under_a_false_label_too(pair: RsaPair, label: str) -> None:
    forged = httpsig_signed(public_pem(pair.public), "hmac-sha256")
    forged["signature"] = forged["signature"].replace("hmac-sha256", label)

    with pytest.raises(SignatureRefusal) as refusal:
        check(forged, pair)

    assert refusal.value.code == "signature-invalid"


WITHOUT_SETUPTOOLS = """
import sys
sys.modules["pkg_resources"] = None  # what importing it amounts to where setuptools is absent
from identity.http_signatures.cavage import signing_string
assert sys.modules["pkg_resources"] is None
print(signing_string(["host"], method="GET", target="/", values={"host": "h"}).decode())
"""


def test_signing_works_without_setuptools() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SETUPTOOLS],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout == "host: h\n", done.stderr
