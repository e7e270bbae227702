"""From the tables to the suite's own configuration, and from its outcomes to what is wrong; pure.

Called by the test of the suite, and by one that needs no suite.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.interop.suite import declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TOLD = "ROCHDALE_SUITE_TOLD"
"""Names the file that tells the driver where everything is."""
OUTCOMES = "outcomes"
"""What that calls the file for the outcomes, a line of JSON for each step of each test."""
LACKING = "Missing required server capability: "
"""How the suite begins the reason why it skips a test."""
LAST_WORDS = 3000
_BADNESS = {"passed": 0, "skipped": 1, "failed": 2}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test of the suite ended: `passed`, `failed` or `skipped`, with its words and what it asks for."""

    name: str
    outcome: str
    words: str
    capabilities: Sequence[str]


def configuration() -> dict[str, Any]:
    """The tables as the suite reads them: capabilities by their levels, and by test, or case of one, why to skip it."""
    capabilities: dict[str, Any] = {}
    for name, why_not in declared.CAPABILITIES.items():
        _place(capabilities, name.split("."), is_there=not why_not)
    tests: dict[str, Any] = {name: {"skip": why} for name, why in declared.NOT_DECLARED.items()}
    for case in declared.DECLARED_OF_THESE:
        name, _, parameters = case.removesuffix("]").partition("[")
        tests[name][parameters] = {"skip": ""}
    return {"server": {"capabilities": capabilities}, **tests}


def _place(level: dict[str, Any], path: Sequence[str], *, is_there: bool) -> None:
    for step in path:
        level = level.setdefault(step, {})
    level["default"] = is_there


def together(steps: Sequence[Mapping[str, Any]]) -> Sequence[Outcome]:
    """One outcome of the steps of each test, setting up and clearing away included: the worst."""
    worst: dict[str, Outcome] = {}
    for step in steps:
        before = worst.get(step["name"])
        if before is None or _BADNESS[step["outcome"]] > _BADNESS[before.outcome]:
            worst[step["name"]] = Outcome(**step)
    return list(worst.values())


def told_at_length(outcomes: Sequence[Outcome]) -> str:
    """Each test on a line, with why it was left out or what we object."""
    lines = []
    for one in sorted(outcomes, key=lambda outcome: outcome.outcome):
        objection = declared.OBJECTIONS.get(one.name)
        reason = objection.reason if objection else why_not(one) if one.outcome == "skipped" else ""
        lines.append(f"{one.outcome:8}{one.name}{f': {reason}' if reason else ''}")
    return "\n".join([*lines, str(Counter(one.outcome for one in outcomes))])


def why_not(outcome: Outcome) -> str | None:
    """Why a skipped test was not for us: the reason of a table; None where no table says so."""
    if outcome.words.startswith(LACKING):
        return next(filter(None, map(_lacking, outcome.capabilities)), None)
    told = {declared.NOT_DECLARED.get(_function(outcome)), declared.LEFT_OUT_BY_THE_SUITE.get(outcome.name)}
    return outcome.words if outcome.words in told else None


def _lacking(capability: str) -> str:
    """Why it is not declared, by the nearest level in the table; "" where it is."""
    return next((declared.CAPABILITIES[name] for name in levels(capability) if name in declared.CAPABILITIES), "")


def levels(capability: str) -> Iterator[str]:
    """The capability and the levels above it, nearest first."""
    while capability:
        yield capability
        capability = capability.rpartition(".")[0]


def faults(outcomes: Sequence[Outcome]) -> list[str]:
    """What is wrong, with the node or with the tables; nothing where all ended as declared."""
    return [*_unexpected(outcomes), *_unknown(outcomes)]


def _unexpected(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        objection = declared.OBJECTIONS.get(one.name)
        if objection is not None:
            if one.outcome != "failed" or objection.says not in one.words:
                yield f"{one.name} should fail with {objection.says!r}, and {one.outcome}: {one.words[-LAST_WORDS:]}"
        elif one.outcome == "failed":
            yield f"{one.name} failed: {one.words[-LAST_WORDS:]}"
        elif one.outcome == "skipped" and why_not(one) is None:
            yield f"{one.name} was skipped, and no table says why: {one.words}"


def _unknown(outcomes: Sequence[Outcome]) -> Iterator[str]:
    cases = {one.name for one in outcomes}
    skipped = {_function(one) for one in outcomes if one.outcome == "skipped"}
    asked = {name for one in outcomes for capability in one.capabilities for name in levels(capability)}
    yield from (f"no test asks for {name}" for name in declared.CAPABILITIES.keys() - asked)
    yield from (f"the suite has no test {name}" for name in _named() - cases)
    yield from (f"{name} was not skipped" for name in declared.NOT_DECLARED.keys() - skipped)


def _named() -> set[str]:
    return {*declared.DECLARED_OF_THESE, *declared.LEFT_OUT_BY_THE_SUITE, *declared.OBJECTIONS}


def _function(outcome: Outcome) -> str:
    return outcome.name.partition("[")[0]
