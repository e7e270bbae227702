"""Call: what a handler of the member door is given about one request; built by access, read by every noun."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from node.api.problems import Problem

if TYPE_CHECKING:
    from aiohttp import web

    from node.context import Node
    from storage.records import MemberRecord, SessionRecord


class Access(StrEnum):
    """Who may call an operation, declared once where it is marked."""

    PUBLIC = "public"
    MEMBER = "member"
    OPERATOR = "operator"


@dataclass(slots=True)
class Call:
    """One request: the node, who asks (None on public operations without a sign-in), and headers of the answer."""

    request: web.Request
    node: Node
    member: MemberRecord | None
    session: SessionRecord | None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> MemberRecord:
        """The signed-in member; operations marked MEMBER or OPERATOR always have one."""
        if self.member is None:
            raise Problem(401, "not-signed-in", "Sign in first.")
        return self.member

    @property
    def is_operator(self) -> bool:
        """Whether the caller runs this node."""
        return self.member is not None and Access.OPERATOR in self.member.roles
