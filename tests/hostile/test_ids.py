"""Group 3 of protocol.md §5: names that are no addresses, or addresses of somebody or something else."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.doors.peers import ACTIVITY, as_bytes
from tests.hostile.siege import filled

if TYPE_CHECKING:
    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_ADDRESS = {
    "a script": "javascript:alert(1)",
    "data": "data:application/activity+json,{}",
    "a file": "file:" + "///secret",
    "a mail address": "mailto:ana@coop.example",
    "an account": "acct:ana@coop.example",
    "a DID": "did:web:coop.example",
    "a URN": "urn:uuid:9ae7ecac-0000-4000-8000-000000000000",
    "another protocol": "ftp://coop.example/1",
    "capital protocol": "JAVASCRIPT:alert(1)",
    "no protocol": "//coop.example/1",
    "a path": "/activities/1",
    "a fragment": "#1",
    "a word": "1",
    "a space": " ",
    "no host": "https:///1",
    "only a port": "https://:443/1",
    "only a dot": "https://./1",
    "a user": "https://ana@coop.example/1",
    "a user without a name": "https://@coop.example/1",
    "a user and password": "https://ana:secret@coop.example/1",
    "a port of letters": "https://coop.example:https/1",
    "a port of -1": "https://coop.example:-1/1",
    "a port of 65536": "https://coop.example:65536/1",
    "a line break": "https://coop.example/1\nHost: evil.example",
    "a tab in the protocol": "ht\ttps://coop.example/1",
    "a tab in the host": "https://coop.exa\tmple/1",
    "a bidirectional mark": "https://coop.example/\u202e1",
    "a zero-width space": "https://coop.example/\u200b1",
    "a broken v6 address": "https://[::1/1",
    "a v6 address with a zone": "https://[fe80::1%25eth0]/1",
    "ten thousand characters": "https://coop.example/" + "a" * 10_000,
    "a Cyrillic letter": "https://c\u043eop.example/1",
    "full-width letters": "https://\uff43oop.example/1",
    "an ideographic full stop": "https://coop\u3002example/1",
    "a soft hyphen": "https://co\u00adop.example/1",
    "a backslash for a slash": "https://evil.example\\.coop.example/1",
    "a space in the host": "https://coop.example .evil.example/1",
    "a space before": " https://coop.example/1",
    "a percent in the host": "https://coop%2eexample/1",
    "a quote in the host": "https://coop.exa'mple/1",
    "a template in the host": "https://{host}/1",
}


@pytest.mark.parametrize("member", ["id", "actor"])
@pytest.mark.parametrize("name", NO_ADDRESS)
async def test_what_is_no_plain_address_names_neither_an_activity_nor_an_actor(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str, member: str
) -> None:
    document = besieged.there.activity(**{member: NO_ADDRESS[name]})

    async with besieged.nothing_happens(caplog):
        answer = await besieged.send(document)

    assert (answer.status, answer.code) == (400, "activity-malformed")


NOT_THEIRS = {
    "our own origin": ("{here}/activities/1", "id-origin"),
    "our own proposal": ("{here}/proposals/1", "id-origin"),
    "another port": ("http://127.0.0.1:1/activities/1", "id-origin"),
    "another protocol": ("{there_https}/activities/1", "id-origin"),
    "another name of the same machine": ("{there_localhost}/activities/1", "id-origin"),
    "the same address in octal": ("{there_octal}/activities/1", "id-origin"),
    "the same address as one number": ("{there_decimal}/activities/1", "id-origin"),
    "the same address mapped into v6": ("{there_mapped}/activities/1", "id-origin"),
    "the same address inside v6": ("{there_compatible}/activities/1", "id-origin"),
    "a host that only ends like theirs": ("{there}.evil.example/activities/1", "id-origin"),
}


def spellings(origin: str) -> dict[str, str]:
    port = origin.rpartition(":")[2]
    hosts = {
        "localhost": "localhost", "octal": "0177.0.0.1", "decimal": "2130706433", "mapped": "[::ffff:127.0.0.1]",
        "compatible": "[::127.0.0.1]",
    }  # fmt: skip
    made = {f"there_{name}": f"http://{host}:{port}" for name, host in hosts.items()}
    return made | {"there_https": f"https://127.0.0.1:{port}"}


@pytest.mark.parametrize("name", NOT_THEIRS)
async def test_an_id_of_any_other_origin_is_refused_however_it_is_spelt(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    address, code = NOT_THEIRS[name]
    names = spellings(besieged.there.origin) | besieged.names_of()

    async with besieged.nothing_happens(caplog):
        answer = await besieged.send(besieged.there.activity(id=filled(address, names)))

    # A port and a host glued together is no port.
    assert (answer.status, answer.code) in {(403, code), (400, "activity-malformed")}


OURS = {
    "as we write it": "{here}/body",
    "with a query": "{here}/body?x",
    "with a fragment": "{here}/body#main-key",
    "with a user": "http://x@{authority}/body",
    "with a dot after the host": "http://127.0.0.1.:{port}/body",
    "the instance actor": "{here}/actor",
    "in capitals": "HTTP://127.0.0.1:{port}/body",
}


@pytest.mark.parametrize("name", OURS)
async def test_nobody_speaks_for_this_node_however_it_is_spelt(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    authority = besieged.wire.authority
    names = besieged.names_of(authority=authority, port=authority.partition(":")[2])
    actor = filled(OURS[name], names)

    async with besieged.nothing_happens(caplog):
        answer = await besieged.send(besieged.there.activity(actor=actor, id=f"{besieged.node.origin}/activities/9"))

    assert (answer.status, answer.code) in {(403, "actor-local"), (400, "activity-malformed")}


FORBIDDEN_KEYS = {
    "metadata": "http://169.254.169.254/latest#key",
    "a private address": "https://10.0.0.1/actor#key",
    "carrier-grade NAT": "https://100.64.0.1/actor#key",
    "unspecified": "https://0.0.0.0/actor#key",
    "unspecified v6": "https://[::]/actor#key",
    "loopback v6, on https": "https://[::1]/actor#key",
    "mapped": "https://[::ffff:127.0.0.1]/actor#key",
    "compatible": "https://[::127.0.0.1]/actor#key",
    "NAT64": "https://[64:ff9b::7f00:1]/actor#key",
    "6to4": "https://[2002:7f00:1::]/actor#key",
    "Teredo": "https://[2001:0:7f00:1::]/actor#key",
    "unique local": "https://[fd00::1]/actor#key",
    "another port": "https://coop.example:8443/actor#key",
    "plain http": "http://coop.example/actor#key",
    "octal": "https://0177.0.0.1/actor#key",
    "one number": "https://2130706433/actor#key",
    "hexadecimal": "https://0x7f.1/actor#key",
    "a key that is no address": "acct:x@coop.example",
    "a file": "file:" + "///secret.key",
    "nothing": "",
    "a fragment": "#key",
}


@pytest.mark.parametrize("name", FORBIDDEN_KEYS)
async def test_no_key_is_fetched_from_an_address_that_is_not_public(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    key_id = FORBIDDEN_KEYS[name]
    body = as_bytes(besieged.there.activity())
    document = besieged.there.proven(besieged.there.activity())
    document["proof"]["verificationMethod"] = key_id
    before = list(besieged.names.asked)

    async with besieged.nothing_happens(caplog):
        signed = await besieged.post(body, besieged.there.signed_headers(besieged.wire, body, key_id=key_id))
        proven = await besieged.post(as_bytes(document), {"Content-Type": ACTIVITY})
        # Names that look like addresses may reach the resolver, which knows nobody; sockets are guarded after it.
        del besieged.names.asked[len(before) :]

    assert {signed.status, proven.status} == {401}
    assert b"127.0.0.1" not in signed.body + proven.body


@pytest.mark.parametrize("member", ["id", "actor"])
async def test_nothing_is_remembered_of_long_names_of_hosts(besieged: Siege, member: str) -> None:
    tracemalloc.start()
    for number in range(20):
        document = besieged.there.activity(**{member: f"https://{number}{'a' * 900_000}.example"})
        answer = await besieged.post(as_bytes(document), {"Content-Type": ACTIVITY})
        assert (answer.status, answer.code) == (400, "activity-malformed")
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 5_000_000
