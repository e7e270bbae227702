from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from identity.errors import SignatureRefusal
from identity.http_signatures.cavage import check_claim, read_signature, sign_request, signing_string, verify
from identity.http_signatures.digest import sha256_digest_header

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from identity.keys.pairs import Ed25519Pair, RsaPair
    from identity.keys.pem import PublicKey

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
UNIX_NOW = int(NOW.timestamp())
BODY = b'{"type":"Create"}'
KEY_ID = "https://coop.example/body#main-key"
POST_COMPONENTS = ("(request-target)", "host", "date", "digest", "content-type")


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@dataclass(frozen=True)
class Request:
    """A request as a peer may send it: sound unless a test says otherwise."""

    method: str = "POST"
    target: str = "/inbox"
    body: bytes = BODY
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "host": "peer.example",
            "date": http_date(NOW),
            "digest": sha256_digest_header(BODY),
            "content-type": "application/activity+json",
        }
    )
    components: tuple[str, ...] = POST_COMPONENTS
    algorithm: str | None = "hs2019"
    created: int | None = None
    expires: int | None = None

    def signed(self, key: RSAPrivateKey | Ed25519PrivateKey, *, signed_target: str | None = None) -> Request:
        pseudo = {"(created)": str(self.created), "(expires)": str(self.expires)}
        text = signing_string(
            self.components,
            method=self.method,
            target=signed_target or self.target,
            values={**self.headers, **pseudo},
        )
        made = key.sign(text, PKCS1v15(), SHA256()) if isinstance(key, RSAPrivateKey) else key.sign(text)
        parts = [f'keyId="{KEY_ID}"', f'headers="{" ".join(self.components)}"']
        parts += [f'algorithm="{self.algorithm}"'] if self.algorithm is not None else []
        parts += [f"created={self.created}"] if self.created is not None else []
        parts += [f"expires={self.expires}"] if self.expires is not None else []
        parts += [f'signature="{base64.b64encode(made).decode()}"']
        return self.with_headers(signature=",".join(parts))

    def with_headers(self, **headers: str) -> Request:
        return replace(self, headers={**self.headers, **headers})

    def without_headers(self, *names: str) -> Request:
        return replace(self, headers={name: text for name, text in self.headers.items() if name not in names})

    def check(self, key: PublicKey, *, now: datetime = NOW) -> None:
        verify(
            read_signature(self.headers),
            method=self.method,
            target=self.target,
            headers=self.headers,
            body=self.body,
            key=key,
            now=now,
        )

    def refusal(self, key: PublicKey, *, now: datetime = NOW) -> str:
        with pytest.raises(SignatureRefusal) as refusal:
            self.check(key, now=now)
        return refusal.value.code


GET = Request(
    method="GET",
    target="/body",
    body=b"",
    headers={"host": "peer.example", "date": http_date(NOW)},
    components=("(request-target)", "host", "date"),
)


def sent(pair: RsaPair, *, method: str, target: str, body: bytes, headers: dict[str, str]) -> Request:
    added = sign_request(
        method=method, target=target, headers=headers, body=body, key_id=KEY_ID, key=pair.private, now=NOW
    )
    return Request(method=method, target=target, body=body, headers={**headers, **added})


