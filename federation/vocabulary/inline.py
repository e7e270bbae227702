"""What a peer's `@context` may say: any vocabulary beside ours, never another meaning for a word we read.

Called by receive.gate for every object of an activity. Nothing is expanded and nothing fetched: we read documents as
plain JSON, and this keeps whoever expands them from reading something else (CVE-2026-46349, CVE-2026-42462).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.errors import WireRefusal
from federation.vocabulary.terms import ACTIVITY_TYPES, ACTOR_TYPES, AS2, ROCHDALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CONTEXTS = 50
REARRANGING: Final = frozenset(
    {"@graph", "@included", "@reverse", "@nest", "@import", "@propagate", "@set", "@list", "@base"}
)
"""Keywords that rearrange a document once it is read as JSON-LD (CVE-2026-46349, CVE-2026-48028)."""

_SECURITY = "https://w3id.org/security#"
_KEYWORDS = ("id", "type")
_SECURITY_TERMS = (
    *("proof", "owner", "controller", "publicKey", "publicKeyPem", "publicKeyMultibase", "assertionMethod"),
    *("verificationMethod", "proofValue", "proofPurpose", "cryptosuite"),
)
_AS2_TERMS = (
    *("actor", "object", "target", "result", "origin", "instrument", "attributedTo", "generator", "alsoKnownAs"),
    *("to", "cc", "bto", "bcc", "audience", "followers", "following", "endpoints", "sharedInbox", "preferredUsername"),
    *("published", "updated", "endTime", "closed", "oneOf", "anyOf", "name", "content", "summary", "source"),
    *("context", "inReplyTo", "replies", "first", "last", "next", "prev", "partOf", "items", "totalItems"),
    *("Note", "Question", "Tombstone", "Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"),
    *sorted(ACTIVITY_TYPES | ACTOR_TYPES),
)
_NAMED: Mapping[str, tuple[str, ...]] = {
    "as": (f"{AS2}#",),
    "sec": (_SECURITY,),
    "rochdale": (ROCHDALE,),
    "governance": ("rochdale:governance", f"{ROCHDALE}governance"),
    "inbox": ("ldp:inbox", "http://www.w3.org/ns/ldp#inbox"),
    "outbox": ("as:outbox", f"{AS2}#outbox"),
    "orderedItems": ("as:items", f"{AS2}#items"),
    "ldp": ("http://www.w3.org/ns/ldp#",),
    "@vocab": ("_:",),
}
MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    **{term: (f"@{term}",) for term in _KEYWORDS},
    **{term: (f"sec:{term}", f"{_SECURITY}{term}") for term in _SECURITY_TERMS},
    **{term: (f"as:{term}", f"{AS2}#{term}") for term in _AS2_TERMS},
    **_NAMED,
}
"""The words we read, with every way to spell what they mean; a context may define them so or not at all."""


def check_context(context: object) -> None:
    """Raise WireRefusal `activity-malformed` unless `context` is absent or made of URLs and harmless definitions."""
    contexts = context if isinstance(context, list) else [context]
    if len(contexts) > MAX_CONTEXTS:
        raise _malformed("too many contexts")
    for one in contexts:
        if isinstance(one, dict):
            for inline in _with_inner(one):
                _check_inline(inline)
        elif one is not None and not isinstance(one, str):
            raise _malformed("a context is neither a URL nor an object")


def _with_inner(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The context, and the contexts that hold inside one of its terms (JSON-LD 1.1 §4.1.8)."""
    waiting: list[Any] = [context]
    while waiting:
        inline = waiting.pop()
        if isinstance(inline, list):
            waiting.extend(inline)
        elif isinstance(inline, dict):
            yield inline
            waiting.extend(meaning.get("@context") for meaning in inline.values() if isinstance(meaning, dict))


def _check_inline(context: Mapping[str, Any]) -> None:
    if not REARRANGING.isdisjoint(context) or any(_rearranges(meaning) for meaning in context.values()):
        raise _malformed("an inline context uses keywords that are not accepted")
    for term in MEANINGS.keys() & context.keys():
        meaning = context[term]
        if (meaning.get("@id") if isinstance(meaning, dict) else meaning) not in MEANINGS[term]:
            raise _malformed(f"an inline context gives {term!r} another meaning")


def _rearranges(meaning: object) -> bool:
    """Whether a term is another name of such a keyword, or is defined with one (JSON-LD 1.1 §4.1.5, §4.8)."""
    if isinstance(meaning, dict):
        return not REARRANGING.isdisjoint(meaning) or _rearranges(meaning.get("@id"))
    return isinstance(meaning, str) and meaning in REARRANGING


def _malformed(why: str) -> WireRefusal:
    return WireRefusal("activity-malformed", "The activity is not well formed.", why)
