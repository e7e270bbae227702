"""Our other answers to the same question, as links with what casting once does.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.wording.places import local_path

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord

BOTH_OPEN = "%(name)s asks us the same. What you cast here counts there too."
ONE_CLOSED = "%(name)s asks us the same, in a proposal of its own."


@dataclass(frozen=True, slots=True)
class Twin:
    """Another answer of ours, with the name of the assembly that asks."""

    name: str
    record: ProposalRecord


@dataclass(frozen=True, slots=True)
class TwinLine:
    """One of them as the page tells it."""

    sentence: str
    path: str


def twin_line(twin: Twin, record: ProposalRecord, setting: Setting) -> TwinLine:
    """The sentence and the link."""
    is_open = record.state == twin.record.state == "open"
    return TwinLine(
        sentence=setting.say(BOTH_OPEN if is_open else ONE_CLOSED, name=twin.name),
        path=local_path(twin.record.id, origin=setting.origin, room="proposals"),
    )