class TestSigning:
    def test_a_signed_post_verifies(self, rsa_pair: RsaPair) -> None:
        request = sent(rsa_pair, method="POST", target="/inbox", body=BODY, headers={"host": "peer.example"})

        request.check(rsa_pair.public)

    def test_a_signed_get_verifies(self, rsa_pair: RsaPair) -> None:
        request = sent(rsa_pair, method="GET", target="/outbox?page=1", body=b"", headers={"host": "peer.example"})

        request.check(rsa_pair.public)

    def test_a_signed_post_names_what_every_peer_expects(self, rsa_pair: RsaPair) -> None:
        request = sent(rsa_pair, method="POST", target="/inbox", body=BODY, headers={"host": "peer.example"})
        claim = read_signature(request.headers)

        assert claim.key_id == KEY_ID
        assert claim.algorithm == "rsa-sha256"
        assert claim.headers == POST_COMPONENTS
        assert (claim.created, claim.expires) == (None, None)
        assert request.headers["date"] == "Sat, 21 Nov 2026 10:00:00 GMT"
        assert request.headers["content-type"] == "application/activity+json"

    def test_a_signed_get_has_neither_digest_nor_content_type(self, rsa_pair: RsaPair) -> None:
        request = sent(rsa_pair, method="GET", target="/body", body=b"", headers={"host": "peer.example"})

        assert set(request.headers) == {"host", "date", "signature"}

    def test_an_empty_post_still_has_a_digest(self, rsa_pair: RsaPair) -> None:
        request = sent(rsa_pair, method="POST", target="/inbox", body=b"", headers={"host": "peer.example"})

        assert request.headers["digest"] == sha256_digest_header(b"")
        request.check(rsa_pair.public)

    def test_a_content_type_that_is_given_is_kept_and_signed(self, rsa_pair: RsaPair) -> None:
        headers = {"host": "peer.example", "content-type": "application/ld+json"}
        request = sent(rsa_pair, method="POST", target="/inbox", body=BODY, headers=headers)

        assert request.headers["content-type"] == "application/ld+json"
        assert request.with_headers(**{"content-type": "text/plain"}).refusal(rsa_pair.public) == "signature-invalid"

    def test_the_date_is_written_in_gmt_wherever_the_clock_is(self, rsa_pair: RsaPair) -> None:
        berlin = NOW.astimezone().replace(tzinfo=None)
        added = sign_request(
            method="GET",
            target="/",
            headers={"host": "h"},
            body=b"",
            key_id=KEY_ID,
            key=rsa_pair.private,
            now=berlin.astimezone(),
        )

        assert added["date"] == "Sat, 21 Nov 2026 10:00:00 GMT"


class TestWhatIsAccepted:
    @pytest.mark.parametrize("algorithm", [None, "hs2019", "rsa-sha256", "RSA-SHA256"])
    def test_the_usual_labels_go_with_an_rsa_key(self, rsa_pair: RsaPair, algorithm: str | None) -> None:
        Request(algorithm=algorithm).signed(rsa_pair.private).check(rsa_pair.public)

    @pytest.mark.parametrize("algorithm", [None, "hs2019", "ed25519"])
    def test_the_usual_labels_go_with_an_ed25519_key(self, ed25519_pair: Ed25519Pair, algorithm: str | None) -> None:
        Request(algorithm=algorithm).signed(ed25519_pair.private).check(ed25519_pair.public)

    def test_created_stands_in_for_the_date(self, rsa_pair: RsaPair) -> None:
        components = ("(request-target)", "host", "(created)", "digest")
        request = Request(components=components, created=UNIX_NOW).without_headers("date")

        request.signed(rsa_pair.private).check(rsa_pair.public)

    def test_a_get_without_body_needs_no_digest(self, rsa_pair: RsaPair) -> None:
        GET.signed(rsa_pair.private).check(rsa_pair.public)

    def test_a_query_may_be_signed_or_left_out(self, rsa_pair: RsaPair) -> None:
        request = replace(GET, target="/outbox?page=1")

        request.signed(rsa_pair.private).check(rsa_pair.public)
        request.signed(rsa_pair.private, signed_target="/outbox").check(rsa_pair.public)

    def test_another_query_than_the_signed_one_is_refused(self, rsa_pair: RsaPair) -> None:
        request = replace(GET, target="/outbox?page=1").signed(rsa_pair.private)

        assert replace(request, target="/outbox?page=2").refusal(rsa_pair.public) == "signature-invalid"
        assert replace(request, target="/outbox").refusal(rsa_pair.public) == "signature-invalid"

    def test_spaces_around_header_values_do_not_matter(self, rsa_pair: RsaPair) -> None:
        Request().signed(rsa_pair.private).with_headers(host="  peer.example ").check(rsa_pair.public)

    def test_names_of_components_may_be_in_capitals(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private)
        capitals = request.headers["signature"].replace("host date digest", "Host Date Digest")

        request.with_headers(signature=capitals).check(rsa_pair.public)

    def test_unknown_parameters_are_ignored(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private)

        request.with_headers(signature=f'{request.headers["signature"]}, opaque="x"').check(rsa_pair.public)


