"""Reading what peers send and building what we send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.authoring import followers_id
from federation.errors import FetchFailure
from federation.fetch.actors import MAX_ACTOR_BYTES, read_actor
from federation.peers import directory
from federation.vocabulary import activities as builders
from federation.vocabulary import reading
from federation.vocabulary.terms import PUBLIC
from federation.vocabulary.times import read_time, wire_time
from storage.engine import open_store
from tests.doors.peers import NOON, Peer, peer, wire

BODY = "https://coop.example/body"
ENVELOPE = builders.Envelope(activity_id="https://coop.example/a/1", actor=BODY, published=NOON, to=[PUBLIC])


# --- reading


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (BODY, BODY),
        ({"id": BODY, "type": "Group"}, BODY),
        ([BODY], BODY),
        ([{"id": BODY}], BODY),
        ([BODY, BODY], None),
        ({"id": 5}, None),
        ({}, None),
        ("", None),
        (5, None),
        (None, None),
    ],
)
def test_an_id_is_found_in_every_spelling(value: object, found: str | None) -> None:
    assert reading.id_of(value) == found


def test_readers_never_raise_on_strange_shapes() -> None:
    strange: list[Any] = [
        None,
        5,
        "x",
        [],
        [[]],
        {"type": 5},
        {"type": [5, {}]},
        {"governance": [], "object": 5, "to": {}},
    ]
    for document in strange:
        assert reading.first_type(document) == ""
        assert reading.governance_kind(document) == ""
        assert isinstance(reading.ids_of(document), list)
        if isinstance(document, dict):
            assert reading.object_of(document) is None
            assert not reading.is_public(document)


@pytest.mark.parametrize("address", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("member", ["to", "cc", "audience"])
def test_public_is_recognised_in_its_three_spellings(address: str, member: str) -> None:
    assert reading.is_public({member: ["https://x.example/", address]})


def test_times_are_read_back_as_written_and_nonsense_is_none() -> None:
    moment = datetime(2026, 11, 21, 10, 0, 0, 250_000, tzinfo=UTC)

    assert wire_time(moment) == "2026-11-21T10:00:00.250Z"
    assert read_time(wire_time(moment)) == moment
    assert [read_time(text) for text in ("2026-11-21", "2026-11-21T10:00:00", "soon", 5, None)] == [None] * 5


# --- building


@pytest.mark.parametrize(
    ("built", "kind", "about"),
    [
        (builders.create(ENVELOPE, {"id": "x"}), "Create", {"id": "x"}),
        (builders.update(ENVELOPE, {"id": "x"}), "Update", {"id": "x"}),
        (builders.delete(ENVELOPE, "x"), "Delete", {"id": "x", "type": "Tombstone"}),
        (builders.announce(ENVELOPE, "x"), "Announce", "x"),
        (builders.accept(ENVELOPE, "x"), "Accept", "x"),
        (builders.reject(ENVELOPE, "x"), "Reject", "x"),
        (builders.leave(ENVELOPE, "x"), "Leave", "x"),
        (builders.follow(ENVELOPE, "x"), "Follow", "x"),
        (builders.undo(ENVELOPE, "x"), "Undo", "x"),
    ],
)
def test_every_activity_names_itself_its_actor_and_its_object(built: dict[str, Any], kind: str, about: Any) -> None:
    assert (built["id"], built["type"], built["actor"]) == ("https://coop.example/a/1", kind, BODY)
    assert (built["object"], built["to"], built["published"]) == (about, [PUBLIC], "2026-11-21T12:00:00Z")
    assert "cc" not in built
    assert "governance" not in built


def test_a_join_carries_its_application_and_an_answer_its_receipt() -> None:
    application = {"kind": "application", "body": "did:web:coop.example"}

    assert builders.join(ENVELOPE, "https://assembly.example/body", governance=application)["governance"] == application
    assert builders.accept(ENVELOPE, "x", governance={"kind": "receipt"})["governance"] == {"kind": "receipt"}


# --- actors


def actor(**members: Any) -> dict[str, Any]:
    return Peer("https://coop.example", "peer", {}).actor(**members)


@pytest.mark.parametrize(
    "members",
    [
        {"id": None},
        {"type": "Note"},
        {"inbox": None},
        {"inbox": "https://elsewhere.example/inbox"},
        {"summary": "ä" * (MAX_ACTOR_BYTES // 2)},
    ],
)
def test_what_is_no_actor_is_not_kept(members: dict[str, Any]) -> None:
    with pytest.raises(FetchFailure) as failure:
        read_actor(actor(**members), now=NOON)

    assert failure.value.code == "actor-malformed"


def test_keys_of_others_and_keys_that_cannot_be_read_are_left_out() -> None:
    own = actor()
    pem, multikey = own["publicKey"], own["assertionMethod"][0]
    crowded = actor(
        publicKey=[
            pem | {"owner": "https://victim.example/body"},
            pem | {"id": "https://victim.example/body#main-key"},
            pem | {"publicKeyPem": "nonsense"},
            pem | {"publicKeyPem": 5},
            "https://coop.example/body#elsewhere",
            pem,
        ],
        assertionMethod=[
            multikey | {"controller": "https://victim.example/body"},
            multikey | {"type": "JsonWebKey"},
            multikey | {"publicKeyMultibase": "zNonsense"},
            multikey,
        ],
    )

    assert [key.key_id for key in read_actor(crowded, now=NOON).keys] == [pem["id"], multikey["id"]]


def test_strange_members_of_an_actor_are_read_as_absent() -> None:
    strange = actor(
        name=["x"], preferredUsername=5, endpoints="x", governance={"body": 5, "body_kind": "kingdom"}, type="Person"
    )

    peer_record = read_actor(strange, now=NOON).peer

    assert (peer_record.name, peer_record.handle, peer_record.shared_inbox) == ("", "", None)
    assert (peer_record.did, peer_record.kind) == (None, "person")


async def test_the_directory_fetches_once_and_again_when_told(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)
    async with peer() as there, wire(store) as here:
        first = await directory.known_or_fetched(here.federation, there.actor_id)
        again = await directory.known_or_fetched(here.federation, there.actor_id)
        there.pages["/body"] = there.actor(name="Renamed")
        renamed = await directory.fetched_afresh(here.federation, there.actor_id)

        assert first == again
        assert there.asked["/body"] == 2
        assert renamed.name == "Renamed"
        assert followers_id(here.federation) == f"{here.federation.origin}/body/followers"
    await store.close()
