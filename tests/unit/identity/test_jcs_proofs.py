from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import base58
import pytest
import rfc8785

from identity.canonical import content_digest
from identity.errors import CanonicalError, ProofRefusal
from identity.keys.pairs import generate_ed25519
from identity.proofs.eddsa_jcs_2022 import check_claim, proof_method, sign, verify

if TYPE_CHECKING:
    from identity.keys.pairs import Ed25519Pair

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
METHOD = "https://coop.example/body#ed25519-key"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"]
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "https://coop.example/ballots/1",
    "type": "rochdale:Ballot",
    "governance": {"choice": "for", "voteWeight": 1, "seq": [1, 2.5, None, True]},
}


def signed(pair: Ed25519Pair, document: dict[str, Any] = DOCUMENT, *, created: datetime = NOW) -> dict[str, Any]:
    return sign(document, key=pair.private, verification_method=METHOD, created=created)


def resigned(pair: Ed25519Pair, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A proof as a stranger's software may make it: any options, honestly signed."""
    proof = {name: value for name, value in {**signed(pair)["proof"], **options}.items() if value is not ...}
    del proof["proofValue"]
    hashes = [hashlib.sha256(rfc8785.dumps(part)).digest() for part in (proof, document)]
    value = "z" + base58.b58encode(pair.private.sign(b"".join(hashes))).decode()
    return {**document, "proof": {**proof, "proofValue": value}}


def refusal(pair: Ed25519Pair, document: dict[str, Any], *, now: datetime | None = NOW, whole: bool = False) -> str:
    with pytest.raises(ProofRefusal) as refused:
        verify(document, key=pair.public, now=now, whole=whole)
    return refused.value.code


def test_a_signed_document_verifies_with_its_key(ed25519_pair: Ed25519Pair) -> None:
    verify(signed(ed25519_pair), key=ed25519_pair.public, now=NOW, whole=True)


def test_the_proof_says_who_when_and_what_for(ed25519_pair: Ed25519Pair) -> None:
    document = signed(ed25519_pair, created=NOW.astimezone(timezone(timedelta(hours=2))))
    proof = document["proof"]

    assert proof.pop("proofValue").startswith("z")
    assert proof == {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-11-21T10:00:00Z",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }
    assert proof_method(document) == METHOD


def test_the_proof_is_dated_to_the_second_so_that_every_reader_writes_its_date_alike(
    ed25519_pair: Ed25519Pair,
) -> None:
    document = signed(ed25519_pair, created=NOW + timedelta(milliseconds=120))

    assert document["proof"]["created"] == "2026-11-21T10:00:00Z"


def test_a_document_without_context_gets_a_proof_without_context(ed25519_pair: Ed25519Pair) -> None:
    document = signed(ed25519_pair, {"type": "Statement"})

    assert "@context" not in document["proof"]
    verify(document, key=ed25519_pair.public, now=NOW, whole=True)


def test_neither_signing_nor_verifying_changes_what_is_given(ed25519_pair: Ed25519Pair) -> None:
    before = copy.deepcopy(DOCUMENT)
    document = signed(ed25519_pair)
    extended = {**document, "@context": [*CONTEXT, "https://relay.example/context"], "signature": {}}
    kept, kept_extended = copy.deepcopy(document), copy.deepcopy(extended)

    verify(document, key=ed25519_pair.public, now=NOW)
    verify(extended, key=ed25519_pair.public, now=NOW)

    assert before == DOCUMENT
    assert document == kept
    assert extended == kept_extended
    assert document["proof"]["@context"] is not DOCUMENT["@context"]


def test_signing_again_replaces_the_proof(ed25519_pair: Ed25519Pair) -> None:
    first = signed(generate_ed25519())
    second = signed(ed25519_pair, {**first, "signature": {"type": "RsaSignature2017"}})

    assert isinstance(second["proof"], dict)
    assert "signature" not in second
    verify(second, key=ed25519_pair.public, now=NOW, whole=True)


def test_the_digest_stays_the_same_whoever_signs(ed25519_pair: Ed25519Pair) -> None:
    assert content_digest(signed(ed25519_pair)) == content_digest(DOCUMENT)


def test_a_document_without_canonical_form_cannot_be_signed(ed25519_pair: Ed25519Pair) -> None:
    with pytest.raises(CanonicalError):
        signed(ed25519_pair, {"weight": 2**53})


def test_a_document_without_canonical_form_is_refused(ed25519_pair: Ed25519Pair) -> None:
    assert refusal(ed25519_pair, {**signed(ed25519_pair), "weight": 2**53}) == "proof-malformed"


def test_another_key_is_refused(ed25519_pair: Ed25519Pair) -> None:
    assert refusal(generate_ed25519(), signed(ed25519_pair)) == "proof-invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"governance": {"choice": "for", "voteWeight": 1000, "seq": [1, 2.5, None, True]}},
        {"unknownMember": 1},
        {"type": ["rochdale:Ballot"]},
        {"id": "https://coop.example/ballots/2"},
    ],
)
def test_no_member_can_be_altered_or_added(ed25519_pair: Ed25519Pair, change: dict[str, Any]) -> None:
    assert refusal(ed25519_pair, {**signed(ed25519_pair), **change}) == "proof-invalid"


