"""Whether a decision is, or was, recounted with positions that came late, in a sentence.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.governance.recounts import OPEN, REPLACED, STANDS, announced
from node.web.views.wording.times import moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord

TO_COME = "Positions that come late still count until %(when)s. Without any, this outcome stands."
REPLACED_BY = "This is the recount with positions that came late. It took the place of the outcome at the close."
KEPT = "No position came late in time for a recount, so this outcome stands."


def recount_sentence(record: ProposalRecord, setting: Setting) -> str | None:
    """What to know about a recount; None for a decision that is not recounted."""
    if record.recount == REPLACED:
        return setting.say(REPLACED_BY)
    if record.recount == STANDS:
        return setting.say(KEPT)
    until = announced(record.outcome_document) if record.recount == OPEN else None
    if until is None:
        return None
    if until <= setting.now and record.origin != "own":
        return setting.say(KEPT)
    return setting.say(TO_COME, when=moment(until, now=setting.now, say=setting.say).text)
