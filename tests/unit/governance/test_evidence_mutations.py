"""Not one byte of a bundle can change: every byte is tried, also with a manifest that fits the change (G9)."""

from __future__ import annotations

import itertools

import pytest

from node.governance.evidence import verify_bundle
from tests.unit.governance.bundles import lines_of, sealed
from tests.unit.governance.worlds import small_world

BUNDLE = small_world().bundle
STRIDE = 31
PARTS = 4


def flipped(content: bytes, position: int, mask: int) -> bytes:
    return content[:position] + bytes([content[position] ^ mask]) + content[position + 1 :]


@pytest.mark.parametrize("part", range(PARTS))
def test_any_flipped_byte_makes_a_bundle_invalid(part: int) -> None:
    masks = itertools.cycle((0x01, 0x20, 0x80, 0x02, 0x10, 0x40, 0x04))
    flips = list(zip(range(len(BUNDLE)), masks, strict=False))[part::PARTS]
    survivors = [place for place, mask in flips if verify_bundle(flipped(BUNDLE, place, mask)).valid]

    assert verify_bundle(BUNDLE).valid
    assert survivors == []


@pytest.mark.parametrize("mask", [0x01, 0x04])
def test_a_flipped_byte_is_found_even_when_the_manifest_was_made_to_fit(mask: int) -> None:
    manifest, *rows = lines_of(BUNDLE)
    survivors = []
    for number, row in enumerate(rows):
        for place in range(number % STRIDE, len(row), STRIDE):
            mutated = [*rows[:number], flipped(row, place, mask), *rows[number + 1 :]]
            if verify_bundle(sealed(manifest, mutated)).valid:
                survivors.append((number, place))

    assert verify_bundle(sealed(manifest, rows)).valid
    assert survivors == []


def test_any_missing_line_makes_a_bundle_invalid_even_when_the_manifest_was_made_to_fit() -> None:
    manifest, *rows = lines_of(BUNDLE)

    assert not any(verify_bundle(sealed(manifest, rows[:n] + rows[n + 1 :])).valid for n in range(len(rows)))


def test_any_cut_makes_a_bundle_invalid() -> None:
    assert not any(verify_bundle(BUNDLE[:length]).valid for length in range(0, len(BUNDLE), 7))