@pytest.mark.parametrize("member", [name for name in DOCUMENT if name != "@context"])
def test_no_member_can_be_taken_away(ed25519_pair: Ed25519Pair, member: str) -> None:
    document = signed(ed25519_pair)
    del document[member]

    assert refusal(ed25519_pair, document) == "proof-invalid"


@pytest.mark.parametrize(
    "options",
    [
        {"created": "2026-11-21T10:00:01Z"},
        {"created": "2026-11-21T10:00:00.0Z"},
        {"verificationMethod": "https://victim.example/body#ed25519-key"},
        {"expires": "2099-01-01T00:00:00Z"},
        {"domain": "https://coop.example"},
        {"nonce": 1},
    ],
)
def test_no_option_of_the_proof_can_be_altered_or_added(ed25519_pair: Ed25519Pair, options: dict[str, Any]) -> None:
    document = signed(ed25519_pair)

    assert refusal(ed25519_pair, {**document, "proof": {**document["proof"], **options}}) == "proof-invalid"


def test_no_option_of_the_proof_can_be_taken_away(ed25519_pair: Ed25519Pair) -> None:
    document = signed(ed25519_pair)

    for option in document["proof"]:
        proof = {name: value for name, value in document["proof"].items() if name != option}
        with pytest.raises(ProofRefusal):
            verify({**document, "proof": proof}, key=ed25519_pair.public, now=NOW)


def test_honest_options_of_other_software_are_accepted(ed25519_pair: Ed25519Pair) -> None:
    for options in ({"id": "urn:1"}, {"domain": "https://x.example"}, {"created": ...}, {"@context": ...}):
        verify(resigned(ed25519_pair, DOCUMENT, **options), key=ed25519_pair.public, now=NOW)


def test_a_document_without_proof_is_told_so(ed25519_pair: Ed25519Pair) -> None:
    assert refusal(ed25519_pair, DOCUMENT) == "proof-missing"
    assert refusal(ed25519_pair, {**DOCUMENT, "proof": None}) == "proof-missing"
    with pytest.raises(ProofRefusal):
        proof_method(DOCUMENT)


