"""Whatever the request: an honest signature verifies, one altered byte is refused, and nothing breaks the verifier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from identity.errors import SignatureRefusal
from identity.http_signatures import rfc9421
from identity.http_signatures.cavage import read_signature, sign_request, verify
from identity.http_signatures.digest import check_digest, sha256_digest_header
from identity.keys.pairs import generate_ed25519, generate_rsa

PAIR = generate_rsa()
ED25519 = generate_ed25519()
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
COVERED = ["host", "date", "digest", "content-type"]

targets = st.from_regex(r"/[a-z0-9/%._~-]{0,30}(\?[a-z0-9=&%]{0,20})?", fullmatch=True)
hosts = st.from_regex(r"[a-z]{1,10}\.example(:[1-9][0-9]{0,3})?", fullmatch=True)


def sent(*, method: str, target: str, host: str, body: bytes) -> dict[str, str]:
    return sign_request(
        method=method,
        target=target,
        headers={"host": host},
        body=body,
        key_id="https://coop.example/body#main-key",
        key=PAIR.private,
        now=NOW,
    )


def check(headers: dict[str, str], *, method: str = "POST", target: str = "/inbox", body: bytes = b"{}") -> None:
    signature = read_signature(headers)
    verify(signature, method=method, target=target, headers=headers, body=body, key=PAIR.public, now=NOW)


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), targets, hosts, st.binary(max_size=100))
@settings(deadline=None)
def test_what_is_signed_verifies(method: str, target: str, host: str, body: bytes) -> None:
    headers = sent(method=method, target=target, host=host, body=body)

    check(headers, method=method, target=target, body=body)


HONEST = sent(method="POST", target="/inbox", host="peer.example", body=b"{}")


@given(st.sampled_from(COVERED), st.data())
def test_no_character_of_a_signed_header_can_be_altered(name: str, data: st.DataObject) -> None:
    text = HONEST[name]
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters(max_codepoint=255))
    altered = text[:position] + character + text[position + 1 :]
    assume(altered.strip() != text)

    with pytest.raises(SignatureRefusal):
        check({**HONEST, name: altered})


@given(st.data())
@settings(max_examples=300)
def test_no_character_of_the_claim_can_be_altered_to_another_meaning(data: st.DataObject) -> None:
    text = HONEST["signature"]
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    headers = {**HONEST, "signature": text[:position] + character + text[position + 1 :]}
    honest = read_signature(HONEST)
    try:
        claim = read_signature(headers)
    except SignatureRefusal:
        return
    meanings = (claim.headers, claim.signature, claim.created, claim.expires)
    assume(meanings != (honest.headers, honest.signature, honest.created, honest.expires))

    with pytest.raises(SignatureRefusal):
        check(headers)


@given(st.binary(max_size=20))
def test_no_other_body_fits(body: bytes) -> None:
    assume(body != b"{}")

    with pytest.raises(SignatureRefusal):
        check(HONEST, body=body)
    with pytest.raises(SignatureRefusal):
        check({**HONEST, "digest": sha256_digest_header(body)}, body=body)


@given(targets)
def test_no_other_target_fits(target: str) -> None:
    assume(target.partition("?")[0] != "/inbox")

    with pytest.raises(SignatureRefusal):
        check(HONEST, target=target)


parameters = st.sampled_from(["keyId", "headers", "signature", "algorithm", "created", "expires", "x"])
settings_of_parameters = st.text(max_size=20) | st.sampled_from(["(request-target) host date digest", "YWJj", "17"])
claims = st.lists(st.tuples(parameters, settings_of_parameters), max_size=7).map(
    lambda pairs: ",".join(f'{name}="{text}"' for name, text in pairs)
)
names = st.sampled_from(["host", "date", "digest", "(created)", "content-type"])


@given(
    st.text(max_size=60) | claims,
    st.dictionaries(names, st.text(max_size=40) | st.sampled_from(sorted(HONEST.values()))),
    st.text(max_size=20),
    st.binary(max_size=10),
)
@settings(max_examples=500)
def test_whatever_comes_is_refused_and_nothing_else_is_raised(
    header: str, others: dict[str, str], target: str, body: bytes
) -> None:
    headers = {**others, "signature": header}

    for key in (PAIR.public, ED25519.public):
        with pytest.raises(SignatureRefusal):
            verify(read_signature(headers), method="POST", target=target, headers=headers, body=body, key=key, now=NOW)


@given(st.text(max_size=80), st.binary(max_size=10))
def test_whatever_stands_in_the_digest_header_is_refused_quietly(header: str, body: bytes) -> None:
    assume(sha256_digest_header(body) not in header)

    with pytest.raises(SignatureRefusal) as refusal:
        check_digest(header, body)

    assert refusal.value.code in {"digest-missing", "digest-mismatch"}


MESSAGE = rfc9421.sign_request(
    method="POST",
    target_uri="https://peer.example/inbox",
    headers={},
    body=b"{}",
    key_id="https://coop.example/body#ed25519-key",
    key=ED25519.private,
    now=NOW,
)


def check_message(headers: dict[str, str], *, target: str = "/inbox", body: bytes = b"{}") -> None:
    claim = rfc9421.read_signature(headers, method="POST", body=body)
    rfc9421.verify(
        claim,
        method="POST",
        target_uri=f"https://peer.example{target}",
        headers=headers,
        body=body,
        key=ED25519.public,
        now=NOW,
    )


@given(st.sampled_from(["signature-input", "signature", "content-digest"]), st.data())
@settings(max_examples=500)
def test_no_character_of_a_message_signature_can_be_altered_to_another_meaning(name: str, data: st.DataObject) -> None:
    text = MESSAGE[name]
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    headers = {**MESSAGE, name: text[:position] + character + text[position + 1 :]}
    try:
        claim = rfc9421.read_signature(headers, method="POST", body=b"{}")
    except SignatureRefusal:
        return
    honest = rfc9421.read_signature(MESSAGE, method="POST", body=b"{}")
    assume(claim != honest or headers["content-digest"] != MESSAGE["content-digest"])

    with pytest.raises(SignatureRefusal):
        check_message(headers)


@given(targets, st.binary(max_size=20))
def test_a_message_signature_fits_no_other_target_and_no_other_body(target: str, body: bytes) -> None:
    assume(target != "/inbox" and body != b"{}")
    check_message(MESSAGE)

    with pytest.raises(SignatureRefusal):
        check_message(MESSAGE, target=target)
    with pytest.raises(SignatureRefusal):
        check_message(MESSAGE, body=body)


fragments = st.sampled_from(
    ["sig1=", "(", ")", '"@method"', '"content-digest"', ";created=1", ";keyid=", '"', ":", "YQ==", ",", " ", "?1", ";"]
)


@given(st.lists(fragments, max_size=30).map("".join) | st.text(max_size=60), st.text(max_size=40))
@settings(max_examples=500)
def test_whatever_comes_as_a_message_signature_is_refused_and_nothing_else_is_raised(inputs: str, made: str) -> None:
    with pytest.raises(SignatureRefusal):
        check_message({**MESSAGE, "signature-input": inputs, "signature": made})
