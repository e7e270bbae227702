"""Whatever the document: an honest proof verifies, and one altered byte anywhere is refused."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from identity.canonical import canonical_bytes, content_digest
from identity.dids.did_key import did_key, public_key
from identity.dids.did_web import did_web, origin_of
from identity.errors import IdentityError, ProofRefusal
from identity.instants import instant_text, read_instant
from identity.keys.multikey import ed25519_multibase, read_multibase
from identity.keys.pairs import Ed25519Pair, generate_ed25519
from identity.keys.sealing import Sealer
from identity.proofs.eddsa_jcs_2022 import sign, verify
from identity.proofs.fep_c390 import check

PAIR = generate_ed25519()
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
METHOD = "https://coop.example/body#ed25519-key"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# Not the whole floats from 2^53 to 10^21: their canonical form reads back as integers beyond the safe range.
numbers = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53), 2.0**53, exclude_min=True, exclude_max=True)
    | st.floats(min_value=1e21, allow_infinity=False)
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
members = texts.filter(lambda name: name not in {"proof", "signature", "@context"})
documents = st.dictionaries(members, values, max_size=6)


def signed(document: dict[str, Any], pair: Ed25519Pair = PAIR) -> dict[str, Any]:
    return sign(document, key=pair.private, verification_method=METHOD, created=NOW)


@given(documents)
def test_what_is_signed_verifies_also_after_a_journey_as_json(document: dict[str, Any]) -> None:
    travelled = json.loads(json.dumps(signed(document)))

    verify(travelled, key=PAIR.public, now=NOW, whole=True)
    assert content_digest(travelled) == content_digest(document)


@given(documents, st.data())
@settings(max_examples=300)
def test_no_byte_of_a_signed_document_can_be_altered(document: dict[str, Any], data: st.DataObject) -> None:
    whole = canonical_bytes(signed(document))
    position = data.draw(st.integers(0, len(whole) - 1))
    mask = data.draw(st.integers(1, 255))
    altered = bytearray(whole)
    altered[position] ^= mask
    try:
        received = json.loads(altered)
    except (ValueError, RecursionError):
        return  # no longer JSON: refused before anybody looks for a proof
    assume(isinstance(received, dict))
    with contextlib.suppress(IdentityError):
        assume(canonical_bytes(received) != whole)

    with pytest.raises(ProofRefusal):
        verify(received, key=PAIR.public, now=None, whole=True)


@given(st.dictionaries(st.sampled_from(["proof", "@context", "type", "x"]), values), values)
def test_whatever_stands_where_a_proof_should_be_is_refused_quietly(document: dict[str, Any], proof: Any) -> None:
    with pytest.raises(ProofRefusal):
        verify({**document, "proof": proof}, key=PAIR.public, now=NOW)
    with pytest.raises(ProofRefusal):
        check({**document, "proof": proof}, actor_id=METHOD, now=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["created", "expires", "@context", "verificationMethod", "proofValue", "proofPurpose", "id"]),
        values,
        min_size=1,
    )
)
def test_whatever_an_option_of_a_proof_is_replaced_with_is_refused_quietly(options: dict[str, Any]) -> None:
    document = signed({"@context": ["https://www.w3.org/ns/activitystreams"], "type": "Note"})
    assume(any(document["proof"].get(name, ...) != value for name, value in options.items()))

    with pytest.raises(ProofRefusal):
        verify({**document, "proof": {**document["proof"], **options}}, key=PAIR.public, now=NOW)


@given(values)
def test_canonical_bytes_are_json_that_means_the_same_and_stays_the_same(value: Any) -> None:
    once = canonical_bytes(value)

    assert json.loads(once) == value
    assert canonical_bytes(json.loads(once)) == once


@given(documents)
def test_the_order_of_members_never_matters(document: dict[str, Any]) -> None:
    assert content_digest(dict(reversed(document.items()))) == content_digest(document)


@given(st.datetimes(max_value=datetime(8999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001  # its zone is drawn
def test_a_moment_that_is_written_is_read_back_to_the_millisecond(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return
    assert read_instant(instant_text(moment)) == in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


@given(st.binary(min_size=32, max_size=32))
def test_every_private_key_s_public_half_survives_all_its_spellings(seed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()

    assert read_multibase(ed25519_multibase(public)) == public
    assert public_key(did_key(public)) == public


@given(st.text(max_size=80) | st.text("z123456789ABCMkdi:key#", max_size=80))
def test_whatever_is_read_as_a_key_or_an_identifier_is_refused_quietly(text: str) -> None:
    for read in (read_multibase, public_key, did_web, lambda did: origin_of(did, loopback=True)):
        with contextlib.suppress(IdentityError):
            assert read(text)


@given(
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,10}[a-z0-9])?){1,3}", fullmatch=True),
    st.none() | st.integers(1, 65535),
)
def test_an_origin_and_its_did_web_name_each_other(host: str, port: int | None) -> None:
    assume(not host.endswith("localhost"))
    origin = f"https://{host}" + ("" if port in {None, 443} else f":{port}")

    assert origin_of(did_web(origin), loopback=False) == origin


@given(st.binary(max_size=200), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_is_sealed_opens(plain: bytes, label: str) -> None:
    sealer = Sealer(bytes(32))

    assert sealer.open(sealer.seal(plain, label=label), label=label) == plain
