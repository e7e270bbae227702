"""Whether a decision is binding yet, in a sentence.

Called by the view of a proposal's standing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.web.views.wording.words import Words
    from storage.records import ProposalRecord

SENTENCES: Mapping[str, str] = {
    "pending": "It binds nobody yet: the constituents have to ratify it first.",
    "ratified": "The constituents ratified it; it is binding.",
    "not_ratified": "The constituents did not ratify it, so it binds nobody.",
}
RATIFYING = "This asks whether a decision that passed becomes binding. Silence does not ratify."


def ratification_sentence(record: ProposalRecord, say: Words) -> str | None:
    """Where the ratification of this decision stands, or what this one ratifies; None where nothing is ratified."""
    if record.ratifies_id is not None:
        return say(RATIFYING)
    return say(SENTENCES[record.ratification]) if record.ratification else None
