"""FEP-7888: a proposal names the collection of its discussion, which its owner serves in the order of writing."""

from __future__ import annotations

from datetime import UTC, datetime

from federation.http.collections import thread_page
from federation.vocabulary.governed import Frame
from federation.vocabulary.loader import expand
from federation.vocabulary.polls import PollText, question
from federation.vocabulary.terms import AS2, PUBLIC

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
POLL = question(
    Frame(document_id="https://coop.example/proposals/1", attributed_to="https://coop.example/body", published=NOON,
          to=[PUBLIC]),
    PollText(title="Buy a van?", content_html="<p>A used one.</p>", markdown=None, closes_at=NOON),
    {"kind": "proposal"},
)  # fmt: skip


def test_the_root_of_the_thread_names_its_context_on_its_own_server() -> None:
    (expanded,) = expand(POLL)

    assert POLL["context"] == "https://coop.example/proposals/1/thread"
    assert expanded[f"{AS2}#context"] == [{"@id": POLL["context"]}]
    assert expanded[f"{AS2}#replies"] == [{"@id": "https://coop.example/proposals/1/replies"}]


def test_the_context_is_an_ordered_collection_of_pages() -> None:
    ids = [f"https://peer.example/notes/{number}" for number in range(3)]

    whole = thread_page(POLL["context"], [], total=3, after=None, step=2)
    first = thread_page(POLL["context"], ids[:2], total=3, after=0, step=2)
    last = thread_page(POLL["context"], ids[2:], total=3, after=2, step=2)

    assert (whole["type"], whole["totalItems"]) == ("OrderedCollection", 3)
    assert whole["first"] == first["id"]
    assert (first["type"], first["next"], first["partOf"]) == ("OrderedCollectionPage", last["id"], whole["id"])
    assert first["orderedItems"] + last["orderedItems"] == ids
    assert "next" not in last
