"""Statutes: what an assembly can lay down, and what its peers refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from federation.assembly.bylaws.checks import CHECKS
from federation.assembly.bylaws.jurisdictions import JURISDICTIONS
from federation.assembly.bylaws.terms import TERM_KEYS, Terms, terms_document
from federation.assembly.refusals import PositionRefusal
from federation.assembly.rules import PRESETS, rule_document
from federation.assembly.statute import (
    CONSTITUENT_KEYS,
    Constituent,
    StatuteError,
    find_constituent,
    read_statute,
    statute_governance,
)

ADOPTED = datetime(2026, 1, 1, tzinfo=UTC)


def member(name: str, weight: int = 1, **more: str) -> Constituent:
    named = {
        "body": f"did:web:{name}",
        "actor": f"https://{name}/body",
        "name": name,
        "kind": "coop",
        "key": f"z6Mk{name}",
    } | more
    return Constituent(
        body=named["body"],
        actor=named["actor"],
        name=named["name"],
        kind=named["kind"],
        key=named["key"],
        weight=weight,
    )


def governance(*constituents: Constituent, **changes: Any) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "assembly": "did:web:above",
        "name": "Above",
        "version": 3,
        "mode": "weights",
        "weight_denominator": 10,
        "constituents": constituents,
        "rule": rule_document(PRESETS["supermajority-66"]),
        "margin_seconds": 3600,
        "adopted_at": ADOPTED,
    }
    return statute_governance(**(stated | changes))


def document(**changes: Any) -> dict[str, Any]:
    written = governance(member("a", 10), member("b", 9))
    return {"attributedTo": "https://above/body", "governance": written | changes}


def test_a_statute_is_read_as_it_was_laid_down() -> None:
    statute = read_statute(document())

    assert statute.assembly == "did:web:above"
    assert statute.actor == "https://above/body"
    assert (statute.name, statute.version, statute.mode) == ("Above", 3, "weights")
    assert statute.weight_denominator == 10
    assert statute.rule == PRESETS["supermajority-66"]
    assert statute.constituents == (member("a", 10), member("b", 9))
    assert (statute.margin_seconds, statute.adopted_at) == (3600, ADOPTED)


def test_an_assembly_may_begin_without_constituents() -> None:
    assert governance()["constituents"] == []


def test_a_margin_may_be_a_fraction_of_a_second() -> None:
    assert read_statute(document(margin_seconds=0.25)).margin_seconds == 0.25


def test_what_is_written_has_whole_seconds() -> None:
    written = governance(margin_seconds=3600.0)

    assert json.dumps(written["margin_seconds"]) == "3600"
    with pytest.raises(StatuteError):
        governance(margin_seconds=0.25)


def test_a_constituent_is_found_by_its_did_only() -> None:
    statute = read_statute(document())

    assert find_constituent(statute, "did:web:b").weight == 9
    with pytest.raises(PositionRefusal) as refused:
        find_constituent(statute, "did:web:c")
    assert refused.value.code == "position-not-a-constituent"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "roll"}, "statute-malformed"),
        ({"version": 0}, "statute-malformed"),
        ({"name": ""}, "statute-malformed"),
        ({"mode": "loudest"}, "statute-mode"),
        ({"weight_denominator": 0}, "statute-malformed"),
        ({"margin_seconds": -1}, "statute-malformed"),
        ({"margin_seconds": True}, "statute-malformed"),
        ({"margin_seconds": "1"}, "statute-malformed"),
        ({"adopted_at": "yesterday"}, "statute-malformed"),
        ({"rule": {"preset": "landslide"}}, "statute-rule"),
        ({"rule": None}, "statute-rule"),
        ({"constituents": {}}, "statute-malformed"),
        ({"constituents": ["a"]}, "statute-malformed"),
        ({"colour": "green"}, "statute-malformed"),
    ],
)
def test_a_statute_that_does_not_hold_together_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(StatuteError) as refused:
        read_statute(document(**changes))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("constituents", "code"),
    [
        ([member("a", 0)], "statute-weight"),
        ([member("a", 10**9 + 1)], "statute-weight"),
        ([member("a", True)], "statute-weight"),
        ([member("a"), member("b", body="did:web:a")], "statute-constituent-twice"),
        ([member("a"), member("b", actor="https://a/body")], "statute-constituent-twice"),
        ([member("a"), member("b", key="z6Mka")], "statute-constituent-twice"),
        ([member("above")], "statute-cycle"),
        ([member("a", kind="person")], "statute-malformed"),
    ],
)
def test_a_roster_that_cannot_decide_is_refused(constituents: list[Constituent], code: str) -> None:
    with pytest.raises(StatuteError) as refused:
        governance(*constituents)

    assert refused.value.code == code


def test_weights_that_json_could_not_add_up_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.assembly.statute.LARGEST", 18)

    with pytest.raises(StatuteError) as refused:
        governance(member("a", 10), member("b", 9))

    assert refused.value.code == "statute-weight"


def test_an_actor_cannot_be_its_own_constituent_under_another_name() -> None:
    written = governance(member("a"))

    with pytest.raises(StatuteError) as refused:
        read_statute({"attributedTo": "https://a/body", "governance": written})

    assert refused.value.code == "statute-cycle"


def sized(*sizes: int) -> list[dict[str, Any]]:
    return [
        {
            "body": f"did:web:{n}",
            "actor": f"https://{n}/body",
            "name": f"{n}",
            "kind": "coop",
            "key": f"z{n}",
            "weight": 1,
            "members": size,
        }
        for n, size in enumerate(sizes)
    ]


DELEGATES = {"total": 5, "method": "hamilton"}
TRIO = sized(5, 4, 3)
REJECTION = {"preset": "majority", "quorum": {"kind": "rejection", "share": "1/2"}}
VETO = {"types": ["emergency"]}
RATIFICATION = {"kind": "unanimity", "within_seconds": 3601}
COMBINATIONS: list[tuple[int, str, dict[str, Any]]] = [
    (0, "statute-members", {"mode": "sqrt"}),
    (0, "statute-members", {"mode": "members", "constituents": sized(5, 0)}),
    (0, "statute-members", {"leaves": True}),
    (1, "statute-seats", {"mode": "degressive", "seats": DELEGATES, "constituents": TRIO}),
    (2, "statute-seats", {"mode": "delegates", "seats": {"least": 1, "most": 2}, "constituents": TRIO}),
    (3, "statute-seats", {"seats": DELEGATES}),
    (4, "statute-double", {"double": {"members": "1/2"}}),
    (4, "statute-double", {"mode": "double", "constituents": TRIO}),
    (
        5,
        "statute-double",
        {
            "mode": "double",
            "constituents": TRIO,
            "double": {"members": "1/1"},
            "rule": {"preset": "majority"},
        },
    ),
    (
        6,
        "statute-double",
        {"mode": "double", "constituents": TRIO, "double": {"members": "1/2"}, "rule": REJECTION},
    ),
    (6, "statute-double", {"mode": "sqrt", "constituents": TRIO, "quota": "optimal", "rule": REJECTION}),
    (7, "statute-quota", {"quota": "optimal"}),
    (8, "statute-quota", {"mode": "sqrt", "constituents": TRIO, "quota": "optimal", "cap": {"share": "1/2"}}),
    (9, "statute-cap", {"mode": "heads", "cap": {"share": "1/2"}}),
    (10, "statute-cap", {"cap": {"share": "1/3"}}),
    (
        10,
        "statute-cap",
        {"mode": "delegates", "seats": DELEGATES, "constituents": sized(500, 1, 1), "cap": {"share": "2/5"}},
    ),
    (11, "statute-split", {"mode": "sqrt", "constituents": TRIO, "may_split": True}),
    (12, "statute-split", {"mode": "heads", "may_split": True}),
    (12, "statute-split", {"mode": "proportional", "may_split": True}),
    (13, "statute-leaves", {"mode": "members", "constituents": TRIO, "leaves": False}),
    (
        14,
        "statute-rule",
        {
            "mode": "members",
            "constituents": TRIO,
            "leaves": True,
            "rule": {"preset": "majority", "tie": ["previous_stage"]},
        },
    ),
    (15, "statute-veto", {"binding": False, "veto": VETO}),
    (16, "statute-veto", {"veto": VETO | {"override": "1/2"}}),
    (17, "statute-ratification", {"binding": False, "ratification": RATIFICATION}),
    (18, "statute-ratification", {"ratification": RATIFICATION | {"within_seconds": 3600}}),
    (19, "statute-recount", {"binding": False, "recount": {"within_seconds": 1}}),
    (20, "statute-recount", {"recount": {"within_seconds": 1}, "rule": {"preset": "majority", "tie": ["lot"]}}),
    (21, "statute-jurisdiction", {"jurisdiction": "atlantis"}),
    (22, "statute-jurisdiction", {"jurisdiction": "es-second-degree", "cap": {"share": "1/2"}}),
]


@pytest.mark.parametrize(("row", "code", "changes"), COMBINATIONS)
def test_a_combination_that_cannot_be_applied_is_refused_with_its_reason(
    row: int, code: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(StatuteError) as refused:
        read_statute(document(**changes))

    assert (refused.value.code, refused.value.detail) == (code, CHECKS[row].reason)


def test_every_check_of_the_table_has_a_statute_that_fails_it() -> None:
    assert {row for row, _, _ in COMBINATIONS} == set(range(len(CHECKS)))


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": {"least": 2, "most": 1}},
        {"seats": {"least": 0, "most": 1}},
        {"seats": {"total": 0, "method": "hamilton"}},
        {"seats": {"total": 5, "method": "coin"}},
        {"cap": {"share": "0/1"}},
        {"cap": {"share": "4/3"}},
        {"cap": {"share": "1/3", "by_size": {"three": "1/2"}}},
        {"cap": {"share": "1/3", "by_size": {"0": "1/2"}}},
        {"quota": "large"},
        {"double": {"members": "1/2", "blocking": 0}},
        {"veto": {"types": []}},
        {"veto": {"types": ["a", "a"]}},
        {"veto": {"types": "all"}},
        {"veto": {"types": ["Two words"]}},
        {"ratification": {"kind": "unanimity", "share": "1/2", "within_seconds": 1}},
        {"ratification": {"kind": "threshold", "within_seconds": 1}},
        {"ratification": {"kind": "unanimity", "within_seconds": 0}},
        {"recount": {"within_seconds": 0}},
        {"recount": {"within_seconds": 366 * 86_400 + 1}},
        {"recount": {"within_seconds": 1, "from": "close"}},
        {"recount": 3600},
        {"shortest_window_seconds": 10**9},
        {"may_split": 1},
        {"binding": "yes"},
        {"adopted_by": "me"},
    ],
)
def test_a_term_of_the_wrong_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(StatuteError) as refused:
        read_statute(document(**changes))

    assert refused.value.code == "statute-malformed"


def test_a_rule_for_changes_is_read_like_any_rule() -> None:
    with pytest.raises(StatuteError, match="statute-rule"):
        read_statute(document(amendment={"preset": "landslide"}))


def test_terms_left_out_have_their_defaults_and_todays_documents_stay_valid() -> None:
    today = {name: value for name, value in document()["governance"].items() if name not in TERM_KEYS}
    for constituent in today["constituents"]:
        del constituent["members"]

    statute = read_statute({"attributedTo": "https://above/body", "governance": today})

    assert statute.terms == Terms()
    assert read_statute(document()) == statute


@pytest.mark.parametrize(
    "terms",
    [
        {"mode": "delegates", "seats": {"total": 9, "method": "sainte_lague"}, "may_split": True},
        {
            "mode": "degressive",
            "seats": {"least": 1, "most": 4},
            "cap": {"share": "1/2", "by_size": {"2": "unanimity"}},
        },
        {"mode": "double", "double": {"members": "65/100", "blocking": 2, "abstain_as_against": True}},
        {"mode": "sqrt", "quota": "optimal"},
        {"mode": "members", "leaves": True, "recount": {"within_seconds": 60}, "shortest_window_seconds": 86_400},
        {"veto": {"types": ["emergency"], "override": "3/4"}, "ratification": RATIFICATION},
        {"binding": False, "leaves": True, "adopted_by": {"id": "https://above/o", "digest": "sha256:" + "0" * 64}},
        {"jurisdiction": "es-madrid", "cap": {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity", "3": "2/5"}}},
        dict(JURISDICTIONS["eu-sce"].terms) | {"jurisdiction": "eu-sce"},
    ],
)
def test_every_term_is_written_as_it_was_read(terms: dict[str, Any]) -> None:
    stated = document(constituents=TRIO, **terms)
    statute = read_statute(stated)
    constituents = [{key: getattr(each, key) for key in CONSTITUENT_KEYS} for each in statute.constituents]

    again = terms_document(statute.terms) | {"constituents": constituents}

    assert read_statute(document(**(stated["governance"] | again))) == statute


def test_every_preset_says_that_a_lawyer_must_confirm_it() -> None:
    assert all("lawyer" in preset.note for preset in JURISDICTIONS.values())
    assert JURISDICTIONS["es-madrid"].most_represented == 2
