"""What each simulated body signs, in the very documents nodes exchange: question, statute, outcome, position."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from federation.assembly.positions import Asked, position_governance
from federation.assembly.references import Reference
from federation.assembly.statute import statute_governance
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.polls import PollText, question
from federation.vocabulary.terms import OUTCOME, POSITION, PUBLIC, STATUTE
from federation.vocabulary.times import wire_time
from identity.canonical import content_digest
from identity.proofs import eddsa_jcs_2022
from node.governance.outcomes import outcome_governance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.governance.outcomes import Finding
    from tests.scale.tree import Body

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CLOSE = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MAJORITY: Mapping[str, Any] = {"preset": "majority", "quorum": {"kind": "participation", "share": "1/2"}}

Document = dict[str, Any]


def statute(body: Body) -> Document:
    """The assembly's statute: mode weights, the roster with keys."""
    governance = statute_governance(
        assembly=body.did,
        name=f"Body {body.number}",
        version=1,
        mode="weights",
        weight_denominator=1,
        constituents=[below.constituent() for below in body.below],
        rule=MAJORITY,
        margin_seconds=60,
        adopted_at=NOON,
    )
    return _signed(body, governed(STATUTE, _frame(body, "statutes/1"), governance))


def motion(body: Body, electorate: Mapping[str, Any], above: Document | None) -> Document:
    """The body's own question on the motion, under the one above it."""
    upstream = None
    if above is not None:
        root = above["governance"]["upstream"] or {"root": above["id"], "root_digest": content_digest(above)}
        upstream = {
            "id": above["id"],
            "digest": content_digest(above),
            "root": root["root"],
            "root_digest": root["root_digest"],
        }
    governance = {
        "kind": "proposal",
        "body": body.did,
        "text_digest": "sha256:" + "0" * 64,
        "rule": dict(MAJORITY),
        "opens_at": wire_time(NOON),
        "closes_at": wire_time(CLOSE),
        "electorate": dict(electorate),
        "upstream": upstream,
    }
    text = PollText(title="One motion", content_html="<p>One motion</p>", markdown="One motion", closes_at=CLOSE)
    return _signed(body, question(_frame(body, "proposals/1"), text, governance))


def outcome(body: Body, asked: Document, finding: Finding) -> Document:
    """The signed outcome of its own question."""
    about = Reference(asked["id"], content_digest(asked))
    governance = outcome_governance(proposal=about, body=body.did, finding=finding, closed_at=CLOSE)
    return _signed(body, governed(OUTCOME, _frame(body, "proposals/1/outcome"), governance))


def position(body: Body, asked: Asked, own: Document, decided: Document, *, seq: int = 1) -> Document:
    """The position that follows from its outcome."""
    governance = position_governance(asked=asked, question=own, outcome=decided, seq=seq, signed_at=CLOSE)
    return _signed(body, governed(POSITION, _frame(body, f"positions/{seq}"), governance))


def altered(body: Body, document: Document, **changes: Any) -> Document:
    """The document with other members in its governance part, signed again by the same body."""
    changed = {name: value for name, value in document.items() if name != "proof"}
    changed["governance"] = {**document["governance"], **changes}
    return _signed(body, changed)


def _frame(body: Body, path: str) -> Frame:
    return Frame(document_id=f"{body.origin}/{path}", attributed_to=body.actor, published=NOON, to=[PUBLIC])


def _signed(body: Body, document: Mapping[str, Any]) -> Document:
    return eddsa_jcs_2022.sign(document, key=body.key, verification_method=f"{body.actor}#ed25519-key", created=NOON)
