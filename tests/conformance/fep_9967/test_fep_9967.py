"""FEP-9967: a proposal is a poll that servers without our vocabulary can show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.governed import Frame
from federation.vocabulary.loader import expand
from federation.vocabulary.notes import answered, is_answer, notes_of
from federation.vocabulary.polls import PollText, question
from federation.vocabulary.terms import AS2, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CLOSE = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
POLL: Mapping[str, Any] = question(
    Frame(
        document_id="https://coop.example/proposals/1",
        attributed_to="https://coop.example/body",
        published=NOON,
        to=[PUBLIC],
        cc=["https://coop.example/body/followers"],
    ),
    PollText(title="Buy a van?", content_html="<p>A used one.</p>", markdown="A used one.", closes_at=CLOSE),
    {"kind": "proposal"},
)


def test_the_poll_has_one_question_and_named_options() -> None:
    names = [option["name"] for option in POLL["oneOf"]]

    assert POLL["type"] == "Question"
    assert "anyOf" not in POLL
    assert len(set(names)) == len(names) == 3
    assert all(option["type"] == "Note" for option in POLL["oneOf"])
    assert all(option["replies"] == {"type": "Collection", "totalItems": 0} for option in POLL["oneOf"])


def test_the_poll_says_when_it_ends_and_how_many_took_part() -> None:
    assert datetime.fromisoformat(POLL["endTime"]) == CLOSE
    assert POLL["votersCount"] == 0
    assert POLL["content"] == "<p>A used one.</p>"


def test_a_json_ld_reader_sees_the_same_poll() -> None:
    (expanded,) = expand(POLL)

    assert expanded["@type"] == [f"{AS2}#Question"]
    assert len(expanded[f"{AS2}#oneOf"]) == 3
    assert expanded["http://joinmastodon.org/ns#votersCount"] == [{"@value": 0}]
    (governance,) = expanded["https://w3id.org/rochdale/v1#governance"]
    assert governance == {"@value": {"kind": "proposal"}, "@type": "@json"}


def test_an_answer_is_a_note_with_a_name_alone_or_among_others() -> None:
    single = {"type": "Note", "name": "For", "inReplyTo": POLL["id"]}
    said = {**single, "content": "<p>For, because</p>"}

    assert notes_of({"type": "Create", "object": single}) == [single]
    assert notes_of({"type": "Create", "object": [single, {**single, "name": "Against"}, "https://a.example/1"]}) == [
        single,
        {**single, "name": "Against"},
    ]
    assert is_answer(single)
    assert answered(single) == POLL["id"]
    assert not is_answer(said)
    assert not is_answer({"type": "Note", "inReplyTo": POLL["id"]})


@pytest.mark.parametrize("bad", [None, 1, "x", [], [[]], {"type": "Note", "name": 3}, {"type": "Note", "name": None}])
def test_what_is_no_note_is_no_answer(bad: object) -> None:
    assert [note for note in notes_of({"object": bad}) if is_answer(note)] == []