@pytest.mark.parametrize("wrap", [lambda proof: [proof], lambda proof: [proof, proof], lambda _: [], str])
def test_anything_but_one_proof_object_is_malformed(ed25519_pair: Ed25519Pair, wrap: Any) -> None:
    document = signed(ed25519_pair)

    assert refusal(ed25519_pair, {**document, "proof": wrap(document["proof"])}) == "proof-malformed"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"type": "Ed25519Signature2020"}, "proof-suite"),
        ({"type": ["DataIntegrityProof"]}, "proof-suite"),
        ({"cryptosuite": "eddsa-rdfc-2022"}, "proof-suite"),
        ({"cryptosuite": ...}, "proof-suite"),
        ({"proofPurpose": "authentication"}, "proof-purpose"),
        ({"proofPurpose": ...}, "proof-purpose"),
        ({"proofPurpose": ["assertionMethod"]}, "proof-purpose"),
        ({"verificationMethod": ...}, "proof-malformed"),
        ({"verificationMethod": ""}, "proof-malformed"),
        ({"verificationMethod": {"id": METHOD}}, "proof-malformed"),
        ({"previousProof": "urn:uuid:1"}, "proof-malformed"),
        ({"created": "yesterday"}, "proof-malformed"),
        ({"created": None}, "proof-malformed"),
        ({"created": "2026-11-21T10:00:00"}, "proof-malformed"),
        ({"expires": 7}, "proof-malformed"),
    ],
)
def test_an_honest_proof_of_another_kind_is_refused(
    ed25519_pair: Ed25519Pair, options: dict[str, Any], code: str
) -> None:
    assert refusal(ed25519_pair, resigned(ed25519_pair, DOCUMENT, **options)) == code


@pytest.mark.parametrize("value", [None, 5, "", "z", "z1", "uAAAA", "z" + "1" * 200, "z" + "2" * 64])
def test_a_proof_value_that_is_no_signature_is_malformed(ed25519_pair: Ed25519Pair, value: object) -> None:
    document = signed(ed25519_pair)

    assert refusal(ed25519_pair, {**document, "proof": {**document["proof"], "proofValue": value}}) == "proof-malformed"


def test_a_proof_value_has_one_spelling(ed25519_pair: Ed25519Pair) -> None:
    document = signed(ed25519_pair)
    spelt = document["proof"]["proofValue"]

    for value in (f"{spelt} ", f"{spelt}\n", f" {spelt}", spelt.replace("z", "z1", 1)):
        altered = {**document, "proof": {**document["proof"], "proofValue": value}}
        assert refusal(ed25519_pair, altered) == "proof-malformed"


class TestBeforeTheKeyIsKnown:
    def test_what_no_key_can_save_is_refused(self, ed25519_pair: Ed25519Pair) -> None:
        document = signed(ed25519_pair, created=NOW + timedelta(days=1))

        for broken, code in (
            (DOCUMENT, "proof-missing"),
            (document, "proof-expired"),
            ({**document, "@context": []}, "proof-context"),
            ({**document, "proof": [document["proof"]]}, "proof-malformed"),
            ({**document, "proof": {**document["proof"], "proofValue": "z1"}}, "proof-malformed"),
        ):
            with pytest.raises(ProofRefusal) as refused:
                check_claim(broken, now=NOW if code == "proof-expired" else None)
            assert refused.value.code == code

    def test_what_a_key_must_decide_passes(self, ed25519_pair: Ed25519Pair) -> None:
        check_claim({**signed(ed25519_pair), "id": "https://altered.example"}, now=NOW)


