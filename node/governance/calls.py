"""First and second calls: a decision that missed its quorum is called once more with a lower one, if its rule says so.

Called when a proposal closes, when a peer's first call is heard of, and by the verifier (G5). The text, the electorate
and everything that was cast or reported stay; what changes are the quorum and the close.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from federation.assembly.fields import Fields
from federation.assembly.references import Reference
from federation.assembly.rules import Rule, second_call
from identity.instants import instant_text
from node.governance.proposals import FrozenProposal

FIRST: Final = 1
SECOND: Final = 2


@dataclass(frozen=True, slots=True)
class Call:
    """Which call an outcome is of.

    A first one that missed its quorum says when the second ends (`again_at`); a second one cites it as `first`.
    """

    number: int
    again_at: datetime | None = None
    first: Reference | None = None

    def to_document(self) -> dict[str, Any]:
        """The member `call` of an outcome."""
        more = {
            "again_at": instant_text(self.again_at) if self.again_at else None,
            "first": self.first.to_document() if self.first else None,
        }
        return {"number": self.number, **{name: value for name, value in more.items() if value is not None}}


def read_call(outcome: Fields) -> Call | None:
    """The call that the `governance` of an outcome names; None where it names none."""
    if outcome.is_absent("call"):
        return None
    fields = outcome.within("call")
    fields.only("number", "again_at", "first")
    return Call(
        number=fields.integer("number", least=FIRST, most=SECOND),
        again_at=None if fields.is_absent("again_at") else fields.instant("again_at"),
        first=None if fields.is_absent("first") else fields.reference("first"),
    )


def again(rule: Rule, closes_at: datetime) -> tuple[datetime, Rule] | None:
    """When a decision under this rule is called again and the rule it then follows; None where it is called once."""
    found = second_call(rule)
    return (closes_at + timedelta(seconds=found[0]), found[1]) if found else None


def in_second_call(terms: FrozenProposal) -> FrozenProposal | None:
    """The frozen terms as they are in the second call; None where the rule knows none."""
    found = again(terms.rule, terms.closes_at)
    return replace(terms, closes_at=found[0], rule=found[1]) if found else None
