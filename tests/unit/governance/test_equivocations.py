"""Two different papers in one place prove themselves; everything else proves nothing (G9)."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.equivocation import check_equivocation, equivocation_governance
from federation.assembly.refusals import EquivocationRefusal
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022
from tests.unit.governance.worlds import OPENS, Document, key_of, small_world

if TYPE_CHECKING:
    from collections.abc import Callable

WORLD = small_world()


def again(label: str, signer: str, **changes: Any) -> Document:
    """A document of the small world, changed and signed again by the same hand."""
    document = copy.deepcopy(WORLD.documents[label])
    document["governance"] |= changes
    return resigned(document, signer)


def resigned(document: Document, signer: str, *, later: timedelta = timedelta(0)) -> Document:
    method = document["proof"]["verificationMethod"]
    bare = {name: value for name, value in document.items() if name != "proof"}
    return eddsa_jcs_2022.sign(bare, key=key_of(signer), verification_method=method, created=OPENS + later)


def key(signer: str) -> str:
    return ed25519_multibase(key_of(signer).public_key())


CASES = [
    ("position:leaf", "leaf", {"level": 2}),
    ("statute:top", "top", {"name": "Another top"}),
    ("ballot:leaf:0", "voter leaf:0", {"choice": "against"}),
]


def proof(label: str = "position:leaf", signer: str = "leaf", **changes: Any) -> Document:
    other = again(label, signer, **(changes or {"level": 2}))
    return {"governance": equivocation_governance(WORLD.documents[label], other, key=key(signer))}


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(EquivocationRefusal) as refused:
        work()
    return refused.value.code


@pytest.mark.parametrize(("label", "signer", "changes"), CASES)
def test_two_different_papers_in_one_place_prove_themselves(label: str, signer: str, changes: dict[str, Any]) -> None:
    one, other = WORLD.documents[label], again(label, signer, **changes)

    governance = equivocation_governance(one, other, key=key(signer))
    proven = check_equivocation({"governance": governance})

    assert governance == equivocation_governance(other, one, key=key(signer))
    assert proven.place.what == label.partition(":")[0]
    assert proven.key == key(signer)
    assert len(set(proven.digests)) == 2


def test_the_same_paper_signed_twice_is_no_equivocation() -> None:
    one = WORLD.documents["position:leaf"]
    twin = resigned(copy.deepcopy(one), "leaf", later=timedelta(hours=3))

    assert twin != one
    assert refusal(lambda: equivocation_governance(one, twin, key=key("leaf"))) == "equivocation-same-content"


@pytest.mark.parametrize(
    ("label", "signer", "changes"),
    [
        ("position:leaf", "leaf", {"seq": 2}),
        ("position:leaf", "leaf", {"proposal": {"id": "https://x/y", "digest": "sha256:" + "0" * 64}}),
        ("statute:top", "top", {"version": 2}),
        ("ballot:leaf:0", "voter leaf:0", {"seq": 2}),
    ],
)
def test_papers_in_different_places_may_both_be_true(label: str, signer: str, changes: dict[str, Any]) -> None:
    assert refusal(lambda: proof(label, signer, **changes)) == "equivocation-other-place"


def test_both_papers_must_carry_the_accused_key() -> None:
    forged = again("position:leaf", "middle", level=2)

    assert (
        refusal(lambda: equivocation_governance(WORLD.documents["position:leaf"], forged, key=key("leaf")))
        == "equivocation-signature"
    )


def test_a_voters_key_is_the_one_in_its_did() -> None:
    def forge() -> object:
        one = again("ballot:leaf:0", "middle")
        other = again("ballot:leaf:0", "middle", choice="against")
        return equivocation_governance(one, other, key=key("middle"))

    assert refusal(forge) == "equivocation-other-key"


def test_documents_that_may_be_signed_again_have_no_place() -> None:
    other = again("outcome:leaf", "leaf", level=2)

    assert (
        refusal(lambda: equivocation_governance(WORLD.documents["outcome:leaf"], other, key=key("leaf")))
        == "equivocation-malformed"
    )


def changed(**changes: Any) -> Document:
    document = copy.deepcopy(proof())
    document["governance"] |= changes
    return document


DOCUMENTS = proof()["governance"]["documents"]
BROKEN: list[tuple[str, object]] = [
    ("equivocation-malformed", []),
    ("equivocation-malformed", {}),
    ("equivocation-malformed", changed(kind="position")),
    ("equivocation-malformed", changed(note="guilty")),
    ("equivocation-malformed", changed(documents=DOCUMENTS[:1])),
    ("equivocation-malformed", changed(documents=[*DOCUMENTS, DOCUMENTS[0]])),
    ("equivocation-malformed", changed(documents=DOCUMENTS[::-1])),
    ("equivocation-malformed", changed(signer="did:web:someone.example")),
    ("equivocation-malformed", changed(what="statute")),
    ("equivocation-malformed", changed(place={})),
    ("equivocation-malformed", changed(key="z6Mk")),
    ("equivocation-malformed", changed(documents=[DOCUMENTS[0], {**DOCUMENTS[1], "type": "Note"}])),
    ("equivocation-malformed", changed(documents=[DOCUMENTS[0], {**DOCUMENTS[1], "id": None}])),
    ("equivocation-signature", changed(key=key("top"))),
    ("equivocation-same-content", changed(documents=[DOCUMENTS[0]] * 2)),
]


@pytest.mark.parametrize(("code", "document"), BROKEN)
def test_a_proof_that_does_not_hold_accuses_nobody(code: str, document: object) -> None:
    assert refusal(lambda: check_equivocation(document)) == code


def test_no_member_of_either_paper_can_be_changed_afterwards() -> None:
    for place in (0, 1):
        for name in sorted(DOCUMENTS[place]["governance"]):
            document = copy.deepcopy(proof())
            document["governance"]["documents"][place]["governance"][name] = "changed"
            refusal(lambda document=document: check_equivocation(document))  # type: ignore[misc]
