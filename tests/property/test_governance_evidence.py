"""The verifier always answers with a report, whatever bytes it is given (G9)."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from identity.canonical import canonical_bytes
from node.governance.evidence import verify_bundle
from node.governance.evidence.hashes import Digests
from tests.unit.governance.bundles import lines_of, sealed
from tests.unit.governance.worlds import small_world

BUNDLE = small_world().bundle
MANIFEST, *ROWS = lines_of(BUNDLE)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=300))
def test_any_bytes_at_all_get_a_verdict(content: bytes) -> None:
    assert not verify_bundle(content).valid


@given(st.lists(st.dictionaries(st.text(max_size=8), json_values, max_size=4), max_size=4))
def test_any_documents_under_a_fitting_manifest_get_a_verdict(documents: list[dict[str, object]]) -> None:
    rows = [canonical_bytes(document) for document in documents]  # type: ignore[arg-type]

    assert not verify_bundle(sealed(MANIFEST, rows)).valid


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_member_replaced_in_any_document_is_found(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(ROWS) - 1))
    document = json.loads(ROWS[number])
    place, name = document, data.draw(st.sampled_from(sorted(document)))
    while isinstance(place[name], dict) and place[name] and data.draw(st.booleans()):
        place, name = place[name], data.draw(st.sampled_from(sorted(place[name])))
    before = canonical_bytes(document)
    place[name] = data.draw(json_values)
    after = canonical_bytes(document)
    rows = [*ROWS[:number], after, *ROWS[number + 1 :]]

    assert verify_bundle(sealed(MANIFEST, rows)).valid == (after == before)


@given(st.permutations(ROWS))
@settings(max_examples=20, deadline=None)
def test_any_order_of_lines_is_the_same_evidence(rows: list[bytes]) -> None:
    assert verify_bundle(sealed(MANIFEST, rows)).valid


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=80), st.integers(0, 3000))
def test_packed_hashes_are_found_and_sorted_as_a_dictionary_and_a_list_do(numbers: list[int], more: int) -> None:
    digests = Digests()
    known: dict[bytes, int] = {}
    for number in (*numbers, *range(100, 100 + more)):
        digest = hashlib.sha256(str(number).encode()).digest()
        is_new = digest not in known
        known.setdefault(digest, len(known))
        assert digests.add(digest) == is_new

    assert all(digests.find(digest) == place for digest, place in known.items())
    assert digests.find(bytes(32)) is None
    assert list(digests.in_order()) == sorted(known)
