"""The members' own counts beside the decision of their bodies: a warning when the two disagree (G6).

Called wherever an assembly's decision is shown; it changes no decision.
"""

from dataclasses import dataclass, replace

from federation.assembly.decide import Outcome, OutcomeState, decide
from federation.assembly.rules import Rule
from federation.assembly.tally import Tally


@dataclass(frozen=True, slots=True)
class Divergence:
    """What the members alone yield under the same threshold, and whether the bodies decided otherwise."""

    direct: Outcome
    differs: bool


def divergence(rule: Rule, bodies: Outcome, members: Tally | None) -> Divergence | None:
    """The direct outcome beside the federal one, without a quorum; None while the members' counts are incomplete."""
    if members is None:
        return None
    direct = decide(replace(rule, quorum=None), members)
    has_passed = OutcomeState.PASSED
    return Divergence(direct=direct, differs=(direct.state is has_passed) != (bodies.state is has_passed))
