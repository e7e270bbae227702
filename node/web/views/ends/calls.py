"""Which call a decision is at, in a sentence.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.governance.calls import SECOND

if TYPE_CHECKING:
    from node.web.views.wording.words import Words
    from storage.records import ProposalRecord

OPEN_AGAIN = (
    "The first call missed its quorum. This is the second, with a lower one; everything that was said so far stays."
)
DECIDED_AGAIN = "This was the second call; the first missed its quorum."


def call_sentence(record: ProposalRecord, say: Words) -> str | None:
    """What to know about a second call; None for a decision that is or was called once."""
    if record.state == "open":
        return say(OPEN_AGAIN) if record.first_outcome is not None else None
    stated = (record.outcome_document or {}).get("governance", {}).get("call")
    return say(DECIDED_AGAIN) if isinstance(stated, Mapping) and stated.get("number") == SECOND else None
