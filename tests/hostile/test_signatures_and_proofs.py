"""Groups 4 and 5 of protocol.md §5: signatures and proofs spoilt in one place, each refused before anybody is asked.

What the two signature schemes accept and refuse in general is asked in tests/signatures and tests/doors.
"""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from identity.proofs import eddsa_jcs_2022
from tests.doors.peers import ACTIVITY, NOON, as_bytes, ed25519_key

if TYPE_CHECKING:
    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPOILT_PROOFS: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "another type": {"type": "Ed25519Signature2020"},
    "another suite": {"cryptosuite": "eddsa-rdfc-2022"},
    "a suite in a list": {"cryptosuite": ["eddsa-jcs-2022"]},
    "no suite": {"cryptosuite": None},
    "another purpose": {"proofPurpose": "authentication"},
    "two purposes": {"proofPurpose": ["assertionMethod", "authentication"]},
    "no method": {"verificationMethod": None},
    "a method that is an object": {"verificationMethod": {"id": "{key}"}},
    "two methods": {"verificationMethod": ["{key}", "{key}"]},
    "the RSA key": {"verificationMethod": "{actor}#main-key"},
    "a key nobody lists": {"verificationMethod": "{actor}#nobody"},
    "expired": {"expires": "2026-11-21T11:59:59Z"},
    "from tomorrow": {"created": "2026-11-22T12:00:00Z"},
    "made at no time": {"created": "yesterday"},
    "made at a number": {"created": 5},
    "expires never": {"expires": None},
    "another context": {"@context": ["https://evil.example/context"]},
    "contexts the other way round": {
        "@context": ["https://w3id.org/security/data-integrity/v2", "https://www.w3.org/ns/activitystreams"]
    },
    "leaning on another": {"previousProof": "urn:uuid:1"},
    "base64url": {"proofValue": "uAAAA"},
    "hexadecimal": {"proofValue": "f00"},
    "base58 with a zero": {"proofValue": "z0OIl"},
    "no value": {"proofValue": None},
    "an empty value": {"proofValue": ""},
    "a short value": {"proofValue": "z111"},
    "a long value": {"proofValue": "z" + "1" * 5000},
    "a value of a megabyte": {"proofValue": "z" + "2" * 400_000},
    "a value in a list": {"proofValue": ["z1"]},
    "one member too many": {"domain": "elsewhere.example"},
}


@pytest.mark.parametrize("name", SPOILT_PROOFS)
async def test_a_proof_spoilt_in_one_place_is_refused_with_and_without_a_good_signature(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    there = besieged.there
    names = {"key": there.keys.ed25519_id, "actor": there.actor_id}
    document = there.proven(there.activity())
    changes = {member: _named(value, names) for member, value in SPOILT_PROOFS[name].items()}
    removed = {member for member, value in changes.items() if value is None and member != "expires"}
    document["proof"] = {
        member: value for member, value in {**document["proof"], **changes}.items() if member not in removed
    }
    asked = there.asked.total()

    answers = [await besieged.send(document), await besieged.post(as_bytes(document), {"Content-Type": ACTIVITY})]

    assert [answer.status for answer in answers] == [401, 401]
    assert {answer.code.partition("-")[0] for answer in answers} <= {"proof", "key"}
    assert there.asked.total() - asked <= 1, "at most the key is asked for again"
    assert [record for record in caplog.records if record.exc_info] == []


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, dict):
        return {member: _named(one, names) for member, one in value.items()}
    return value.format(**names) if isinstance(value, str) else value


WRONG_PROOFS: tuple[Any, ...] = (5, "proof", [], {}, True, [{}], {"@context": []})


@pytest.mark.parametrize("proof", WRONG_PROOFS, ids=str)
async def test_a_proof_that_is_none_is_refused(besieged: Siege, caplog: pytest.LogCaptureFixture, proof: Any) -> None:
    async with besieged.nothing_happens(caplog):
        answer = await besieged.send({**besieged.there.activity(), "proof": proof})

    assert answer.status == 401
    assert answer.code.startswith("proof-")


async def test_nothing_is_remembered_of_long_names_of_keys(besieged: Siege) -> None:
    proof = besieged.there.proven(besieged.there.activity())["proof"]
    tracemalloc.start()
    for number in range(20):
        method = f"https://{number}.example/{'a' * 900_000}"
        document = {**besieged.there.activity(), "proof": {**proof, "verificationMethod": method}}
        answer = await besieged.post(as_bytes(document), {"Content-Type": ACTIVITY})
        assert (answer.status, answer.code) == (401, "key-unavailable")
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 5_000_000
    assert besieged.names.asked == []


