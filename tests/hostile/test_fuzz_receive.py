"""Whatever is posted to the inbox, it is a defined refusal or a record, and no private address is connected to.

FUZZ_EXAMPLES=100000 looks for longer, and elsewhere at each run.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.ports import ANY_KIND
from federation.receive.dispatch import kind_of
from node.inbound import TABLE
from tests.hostile import drawn
from tests.hostile.receiver import ACCEPTED, CLIENT_FAULT, SERVER_FAULT, Receiver, is_private, listening, open_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FEW = 60
profile = settings(
    max_examples=LONG or FEW,
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
signings = st.sampled_from(("cavage", "cavage", "cavage", "message", "relay", "none"))


@pytest.fixture(scope="module")
def receiver(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    folder = tmp_path_factory.mktemp("receiver")
    shutil.copyfile(_migrated_sqlite, folder / "node.db")
    made = open_receiver(folder / "data", f"sqlite:///{folder / 'node.db'}")
    yield made
    made.close()


def check(receiver: Receiver, body: bytes, how: str) -> int:
    with listening() as connected:
        status = receiver.take(body, receiver.headers_for(body, how))
    assert status == ACCEPTED or CLIENT_FAULT <= status < SERVER_FAULT
    assert [address for address in connected if is_private(address)] == []
    return status


def test_every_valid_activity_of_the_corpus_is_taken(receiver: Receiver) -> None:
    documents = drawn.valid_activities(receiver)

    statuses = [
        check(
            receiver,
            json.dumps(document).encode(),
            "relay" if document["actor"] != receiver.peer.actor_id else "cavage",
        )
        for document in documents
    ]

    assert statuses == [ACCEPTED] * len(documents)


def test_the_corpus_has_an_activity_for_every_handler(receiver: Receiver) -> None:
    documents = drawn.valid_activities(receiver)

    reached = {(document["type"], kind_of(document)) for document in documents}

    assert {pair for pair in TABLE if pair not in reached and pair[1] != ANY_KIND} == set()
    assert {kind for kind, about in TABLE if about == ANY_KIND} <= {kind for kind, _ in reached}


@profile
@given(data=st.data(), how=signings)
def test_mutated_activities_are_refused_or_recorded(receiver: Receiver, data: st.DataObject, how: str) -> None:
    document = drawn.renewed(data.draw(drawn.mutated(receiver)), next(receiver.numbers))

    check(receiver, json.dumps(document).encode(), how)


@profile
@given(data=st.data(), how=signings)
def test_activities_proven_after_they_were_mutated_are_refused_or_recorded(
    receiver: Receiver, data: st.DataObject, how: str
) -> None:
    document = drawn.renewed(data.draw(drawn.mutated(receiver)), next(receiver.numbers))
    about = document.get("object")
    if isinstance(about, dict) and "proof" in about:
        document["object"] = _proven(receiver, about)

    check(receiver, json.dumps(_proven(receiver, document)).encode(), how)


@profile
@given(data=st.data(), how=signings)
def test_invented_activities_are_refused_or_recorded(receiver: Receiver, data: st.DataObject, how: str) -> None:
    document = drawn.renewed(data.draw(drawn.invented(receiver)), next(receiver.numbers))

    check(receiver, json.dumps(document).encode(), how)


@profile
@given(data=st.data(), how=signings)
def test_altered_bytes_are_refused_or_recorded(receiver: Receiver, data: st.DataObject, how: str) -> None:
    check(receiver, data.draw(drawn.altered_bytes(receiver)), how)


@profile
@given(body=st.binary(max_size=400), how=signings)
def test_any_bytes_are_refused(receiver: Receiver, body: bytes, how: str) -> None:
    assert check(receiver, body, how) != ACCEPTED


NAMES = (
    *("signature", "signature-input", "digest", "content-digest", "date", "host", "content-type"),
    *("collection-synchronization", "position-synchronization", "content-encoding", "accept-signature"),
)


@profile
@given(data=st.data())
def test_altered_headers_are_refused_or_recorded(receiver: Receiver, data: st.DataObject) -> None:
    body = json.dumps(drawn.valid_activities(receiver)[0]).encode()
    headers = dict(receiver.headers_for(body, data.draw(signings)))
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(NAMES))
        value = headers.get(name, "")
        start = data.draw(st.integers(0, len(value)))
        piece = data.draw(
            st.text(max_size=8) | st.sampled_from(('"', ",", ";", "=", "(", ")", ":", "sha-512=", "keyId="))
        )
        headers[name] = value[:start] + piece + value[data.draw(st.integers(start, len(value))) :]

    with listening() as connected:
        status = receiver.take(body, headers)

    assert status == ACCEPTED or CLIENT_FAULT <= status < SERVER_FAULT
    assert [address for address in connected if is_private(address)] == []


def _proven(receiver: Receiver, document: drawn.Document) -> drawn.Document:
    try:
        return receiver.peer.proven(document)
    except Exception:  # noqa: BLE001  # what has no canonical form stays unproven
        return document
