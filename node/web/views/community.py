"""What the pages show of people talking about a proposal: opinions from the fediverse, and the discussion.

Called by node.web.community with what it read; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from node.community.replies import PER_PAGE
from node.markdown import plain_text
from node.web.views.wording.places import host_of, local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.outbound.proposals import Answers
    from node.web.views.wording.setting import Setting
    from storage.records import FlagRecord, MemberRecord, ProposalRecord, ReplyRecord


@dataclass(frozen=True, slots=True)
class Opinions:
    """The answers to a proposal's poll, which count for nothing, and a sentence that says so."""

    sentence: str
    lines: Sequence[tuple[str, int]]


def opinions_panel(options: Sequence[str], answers: Answers, hosts: int, setting: Setting) -> Opinions | None:
    """The panel, or None while nobody answered."""
    if not answers.actors:
        return None
    say = setting.say
    people = say.count("%(number)s person", "%(number)s people", answers.actors)
    servers = say.count("%(number)s server", "%(number)s servers", hosts)
    sentence = say(
        "%(people)s of %(servers)s answered the poll. These answers are advisory: they do not count.",
        people=people,
        servers=servers,
    )
    return Opinions(sentence, [(say(option), count) for option, count in zip(options, answers.counts, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLine:
    """One reply. `html` is what was sanitised when it came; None for one that is gone or out of sight."""

    id: str
    anchor: str
    author: str
    origin: str
    origin_href: str | None
    answers: str | None
    html: Markup | None
    source: str
    at: Moment
    edited: Moment | None
    is_mine: bool
    is_hidden: bool
    can_report: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The discussion under a proposal, a page of it at a time; `action` takes a reply, None for who may not write."""

    lines: Sequence[ReplyLine]
    hidden: Sequence[ReplyLine]
    total: int
    action: str | None
    earlier: str | None
    later: str | None
    can_moderate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What was read of a discussion: a page of it from `offset` on, what is hidden, and the names of bodies."""

    replies: Sequence[ReplyRecord]
    hidden: Sequence[ReplyRecord]
    total: int
    offset: int
    bodies: Mapping[str, str]


def thread(record: ProposalRecord, talk: Talk, member: MemberRecord | None, setting: Setting) -> Thread:
    """The discussion as this reader sees it."""
    authors = {one.id: one.author_name for one in talk.replies}
    path = local_path(record.id, origin=setting.origin, room="proposals")
    mark = "&" if "?" in path else "?"
    at, is_more = talk.offset, talk.offset + PER_PAGE < talk.total
    is_operator = member is not None and "operator" in member.roles

    def line(one: ReplyRecord) -> ReplyLine:
        return _line(one, talk, authors, member=member, setting=setting)

    return Thread(
        lines=[line(one) for one in talk.replies],
        hidden=[line(one) for one in talk.hidden] if is_operator else (),
        total=talk.total,
        action=local_path(record.id, origin=setting.origin, room="proposals", action="replies") if member else None,
        earlier=f"{path}{mark}said={max(0, at - PER_PAGE)}#discussion" if at else None,
        later=f"{path}{mark}said={at + PER_PAGE}#discussion" if is_more else None,
        can_moderate=is_operator,
    )


def _line(
    one: ReplyRecord, talk: Talk, authors: Mapping[str, str], *, member: MemberRecord | None, setting: Setting
) -> ReplyLine:
    now, say = setting.now, setting.say
    is_there = one.state != "deleted"
    was_edited = is_there and one.version_at > one.published_at
    return ReplyLine(
        id=one.id,
        anchor=f"reply-{one.version_digest.removeprefix('sha256:')[:16] or 'gone'}",
        author=one.author_name or say("Somebody"),
        origin=talk.bodies.get(one.author_actor) or host_of(one.author_actor),
        origin_href=one.author_actor if one.author_actor.startswith(("https://", "http://")) else None,
        answers=authors.get(one.in_reply_to),
        html=Markup(one.content_html) if is_there else None,  # noqa: S704 - cleaned by node.markdown when it was kept
        source=one.source,
        at=moment(one.published_at, now=now, say=say),
        edited=moment(one.version_at, now=now, say=say) if was_edited else None,
        is_mine=member is not None and one.author_did == member.did and one.origin == "own" and is_there,
        is_hidden=one.state == "hidden",
        can_report=member is not None and one.origin == "peer" and is_there,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagLine:
    """A flag with what it is about: (words, page on this node or None, id of a reply that can be hidden or None)."""

    id: str
    by: str
    words: str
    about: Sequence[tuple[str, str | None, str | None]]
    at: Moment
    is_open: bool


def flag_line(flag: FlagRecord, said: Mapping[str, ReplyRecord | None], setting: Setting) -> FlagLine:
    """A flag as operators see it; `said` holds the replies it names."""

    def about(object_id: str) -> tuple[str, str | None, str | None]:
        reply = said.get(object_id)
        if reply is None or reply.state == "deleted":
            return object_id, None, None
        page = local_path(reply.proposal_id, origin=setting.origin, room="proposals")
        return plain_text(reply.content_html) or object_id, page, reply.id if reply.state == "shown" else None

    return FlagLine(
        id=flag.id,
        by=host_of(flag.actor_id),
        words=flag.content,
        about=[about(one) for one in flag.object_ids],
        at=moment(flag.received_at, now=setting.now, say=setting.say),
        is_open=flag.state == "open",
    )
