"""Shapes of members and their sessions; called by node.api.members and node.api.sessions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from node.api.shapes.facts import Line
from storage.records import MemberRecord, SessionRecord

Name = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=40)]
Passphrase = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class MemberView(BaseModel, frozen=True):
    """A member as other members see them."""

    id: str
    name: str
    display_name: str
    did: str
    roles: tuple[str, ...]
    weight: int
    state: str
    created_at: datetime


class MemberIn(BaseModel, extra="forbid", frozen=True):
    """Who is to be enrolled. Without a passphrase the member cannot sign in until an operator sets one."""

    name: Name
    display_name: Line
    passphrase: Passphrase | None = None
    roles: tuple[Literal["member", "operator"], ...] = ("member",)
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class PassphraseIn(BaseModel, extra="forbid", frozen=True):
    """The passphrase in use and the one to use from now on."""

    old: Passphrase
    new: Passphrase


class SignInIn(BaseModel, extra="forbid", frozen=True):
    """`label` tells this session from others in the list of sessions."""

    name: Name
    passphrase: Passphrase
    label: Annotated[str, StringConstraints(max_length=200)] = ""


class SignedIn(BaseModel, frozen=True):
    """A new session. The token is shown this once; send it as `Authorization: Bearer …`."""

    token: str
    csrf_token: str
    member: MemberView
    expires_at: datetime


class CurrentSession(BaseModel, frozen=True):
    """The session this request came with; pages send `csrf_token` back as X-CSRF-Token."""

    member: MemberView
    csrf_token: str
    label: str
    expires_at: datetime


class SessionView(BaseModel, frozen=True):
    """One signed-in browser or tool of the caller."""

    id: str
    label: str
    is_current: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SessionPath(BaseModel, extra="forbid", frozen=True):
    """The `id` of a session, as the list shows it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_-]{16,128}$")]


def member_view(record: MemberRecord) -> MemberView:
    """A stored member as shown: never the hash of the passphrase."""
    return MemberView(
        id=record.id,
        name=record.name,
        display_name=record.display_name,
        did=record.did,
        roles=record.roles,
        weight=record.weight,
        state=record.state,
        created_at=record.created_at,
    )


def session_view(record: SessionRecord, *, current: str) -> SessionView:
    """A stored session as shown; `current` is the hash of the caller's own token."""
    return SessionView(
        id=record.token_hash,
        label=record.label,
        is_current=record.token_hash == current,
        created_at=record.created_at,
        last_seen_at=record.last_seen_at,
        expires_at=record.expires_at,
    )
