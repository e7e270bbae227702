"""The closed poll has words for every way a decision can end."""

from federation.assembly.decide import OutcomeState
from node.outbound.proposals import OUTCOMES


def test_every_outcome_has_its_words() -> None:
    assert OUTCOMES.keys() == set(OutcomeState)
