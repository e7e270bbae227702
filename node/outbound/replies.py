"""Replies on the wire: a member's note, signed by the member and said by the body; called by the reply service."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from federation.authoring import followers_id
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import PUBLIC
from federation.vocabulary.times import wire_time
from identity.dids.did_key import verification_method
from identity.proofs import eddsa_jcs_2022
from node.markdown import to_html

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from node.context import Node
    from node.outbound.documents import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A member's reply: what it answers, whom that belongs to, the thread it stands in, and who speaks."""

    reply_id: str
    proposal_id: str
    in_reply_to: str
    answers_actor: str
    thread: str | None
    did: str
    name: str
    text: str
    published: datetime


def note(node: Node, said: Said, key: Ed25519PrivateKey, *, updated: datetime | None = None) -> Document:
    """The public Note: the body says it, its last line and `governance` name the member, whose proof it carries."""
    frame = Frame(
        document_id=said.reply_id,
        attributed_to=node.body.actor_id,
        published=said.published,
        to=[PUBLIC],
        cc=[followers_id(node.federation), *_others(node, said)],
    )
    document = governed(
        "Note",
        frame,
        {"kind": "reply", "proposal": said.proposal_id, "member": said.did, "name": said.name},
        inReplyTo=said.in_reply_to,
        context=said.thread,
        content=f"{to_html(said.text)}<p>— {escape(said.name)}</p>",
        source={"content": said.text, "mediaType": "text/markdown"},
        tag=[{"type": "Mention", "href": other} for other in _others(node, said)],
        updated=wire_time(updated) if updated else None,
    )
    return eddsa_jcs_2022.sign(
        document, key=key, verification_method=verification_method(said.did), created=updated or said.published
    )


def _others(node: Node, said: Said) -> list[str]:
    return [said.answers_actor] if said.answers_actor != node.body.actor_id else []
