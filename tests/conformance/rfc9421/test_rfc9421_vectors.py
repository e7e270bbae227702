"""RFC 9421, appendix B.2: its request and its five request signatures, with its keys B.1.2 and B.1.4."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.errors import SignatureRefusal
from identity.http_signatures import rfc9421
from identity.http_signatures.fields import read_dictionary
from identity.http_signatures.message_claim import read_claim

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

AT = datetime.fromtimestamp(1618884473, UTC)
TARGET = "https://example.com/foo?param=Value&Pet=dog"
BODY = b'{"hello": "world"}'
SHA512_DIGEST = "WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew=="
HEADERS = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": f"sha-512=:{SHA512_DIGEST}:",
    "content-length": "18",
}
ED25519_KEY = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
"""
RSA_PSS_KEY = b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
"""
# B.2.1, B.2.3 and B.2.6: what was signed, and the signature.
PSS_MINIMAL = (
    '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    (
        "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsc"
        "kzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXe"
        "hhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9"
        "mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q=="
    ),
)
PSS_FULL = (
    (
        '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")'
        ';created=1618884473;keyid="test-key-rsa-pss"'
    ),
    (
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp76"
        "8ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQo"
        "Ld7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX"
        "2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA=="
    ),
)
ED25519 = (
    (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    ),
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
)


def our_base(parameters: str) -> bytes:
    (member,) = read_dictionary(f"sig={parameters}").values()
    components = tuple(element.strip('"') for element in member.elements or ())
    values = rfc9421._component_values(components, method="POST", target_uri=TARGET, headers=HEADERS)
    return rfc9421.signature_base(components, values, f"({' '.join(member.elements or ())}){member.parameters_text()}")


@pytest.mark.parametrize(("parameters", "signature"), [PSS_MINIMAL, PSS_FULL])
def test_our_signature_base_is_the_one_the_standard_signed_with_rsa_pss(parameters: str, signature: str) -> None:
    key = load_pem_public_key(RSA_PSS_KEY)
    assert isinstance(key, RSAPublicKey)

    key.verify(base64.b64decode(signature), our_base(parameters), PSS(MGF1(SHA512()), salt_length=64), SHA512())


def test_our_signature_base_is_the_one_the_standard_signed_with_ed25519() -> None:
    key = load_pem_public_key(ED25519_KEY)
    assert isinstance(key, Ed25519PublicKey)

    key.verify(base64.b64decode(ED25519[1]), our_base(ED25519[0]))


@pytest.mark.parametrize(("parameters", "signature"), [PSS_MINIMAL, PSS_FULL, ED25519])
def test_the_standard_s_own_signatures_leave_too_much_unsigned_for_us(parameters: str, signature: str) -> None:
    # Their key ids are no addresses either; with one that is, the missing components are what is refused.
    at_an_address = parameters.replace('keyid="', 'keyid="https://example.com/')
    headers = {**HEADERS, "signature-input": f"sig={at_an_address}", "signature": f"sig=:{signature}:"}

    with pytest.raises(SignatureRefusal) as refusal:
        rfc9421.read_signature(headers, method="POST", body=BODY)

    assert refusal.value.code == "signature-component"


def test_every_case_of_the_appendix_gives_the_published_signature_base(vectors: Vectors) -> None:
    cases = vectors.json("rfc9421/rfc9421-appendix-b.json")["cases"]
    of_requests = [case for case in cases if "@status" not in case["signature_base"]]
    known = [case for case in of_requests if "@query-param" not in case["signature_base"]]

    bases = [our_base(case["headers"]["Signature-Input"].partition("=")[2]).decode() for case in known]

    assert len(known) == 4
    assert bases == [case["signature_base"] for case in known]


def test_a_part_of_the_query_and_a_response_are_not_read_as_requests(vectors: Vectors) -> None:
    cases = vectors.json("rfc9421/rfc9421-appendix-b.json")["cases"]
    foreign = [
        case for case in cases if "@status" in case["signature_base"] or "@query-param" in case["signature_base"]
    ]
    for case in foreign:
        headers = {name.lower(): value for name, value in case["headers"].items()}

        with pytest.raises(SignatureRefusal):
            rfc9421.read_signature(headers, method="POST", body=BODY)


def test_labels_and_parameters_of_the_appendix_are_read_as_they_stand(vectors: Vectors) -> None:
    for case in vectors.json("rfc9421/rfc9421-appendix-b.json")["cases"]:
        text = case["headers"]["Signature-Input"].replace('keyid="', 'keyid="https://example.com/')
        ((label, member),) = read_dictionary(text).items()
        (made,) = read_dictionary(case["headers"]["Signature"]).values()
        if "@query-param" in text:
            continue

        claim = read_claim(label, member, made)

        assert (label, claim.created) == (claim.label, int(AT.timestamp()))
        assert f"{label}={claim.parameters_text}" == text
        assert base64.b64encode(claim.signature).decode() in case["headers"]["Signature"]