class TestTheWindow:
    @pytest.mark.parametrize("age", [timedelta(minutes=-59), timedelta(), timedelta(minutes=59)])
    def test_an_hour_either_way_is_accepted(self, rsa_pair: RsaPair, age: timedelta) -> None:
        Request().with_headers(date=http_date(NOW - age)).signed(rsa_pair.private).check(rsa_pair.public)

    @pytest.mark.parametrize("age", [timedelta(minutes=-61), timedelta(minutes=61), timedelta(days=9000)])
    def test_more_than_an_hour_is_not(self, rsa_pair: RsaPair, age: timedelta) -> None:
        request = Request().with_headers(date=http_date(NOW - age)).signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "signature-expired"

    @pytest.mark.parametrize("age", [timedelta(minutes=-61), timedelta(minutes=61)])
    def test_created_has_the_same_window(self, rsa_pair: RsaPair, age: timedelta) -> None:
        created = int((NOW - age).timestamp())
        request = Request(components=("(request-target)", "host", "(created)", "digest"), created=created)

        assert request.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-expired"

    def test_a_stale_date_is_not_saved_by_a_fresh_created(self, rsa_pair: RsaPair) -> None:
        request = Request(components=(*POST_COMPONENTS, "(created)"), created=UNIX_NOW)
        stale = request.with_headers(date=http_date(NOW - timedelta(days=1)))

        assert stale.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-expired"

    @pytest.mark.parametrize(("hours", "is_accepted"), [(2, True), (11, True), (13, False)])
    def test_a_signed_expires_stretches_the_age_to_twelve_hours(
        self, rsa_pair: RsaPair, hours: int, *, is_accepted: bool
    ) -> None:
        request = Request(
            components=("(request-target)", "host", "(created)", "(expires)", "digest"),
            created=UNIX_NOW - hours * 3600,
            expires=UNIX_NOW + 10 * 365 * 86400,
        ).signed(rsa_pair.private)

        if is_accepted:
            request.check(rsa_pair.public)
        else:
            assert request.refusal(rsa_pair.public) == "signature-expired"

    def test_an_unsigned_expires_stretches_nothing(self, rsa_pair: RsaPair) -> None:
        request = Request(expires=UNIX_NOW + 86400).with_headers(date=http_date(NOW - timedelta(hours=2)))

        assert request.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-expired"

    @pytest.mark.parametrize("components", [POST_COMPONENTS, (*POST_COMPONENTS, "(expires)")])
    def test_an_expires_that_has_passed_ends_it(self, rsa_pair: RsaPair, components: tuple[str, ...]) -> None:
        request = Request(components=components, expires=UNIX_NOW - 1)

        assert request.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-expired"

    @pytest.mark.parametrize(
        "text", ["", "yesterday", "Sat, 21 Nov 2026 10:00:00", "Sat, 21 Nov 2026 10:00:00 -0000", "0" * 400, "1 1 1 1"]
    )
    def test_a_date_that_is_none_is_refused(self, rsa_pair: RsaPair, text: str) -> None:
        request = Request().with_headers(date=text).signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "signature-malformed"

    def test_a_moment_outside_the_calendar_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request(created=999_999_999_999).signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "signature-malformed"


class TestWhatMustBeCovered:
    @pytest.mark.parametrize("component", ["(request-target)", "host", "date", "digest"])
    def test_a_post_that_leaves_one_out_is_refused(self, rsa_pair: RsaPair, component: str) -> None:
        components = tuple(name for name in POST_COMPONENTS if name != component)
        request = Request(components=components).signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "signature-component"

    @pytest.mark.parametrize("component", ["(request-target)", "host", "date"])
    def test_a_get_that_leaves_one_out_is_refused(self, rsa_pair: RsaPair, component: str) -> None:
        components = tuple(name for name in GET.components if name != component)

        assert replace(GET, components=components).signed(rsa_pair.private).refusal(rsa_pair.public) == (
            "signature-component"
        )

    def test_a_get_with_a_body_needs_a_digest(self, rsa_pair: RsaPair) -> None:
        request = replace(GET, body=b"x").signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "digest-missing"

    def test_a_post_whose_digest_was_taken_away_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private).without_headers("digest")

        assert request.refusal(rsa_pair.public) == "digest-missing"

    def test_a_post_without_a_digest_cannot_be_emptied(self, rsa_pair: RsaPair) -> None:
        request = Request(components=("(request-target)", "host", "date")).signed(rsa_pair.private)

        assert replace(request, body=b"").refusal(rsa_pair.public) == "signature-component"

    def test_a_component_that_was_not_sent_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private).without_headers("content-type")

        assert request.refusal(rsa_pair.public) == "signature-component"

    def test_created_without_its_parameter_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request(components=("(request-target)", "host", "(created)", "digest"))

        assert request.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-component"

    def test_a_header_named_like_a_parameter_does_not_stand_in_for_it(self, rsa_pair: RsaPair) -> None:
        components = ("(request-target)", "host", "(created)", "digest")
        request = Request(components=components, created=UNIX_NOW - 10 * 365 * 86400).signed(rsa_pair.private)
        timeless = request.headers["signature"].replace(f"created={request.created},", "")

        disguised = request.with_headers(signature=timeless, **{"(created)": str(request.created)})

        assert disguised.refusal(rsa_pair.public) == "signature-component"

    @pytest.mark.parametrize("name", ["(created)", "(expires)"])
    def test_the_older_label_does_not_go_with_the_newer_components(self, rsa_pair: RsaPair, name: str) -> None:
        request = Request(
            components=(*POST_COMPONENTS, name), algorithm="rsa-sha256", created=UNIX_NOW, expires=UNIX_NOW + 60
        )

        assert request.signed(rsa_pair.private).refusal(rsa_pair.public) == "signature-component"


