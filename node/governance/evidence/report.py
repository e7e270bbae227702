"""What the verifier found: the verdict, the first failed check, and every level recomputed.

Made by `verify_bundle`; read by the command line, pages and tests.
"""

from dataclasses import dataclass

from federation.assembly.decide import NOTHING, Further, Outcome
from federation.assembly.positions import Bodies
from federation.assembly.roll_up import ReportStatus
from federation.assembly.rules import Rule
from federation.assembly.tally import Count, Tally
from federation.assembly.weighing.leaves import Leaf
from node.governance.evidence.bundle import Anchor


@dataclass(frozen=True, slots=True)
class Failure:
    """The first check that failed; `line` counts from 1, None where no single line is to blame."""

    code: str
    text: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one body decided, recomputed; `denominator` units are shown as 1. A co-op has `ballots`, else `bodies`.

    `is_split` is true where its members were told that its position would be split as its tally is.
    """

    level: int
    outcome: Outcome
    tally: Tally
    rule: Rule
    members: Tally | None
    denominator: int = 1
    ballots: int | None = None
    bodies: Bodies | None = None
    leaves: tuple[Leaf, ...] | None = None
    further: Further = NOTHING
    call: int | None = None
    needs_ratification: bool = False
    is_split: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One body in the tree. `status`, `choice` and weights are its line in the roll-up above, None at the root.

    `decided` is None where the bundle holds no decision of this body: it was silent, or late without its evidence.
    `ratifies` is the decision that becomes binding if this one passed.
    """

    body: str
    name: str
    decided: Decided | None
    status: ReportStatus | None = None
    choice: str | None = None
    weight: Count | None = None
    counted_weight: Count | None = None
    below: tuple["Level", ...] = ()
    ratifies: "Level | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The verdict. A valid report has `levels`, the tree from the deciding body down; an invalid one its `failure`."""

    failure: Failure | None = None
    title: str | None = None
    levels: Level | None = None
    anchor: Anchor | None = None
    documents: int = 0

    @property
    def valid(self) -> bool:
        """True when every check held."""
        return self.failure is None
