"""Equivocation: two different documents signed with one key for one place, which together prove themselves (G9).

The proof object is built by a node that received both, published to all peers, and checked by anybody alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.assembly.fields import Fields, fields_of, governance_of
from federation.assembly.refusals import EquivocationRefusal
from identity.canonical import Document, content_digest
from identity.dids.did_key import public_key
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs.eddsa_jcs_2022 import verify

PROOF_KEYS: Final = ("kind", "what", "signer", "key", "place", "documents")
PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where only one document may stand: what it is, its signer, and the members that make the place."""

    what: str
    signer: str
    members: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Equivocation:
    """A checked proof: the place, the key both documents are signed with, and their two content digests."""

    place: Place
    key: str
    digests: tuple[str, str]


def _position_place(fields: Fields) -> dict[str, object]:
    proposal = fields.reference("proposal").to_document()
    return {"proposal": proposal, "body": fields.text("body"), "seq": fields.integer("seq", least=1)}


def _ballot_place(fields: Fields) -> dict[str, object]:
    proposal = fields.reference("proposal").to_document()
    return {"proposal": proposal, "voter": fields.text("voter"), "seq": fields.integer("seq", least=1)}


def _statute_place(fields: Fields) -> dict[str, object]:
    return {"assembly": fields.text("assembly"), "version": fields.integer("version", least=1)}


PLACES: Final[Mapping[str, tuple[str, Callable[[Fields], dict[str, object]]]]] = {
    "position": ("body", _position_place),
    "ballot": ("voter", _ballot_place),
    "statute": ("assembly", _statute_place),
}
"""By kind of document: the member that names its signer, and what makes its place. One key signs once per place."""


def place_of(document: Mapping[str, object]) -> Place:
    """The place that a governance document takes. EquivocationRefusal for kinds that may be signed again.

    What is not of the type of its kind, or cannot be cited, nobody takes for such a document.
    """
    what = fields_of(document, _refuse).within("governance").one_of("kind", tuple(PLACES))
    outer, fields = governance_of(document, what, _refuse)
    outer.text("id")
    outer.one_of("type", (f"rochdale:{what.capitalize()}",))
    signer, members = PLACES[what]
    return Place(what=what, signer=fields.text(signer), members=members(fields))


def equivocation_governance(one: Document, other: Document, *, key: str) -> dict[str, object]:
    """The `governance` member of a proof object over two documents signed with `key` (multibase).

    The order in which they came makes no difference. Raises EquivocationRefusal if they prove nothing.
    """
    first, second = sorted((one, other), key=content_digest)
    place = place_of(first)
    governance: dict[str, object] = {
        "kind": "equivocation",
        "what": place.what,
        "signer": place.signer,
        "key": key,
        "place": dict(place.members),
        "documents": [first, second],
    }
    check_equivocation({"governance": governance})
    return governance


def check_equivocation(document: object) -> Equivocation:
    """What a proof object proves, by itself and offline. Raises EquivocationRefusal if it proves nothing.

    It proves that the holder of the key in it signed both. Whose key that is, the reader has to know: a voter's is in
    its DID and is compared here, a body's stands in the statute or in the body's DID document.
    """
    _, fields = governance_of(document, "equivocation", _refuse)
    fields.only(*PROOF_KEYS)
    pair = [dict(row.members) for row in fields.rows("documents")]
    if len(pair) != PAIR:
        raise _refuse("a proof has two documents")
    place, other = (place_of(each) for each in pair)
    if place != other:
        raise EquivocationRefusal("equivocation-other-place")
    if _place_stated(fields) != place:
        raise _refuse("it names another place than its documents")
    first, second = (content_digest(each) for each in pair)
    if first == second:
        raise EquivocationRefusal("equivocation-same-content")
    key = _key(fields, place)
    for each in pair:
        _check_signed(each, key)
    if first > second:
        raise _refuse("its documents are not in the order of their digests")
    return Equivocation(place=place, key=fields.text("key"), digests=(first, second))


def _place_stated(fields: Fields) -> Place:
    return Place(fields.text("what"), fields.text("signer"), dict(fields.within("place").members))


def _key(fields: Fields, place: Place) -> Ed25519PublicKey:
    try:
        key = read_multibase(fields.text("key"))
        if place.what == "ballot" and public_key(place.signer).public_bytes_raw() != key.public_bytes_raw():
            raise EquivocationRefusal("equivocation-other-key", place.signer)
    except IdentityError as error:
        raise _refuse(error.code) from error
    return key


def _check_signed(document: Mapping[str, Any], key: Ed25519PublicKey) -> None:
    try:
        verify(document, key=key, now=None, whole=True)
    except IdentityError as error:
        raise EquivocationRefusal("equivocation-signature", error.code) from error


def _refuse(detail: str) -> EquivocationRefusal:
    return EquivocationRefusal("equivocation-malformed", detail)