class TestForgeries:
    def test_another_key_is_refused(self, rsa_pair: RsaPair, other_rsa_pair: RsaPair) -> None:
        assert Request().signed(rsa_pair.private).refusal(other_rsa_pair.public) == "signature-invalid"

    def test_a_key_of_the_other_type_is_refused(self, rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
        assert Request().signed(rsa_pair.private).refusal(ed25519_pair.public) == "signature-invalid"
        assert Request().signed(ed25519_pair.private).refusal(rsa_pair.public) == "signature-invalid"

    @pytest.mark.parametrize("algorithm", ["hmac-sha256", "rsa-sha1", "rsa-sha512", "ed25519", "none", "ecdsa-sha256"])
    def test_a_label_that_does_not_go_with_an_rsa_key_is_refused(self, rsa_pair: RsaPair, algorithm: str) -> None:
        request = Request(algorithm=algorithm).signed(rsa_pair.private)

        assert request.refusal(rsa_pair.public) == "signature-algorithm"

    @pytest.mark.parametrize("algorithm", ["rsa-sha256", "hmac-sha256"])
    def test_a_label_that_does_not_go_with_an_ed25519_key_is_refused(
        self, ed25519_pair: Ed25519Pair, algorithm: str
    ) -> None:
        request = Request(algorithm=algorithm).signed(ed25519_pair.private)

        assert request.refusal(ed25519_pair.public) == "signature-algorithm"

    def test_a_short_rsa_key_is_refused(self) -> None:
        short = generate_private_key(public_exponent=65537, key_size=1024)

        assert Request().signed(short).refusal(short.public_key()) == "key-unsuitable"

    def test_a_key_of_a_third_type_is_refused(self, rsa_pair: RsaPair) -> None:
        elliptic = cast("PublicKey", ec.generate_private_key(ec.SECP256R1()).public_key())

        assert Request().signed(rsa_pair.private).refusal(elliptic) == "key-unsuitable"

    def test_another_body_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private)

        assert replace(request, body=BODY + b" ").refusal(rsa_pair.public) == "digest-mismatch"

    def test_another_body_with_its_own_digest_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private).with_headers(digest=sha256_digest_header(b"x"))

        assert replace(request, body=b"x").refusal(rsa_pair.public) == "signature-invalid"

    @pytest.mark.parametrize(
        ("change", "value"), [("method", "PUT"), ("target", "/other"), ("target", "/inbox/"), ("target", "/inbox%2F")]
    )
    def test_another_target_is_refused(self, rsa_pair: RsaPair, change: str, value: str) -> None:
        request = Request().signed(rsa_pair.private)
        moved = replace(request, method=value) if change == "method" else replace(request, target=value)

        assert moved.refusal(rsa_pair.public) == "signature-invalid"

    def test_another_host_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private).with_headers(host="victim.example")

        assert request.refusal(rsa_pair.public) == "signature-invalid"

    @pytest.mark.parametrize("target", ["", "inbox", "http://peer.example/inbox", "*"])
    def test_a_target_that_is_no_path_is_refused(self, rsa_pair: RsaPair, target: str) -> None:
        request = replace(Request().signed(rsa_pair.private), target=target)

        assert request.refusal(rsa_pair.public) == "signature-malformed"

    @pytest.mark.parametrize("host", ["peer.example\ndate: x", "peer\r.example", "pé.example"])
    def test_a_header_that_could_fake_another_line_is_refused(self, rsa_pair: RsaPair, host: str) -> None:
        request = Request().signed(rsa_pair.private).with_headers(host=host)

        assert request.refusal(rsa_pair.public) == "signature-malformed"


