"""A bad network, where messages get lost, doubled and shuffled, and an assembly's mailbox that checks what comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from federation.assembly.positions import Asked, Placement, Position, check_position, place, read_position
from federation.assembly.references import Reference
from federation.assembly.refusals import PositionRefusal
from federation.assembly.roll_up import Report, ReportStatus, report_of
from federation.assembly.statute import find_constituent
from identity.canonical import content_digest
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from tests.scale.papers import CLOSE

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from datetime import datetime

    from federation.assembly.statute import Statute

LONGEST_WAIT_SECONDS = 600.0
Document = dict[str, Any]


@dataclass
class Network:
    """Delivers at least once: a lost message is sent again, and now and then one arrives twice."""

    chance: random.Random
    loss: float = 0.1
    doubling: float = 0.02
    sent: int = 0

    def tries(self) -> int:
        """How many times a message has to be sent until one copy arrives."""
        count = 1
        while self.chance.random() < self.loss:
            count += 1
        self.sent += count
        return count

    def carry(self, documents: Iterable[tuple[Document, bool]]) -> list[tuple[datetime, Document]]:
        """What arrives and when, out of order; True beside a document says that its sender is late."""
        arrived: list[tuple[datetime, Document]] = []
        for document, is_late in documents:
            self.tries()
            copies = 2 if self.chance.random() < self.doubling else 1
            self.sent += copies - 1
            delay = timedelta(seconds=self.chance.uniform(0.001, LONGEST_WAIT_SECONDS))
            arrived += [(CLOSE + delay if is_late else CLOSE - delay, document)] * copies
        self.chance.shuffle(arrived)
        return arrived


@dataclass
class Mailbox:
    """Positions as an assembly keeps them while they arrive: by body, the counted one and what became of others."""

    statute: Statute
    asked: Asked
    reports: dict[str, Report] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    counted: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: int = 0

    def receive(self, document: Document, received_at: datetime) -> None:
        """Check signature, roster and arithmetic; then place it by time and number (G4, G6)."""
        body = document["governance"]["body"]
        try:
            position = self._checked(document)
        except IdentityError:
            self.refused += 1
            return
        except PositionRefusal:
            self.refused += 1
            self.reports[body] = Report(status=ReportStatus.INVALID)
            return
        digest = content_digest(document)
        placement = place(
            position.seq, digest, current=self.counted.get(body), received_at=received_at, closes_at=CLOSE
        )
        self._keep(placement, position, digest)

    def _checked(self, document: Document) -> Position:
        position = read_position(document)
        constituent = find_constituent(self.statute, position.body)
        eddsa_jcs_2022.verify(document, key=read_multibase(constituent.key), now=None)
        check_position(position, asked=self.asked, constituent=constituent)
        return position

    def _keep(self, placement: Placement, position: Position, digest: str) -> None:
        body = position.body
        if placement is Placement.EQUIVOCATION:
            self.reports[body] = Report(status=ReportStatus.EQUIVOCATION)
        elif placement is Placement.COUNTS:
            self.counted[body] = (position.seq, digest)
            self.reports[body] = report_of(position)
            self.references[body] = Reference(position.id, digest)
        elif placement is Placement.LATE and body not in self.reports:
            self.reports[body] = report_of(position, is_late=True)
            self.references[body] = Reference(position.id, digest)
