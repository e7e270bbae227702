"""Members in a list, and one member's own page with their sessions.

Called by node.web.members and node.web.profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.wording.labels import ROLES, label
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import MemberRecord, SessionRecord


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member in the list."""

    name: str
    display_name: str
    roles: str
    weight: int
    since: Moment


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One place a member is signed in; `key` ends it."""

    key: str
    label: str
    created: Moment
    seen: Moment
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """What a member sees of themselves."""

    display_name: str
    name: str
    roles: str
    since: Moment
    did: str
    sessions: Sequence[SessionLine]
    refusal: str | None


def roles_text(record: MemberRecord, setting: Setting) -> str:
    """The roles in words."""
    return ", ".join(label(ROLES, role, setting.say) for role in sorted(record.roles))


def member_line(record: MemberRecord, setting: Setting) -> MemberLine:
    """A member in the list."""
    since = moment(record.created_at, now=setting.now, say=setting.say)
    return MemberLine(record.name, record.display_name, roles_text(record, setting), record.weight, since)


def profile_page(
    record: MemberRecord, sessions: Sequence[SessionRecord], *, this: str, setting: Setting, refusal: str | None = None
) -> ProfilePage:
    """The profile of the signed-in member; `this` is the session the page was asked with."""
    return ProfilePage(
        display_name=record.display_name,
        name=record.name,
        roles=roles_text(record, setting),
        since=moment(record.created_at, now=setting.now, say=setting.say),
        did=record.did,
        sessions=[_session(each, this, setting) for each in sessions],
        refusal=refusal,
    )


def _session(record: SessionRecord, this: str, setting: Setting) -> SessionLine:
    return SessionLine(
        key=record.token_hash,
        label=record.label or setting.say("Unknown device"),
        created=moment(record.created_at, now=setting.now, say=setting.say),
        seen=moment(record.last_seen_at, now=setting.now, say=setting.say),
        is_this=record.token_hash == this,
    )