async def test_no_byte_of_an_announced_activity_can_be_altered(besieged: Siege) -> None:
    there = besieged.there
    inner = there.proven(there.activity(id=f"{there.origin}/activities/inner"))
    altered = [
        {**inner, "type": "Update"},
        {**inner, "published": "2026-11-21T12:00:00Z"},
        {**inner, "object": {**inner["object"], "content": "hello "}},
        {name: value for name, value in inner.items() if name != "@context"},
    ]

    for number, one in enumerate(altered):
        outer = there.activity(id=f"{there.origin}/activities/outer-{number}", type="Announce", object=one)
        answer = await besieged.send(outer)
        assert answer.status in {401, 403}
        assert await besieged.fate(inner["id"]) == ("absent", None)


async def test_a_proof_made_for_one_activity_proves_no_other(besieged: Siege) -> None:
    there = besieged.there
    lent = there.proven(there.activity())["proof"]
    note = eddsa_jcs_2022.sign(
        there.activity()["object"], key=ed25519_key("hostile"), verification_method=there.keys.ed25519_id, created=NOON
    )["proof"]

    for proof in (lent, note):
        other = {**there.activity(id=f"{there.origin}/activities/other"), "proof": proof}
        answer = await besieged.post(as_bytes(other), {"Content-Type": ACTIVITY})
        assert (answer.status, answer.code) == (401, "proof-invalid")


SPOILT_SIGNATURES = {
    "nothing": "",
    "no members": "Signature",
    "no key": 'headers="host date",signature="AAAA"',
    "no signature": 'keyId="{key}",headers="host date"',
    "two keys": 'keyId="{key}",keyId="{key}",headers="host date",signature="AAAA"',
    "two signatures": 'keyId="{key}",headers="host date",signature="AAAA",signature="BBBB"',
    "no base64": 'keyId="{key}",headers="host date",signature="!!!!"',
    "a header that was not sent": 'keyId="{key}",headers="(request-target) host date digest x-none",signature="AAAA"',
    "no target": 'keyId="{key}",headers="host date digest",signature="AAAA"',
    "no host": 'keyId="{key}",headers="(request-target) date digest",signature="AAAA"',
    "no digest": 'keyId="{key}",headers="(request-target) host date",signature="AAAA"',
    "no date": 'keyId="{key}",headers="(request-target) host digest",signature="AAAA"',
    "no headers": 'keyId="{key}",headers="",signature="AAAA"',
    "one header twice": 'keyId="{key}",headers="(request-target) host host date digest",signature="AAAA"',
    "no algorithm at all": 'keyId="{key}",algorithm="none",headers="(request-target) host date digest",signature=""',
    "an algorithm of old": 'keyId="{key}",algorithm="rsa-sha1",headers="(request-target) host date",signature="AA"',
    "a quote that never ends": 'keyId="{key}",headers="(request-target) host date digest,signature=AAAA',
    "ten thousand headers": 'keyId="{key}",headers="' + "host " * 1200 + '",signature="AAAA"',
    "good until 2040, thirteen hours old": 'keyId="{key}",algorithm="hs2019",created=1795215600,expires=2209032000,'
    'headers="(request-target) (created) (expires) host digest",signature="AAAA"',
    "made in 1970": 'keyId="{key}",created=0,headers="(request-target) (created) host digest",signature="AA"',
    "made at an endless number": 'keyId="{key}",created=' + "9" * 5000 + ',headers="(created)",signature="AAAA"',
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT_SIGNATURES)
async def test_a_signature_spoilt_in_one_place_is_refused_without_asking_anybody(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    body = as_bytes(besieged.there.activity())
    honest = besieged.there.signed_headers(besieged.wire, body)
    signature = SPOILT_SIGNATURES[name].replace("{key}", besieged.there.keys.rsa_id)

    async with besieged.nothing_happens(caplog):
        answer = await besieged.post(body, honest | {"signature": signature})

    assert answer.status == 401
    assert answer.code.startswith(("signature-", "digest-"))


@pytest.mark.parametrize(
    "digest", ["", "MD5=AAAA", "SHA-512=AAAA", "SHA-256", "SHA-256=", "SHA-256=!!!!", "sha-256=:AAAA=:"]
)
async def test_a_digest_of_another_kind_is_refused_without_asking_anybody(
    besieged: Siege, caplog: pytest.LogCaptureFixture, digest: str
) -> None:
    body = as_bytes(besieged.there.activity())
    honest = besieged.there.signed_headers(besieged.wire, body)

    async with besieged.nothing_happens(caplog):
        answer = await besieged.post(body, honest | {"digest": digest})

    assert answer.status == 401
    assert answer.code.startswith("digest-")
