"""The vectors are what the code says today, and a stranger with JSON, SHA-256 and Ed25519 alone agrees with them."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node.governance.evidence.verify import verify_bundle
from tests.conformance.decisions.writing.files import FOLDER, WRITERS, seed_of, text_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "decisions-protocol.md"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
KINDS = {"statute", "proposal", "roll", "ballot", "receipt", "position", "outcome"}


def committed(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_committed_vectors_are_what_the_code_writes(name: str) -> None:
    advice = "run python -m tests.conformance.decisions.writing, and say in the page what changed"

    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(name), advice


def test_every_file_of_vectors_is_written_and_named_on_the_page() -> None:
    files = {file.name for file in FOLDER.glob("*.json")}
    page = PAGE.read_text(encoding="utf-8")

    assert files == WRITERS.keys()
    assert [name for name in sorted(files) if f"`{name}`" not in page] == []


# --- a stranger, who shares no line with us


def plain(value: Any) -> bytes:
    """RFC 8785 for what occurs here: no fractions, and names whose order by code point is that by UTF-16."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(document: dict[str, Any]) -> str:
    bare = {name: value for name, value in document.items() if name != "proof"}
    return "sha256:" + hashlib.sha256(plain(bare)).hexdigest()


def base58(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    return b"\0" * (len(text) - len(text.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def public_key(multibase: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base58(multibase.removeprefix("z")).removeprefix(b"\xed\x01"))


def check_proof(document: dict[str, Any], key: Ed25519PublicKey) -> None:
    options = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    signed = hashlib.sha256(plain(options)).digest() + bytes.fromhex(digest(document).removeprefix("sha256:"))
    key.verify(base58(document["proof"]["proofValue"].removeprefix("z")), signed)


def test_a_stranger_finds_the_same_canonical_forms_and_digests() -> None:
    for case in committed("canonical.json"):
        assert json.loads(case["canonical"]) == case["value"]
        if case["digest"] is not None and "\U0001f600" not in case["value"]:  # astral names sort otherwise in UTF-16
            assert plain(case["value"]).decode() == case["canonical"]
            assert digest(case["value"]) == case["digest"]


def test_a_stranger_makes_the_same_keys_from_the_names() -> None:
    for case in committed("keys.json"):
        made = Ed25519PrivateKey.from_private_bytes(seed_of(case["name"])).public_key()

        assert case["seed_hex"] == seed_of(case["name"]).hex()
        assert made == public_key(case["multibase"])
        assert case["did_key"] == f"did:key:{case['multibase']}"


def test_a_stranger_verifies_every_document_of_the_decision() -> None:
    keys = {case["name"]: public_key(case["multibase"]) for case in committed("keys.json")}
    by_did = {case["did_key"]: public_key(case["multibase"]) for case in committed("keys.json")}
    seen = set()
    for case in committed("documents.json"):
        document, governance = case["document"], case["document"]["governance"]
        seen.add(governance["kind"])
        assert digest(document) == case["digest"]
        if governance["kind"] == "roll":
            continue
        is_ballot = governance["kind"] == "ballot"
        body = document["attributedTo"].removeprefix("https://").removesuffix(".example/body")
        check_proof(document, by_did[governance["voter"]] if is_ballot else keys[body])

    assert seen == KINDS


def test_a_stranger_follows_every_reference_of_the_decision() -> None:
    documents = {case["digest"]: case["document"] for case in committed("documents.json")}

    def references(value: Any) -> list[tuple[str, str]]:
        if isinstance(value, list):
            return [found for one in value for found in references(one)]
        if not isinstance(value, dict):
            return []
        own = [(value["id"], value["digest"])] if value.keys() == {"id", "digest"} else []
        return own + [found for one in value.values() for found in references(one)]

    found = [pair for document in documents.values() for pair in references(document["governance"])]

    assert len(found) > 20
    assert all(documents[sha]["id"] == name for name, sha in found)


def test_a_stranger_counts_the_same_ballots() -> None:
    for case in committed("ballots.json"):
        weights, last = dict(case["roll"]), {}
        for voter in weights:
            papers = {(one["seq"], one["digest"]): one for one in case["papers"] if one["voter"] == voter}
            numbers = [seq for seq, _ in papers]
            single = [one for (seq, _), one in papers.items() if numbers.count(seq) == 1]
            if single:
                last[voter] = max(single, key=lambda one: int(one["seq"]))
        tally = {
            choice: sum(weights[voter] for voter, one in last.items() if one["choice"] == choice)
            for choice in ("for", "against", "abstain")
        }

        assert case["tally"] == {**tally, "electorate": sum(weights.values()), "unresolved": 0}, case["what"]


SHARES = {
    "majority": (Fraction(1, 2), True), "supermajority-66": (Fraction(66, 100), False),
    "two-thirds": (Fraction(2, 3), False), "three-quarters": (Fraction(3, 4), False),
    "consensus-85": (Fraction(85, 100), False), "absolute-majority": (Fraction(1, 2), True),
    "unanimity": (Fraction(1), False),
}  # fmt: skip


def strangers_decision(rule: dict[str, Any], tally: dict[str, int]) -> str:
    """Passed, rejected, no_quorum or empty, straight from the page."""
    yes, no, electorate = tally["for"], tally["against"], tally["electorate"]
    if electorate == 0:
        return "empty"
    quorum = rule.get("quorum")
    if quorum is not None:
        took_part = yes + no + (tally["abstain"] if quorum.get("abstain_counts", True) else 0)
        counted = {"participation": took_part, "approval": yes, "rejection": no}[quorum["kind"]]
        is_met = counted >= Fraction(quorum["share"]) * electorate
        if quorum["kind"] == "rejection":
            return "rejected" if is_met else "passed"
        if not is_met:
            return "no_quorum"
    base = electorate if rule["preset"] == "absolute-majority" else yes + no
    share, is_strict = SHARES[rule["preset"]]
    passes = yes > share * base if is_strict else yes >= share * base
    return "passed" if passes and yes + no > 0 else "rejected"


def test_a_stranger_decides_the_same() -> None:
    wrong = [
        case for case in committed("rules.json") if strangers_decision(case["rule"], case["tally"]) != case["outcome"]
    ]

    assert wrong == []


def test_a_stranger_draws_the_same_lots() -> None:
    def framed(*parts: str) -> str:
        joined = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
        return "sha256:" + hashlib.sha256(joined).hexdigest()

    for case in committed("lots.json"):
        beacon = framed("beacon", case["set_digest"], case["nonce"])
        marks = {option: framed("lot", case["proposal_digest"], beacon, option) for option in ("for", "against")}

        assert case["commitment"] == framed("commitment", case["nonce"])
        assert case["beacon"] == beacon
        assert case["order"] == sorted(marks, key=marks.__getitem__)
        assert case["outcome"] == ("passed" if case["order"][0] == "for" else "rejected")


# --- and our verifier, given the files


def bundle_of(evidence: dict[str, Any], case: dict[str, Any]) -> bytes:
    kept = [line for number, line in enumerate(evidence["lines"], 1) if number not in case["removed_lines"]]
    added = sorted(case["added_lines"], key=lambda line: '"type":"rochdale:Evidence"' not in line)
    is_manifest_new = bool(added) and '"type":"rochdale:Evidence"' in added[0]
    lines = [*added[:1], *kept, *added[1:]] if is_manifest_new else [*kept, *added]
    return "".join(f"{line}\n" for line in lines).encode()


def test_the_bundle_of_the_files_holds_and_each_change_breaks_it() -> None:
    evidence = committed("evidence.json")
    whole = "".join(f"{line}\n" for line in evidence["lines"]).encode()
    manifest = json.loads(evidence["lines"][0])
    hashes = sorted(hashlib.sha256(line.encode()).hexdigest() for line in evidence["lines"][1:])

    assert verify_bundle(whole).valid
    assert manifest["digest"] == "sha256:" + hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    for case in [*evidence["changed"], *evidence["resigned"]]:
        failure = verify_bundle(bundle_of(evidence, case)).failure
        assert failure is not None
        assert failure.code == case["failure"], case["what"]


def test_the_examples_on_the_page_are_the_vectors() -> None:
    blocks = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
    documents = [case["document"] for case in committed("documents.json")]
    shown = [block for block in blocks if "governance" in block]

    assert {block["governance"]["kind"] for block in shown} == KINDS
    assert [block for block in shown if block not in documents] == []
