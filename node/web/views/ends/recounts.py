"""Whether a decision is, or was, recounted with positions that came late, in a sentence.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.governance.recounts import REPLACED, STANDS, where_it_stands
from node.web.views.wording.times import moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import ProposalRecord

TO_COME = "Positions that come late still count until %(when)s. Without any, this outcome stands."
REPLACED_BY = "This is the recount with positions that came late. It took the place of the outcome at the close."
KEPT = "No position came late in time for a recount, so this outcome stands."
NOT_HEARD = "The time for late positions is over and no recount has come from there, so this outcome stands."


def recount_sentence(record: ProposalRecord, setting: Setting) -> str | None:
    """What to know about a recount; None for a decision that is not recounted."""
    stands, until = where_it_stands(
        record.recount, record.outcome_document, is_own=record.origin == "own", now=setting.now
    )
    if until is not None:
        return setting.say(TO_COME, when=moment(until, now=setting.now, say=setting.say).text)
    if stands == STANDS:
        return setting.say(KEPT if record.recount == STANDS else NOT_HEARD)
    return setting.say(REPLACED_BY) if stands == REPLACED else None
