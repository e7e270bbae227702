"""Whose ids and objects an actor may bring (FEP-fe34, P3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.errors import WireRefusal
from federation.receive.authorize import check_ids, check_object, is_relayed
from federation.receive.origins import host_of, origin_of, owner_of, same_origin
from federation.receive.verify import recorded_activity
from storage.records import ActivityRecord
from tests.doors.peers import as_bytes

ACTOR = "https://coop.example/body"


def said(kind: str, about: Any, **members: Any) -> Any:
    document = {"id": "https://coop.example/a/1", "type": kind, "actor": ACTOR, "object": about, **members}
    return recorded_activity(
        ActivityRecord(
            id=document["id"],
            direction="in",
            type=kind,
            actor_id=ACTOR,
            raw=as_bytes(document).decode(),
            received_at=datetime(2026, 11, 21, tzinfo=UTC),
            is_public=True,
        )
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://coop.example/a", "https://coop.example:443/b?c#d", True),
        ("https://COOP.example/a", "https://coop.example./b", True),
        ("http://coop.example/a", "http://coop.example:80/b", True),
        ("https://coop.example/a", "http://coop.example/a", False),
        ("https://coop.example/a", "https://coop.example:8443/a", False),
        ("https://coop.example/a", "https://sub.coop.example/a", False),
        ("https://coop.example@evil.example/a", "https://evil.example/a", False),
        ("https://coop.example/\n", "https://coop.example/", False),
        ("https://coop.example:99999/", "https://coop.example:99999/", False),
        ("did:key:z6Mk", "did:key:z6Mk", False),
        ("javascript:alert(1)", "javascript:alert(1)", False),
        ("", "", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert same_origin(one, other) is same
    assert same_origin(other, one) is same


def test_a_host_names_its_port_only_when_it_must() -> None:
    assert host_of("https://coop.example:443/x") == "coop.example"
    assert host_of("http://127.0.0.1:8101/x") == "127.0.0.1:8101"
    assert host_of("https://[2606:4700::1]:8443/x") == "[2606:4700::1]:8443"
    assert host_of("mailto:x@coop.example") == ""
    assert origin_of("https://[bad") is None


def test_a_document_belongs_to_whom_it_is_attributed() -> None:
    assert owner_of({"attributedTo": ACTOR, "actor": "https://x.example/"}) == ACTOR
    assert owner_of({"actor": {"id": ACTOR}}) == ACTOR
    assert owner_of({"attributedTo": [ACTOR, "https://x.example/"]}) is None
    assert owner_of({}) is None


def test_ids_of_one_origin_pass_and_others_do_not() -> None:
    own = "https://node.example"
    check_ids({"id": "https://coop.example/a/1", "actor": ACTOR}, own_origin=own)

    with pytest.raises(WireRefusal, match="origin"):
        check_ids({"id": "https://evil.example/a/1", "actor": ACTOR}, own_origin=own)
    with pytest.raises(WireRefusal, match="this node"):
        check_ids({"id": "https://coop.example/a/1", "actor": ACTOR}, own_origin="https://coop.example")


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("Create", {"type": "Note", "content": "without an id"}),
        ("Create", {"id": "https://coop.example/n/1", "attributedTo": ACTOR}),
        ("Create", [{"id": "https://coop.example/n/1", "type": "Note"}, {"id": "https://coop.example/n/2"}]),
        ("Update", {"id": ACTOR, "type": "Group"}),
        ("Delete", "https://coop.example/n/1"),
        ("Delete", {"id": "https://coop.example/n/1", "type": "Tombstone"}),
        ("Undo", "https://coop.example/a/0"),
        ("Undo", {"id": "https://coop.example/a/0", "type": "Follow", "actor": ACTOR}),
        ("Announce", "https://victim.example/n/1"),
        ("Announce", {"id": "https://victim.example/n/1", "type": "Note"}),
        ("Follow", "https://node.example/body"),
        ("Accept", {"id": "https://node.example/a/1", "type": "Follow", "actor": "https://node.example/body"}),
    ],
)
def test_what_is_ones_own_to_say_passes(kind: str, about: Any) -> None:
    check_object(said(kind, about))


@pytest.mark.parametrize(
    ("kind", "about", "code"),
    [
        ("Create", {"id": "https://victim.example/n/1"}, "object-origin"),
        ("Create", {"type": "Note", "attributedTo": "https://victim.example/a"}, "object-owner"),
        ("Create", {"type": "Note", "attributedTo": [ACTOR, "https://victim.example/a"]}, "object-owner"),
        ("Create", {"type": "Note", "actor": "https://coop.example/other"}, "object-owner"),
        ("Create", [{"type": "Note"}, {"id": "https://victim.example/n/1"}], "object-origin"),
        ("Update", {"id": "https://coop.example/other", "type": "Person"}, "object-owner"),
        ("Update", {"type": "Note"}, "object-missing"),
        ("Delete", None, "object-missing"),
        ("Delete", "https://victim.example/n/1", "object-origin"),
        ("Undo", {"type": "Follow", "actor": "https://victim.example/a"}, "object-owner"),
        ("Announce", {"id": "https://victim.example/n/1", "content": "never said"}, "relay-unproven"),
    ],
)
def test_what_belongs_to_somebody_else_is_refused(kind: str, about: Any, code: str) -> None:
    with pytest.raises(WireRefusal) as refusal:
        check_object(said(kind, about))

    assert refusal.value.code == code


def test_an_announce_around_a_whole_activity_is_a_relay() -> None:
    assert is_relayed({"type": "Announce", "object": {"type": "Create", "id": "https://x.example/1"}})
    assert not is_relayed({"type": "Announce", "object": {"type": "Note"}})
    assert not is_relayed({"type": "Announce", "object": "https://x.example/1"})
    assert not is_relayed({"type": "Create", "object": {"type": "Create"}})


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://B.example/notes/1", ("https", "b.example", 443)),
        ("https://b.example?page=1", ("https", "b.example", 443)),
        ("http://b.example:81#main", ("http", "b.example", 81)),
        ("https://b.example/a@b", ("https", "b.example", 443)),
        ("https://[::1]:8/x", ("https", "::1", 8)),
        ("https://a@b.example/", None),
        ("https://b.example\\@c.example/", None),
        ("https:/b.example/", None),
        ("https://b.example:x/", None),
        ("https://b.example/two words", None),
        ("https://b.example/\u0007", None),
        ("\thttps://b.example/", None),
        ("ht\ntps://b.example/", None),
        ("ftp://b.example/", None),
        ("https://", None),
        (f"https://{'b' * 253}:8/x", ("https", "b" * 253, 8)),
        (f"https://{'b' * 254}/x", None),
        (f"https://{'b' * 261}/x", None),
    ],
)
def test_the_origin_is_read_from_what_stands_before_the_path(url: str, origin: tuple[str, str, int] | None) -> None:
    assert origin_of(url) == origin