class TestBeforeTheKeyIsKnown:
    @staticmethod
    def refusal(request: Request, *, now: datetime = NOW) -> str | None:
        claim, headers = read_signature(request.headers), request.headers
        try:
            check_claim(
                claim, method=request.method, target=request.target, headers=headers, body=request.body, now=now
            )
        except SignatureRefusal as refused:
            return refused.code
        return None

    def test_what_no_key_can_save_is_refused(self, rsa_pair: RsaPair) -> None:
        request = Request().signed(rsa_pair.private)

        assert self.refusal(request, now=NOW + timedelta(days=1)) == "signature-expired"
        assert self.refusal(replace(request, body=b"x")) == "digest-mismatch"
        assert self.refusal(replace(request, target="inbox")) == "signature-malformed"
        assert self.refusal(request.without_headers("host")) == "signature-component"
        assert self.refusal(Request(algorithm="hmac-sha256").signed(rsa_pair.private)) == "signature-algorithm"

    def test_what_a_key_must_decide_passes(self, rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
        assert self.refusal(Request().signed(rsa_pair.private).with_headers(host="other.example")) is None
        assert self.refusal(Request(algorithm="ed25519").signed(ed25519_pair.private)) is None


class TestTheHeader:
    def test_an_unsigned_request_is_told_so(self) -> None:
        for headers in ({}, {"signature": ""}):
            with pytest.raises(SignatureRefusal) as refusal:
                read_signature(headers)
            assert refusal.value.code == "signature-missing"

    @pytest.mark.parametrize(
        "repeated", ['keyId="https://victim.example/body#main-key"', 'headers="host"', 'KEYID="x"']
    )
    def test_a_parameter_that_stands_twice_is_refused(self, rsa_pair: RsaPair, repeated: str) -> None:
        header = Request().signed(rsa_pair.private).headers["signature"]

        for text in (f"{header},{repeated}", f"{repeated},{header}"):
            with pytest.raises(SignatureRefusal) as refusal:
                read_signature({"signature": text})
            assert refusal.value.code == "signature-malformed"

    def test_two_signature_headers_are_refused(self, rsa_pair: RsaPair) -> None:
        header = Request().signed(rsa_pair.private).headers["signature"]

        with pytest.raises(SignatureRefusal) as refusal:
            read_signature({"signature": f"{header}, {header}"})

        assert refusal.value.code == "signature-malformed"

    @pytest.mark.parametrize(
        "header",
        [
            "x",
            "sig1=:YWJj:",
            'keyId="a"',
            'signature="YWJj"',
            'keyId="",signature="YWJj"',
            'keyId="a",signature=""',
            'keyId="a",signature="!"',
            'keyId="a",signature="YWJj\n"',
            'keyId="a",signature="YW=Jj"',
            'keyId="a",headers="",signature="YWJj"',
            'keyId="a",headers="host  date",signature="YWJj"',
            'keyId="a",headers=" host",signature="YWJj"',
            'keyId="a",headers="host Host",signature="YWJj"',
            'keyId="a",created="soon",signature="YWJj"',
            'keyId="a",created=1.5,signature="YWJj"',
            'keyId="a",created=-1,signature="YWJj"',
            'keyId="a",created=01,signature="YWJj"',
            'keyId="a",expires=9999999999999,signature="YWJj"',
            'keyId="a\x00",signature="YWJj"',
            'keyId="a',
            'keyId="a" signature="YWJj"',
            ',keyId="a",signature="YWJj"',
            'keyId="a",signature="YWJj",',
            f'keyId="{"a" * 2049}",signature="YWJj"',
            f'keyId="a",headers="{" ".join(map(str, range(33)))}",signature="YWJj"',
            f'keyId="a",signature="YWJj",x="{"a" * 9000}"',
        ],
    )
    def test_a_header_that_cannot_be_read_is_refused(self, header: str) -> None:
        with pytest.raises(SignatureRefusal) as refusal:
            read_signature({"signature": header})

        assert refusal.value.code == "signature-malformed"

    def test_without_a_list_only_the_date_is_claimed(self) -> None:
        assert read_signature({"signature": 'keyId="a",signature="YWJj"'}).headers == ("date",)

    def test_numbers_may_stand_in_quotes_or_not(self) -> None:
        claim = read_signature({"signature": 'keyId="a",created=5,expires="6",signature="YWJj"'})

        assert (claim.created, claim.expires) == (5, 6)
