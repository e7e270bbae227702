"""The papers of a proposal: frozen text, outcome, evidence, and the proposals above it.

Called by node.web.proposals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.web.views.wording.places import Link, host_of, local_path

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord


def papers(record: ProposalRecord, *, has_evidence: bool, setting: Setting) -> tuple[Link, ...]:
    """What a reader can take away and check, the most telling first."""
    say, found = setting.say, []
    if has_evidence:
        note = say("The evidence of every level. Save it, then check it in your browser or with rochdale verify FILE.")
        found.append(Link(say("Recount this yourself"), f"{record.id}/evidence", note=note))
        offline = say("Choose the evidence there. The page sends nothing anywhere, and can be kept.")
        found.append(Link(say("Check it in your browser"), "/verify", note=offline))
    elif record.outcome_document is not None and record.origin == "own":
        found.append(Link(say("Recount this yourself"), f"{record.id}/evidence", note=say("Still being gathered.")))
    if record.outcome_document is not None and record.origin == "own":
        found.append(Link(say("The signed outcome"), f"{record.id}/outcome", note=short(record.outcome_digest)))
    if record.origin == "peer":
        found.append(Link(say("Where it is decided: %(host)s", host=host_of(record.id)), record.id))
    if record.upstream_id:
        above = local_path(record.upstream_id, origin=setting.origin, room="proposals")
        found.append(Link(say("The proposal of the assembly above"), above, note=host_of(record.upstream_id)))
    if record.root_id and record.root_id != record.upstream_id:
        root = local_path(record.root_id, origin=setting.origin, room="proposals")
        found.append(Link(say("The proposal it all began with"), root, note=host_of(record.root_id)))
    if record.digest:
        found.append(Link(say("Fingerprint of the frozen text"), "#text", note=short(record.digest)))
    return tuple(found)


def short(digest: str | None) -> str | None:
    """A digest by its first sixteen digits, enough to compare by eye."""
    return f"{digest[:23]}…" if digest else None
