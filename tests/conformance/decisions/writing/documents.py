"""Vectors of canonical forms, digests, keys, signed documents, proofs and equivocations; called by files."""

from __future__ import annotations

import copy
import hashlib
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from federation.assembly.equivocation import check_equivocation, equivocation_governance
from federation.assembly.refusals import EquivocationRefusal
from federation.assembly.rules import PRESETS
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import PUBLIC, RECEIPT
from identity.canonical import canonical_bytes, content_digest
from identity.dids.did_key import did_key
from identity.errors import IdentityError
from identity.instants import instant_text
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022
from tests.unit.governance.worlds import CLOSES, OPENS, Document, Plan, World, build, coop, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES: tuple[Any, ...] = (
    {},
    [],
    {"b": 1, "a": [True, False, None], "": "empty name"},
    {"é": "NFC", "e\u0301": "NFD stays apart"},
    {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7},
    {"text": '"\\/\b\f\n\r\t\u0007 €'},
    {"largest": 9007199254740991, "smallest": -9007199254740991, "zero": 0},
    {"type": "rochdale:Ballot", "proof": {"not": "part of the digest"}},
)
PLAN = Plan(
    name="town",
    title="Town Federation",
    denominator=10,
    rule=PRESETS["supermajority-66"],
    below=(
        coop("gracia", (3, 1, 1), title="Gràcia", weight=10, silent=2),
        coop("eixample", (2, 1, 0), title="Eixample", weight=9),
        coop("sagrada", (1, 2, 0), title="Sagrada Família", weight=8),
        coop("poblenou", (1, 0, 0), title="Poblenou", weight=5, reports="missing"),
    ),
)


@cache
def town() -> World:
    """An assembly of four co-ops, three of which reported."""
    return build(PLAN)


def canonical() -> list[Document]:
    """Values, their canonical form, and the digest under which documents cite them."""
    return [
        {
            "value": value,
            "canonical": canonical_bytes(value).decode(),
            "digest": content_digest(value) if isinstance(value, dict) else None,
        }
        for value in VALUES
    ]


def keys() -> list[Document]:
    """The key pairs of bodies and voters: seed, multibase and DID."""
    voters = [f"voter {each.name}:{number}" for each in PLAN.below for number in range(sum(each.ballots))]
    return [_key(name) for name in (PLAN.name, *(each.name for each in PLAN.below), *voters)]


def _key(name: str) -> Document:
    public = key_of(name).public_key()
    return {
        "name": name,
        "seed_hex": hashlib.sha256(name.encode()).hexdigest(),
        "multibase": ed25519_multibase(public),
        "did_key": did_key(public),
    }


def documents() -> list[Document]:
    """One whole decision: every document with its label and digest, in the order in which they come about."""
    listed = [
        {"label": label, "digest": content_digest(one), "document": one} for label, one in town().documents.items()
    ]
    receipt = _receipt()
    return [*listed, {"label": "receipt:gracia:0", "digest": content_digest(receipt), "document": receipt}]


def _receipt() -> Document:
    ballot = town().documents["ballot:gracia:0"]
    at = OPENS + timedelta(hours=1, seconds=2)
    frame = Frame(
        document_id="https://gracia.example/receipts/0",
        attributed_to="https://gracia.example/body",
        published=at,
        to=[PUBLIC],
    )
    governance = {
        "kind": "receipt",
        "ballot": content_digest(ballot),
        "proposal": ballot["governance"]["proposal"]["id"],
        "seq": 1,
        "status": "counted",
        "received_at": instant_text(at),
    }
    method = "https://gracia.example/body#ed25519-key"
    return eddsa_jcs_2022.sign(
        governed(RECEIPT, frame, governance), key=key_of("gracia"), verification_method=method, created=at
    )


def proofs() -> list[Document]:
    """A ballot as signed, and what a verifier says to it after one change; null means that it holds."""
    ballot = town().documents["ballot:gracia:0"]
    return [_proof("as signed", ballot), *(_proof(what, _changed(ballot, change)) for what, change in CHANGES)]


def _changed(document: Document, change: Callable[[Document], None]) -> Document:
    changed = copy.deepcopy(document)
    change(changed)
    return changed


def _set(name: str, value: Any) -> Callable[[Document], None]:
    return lambda document: document["proof"].__setitem__(name, value)


CHANGES: tuple[tuple[str, Callable[[Document], None]], ...] = (
    ("another choice", lambda document: document["governance"].__setitem__("choice", "against")),
    ("a member added", lambda document: document.__setitem__("name", "x")),
    ("no proof", lambda document: document.__delitem__("proof")),
    ("a list of proofs", lambda document: document.__setitem__("proof", [document["proof"]])),
    ("another purpose", _set("proofPurpose", "authentication")),
    ("another suite", _set("cryptosuite", "eddsa-rdfc-2022")),
    ("another time of signing", _set("created", "2026-03-01T10:00:01Z")),
    ("another method", _set("verificationMethod", "https://gracia.example/body#ed25519-key")),
    ("an expiry added", _set("expires", "2030-01-01T00:00:00Z")),
    ("no base58", _set("proofValue", "m" + "A" * 86)),
    ("a signature beside it", lambda document: document.__setitem__("signature", {"type": "RsaSignature2017"})),
    ("a context appended", lambda document: document["@context"].append("https://example.com/more")),
)


def _proof(what: str, document: Document) -> Document:
    try:
        eddsa_jcs_2022.verify(document, key=key_of("voter gracia:0").public_key(), now=None, whole=True)
    except IdentityError as refusal:
        return {"what": what, "document": document, "refusal": refusal.code}
    return {"what": what, "document": document, "refusal": None}


def equivocations() -> list[Document]:
    """Pairs of documents by one hand, the object that proves it, or why they prove nothing."""
    ballot = town().documents["ballot:gracia:0"]
    voter = "voter gracia:0"
    other = _again(ballot, voter, choice="against")
    position = town().documents["position:gracia"]
    return [
        _pair("two ballots of one number", ballot, other, voter),
        _pair("the other way round", other, ballot, voter),
        _pair("two positions of one number", position, _again(position, "gracia", level=2), "gracia"),
        _pair("a later ballot", ballot, _again(ballot, voter, seq=2), voter),
        _pair("the same ballot signed twice", ballot, _again(ballot, voter), voter),
        _pair("a forged one", ballot, _again(ballot, "voter gracia:1", choice="against"), voter),
        _pair("another's key", ballot, other, "voter gracia:1"),
    ]


def _again(document: Document, signer: str, **changes: Any) -> Document:
    bare = {name: value for name, value in copy.deepcopy(document).items() if name != "proof"}
    bare["governance"] |= changes
    method = document["proof"]["verificationMethod"]
    at = OPENS + timedelta(hours=3)
    return eddsa_jcs_2022.sign(bare, key=key_of(signer), verification_method=method, created=at)


def _pair(what: str, one: Document, other: Document, signer: str) -> Document:
    key = ed25519_multibase(key_of(signer).public_key())
    case: Document = {"what": what, "documents": [one, other], "key": key}
    try:
        governance = equivocation_governance(one, other, key=key)
        check_equivocation({"governance": governance})
    except EquivocationRefusal as refusal:
        return {**case, "proves": None, "refusal": refusal.code}
    place = {name: governance[name] for name in ("kind", "what", "signer", "place")}
    order = [content_digest(each) for each in (one, other)]
    return {**case, "proves": {**place, "digests": sorted(order)}, "refusal": None}


__all__ = ["CLOSES", "OPENS", "PLAN", "Document", "canonical", "documents", "equivocations", "keys", "proofs", "town"]
