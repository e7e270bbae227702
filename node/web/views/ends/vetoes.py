"""Who vetoed and why, and the form with which an operator vetoes for this body.

Called by node.web.proposals with what it read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.wording.labels import Chip
from node.web.views.wording.places import local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord, VetoRecord


@dataclass(frozen=True, slots=True)
class VetoLine:
    """One veto with its reason."""

    name: str
    reason: str
    at: Moment
    chip: Chip


@dataclass(frozen=True, slots=True)
class VetoPanel:
    """All vetoes, and where the form posts to; None for whoever may not veto."""

    lines: Sequence[VetoLine]
    action: str | None


def veto_panel(
    record: ProposalRecord,
    found: Sequence[VetoRecord],
    names: Mapping[str, str],
    setting: Setting,
    *,
    may_veto: bool,
) -> VetoPanel | None:
    """What the page of a proposal says of vetoes; None where there is nothing to say."""
    if not found and not may_veto:
        return None
    action = local_path(record.id, origin=setting.origin, room="proposals", action="vetoes") if may_veto else None
    return VetoPanel([_line(one, names, setting) for one in found], action)


def _line(record: VetoRecord, names: Mapping[str, str], setting: Setting) -> VetoLine:
    say = setting.say
    late = Chip(say("Late, not counted"), "warn")
    return VetoLine(
        name=names.get(record.body_did, record.body_did),
        reason=record.reason,
        at=moment(record.received_at, now=setting.now, say=say),
        chip=late if record.status == "late" else Chip(say("Veto"), "rejected"),
    )