class TestTime:
    def test_a_proof_from_an_hour_ahead_is_accepted_and_from_later_is_not(self, ed25519_pair: Ed25519Pair) -> None:
        verify(signed(ed25519_pair, created=NOW + timedelta(hours=1)), key=ed25519_pair.public, now=NOW)

        later = signed(ed25519_pair, created=NOW + timedelta(hours=1, seconds=1))
        assert refusal(ed25519_pair, later) == "proof-expired"

    def test_a_proof_of_long_ago_is_accepted(self, ed25519_pair: Ed25519Pair) -> None:
        verify(signed(ed25519_pair, created=NOW - timedelta(days=3650)), key=ed25519_pair.public, now=NOW)

    def test_an_expires_that_has_passed_is_honoured(self, ed25519_pair: Ed25519Pair) -> None:
        passed = resigned(ed25519_pair, DOCUMENT, expires="2026-11-21T09:59:59Z")
        ahead = resigned(ed25519_pair, DOCUMENT, expires="2026-11-21T10:00:01Z")

        assert refusal(ed25519_pair, passed) == "proof-expired"
        verify(ahead, key=ed25519_pair.public, now=NOW)

    def test_offline_no_clock_is_asked(self, ed25519_pair: Ed25519Pair) -> None:
        verify(resigned(ed25519_pair, DOCUMENT, expires="2020-01-01T00:00:00Z"), key=ed25519_pair.public, now=None)
        verify(signed(ed25519_pair, created=NOW + timedelta(days=9)), key=ed25519_pair.public, now=None)

    def test_offline_a_moment_must_still_be_one(self, ed25519_pair: Ed25519Pair) -> None:
        document = resigned(ed25519_pair, DOCUMENT, expires="never")

        assert refusal(ed25519_pair, document, now=None) == "proof-malformed"


class TestContext:
    def test_contexts_appended_later_are_tolerated_unless_the_whole_is_asked_for(
        self, ed25519_pair: Ed25519Pair
    ) -> None:
        document = {**signed(ed25519_pair), "@context": [*CONTEXT, {"x": "https://x.example/#"}]}

        verify(document, key=ed25519_pair.public, now=NOW)
        assert refusal(ed25519_pair, document, whole=True) == "proof-context"

    def test_a_linked_data_signature_is_put_aside_unless_the_whole_is_asked_for(
        self, ed25519_pair: Ed25519Pair
    ) -> None:
        document = {**signed(ed25519_pair), "signature": {"type": "RsaSignature2017", "signatureValue": "x"}}

        verify(document, key=ed25519_pair.public, now=NOW)
        assert refusal(ed25519_pair, document, whole=True) == "proof-context"

    @pytest.mark.parametrize(
        "context",
        [
            CONTEXT[:1],
            list(reversed(CONTEXT)),
            ["https://first.example", *CONTEXT],
            "https://www.w3.org/ns/activitystreams",
            [],
            None,
        ],
    )
    def test_any_other_context_is_refused(self, ed25519_pair: Ed25519Pair, context: Any) -> None:
        document = {**signed(ed25519_pair), "@context": context}

        assert refusal(ed25519_pair, document) == "proof-context"

    def test_a_context_cannot_be_taken_away(self, ed25519_pair: Ed25519Pair) -> None:
        document = signed(ed25519_pair)
        del document["@context"]

        assert refusal(ed25519_pair, document) == "proof-context"

    def test_a_single_context_may_be_text_or_begin_a_list(self, ed25519_pair: Ed25519Pair) -> None:
        document = signed(ed25519_pair, {"@context": CONTEXT[0], "type": "Note"})

        verify(document, key=ed25519_pair.public, now=NOW, whole=True)
        verify({**document, "@context": CONTEXT}, key=ed25519_pair.public, now=NOW)

    def test_values_that_python_takes_for_equal_are_told_apart(self, ed25519_pair: Ed25519Pair) -> None:
        document = signed(ed25519_pair, {"@context": [{"@version": 1}], "type": "Note"})

        assert refusal(ed25519_pair, {**document, "@context": [{"@version": True}]}) == "proof-invalid"

    def test_a_proof_without_context_covers_the_document_s_own(self, ed25519_pair: Ed25519Pair) -> None:
        document = resigned(ed25519_pair, DOCUMENT, **{"@context": ...})

        verify(document, key=ed25519_pair.public, now=NOW, whole=True)
        assert refusal(ed25519_pair, {**document, "@context": [*CONTEXT, "https://x.example"]}) == "proof-invalid"

    def test_an_empty_context_covers_nothing(self, ed25519_pair: Ed25519Pair) -> None:
        document = resigned(ed25519_pair, {**DOCUMENT, "@context": []}, **{"@context": []})

        assert refusal(ed25519_pair, {**document, "@context": CONTEXT}) == "proof-context"
