"""Proposals on the wire: a frozen Question that any fediverse server shows and a peer decides on.

Called by services.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from federation.assembly.lots import commitment
from federation.vocabulary.polls import PollText, question
from federation.vocabulary.times import wire_time
from identity.canonical import bytes_digest
from node.markdown import to_html
from node.outbound.documents import Document, frame, sign_as_body
from node.outbound.lots import nonce_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from federation.assembly.tally import Tally
    from node.context import Node


ADVISORY = (
    "<p>Whoever answers this poll from elsewhere tells {body} an opinion: it is shown apart and does not count. "
    "What counts are the ballots or positions of those on the roll.</p>"
)
OUTCOMES: Mapping[str, str] = {
    "passed": "Passed.",
    "rejected": "Rejected.",
    "no_quorum": "Closed without quorum.",
    "empty": "Nobody could decide.",
    "vetoed": "Vetoed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """What is fixed for good when a proposal opens (G7): text, rule, electorate, times, and the proposal above it.

    `is_split` says that the position we then report upward will be split as our tally is, `plan` which plan of a relief
    comes into force with it.
    """

    proposal_id: str
    title: str
    text: str
    rule: Mapping[str, Any]
    opens_at: datetime
    closes_at: datetime
    electorate: Mapping[str, Any]
    upstream: Mapping[str, Any] | None = None
    type: str | None = None
    ratifies: Mapping[str, Any] | None = None
    plan: Mapping[str, Any] | None = None
    is_split: bool = False


def frozen_question(node: Node, freezing: Freezing) -> Document:
    """The signed Question; its content digest is the proposal's hash from now on."""
    governance: Document = {
        "kind": "proposal",
        "body": node.body.did,
        "text_digest": bytes_digest(freezing.text.encode()),
        "rule": dict(freezing.rule),
        "opens_at": wire_time(freezing.opens_at),
        "closes_at": wire_time(freezing.closes_at),
        "electorate": dict(freezing.electorate),
        "upstream": dict(freezing.upstream) if freezing.upstream else None,
    }
    if "lot" in freezing.rule.get("tie", ()):
        governance["lot"] = commitment(nonce_of(node, freezing.proposal_id))
    ratifies = dict(freezing.ratifies) if freezing.ratifies else None
    plan = dict(freezing.plan) if freezing.plan else None
    more: Document = {"type": freezing.type, "splits": freezing.is_split or None, "ratifies": ratifies, "plan": plan}
    governance |= {name: value for name, value in more.items() if value is not None}
    text = PollText(
        title=freezing.title,
        content_html=to_html(freezing.text) + ADVISORY.format(body=escape(node.body.name)),
        markdown=freezing.text,
        closes_at=freezing.closes_at,
    )
    document = question(frame(node, freezing.proposal_id, freezing.opens_at), text, governance)
    return sign_as_body(node, document)


@dataclass(frozen=True, slots=True)
class Answers:
    """How many actors of the fediverse chose each option, in the poll's order, and how many answered at all."""

    counts: Sequence[int]
    actors: int


def polled_question(node: Node, frozen: Mapping[str, Any], answers: Answers, now: datetime) -> Document:
    """The frozen Question with the fediverse's answers so far; what was frozen stays as it was (FEP-9967)."""
    return sign_as_body(node, _with_answers(frozen, answers, now))


def closed_question(  # one argument for each thing a reader is told
    node: Node, frozen: Mapping[str, Any], answers: Answers, *, outcome: str, tally: Tally, now: datetime
) -> Document:
    """The same with `closed` and, in words, what was decided: the numbers of the poll stay those of the fediverse."""
    said = (
        f"<p>{OUTCOMES[outcome]} Counted: {tally.in_favour} for, {tally.against} against, "
        f"{tally.abstain} abstained.</p>"
    )
    closed = _with_answers(frozen, answers, now) | {"closed": wire_time(now), "content": frozen["content"] + said}
    return sign_as_body(node, closed)


def _with_answers(frozen: Mapping[str, Any], answers: Answers, now: datetime) -> Document:
    options = [
        {**option, "replies": {"type": "Collection", "totalItems": count}}
        for option, count in zip(frozen["oneOf"], answers.counts, strict=True)
    ]
    polled = {name: value for name, value in frozen.items() if name != "proof"}
    return polled | {"oneOf": options, "votersCount": answers.actors, "updated": wire_time(now)}
