"""RFC 9421 as this node signs and verifies it: what holds, and each way in which it does not (P1, P5, P7)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from identity.errors import SignatureRefusal
from identity.http_signatures import rfc9421
from identity.http_signatures.algorithms import signed
from identity.http_signatures.digest import check_content_digest, sha256_content_digest
from identity.http_signatures.fields import quoted, read_dictionary, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from identity.http_signatures.algorithms import PrivateKey
    from identity.keys.pairs import Ed25519Pair, RsaPair
    from identity.keys.pem import PublicKey

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
UNIX_NOW = int(NOW.timestamp())
BODY = b'{"type":"Create"}'
KEY_ID = "https://coop.example/body#main-key"
TARGET = "https://peer.example/inbox"


@dataclass(frozen=True)
class Request:
    """A request as a peer may send it: sound unless a test says otherwise."""

    method: str = "POST"
    target_uri: str = TARGET
    body: bytes = BODY
    components: tuple[str, ...] = ("@method", "@target-uri", "content-digest")
    parameters: str = f';created={UNIX_NOW};keyid="{KEY_ID}"'
    label: str = "sig1"
    headers: Mapping[str, str] = field(
        default_factory=lambda: {"content-type": "application/json", "content-digest": sha256_content_digest(BODY)}
    )

    def signed(self, key: PrivateKey) -> Request:
        parameters = f"({' '.join(map(quoted, self.components))}){self.parameters}"
        values = rfc9421._component_values(
            self.components, method=self.method, target_uri=self.target_uri, headers=self.headers
        )
        made = base64.b64encode(signed(key, rfc9421.signature_base(self.components, values, parameters))).decode()
        return self.and_headers(
            **{"signature-input": f"{self.label}={parameters}", "signature": f"{self.label}=:{made}:"}
        )

    def and_headers(self, **headers: str) -> Request:
        return replace(self, headers={**self.headers, **headers})

    def check(self, key: PublicKey, *, now: datetime = NOW) -> None:
        claim = rfc9421.read_signature(self.headers, method=self.method, body=self.body)
        rfc9421.verify(
            claim,
            method=self.method,
            target_uri=self.target_uri,
            headers=self.headers,
            body=self.body,
            key=key,
            now=now,
        )

    def code(self, key: PublicKey, *, now: datetime = NOW) -> str:
        with pytest.raises(SignatureRefusal) as refusal:
            self.check(key, now=now)
        return refusal.value.code


def ours(key: PrivateKey, *, method: str = "POST", body: bytes = BODY, header: str = "") -> Request:
    challenge = rfc9421.challenge_of({"accept-signature": header}, method=method, body=body) if header else None
    headers = rfc9421.sign_request(
        method=method, target_uri=TARGET, headers={}, body=body, key_id=KEY_ID, key=key, now=NOW, challenge=challenge
    )
    return Request(method=method, body=body, headers=headers)


# --- what holds


def test_what_this_node_signs_it_verifies_with_both_kinds_of_key(rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
    for pair in (rsa_pair, ed25519_pair):
        ours(pair.private).check(pair.public)
        ours(pair.private, method="GET", body=b"").check(pair.public)


def test_one_label_covers_method_target_and_body_and_says_when_and_by_whom(rsa_pair: RsaPair) -> None:
    headers = ours(rsa_pair.private).headers

    ((label, member),) = read_dictionary(headers["signature-input"]).items()
    assert label == "sig1"
    assert member.elements == ('"@method"', '"@target-uri"', '"content-digest"')
    assert member.parameters == {
        "created": str(UNIX_NOW), "expires": str(UNIX_NOW + 3600), "keyid": f'"{KEY_ID}"'
    }  # fmt: skip
    assert headers["content-digest"] == sha256_content_digest(BODY)


@pytest.mark.parametrize("algorithm", ["", ';alg="rsa-v1_5-sha256"'])
def test_an_rsa_signature_holds_with_and_without_its_algorithm(rsa_pair: RsaPair, algorithm: str) -> None:
    request = Request()

    replace(request, parameters=request.parameters + algorithm).signed(rsa_pair.private).check(rsa_pair.public)


def test_more_components_may_be_covered(ed25519_pair: Ed25519Pair) -> None:
    more = ("@method", "@target-uri", "@authority", "@path", "@query", "@scheme", "@request-target", "content-digest")
    request = Request(components=(*more, "content-type", "date")).and_headers(date="Sat, 21 Nov 2026 10:00:00 GMT")

    request.signed(ed25519_pair.private).check(ed25519_pair.public)


def test_spaces_a_sender_may_put_into_the_header_change_nothing(ed25519_pair: Ed25519Pair) -> None:
    made = Request().signed(ed25519_pair.private)
    spaced = made.headers["signature-input"].replace('" "', '"   "').replace(";keyid", ";  keyid")

    made.and_headers(**{"signature-input": f"  {spaced} "}).check(ed25519_pair.public)


def test_labels_of_other_kinds_are_passed_over(ed25519_pair: Ed25519Pair) -> None:
    made = Request().signed(ed25519_pair.private)
    strange = [
        'proxy=("@method");created=1;keyid="cdn"',
        'exotic=("@method" "@target-uri" "content-digest");created=1;keyid="https://x.example/k";alg="ecdsa-p256-sha256"',
        'part=("@method" "@target-uri" "content-digest";req);created=1;keyid="https://x.example/k"',
        'thin=("@method");created=1;keyid="https://x.example/k"',
        'alone=("@method" "@target-uri" "content-digest");created=1;keyid="https://x.example/k"',
    ]
    names = [text.partition("=")[0] for text in strange if not text.startswith("alone")]
    both = made.and_headers(
        **{
            "signature-input": ", ".join((*strange, made.headers["signature-input"])),
            "signature": ", ".join((*(f"{name}=:AAAA:" for name in names), made.headers["signature"])),
        }
    )

    both.check(ed25519_pair.public)


# --- what does not


def test_p1_an_algorithm_that_is_not_the_key_s_is_refused(rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
    claimed = {name: replace(Request(), parameters=f'{Request().parameters};alg="{name}"') for name in (
        "ed25519", "rsa-v1_5-sha256", "hmac-sha256", "rsa-pss-sha512", "none"
    )}  # fmt: skip

    assert claimed["ed25519"].signed(rsa_pair.private).code(rsa_pair.public) == "signature-algorithm"
    assert claimed["rsa-v1_5-sha256"].signed(ed25519_pair.private).code(ed25519_pair.public) == "signature-algorithm"
    for name in ("hmac-sha256", "rsa-pss-sha512", "none"):
        assert claimed[name].signed(rsa_pair.private).code(rsa_pair.public) == "signature-algorithm"


def test_an_algorithm_that_is_no_text_is_refused(rsa_pair: RsaPair) -> None:
    request = Request(parameters=f"{Request().parameters};alg=ed25519")

    assert request.signed(rsa_pair.private).code(rsa_pair.public) == "signature-algorithm"


def test_a_short_or_foreign_key_is_refused(rsa_pair: RsaPair) -> None:
    weak = generate_private_key(public_exponent=65537, key_size=1024)
    foreign = ec.generate_private_key(ec.SECP256R1()).public_key()

    assert Request().signed(weak).code(weak.public_key()) == "key-unsuitable"
    assert Request().signed(rsa_pair.private).code(foreign) == "key-unsuitable"  # type: ignore[arg-type]  # on purpose


def test_another_key_does_not_fit(rsa_pair: RsaPair, other_rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
    made = Request().signed(rsa_pair.private)

    assert made.code(other_rsa_pair.public) == "signature-invalid"
    assert made.code(ed25519_pair.public) == "signature-invalid"


@pytest.mark.parametrize("missing", ["@method", "@target-uri", "content-digest"])
def test_what_must_be_covered_is_asked_for(rsa_pair: RsaPair, missing: str) -> None:
    components = tuple(name for name in Request().components if name != missing)

    assert Request(components=components).signed(rsa_pair.private).code(rsa_pair.public) == "signature-component"


def test_a_get_needs_no_digest_but_a_body_always_does(rsa_pair: RsaPair) -> None:
    bare = Request(method="GET", body=b"", components=("@method", "@target-uri"))

    bare.signed(rsa_pair.private).check(rsa_pair.public)
    assert replace(bare, body=b"x").signed(rsa_pair.private).code(rsa_pair.public) == "signature-component"


def test_p7_another_address_or_method_does_not_fit(rsa_pair: RsaPair) -> None:
    made = Request().signed(rsa_pair.private)

    for other in ("https://elsewhere.example/inbox", "https://peer.example/inbox?x=1", "http://peer.example/inbox"):
        assert replace(made, target_uri=other).code(rsa_pair.public) == "signature-invalid"
    assert replace(made, method="PUT").code(rsa_pair.public) == "signature-invalid"


def test_a_changed_body_is_refused_before_any_key_is_needed(rsa_pair: RsaPair) -> None:
    made = replace(Request().signed(rsa_pair.private), body=b"{}")
    claim = rfc9421.read_signature(made.headers, method="POST", body=made.body)

    with pytest.raises(SignatureRefusal) as refusal:
        rfc9421.check_claim(
            claim, method="POST", target_uri=TARGET, headers=made.headers, body=made.body, now=NOW
        )  # fmt: skip

    assert refusal.value.code == "digest-mismatch"


def test_the_window_is_an_hour_and_twelve_with_expires(rsa_pair: RsaPair) -> None:
    plain = Request().signed(rsa_pair.private)
    longer = replace(Request(), parameters=f"{Request().parameters};expires={UNIX_NOW + 10**9}").signed(
        rsa_pair.private
    )

    plain.check(rsa_pair.public, now=NOW + timedelta(minutes=59))
    longer.check(rsa_pair.public, now=NOW + timedelta(hours=11))
    assert plain.code(rsa_pair.public, now=NOW + timedelta(minutes=61)) == "signature-expired"
    assert plain.code(rsa_pair.public, now=NOW - timedelta(minutes=61)) == "signature-expired"
    assert longer.code(rsa_pair.public, now=NOW + timedelta(hours=13)) == "signature-expired"
    assert ours(rsa_pair.private).code(rsa_pair.public, now=NOW + timedelta(minutes=61)) == "signature-expired"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (f';keyid="{KEY_ID}"', "signature-component"),
        (f';created="1";keyid="{KEY_ID}"', "signature-malformed"),
        (f';created=-1;keyid="{KEY_ID}"', "signature-malformed"),
        (f';created=999999999999;keyid="{KEY_ID}"', "signature-malformed"),
        (f";created={UNIX_NOW}", "signature-malformed"),
        (f';created={UNIX_NOW};keyid="not-an-address"', "signature-malformed"),
        (f';created={UNIX_NOW};keyid="https://{"x" * 3000}"', "signature-malformed"),
        (f';created={UNIX_NOW};keyid="{KEY_ID}";keyid="{KEY_ID}"', "signature-malformed"),
        (f';created={UNIX_NOW};keyid="{KEY_ID}";nonce="{"n" * 300}"', "signature-malformed"),
    ],
)
def test_parameters_that_say_too_little_or_nonsense_are_refused(rsa_pair: RsaPair, parameters: str, code: str) -> None:
    assert Request(parameters=parameters).signed(rsa_pair.private).code(rsa_pair.public) == code


@pytest.mark.parametrize(
    ("header", "text", "code"),
    [
        ("signature", "", "signature-missing"),
        ("signature", "other=:AAAA:", "signature-missing"),
        ("signature", "sig1=AAAA", "signature-malformed"),
        ("signature", "sig1=:A:", "signature-malformed"),
        ("signature", "sig1=::", "signature-malformed"),
        ("signature", "sig1=:AAAA:, sig1=:AAAA:", "signature-malformed"),
        ("signature-input", "sig1", "signature-malformed"),
        ("signature-input", 'sig1="@method"', "signature-malformed"),
        ("signature-input", "sig1=(", "signature-malformed"),
        ("signature-input", 'sig1=("@method"', "signature-malformed"),
        ("signature-input", "SIG1=()", "signature-malformed"),
        ("signature-input", 'sig1=("@method" "@method");created=1', "signature-malformed"),
        ("signature-input", "sig1=(method);created=1", "signature-malformed"),
        ("signature-input", "sig1=();created=1,", "signature-malformed"),
        ("signature-input", "sig1=();created=1 sig2=()", "signature-malformed"),
        ("signature-input", "sig1=()" + " " * 9000, "signature-malformed"),
        ("signature-input", ", ".join(f"s{n}=()" for n in range(40)), "signature-malformed"),
    ],
)
def test_headers_that_cannot_be_read_are_refused(rsa_pair: RsaPair, header: str, text: str, code: str) -> None:
    made = Request().signed(rsa_pair.private)

    assert made.and_headers(**{header: text}).code(rsa_pair.public) == code


def test_a_component_that_was_not_sent_or_is_unknown_is_refused(rsa_pair: RsaPair) -> None:
    made = Request().signed(rsa_pair.private)
    for name in ("x-absent", "@status", "@query-param", "Content-Type"):
        text = made.headers["signature-input"].replace('"content-digest"', f'"content-digest" "{name}"')

        assert made.and_headers(**{"signature-input": text}).code(rsa_pair.public) == "signature-component"


def test_a_signed_header_that_is_no_line_of_ascii_is_refused(rsa_pair: RsaPair) -> None:
    made = Request(components=(*Request().components, "x-note")).and_headers(**{"x-note": "a"}).signed(rsa_pair.private)

    assert made.and_headers(**{"x-note": "a\nb"}).code(rsa_pair.public) == "signature-malformed"
    assert made.and_headers(**{"x-note": "é"}).code(rsa_pair.public) == "signature-malformed"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "digest-missing"),
        ("sha-512=:AAAA:", "digest-missing"),
        (sha256_content_digest(BODY).upper().replace("SHA-256", "md5"), "digest-missing"),
        (sha256_content_digest(b""), "digest-mismatch"),
        (sha256_content_digest(BODY).replace(":", ""), "digest-mismatch"),
        ("sha-256=:%%:", "digest-mismatch"),
        (f"{sha256_content_digest(BODY)}, {sha256_content_digest(BODY)}", "digest-mismatch"),
    ],
)
def test_a_content_digest_is_one_sha_256_of_the_body(header: str | None, code: str) -> None:
    with pytest.raises(SignatureRefusal) as refusal:
        check_content_digest(header, BODY)

    assert refusal.value.code == code


def test_a_content_digest_beside_one_of_another_algorithm_counts() -> None:
    check_content_digest(f"sha-512=:AAAA:, {sha256_content_digest(BODY)}", BODY)


# --- the challenge


def test_a_challenge_is_answered_with_its_label_nonce_tag_and_components(ed25519_pair: Ed25519Pair) -> None:
    asked = (
        'a=("@status");nonce="x", b=("@method" "@target-uri" "@authority" "content-digest");created;nonce="n1";tag="t"'
    )

    made = ours(ed25519_pair.private, header=asked)

    made.check(ed25519_pair.public)
    ((label, member),) = read_dictionary(made.headers["signature-input"]).items()
    assert (label, text_of(member.parameters["nonce"]), text_of(member.parameters["tag"])) == ("b", "n1", "t")
    assert '"@authority"' in (member.elements or ())


@pytest.mark.parametrize("header", ["", "(", 's=("x-other");nonce="n"', 's=("@method");alg="hmac-sha256"', "s=1"])
def test_a_challenge_that_asks_for_what_we_cannot_give_is_none(header: str) -> None:
    assert rfc9421.challenge_of({"accept-signature": header}, method="POST", body=BODY) is None


def test_our_own_challenge_can_be_answered(ed25519_pair: Ed25519Pair) -> None:
    made = ours(ed25519_pair.private, header=rfc9421.accept_signature('no"nce'))

    claim = rfc9421.read_signature(made.headers, method="POST", body=BODY)

    assert claim.nonce == 'no"nce'
