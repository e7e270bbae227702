"""Altered copies of an evidence bundle, from clumsy to clever, and what the verifier says to each; called by run."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from node.governance.evidence import Report, assemble, verify_bundle
from node.governance.evidence.bundle import Bundle, read_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Documents = list[dict[str, Any]]


def tampered(bundle: bytes) -> dict[str, Report]:
    """What was done to a copy of the bundle, in words, and the report on that copy."""
    flipped = bytearray(bundle)
    flipped[len(flipped) // 2] ^= 1
    sound = read_bundle(bundle)
    reports = {"One bit flipped, somewhere in the middle": verify_bundle(bytes(flipped))}
    for what, forge in FORGERIES.items():
        reports[f"{what}, and the list of contents made anew"] = verify_bundle(_forged(sound, forge))
    return reports


def _forged(sound: Bundle, forge: Callable[[Documents], Iterable[Mapping[str, Any]]]) -> bytes:
    """A bundle whose format is right again after the forgery: only signatures and sums can tell."""
    documents = [copy.deepcopy(dict(line.document)) for line in sound.lines]
    return assemble(forge(documents), sound.decision, sound.anchor)


def _turn_a_ballot(documents: Documents) -> Documents:
    ballot = next(one for one in _of_kind(documents, "ballot") if one["governance"]["choice"] == "against")
    ballot["governance"]["choice"] = "for"
    return documents


def _lose_a_ballot(documents: Documents) -> Documents:
    lost = next(_of_kind(documents, "ballot"))
    return [one for one in documents if one is not lost]


def _raise_a_weight(documents: Documents) -> Documents:
    statute = next(_of_kind(documents, "statute"))
    statute["governance"]["constituents"][0]["weight"] += 1
    return documents


def _of_kind(documents: Documents, kind: str) -> Iterator[dict[str, Any]]:
    return (one for one in documents if one.get("governance", {}).get("kind") == kind)


FORGERIES: Mapping[str, Callable[[Documents], Documents]] = {
    "One ballot turned from against to for": _turn_a_ballot,
    "One ballot left out": _lose_a_ballot,
    "One federation given more weight": _raise_a_weight,
}
