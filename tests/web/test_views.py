"""Smaller views: the log's sentences, what needs a member, forms, papers, health, offers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from markupsafe import Markup

from node.governance.refusals import Refusal
from node.web.assembly.assemblies import read_weight
from node.web.frame.forms import Form
from node.web.proposals import group_key
from node.web.sessions import safe_path
from node.web.views.activity import activity_line, by_day
from node.web.views.ballots import receipt_text
from node.web.views.console import failed_line, health
from node.web.views.drafts import written_rule
from node.web.views.needs import need_for
from node.web.views.offers import offer_card, offer_page
from node.web.views.papers import papers
from node.web.views.proposals import actions, recent_ballots
from node.web.views.standing import ProposalFacts, binding
from node.web.views.wording.places import local_path
from node.web.views.wording.sentences import Count
from storage.records import DeliverySummary
from tests.web import sample

SETTING = sample.setting()
NAMES = {sample.actor(name): name for name in sample.BODIES}


def told(name: str, **document: Any) -> str:
    return activity_line(sample.activity(1, name, document), NAMES, SETTING).sentence


def test_an_announce_is_told_by_what_it_passes_on() -> None:
    report = {
        "type": "Create",
        "actor": sample.actor("Eixample"),
        "object": {"governance": {"kind": "position", "choice": "for"}},
    }

    assert told("Barcelona", type="Announce", object=report) == (
        "Barcelona passed on: Eixample reported its position: For"
    )


def test_an_unknown_message_is_told_without_guessing() -> None:
    assert told("Barcelona", type="Arrive", object="x") == "Barcelona sent a message"


def test_a_stranger_is_known_by_host() -> None:
    line = activity_line(sample.activity(1, "Madrid", {"type": "Follow"}), {}, SETTING)

    assert line.sentence == "127.0.0.1:8110 follows"


def test_a_message_whose_bytes_are_no_json_is_still_listed() -> None:
    assert (
        activity_line(sample.activity(1, "Madrid", {}, raw="{"), NAMES, SETTING).sentence
        == "Madrid published something new"
    )


def test_the_log_stands_under_its_days() -> None:
    lines = [activity_line(sample.activity(number, "Madrid", {}), NAMES, SETTING) for number in (1, 2, 6)]

    assert [(day.title, len(day.lines)) for day in by_day(lines, SETTING)] == [
        ("Today, UTC", 2),
        ("Fri 13 Mar 2026, UTC", 1),
    ]


def test_a_missing_ballot_is_urgent_on_the_last_day_only() -> None:
    member = sample.member()
    soon = need_for(sample.proposal(), member, is_ballot_missing=True, setting=SETTING)
    later = sample.proposal(closes_at=sample.NOW + timedelta(days=3))
    calm = need_for(later, member, is_ballot_missing=True, setting=SETTING)

    assert soon is not None
    assert calm is not None
    assert (soon.tone, calm.tone) == ("soon", "calm")


def test_a_cast_ballot_needs_nothing_more() -> None:
    assert need_for(sample.proposal(), sample.member(), is_ballot_missing=False, setting=SETTING) is None


def test_only_operators_are_asked_to_open_what_was_submitted() -> None:
    record, operator = sample.proposal(state="submitted"), sample.member("ada", "Ada", "member", "operator")

    assert need_for(record, sample.member(), is_ballot_missing=False, setting=SETTING) is None
    assert need_for(record, operator, is_ballot_missing=False, setting=SETTING) is not None


@pytest.mark.parametrize(
    ("state", "is_author", "is_operator", "labels"),
    [
        ("draft", True, False, ["Submit", "Withdraw"]),
        ("submitted", False, True, ["Open for ballots", "Withdraw"]),
        ("submitted", False, False, []),
        ("open", True, True, []),
    ],
)
def test_only_the_steps_a_member_may_take_are_offered(
    state: str, is_author: bool, is_operator: bool, labels: list[str]
) -> None:
    offered = actions(sample.proposal(state=state), is_author=is_author, is_operator=is_operator, setting=SETTING)

    assert [action.label for action in offered] == labels


def test_only_counted_ballots_are_shown_and_strangers_by_the_end_of_their_identifier() -> None:
    known, stranger = sample.member("aina", "Aina"), sample.member("guest", "Guest")
    cast = [sample.ballot(known, "for"), sample.ballot(stranger, "against"), sample.ballot(known, "for", status="late")]

    shown = recent_ballots(cast, {known.did: "Aina"}, SETTING)

    assert [(line.voter, line.choice_label) for line in shown] == [
        ("Aina", "For"),
        ("Member …kguest", "Against"),
    ]


def test_a_receipt_to_keep_names_the_ballot_and_never_the_choice() -> None:
    text = receipt_text(sample.proposal(), sample.ballot(sample.member(), "against"), SETTING)

    assert sample.ballot(sample.member(), "against").digest in text
    assert "gainst" not in text


def test_the_evidence_is_offered_once_it_is_complete() -> None:
    record = sample.decided("Gràcia", outcome_document={"id": "x"}, outcome_digest="sha256:" + "ab" * 32)

    gathered = papers(record, has_evidence=True, setting=SETTING)
    gathering = papers(record, has_evidence=False, setting=SETTING)

    assert (gathered[0].label, gathered[0].href) == ("Recount this yourself", f"{record.id}/evidence")
    assert gathering[0].note == "Still being gathered."


@pytest.mark.parametrize(
    ("origin", "changes", "is_invited", "group"),
    [
        ("Gràcia", {"state": "draft"}, False, "waiting"),
        ("Gràcia", {}, False, "open"),
        ("Gràcia", {"state": "passed"}, False, "decided"),
        ("Eixample", {"upstream_id": "x"}, False, "elsewhere"),
        ("Eixample", {}, True, "open"),
        ("Iberian Commons", {"state": "passed"}, False, "decided"),
    ],
)
def test_a_proposal_stands_under_the_heading_it_belongs_to(
    origin: str, changes: dict[str, Any], is_invited: bool, group: str
) -> None:
    assert group_key(sample.proposal(origin, **changes), is_invited=is_invited) == group


def test_a_peer_s_proposal_has_a_page_of_its_own_here() -> None:
    path = local_path("https://peer.example/p/1?x=2", origin=sample.HERE, room="proposals", action="ballots")

    assert path == "/proposals/elsewhere/ballots?id=https%3A%2F%2Fpeer.example%2Fp%2F1%3Fx%3D2"


def test_a_rule_with_a_quorum_is_written_whole_and_the_bylaws_are_not_repeated() -> None:
    written = written_rule("two-thirds", "1/3")

    assert not isinstance(written, str)
    assert written is not None
    assert (written["threshold"], written["quorum"]["share"]) == ("2/3", "1/3")
    assert written_rule("bylaws", "1/3") is None
    assert written_rule("majority", "none") == "majority"


@pytest.mark.parametrize(("text", "weight"), [("1", 10), ("0.9", 9), ("0,8", 8), ("12.5", 125)])
def test_weights_are_typed_as_decimals(text: str, weight: int) -> None:
    assert read_weight(Form({"weight": text}), 10) == weight


@pytest.mark.parametrize("text", ["", "-1", "0.95", "1/2", "one", "1e3", "9" * 30, "."])
def test_a_weight_that_does_not_fit_the_statute_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="weight-invalid"):
        read_weight(Form({"weight": text}), 10)


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)"]
)
def test_signing_in_never_leads_off_the_node(path: str) -> None:
    assert safe_path(path) == "/"


def test_a_failed_delivery_says_what_happened_and_what_to_do() -> None:
    line = failed_line(sample.delivery(), SETTING)

    assert line.reason == "It answered 503. Service Unavailable"
    assert "fault of its own" in line.advice
    assert "did not answer" in failed_line(sample.delivery(last_status=None), SETTING).advice


def test_waiting_is_a_warning_only_when_it_lasts() -> None:
    def tone(minutes: int) -> str:
        summary = DeliverySummary(due=1, sent=0, failed=0, oldest_due_at=sample.NOW - timedelta(minutes=minutes))
        return health(summary, (), store="SQLite", setting=SETTING)[1].tone

    assert (tone(1), tone(42)) == ("good", "warn")


def test_an_offer_that_asks_nothing_is_called_a_gift_and_its_markdown_is_read() -> None:
    card = offer_card(sample.offer(1, "Bike", "A *good* one <script>alert(1)</script>"), SETTING)

    assert card.in_return == "Nothing, it is a gift"
    assert card.summary.startswith("A good one")
    assert not isinstance(card.summary, Markup), "the template must still escape it"


def test_a_peer_s_offer_leads_to_where_it_was_published_and_cannot_be_withdrawn_here() -> None:
    page = offer_page(sample.offer(1, "Oven", "Hot", origin="peer"), SETTING, may_withdraw=True)

    assert page.elsewhere is not None
    assert page.withdraw_path is None


def test_a_peer_s_description_in_html_is_cleaned_and_kept() -> None:
    html = '<p onclick="x()">Hot <script>alert(1)</script><strong>oven</strong></p>'

    page = offer_page(
        sample.offer(1, "Oven", "Hot oven", document={"content": html}, origin="peer"), SETTING, may_withdraw=False
    )

    assert page.text == "<p>Hot <strong>oven</strong></p>"


def test_a_line_of_the_log_leads_to_the_page_it_is_about() -> None:
    about = {"governance": {"kind": "position", "choice": "for", "proposal": {"id": f"{sample.HERE}/proposals/1"}}}
    report = {"type": "Create", "actor": sample.actor("Eixample"), "object": about}

    line = activity_line(sample.activity(1, "Barcelona", {"type": "Announce", "object": report}), NAMES, SETTING)

    assert line.place == "/proposals/1"


def test_the_decision_that_came_down_is_told_with_the_name_of_who_decided() -> None:
    count = Count(tally=sample.TALLIES["Iberian Commons"], denominator=10, of_bodies=True)
    root = ProposalFacts(record=sample.decided("Iberian Commons"), decider="Iberian Commons", count=count)

    told_here = binding(root, SETTING)

    assert (told_here.name, told_here.chip.text) == ("Iberian Commons", "Passed")
    assert told_here.sentence.startswith("Passed: by weight 1.9 for, 0.7 against")
    assert told_here.path.startswith("/proposals/elsewhere?id=")
