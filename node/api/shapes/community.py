"""Shapes of what people say about proposals; called by the nouns of the community."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from node.api.door.paging import Window
from node.community.replies import LONGEST_TEXT

ReplyText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]


class OpinionLine(BaseModel, frozen=True):
    """One option of a proposal's poll."""

    option: str
    actors: int


class OpinionsView(BaseModel, frozen=True):
    """Answers of the fediverse. Anybody can make as many actors as they like, so these numbers decide nothing."""

    proposal: str
    is_advisory: Literal[True] = Field(description="No tally ever reads these numbers.")
    actors: int
    servers: int = Field(description="How many hosts the actors live on.")
    options: tuple[OpinionLine, ...]


class ReplyIn(BaseModel, extra="forbid", frozen=True):
    """A reply in CommonMark; `answers` is the id of another reply of the same discussion."""

    text: ReplyText
    answers: Annotated[str | None, StringConstraints(max_length=2048)] = None


class TextIn(BaseModel, extra="forbid", frozen=True):
    """Other words for a reply."""

    text: ReplyText


class HideIn(BaseModel, extra="forbid", frozen=True):
    """Out of sight, or shown again."""

    is_hidden: bool = True


class ReplyView(BaseModel, frozen=True):
    """One contribution to a discussion. `html` is sanitised; a deleted reply has none."""

    key: str
    id: str
    proposal: str
    answers: str = Field(description="The id of the proposal or reply it answers.")
    depth: int = Field(description="1 answers the proposal itself.")
    author: str
    author_actor: str = Field(description="The actor that said it: a body for its members, or somebody elsewhere.")
    author_did: str | None = Field(description="The member a body speaks for, by their own proof.")
    origin: str
    html: str
    state: str
    published_at: datetime
    edited_at: datetime | None
    is_mine: bool


class FlagsAsked(Window, extra="forbid", frozen=True):
    """Which flags."""

    state: Literal["open", "settled"] = "open"


class FlagIn(BaseModel, extra="forbid", frozen=True):
    """What is reported: the id of an actor, an offer, a reply or anything else of another node, and why."""

    object: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]
    content: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""


class FlagSentView(BaseModel, frozen=True):
    """A report under way; `id` is that of the activity."""

    id: str
    object: str


class FlagView(BaseModel, frozen=True):
    """A flag from elsewhere. `objects` are the ids it is about, ours and others."""

    key: str
    actor: str = Field(description="Who flagged; often a server's own actor, to protect the person.")
    objects: tuple[str, ...]
    content: str
    state: str
    received_at: datetime
    settled_by: str | None
    settled_at: datetime | None
