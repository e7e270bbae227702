"""The tree of bodies: who stands where, what each said, and whether members agree with their bodies."""

from __future__ import annotations

from dataclasses import replace

from federation.assembly.tally import Tally
from node.web.views.federation import (
    FederationFacts,
    constituent_lines,
    divergence_sentence,
    federation_trees,
)
from node.web.views.tree import TreeBody, leaves, levels, picture, walk
from node.web.views.wording.labels import Chip
from tests.web import sample

ASSEMBLIES = [name for name, (kind, *_) in sample.BODIES.items() if kind == "assembly"]
STATUTES = {sample.did(name): sample.statute(name) for name in ASSEMBLIES}
SETTING = sample.setting()


def bodies(facts: FederationFacts) -> dict[str, TreeBody]:
    return {body.name: body for tree in federation_trees(facts, SETTING) for body in walk(tree.root)}


def test_the_tree_is_joined_from_statutes_with_weights_as_written() -> None:
    (tree,) = federation_trees(FederationFacts(statutes=STATUTES), SETTING)

    assert (tree.root.name, levels(tree.root), leaves(tree.root)) == ("Iberian Commons", 3, 9)
    assert [body.weight for body in tree.root.constituents] == ["1", "0.9", "0.7"]


def test_this_node_is_marked_in_the_tree() -> None:
    assert [name for name, body in bodies(FederationFacts(statutes=STATUTES)).items() if body.is_here] == ["Gràcia"]


def test_two_federations_without_a_common_top_are_two_trees() -> None:
    apart = {
        did: statute for did, statute in STATUTES.items() if statute.assembly_actor != sample.actor("Iberian Commons")
    }

    assert [tree.root.name for tree in federation_trees(FederationFacts(statutes=apart), SETTING)] == [
        "Barcelona",
        "Lisbon",
        "Madrid",
    ]


def test_statutes_that_name_each_other_end_the_tree_instead_of_the_node() -> None:
    ring = sample.statute("Barcelona")
    entry = {**ring.document["governance"]["constituents"][0], "body": sample.did("Iberian Commons"), "name": "Ring"}
    governance = {**ring.document["governance"], "constituents": [entry]}
    looped = replace(ring, document={**ring.document, "governance": governance})

    trees = federation_trees(FederationFacts(statutes={**STATUTES, looped.assembly_did: looped}), SETTING)

    assert all(levels(tree.root) < 6 for tree in trees)


def test_each_level_leads_to_its_own_evidence() -> None:
    reported = sample.position("Eixample", "Barcelona")
    stated = {
        **reported.document["governance"],
        "basis": {"proposal": {"id": f"{sample.origin('Eixample')}/proposals/7"}},
    }
    facts = FederationFacts(
        statutes=STATUTES,
        proposals={sample.actor("Iberian Commons"): sample.decided("Iberian Commons")},
        positions={sample.did("Eixample"): replace(reported, document={"governance": stated})},
    )

    proofs = {name: body.evidence for name, body in bodies(facts).items() if body.evidence}

    assert proofs == {
        "Iberian Commons": f"{sample.decided('Iberian Commons').id}/evidence",
        "Eixample": f"{sample.origin('Eixample')}/proposals/7/evidence",
    }


def test_each_body_shows_its_report_or_that_none_came() -> None:
    facts = FederationFacts(
        statutes=STATUTES,
        proposals={
            sample.actor("Barcelona"): sample.decided("Barcelona"),
            sample.actor("Gràcia"): sample.proposal("Gràcia"),
        },
        positions={
            sample.did("Eixample"): sample.position("Eixample", "Barcelona", status="late"),
            sample.did("Madrid"): sample.position("Madrid", "Iberian Commons", "no_quorum"),
        },
    )

    shown = bodies(facts)

    assert {name: shown[name].chip.text for name in ("Eixample", "Gràcia", "Sagrada Família", "Madrid", "Alfama")} == {
        "Eixample": "Late",
        "Gràcia": "Open",
        "Sagrada Família": "Not reported",
        "Madrid": "No quorum",
        "Alfama": "No report yet",
    }


def test_the_lines_of_one_assembly_leave_out_what_lies_below() -> None:
    lines = constituent_lines(
        sample.did("Iberian Commons"), FederationFacts(statutes=STATUTES), SETTING, is_decided=False
    )

    assert [(line.name, line.constituents) for line in lines] == [("Barcelona", ()), ("Madrid", ()), ("Lisbon", ())]


def divergence(members: Tally | None) -> str | None:
    document = {"governance": {"members": members.to_document() if members else None}}
    return divergence_sentence(sample.decided("Iberian Commons", outcome_document=document), SETTING)


def test_members_who_agree_with_their_bodies_are_shown_beside_them() -> None:
    assert divergence(Tally(70, 30, 0, 120)) == (
        "Counted directly, members say the same: 70 for, 30 against (70 % for)."
    )


def test_members_who_would_have_decided_otherwise_are_a_warning() -> None:
    said = divergence(sample.MEMBERS)

    assert said is not None
    assert said.startswith(
        "Members and bodies differ: counted directly, 126 members are for and 81 against (60.87 % for)"
    )


def test_nothing_is_said_about_members_while_their_tallies_are_not_complete() -> None:
    assert divergence(None) is None


def body(name: str, *below: TreeBody) -> TreeBody:
    return TreeBody(
        name=name, kind="coop", href="", weight="", weight_label="", chip=Chip("Open", "open"), choice=None,
        choice_label=None, bar=None, turnout=None, deadline=None, constituents=below,
    )  # fmt: skip


def test_the_picture_places_each_body_in_the_middle_of_its_constituents() -> None:
    drawn = picture(body("root", body("a", body("a1"), body("a2"), body("a3")), body("b", body("b1"))))

    assert drawn is not None
    at = {box.body.name: (box.x, box.y) for box in drawn.boxes}
    assert at["a"][1] == at["a2"][1]
    assert at["b"][1] == at["b1"][1]
    assert at["root"][1] == (at["a"][1] + at["b"][1]) // 2
    assert len({y for x, y in at.values() if x == at["a1"][0]}) == 4
    assert len(drawn.curves) == 6


def test_a_big_tree_gets_no_picture() -> None:
    assert picture(body("root", *(body(str(number)) for number in range(17)))) is None
    assert picture(body("alone")) is None


def test_a_co_op_that_counted_its_members_has_nothing_to_compare() -> None:
    document = {"governance": {"members": sample.TALLIES["Gràcia"].to_document()}}

    assert divergence_sentence(sample.decided("Gràcia", outcome_document=document), SETTING) is None
