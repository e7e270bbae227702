"""What is known of one transfer: which words of its giver and taker count, and where that leaves the goods.

Called by `state`. Every word has a place in the log, and whether it counts follows from what else is in it: so it does
not matter which of them came first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from federation.assembly.relief.force import Force
from federation.assembly.relief.shapes import Answer, Delivery, Sent, Transfer


class Way(StrEnum):
    """Where one transfer stands."""

    PLANNED = "planned"
    HELD = "held"
    SENT = "sent"
    ARRIVED = "arrived"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer of a plan and what is known of it; amounts are None where nobody has said any."""

    transfer: Transfer
    way: Way
    sent: Delivery | None
    arrived: Delivery | None
    held_by: Answer | None

    @property
    def missing(self) -> int | None:
        """How much less arrived than was sent, None until both are said."""
        if self.sent is None or self.arrived is None:
            return None
        return max(0, self.sent.amount - self.arrived.amount)


@dataclass(frozen=True, slots=True)
class Words:
    """All that the giver and the taker of a transfer said, by `seq`, and what decides whether it counts."""

    given: Sequence[Delivery]
    taken: Sequence[Delivery]
    force: Force
    hold: Answer | None

    @property
    def of_giver(self) -> list[Delivery]:
        """What counts of it: what left while the plan was the highest in force and nothing held the transfer.

        That it failed counts as long as the plan binds, and of what has left for good.
        """
        counted: list[Delivery] = []
        for said in self.given:
            has_left = bool(counted) and counted[-1].state is Sent.SENT
            if self._leaves(said) if said.state is Sent.SENT else has_left or self.force.binds_at(said.signed_at):
                counted.append(said)
        return counted

    @property
    def of_taker(self) -> list[Delivery]:
        """What counts of it: what was said while the plan bound, and everything of what has left."""
        has_left = any(said.state is Sent.SENT for said in self.of_giver)
        return [said for said in self.taken if has_left or self.force.binds_at(said.signed_at)]

    def _leaves(self, said: Delivery) -> bool:
        is_held = self.hold is not None and said.signed_at > self.hold.signed_at
        return not is_held and self.force.holds_at(said.signed_at)


def moved(transfer: Transfer, words: Words, *, is_over: bool) -> Moved:
    """Where a transfer stands; nothing is held any more when `is_over`, because a later version is in force."""
    given, taken = words.of_giver, words.of_taker
    sent = given[-1] if given and given[-1].state is Sent.SENT else None
    arrived = taken[-1] if taken else None
    hold = None if sent or is_over else words.hold
    return Moved(
        transfer,
        _way(given[-1] if given else None, arrived, is_held=hold is not None),
        sent,
        arrived if arrived and arrived.state is Sent.ARRIVED else None,
        hold,
    )


def _way(given: Delivery | None, taken: Delivery | None, *, is_held: bool) -> Way:
    if taken is not None:
        return Way(str(taken.state))
    if given is not None and given.state is Sent.SENT:
        return Way.SENT
    if is_held:
        return Way.HELD
    return Way.PLANNED if given is None else Way.FAILED
