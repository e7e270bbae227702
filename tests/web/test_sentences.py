"""The one sentence each proposal opens with, its rule in words, its steps and its times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation.assembly.tally import Tally
from node.web.views.timeline import steps
from node.web.views.wording.rules import quorum_needed, rule_words
from node.web.views.wording.sentences import Count, standing_sentence
from node.web.views.wording.times import moment
from node.web.views.wording.words import Words
from tests.web import sample

SAY = Words()


def sentence(state: str, tally: Tally, reason: str | None = None, **count: Any) -> str:
    return standing_sentence(state, reason, Count(tally=tally, **count), SAY)


def test_a_passed_proposal_says_who_chose_what_and_how_many_were_needed() -> None:
    said = sentence("passed", Tally(31, 7, 4, 60), "threshold_met", needed=30)

    assert said == "Passed: 31 for, 7 against, 4 abstained; 42 of 60 took part, 30 were needed."


def test_a_tie_is_named_as_the_reason_nothing_changes() -> None:
    said = sentence("rejected", Tally(5, 5, 0, 12), "tie")

    assert said == (
        "Not passed, because it was a tie, and a tie changes nothing: 5 for, 5 against; 10 of 12 took part."
    )


def test_a_missed_quorum_is_no_decision_and_says_so_first() -> None:
    said = sentence("closed_without_quorum", Tally(1, 0, 0, 100), "quorum_not_met", needed=50)

    assert said.startswith("No decision, because too few took part: 1 of 100 took part, 50 were needed")


def test_weights_are_spoken_as_the_statute_writes_them() -> None:
    said = sentence("passed", Tally(19, 7, 0, 26), "threshold_met", denominator=10, of_bodies=True)

    assert said == "Passed: by weight 1.9 for, 0.7 against; 2.6 of 2.6 took a position."


@pytest.mark.parametrize(("electorate", "people"), [(1, "1 member may"), (31, "31 members may")])
def test_an_open_proposal_without_ballots_counts_who_may_take_part(electorate: int, people: str) -> None:
    assert people in sentence("open", Tally(0, 0, 0, electorate))


def test_a_draft_says_who_sees_it() -> None:
    assert "only members" in standing_sentence("draft", None, None, SAY)


def test_the_rule_of_the_commons_is_said_in_words() -> None:
    words = rule_words(sample.RULE, SAY)

    assert words.passes == "It passes when at least 66 % of those who choose for or against choose for."
    assert words.quorum.startswith("At least half of the roll must take part")


def test_an_unknown_rule_of_a_peer_is_admitted_rather_than_guessed() -> None:
    words = rule_words({"method": "astrology"}, SAY)

    assert "does not know this rule" in words.passes
    assert quorum_needed({"method": "astrology"}, 10) is None


@pytest.mark.parametrize(("electorate", "needed"), [(3, 2), (100, 50), (31, 16)])
def test_what_the_quorum_needs_is_rounded_up(electorate: int, needed: int) -> None:
    assert quorum_needed(sample.RULE, electorate) == needed


def places(**changes: Any) -> list[tuple[str, str]]:
    return [(step.label, step.place) for step in steps(sample.proposal(**changes), now=sample.NOW, say=SAY)]


def test_a_draft_stands_at_its_first_step_and_says_how_long_it_will_be_open() -> None:
    shown = steps(sample.proposal(state="draft"), now=sample.NOW, say=SAY)

    assert [step.place for step in shown] == ["now", "next", "next", "next"]
    assert shown[-1].note == "7 days after it opens"


def test_an_open_proposal_stands_between_opening_and_closing() -> None:
    assert places()[-2:] == [("Open for ballots", "now"), ("Closes", "next")]


def test_a_mandate_waits_for_the_federation_after_its_own_close() -> None:
    closed = {"state": "passed", "closed_at": sample.NOW, "upstream_id": "https://above.example/proposals/1"}

    assert places(**closed)[-1] == ("The federation decides", "now")
    assert places(**closed, decision_document={"type": "Outcome"})[-1] == ("The federation decides", "done")


def test_a_withdrawn_proposal_ends_where_it_was_withdrawn() -> None:
    assert places(state="withdrawn") == [("Drafted", "done"), ("Withdrawn", "done")]


@pytest.mark.parametrize(
    ("length", "distance"),
    [
        (timedelta(hours=20), "in 20 hours"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(minutes=-42), "42 minutes ago"),
        (timedelta(seconds=2), "just now"),
    ],
)
def test_times_say_how_far_away_they_are(length: timedelta, distance: str) -> None:
    assert moment(sample.NOW + length, now=sample.NOW, say=SAY).distance == distance


def test_times_name_their_zone() -> None:
    shown = moment(sample.NOW, now=sample.NOW, say=SAY)

    assert (shown.iso, shown.text) == ("2026-03-14T17:20:00Z", "Sat 14 Mar 2026, 17:20 UTC")


def test_a_page_escapes_what_members_wrote_into_a_sentence() -> None:
    assert SAY.markup("Accept %(name)s", name="<b>") == "Accept &lt;b&gt;"
