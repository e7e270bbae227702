"""Every bundle that the tests of the verifier know, good or broken, gets the same verdict from the page."""

from __future__ import annotations

import importlib
import itertools
import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.quorums import Slope
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.rules import PRESETS, Quorum, QuorumKind
from node.governance.evidence import verify_bundle
from node.governance.refusals import Refusal
from tests.architecture.repository import ROOT
from tests.conformance.decisions.test_decision_vectors import bundle_of, committed
from tests.unit.governance.bundles import lines_of, resealed, sealed
from tests.unit.governance.test_evidence_breaks import tower
from tests.unit.governance.test_evidence_calls import called, few, reported_since
from tests.unit.governance.test_evidence_modes import (
    QUORATE,
    TERMS,
    VETOED_BELOW,
    split_plan,
    three_levels,
    tied,
    told_in_vain,
    vetoed,
)
from tests.unit.governance.test_evidence_modes import told as announced
from tests.unit.governance.test_evidence_ratified import FOR, MOST, NOBODY, decided, ratified
from tests.unit.governance.test_evidence_recounts import in_a_second_call, recounted, to_come, to_ratify
from tests.unit.governance.test_evidence_times import GOOD as IN_TIME
from tests.unit.governance.worlds import (
    BARCELONA,
    LISBON,
    MADRID,
    SMALL_PLAN,
    Plan,
    Tampering,
    build,
    coop,
    iberian_plan,
    small_world,
)
from tests.web.verifier.reader import alike, reader, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from playwright.async_api import Browser

    from node.governance.evidence.report import Level
    from tests.unit.governance.worlds import Document
    from tests.web.verifier.reader import Reader

asks = pytest.mark.asyncio(loop_scope="module")
MAJORITY = PRESETS["majority"]
SMALL = small_world().bundle
BEYOND: frozenset[str] = frozenset()
"""Checks of the verifier that the page does not have yet, and says so. Better teach them to node/web/verifier."""


def quorum(kind: QuorumKind, share: Fraction, **more: Any) -> Plan:
    rule = replace(MAJORITY, quorum=Quorum(kind, share, **more))
    return three_levels("heads", rule=rule)


GOOD: dict[str, Plan] = {
    "iberia": iberian_plan(),
    "one co-op": coop("alone", (3, 1, 1), silent=2),
    "nobody": Plan(name="top", below=(coop("a", (0, 0, 0)), coop("b", (0, 0, 3), silent=4))),
    "uneven": Plan(
        name="top",
        mode="heads",
        below=(coop("direct", (1, 2, 0), weight=9), Plan(name="middle", below=(coop("low", (2, 0, 0)),))),
    ),
    "tower": Plan(name="high", below=(Plan(name="mid", below=(Plan(name="low", below=(coop("a", (1, 0, 0)),)),)),)),
    "split": split_plan(),
    "split as announced": announced(split_plan()),
    "announced, where nobody may split": replace(told_in_vain(), terms={}),
    "announced, without a quorum": told_in_vain(rule=QUORATE, silent=9),
    "second call": called(),
    **{f"second call, one {reports}": reported_since(reports) for reports in ("second", "restated")},
    "second call of members": Plan(name="above", below=(few(), coop("elm", (1, 0, 0)))),
    "first call of two": Plan(name="above", below=(few(call=1), coop("elm", (1, 0, 0)))),
    "waits for ratification": decided(),
    "recounted": recounted(),
    "may be recounted": to_come(),
    "recounted second call": in_a_second_call(),
    "ratified after a recount": ratified(to_ratify(), FOR, FOR, FOR, opens_later=timedelta(days=8)),
    "ratified": ratified(decided(), FOR, FOR, FOR),
    "ratified by most": ratified(decided(MOST), FOR, FOR, NOBODY, share=Fraction(2, 3)),
    "not ratified": ratified(decided(), FOR, FOR, NOBODY),
    "veto": vetoed(),
    "puts a plan": vetoed(puts=True),
    "veto overridden": vetoed(terms={"veto": {"types": ["emergency"], "override": "2/3"}}),
    "vetoed below": Plan(name="above", below=(replace(vetoed(), name="middle"), coop("date", (1, 0, 0)))),
    **{f"vetoed below, {name}": plan for name, (plan, _) in VETOED_BELOW.items()},
    "tie to members": tied(("previous_stage", "lot")),
    "lot among members": coop("even", (2, 2, 0), rule=replace(MAJORITY, tie=("lot",))),
    "participation": quorum(QuorumKind.PARTICIPATION, Fraction(2, 3), abstain_counts=False),
    "approval": quorum(QuorumKind.APPROVAL, Fraction(1, 3)),
    "rejection": quorum(QuorumKind.REJECTION, Fraction(1, 2)),
    "bodies": quorum(QuorumKind.BODIES, Fraction(1)),
    "dynamic": quorum(QuorumKind.DYNAMIC, Fraction(1, 4), dynamic=Slope(Fraction(1, 2), Fraction(1, 3))),
    "own rule": Plan(name="top", rule=replace(MAJORITY, threshold=Fraction(3, 7)), below=(coop("a", (3, 4, 0)),)),
    "hamilton": replace(three_levels("delegates"), terms={"seats": {"total": 11, "method": "hamilton"}}),
    "sainte_lague": replace(three_levels("delegates"), terms={"seats": {"total": 4, "method": "sainte_lague"}}),
    "degressive capped": replace(
        three_levels("degressive"), terms={"seats": {"least": 2, "most": 9}, "cap": {"share": "1/2"}}
    ),
    "root capped": replace(three_levels("sqrt"), terms={"cap": {"share": "2/3", "by_size": {"2": "1/2"}}}),
    "spanish": replace(
        three_levels("weights"),
        terms={
            "jurisdiction": "es-second-degree",
            "cap": {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity", "3": "2/5"}},
        },
    ),
    "double blocked": replace(
        three_levels("double"), terms={"double": {"members": "65/100", "blocking": 1, "abstain_as_against": True}}
    ),
    **{f"mode {mode}": three_levels(mode) for mode in TERMS},
    **{f"{mode} by lot": three_levels(mode, rule=replace(MAJORITY, tie=("lot",))) for mode in TERMS},
    **{
        f"madrid {reports}": iberian_plan(BARCELONA, replace(MADRID, reports=reports), LISBON)
        for reports in ("missing", "late", "late-bare", "late-unsent", "invalid", "equivocation")
    },
}


def traces(level: Level) -> list[list[str] | None]:
    own = list(level.decided.outcome.trace) if level.decided else None
    return [own, *(trace for below in level.below for trace in traces(below))]


def traces_shown(level: dict[str, Any]) -> list[list[str] | None]:
    return [level["trace"], *(trace for below in level["below"] for trace in traces_shown(below))]


@asks
async def test_every_good_bundle_is_valid_with_the_same_figures_and_comparisons(
    chromium: Browser, tmp_path: Path
) -> None:
    opened = await reader(chromium, tmp_path)

    worlds = {name: (plan, Tampering()) for name, plan in GOOD.items()} | IN_TIME
    for name, (plan, tampering) in worlds.items():
        bundle = build(plan, tampering).bundle
        verified = verify_bundle(bundle)
        assert verified.levels is not None, (name, verified.failure)
        found = await opened.report(bundle)
        assert found["verdict"] == "valid", (name, found)
        assert alike(found) == alike(told(bundle)), name
        assert traces_shown(found["levels"]) == traces(verified.levels), name
    assert opened.complaints == []


async def differing(opened: Reader, bundles: dict[str, bytes]) -> dict[str, Any]:
    """By name of a bundle the two verdicts on it, where they are not the same."""
    apart = {}
    for name, bundle in bundles.items():
        wanted, found = told(bundle), await opened.report(bundle)
        is_behind = found["verdict"] == "older" and wanted["failure"] and wanted["failure"]["code"] in BEYOND
        if alike(found) != alike(wanted) and not is_behind:
            apart[name] = (wanted["failure"], found["failure"], found["verdict"])
    return apart


@asks
async def test_every_bundle_that_breaks_one_rule_fails_the_same_check_at_the_same_line(
    chromium: Browser, tmp_path: Path
) -> None:
    opened = await reader(chromium, tmp_path)
    bundles = dict(broken()) | {"too high": tower(33)}

    assert len(bundles) > 130
    assert await differing(opened, bundles) == {}
    assert opened.complaints == []


def broken() -> Iterator[tuple[str, bytes]]:
    """Every bundle that a test of the verifier breaks: the lists BROKEN of tests/unit/governance, all there are."""
    for path in sorted((ROOT / "tests/unit/governance").glob("test_evidence_*.py")):
        module = importlib.import_module(f"tests.unit.governance.{path.stem}")
        for number, (code, make) in enumerate(getattr(module, "BROKEN", ())):
            made = make()
            yield f"{path.stem} {number} {code}", made if isinstance(made, bytes) else build(*made).bundle


def flipped(content: bytes, place: int, mask: int) -> bytes:
    return content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]


@asks
async def test_a_flipped_byte_is_found_by_both_in_the_same_way(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    masks = itertools.cycle((0x01, 0x20, 0x80, 0x02, 0x10, 0x40, 0x04))
    manifest, *rows = lines_of(SMALL)
    bundles = {f"at {place}": flipped(SMALL, place, next(masks)) for place in range(3, len(SMALL), 331)}
    for number, row in enumerate(rows):
        for place in range(number % 7, len(row), 211):
            changed = [*rows[:number], flipped(row, place, next(masks)), *rows[number + 1 :]]
            bundles[f"line {number}, {place}, resealed"] = sealed(manifest, changed)

    assert not any(told(bundle)["valid"] for bundle in bundles.values())
    assert await differing(opened, bundles) == {}


ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, 2**53 - 1, "", "x", "for", "1/2", "2/4", "0/1", "1/0", "5/1", "3/2", "missing",
    "late", "tie", "passed", "lot", "electorate", "heads", "unanimity", "2026-03-08T09:00:00.5+01:00",
    "2026-02-30T00:00:00Z", "2026-03-08T09:00:00.123456Z", "sha256:" + "0" * 64, [], {}, ["x"], [True], {"x": 1},
    ["previous_stage", "lot"], {"share": "1/3"}, {"least": 1, "most": 3}, {"members": "1/2"}, {"preset": "majority"},
    {"kind": "bodies", "share": "1/2"},
)  # fmt: skip
MISREPORTED = Plan(
    name="whole",
    below=(
        coop("ash", (2, 0, 0)),
        replace(coop("birch", (1, 0, 0)), reports="invalid"),
        replace(coop("cedar", (1, 0, 0)), reports="equivocation"),
    ),
)
PLANS = (
    MISREPORTED, reported_since("restated"), few(),
    SMALL_PLAN, vetoed(puts=True), announced(split_plan()), tied(("previous_stage", "lot")), three_levels("members"),
    three_levels("double"), three_levels("proportional"),
)  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all members and elements of a document."""
    steps: Iterable[str | int] = value if isinstance(value, dict) else range(len(value))
    for step in steps:
        yield (*path, step)
        if isinstance(value[step], dict | list):
            yield from places(value[step], (*path, step))


def changed(chance: random.Random) -> bytes | None:
    """A world with one member replaced before its document was signed; None where nothing could be built on it."""
    plan, odd = chance.choice(PLANS), chance.choice(ODD)
    documents = build(plan).documents
    label = chance.choice([label for label in documents if not label.startswith("ballot")])
    *way, last = chance.choice(list(places(documents[label]["governance"])))

    def edit(document: Document) -> None:
        place: Any = document["governance"]
        for step in way:
            place = place[step]
        is_near = type(place[last]) is int and chance.random() < 0.5
        place[last] = place[last] + chance.choice((-1, 1)) if is_near else odd

    try:
        return build(plan, Tampering(edits={label: edit})).bundle
    except (Refusal, AssemblyRefusal):
        return None


@asks
async def test_whatever_is_replaced_before_it_is_signed_is_judged_by_both_in_the_same_way(
    chromium: Browser, tmp_path: Path
) -> None:
    opened = await reader(chromium, tmp_path)
    chance = random.Random(1844)
    made = {f"change {number}": changed(chance) for number in range(90)}
    bundles = {name: bundle for name, bundle in made.items() if bundle}

    assert len(bundles) > 60
    assert await differing(opened, bundles) == {}


@asks
async def test_the_published_vectors_hold_and_break_for_the_page_too(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    evidence = committed("evidence.json")
    whole = "".join(f"{line}\n" for line in evidence["lines"]).encode()

    assert alike(await opened.report(whole)) == alike(evidence["report"])
    for case in (*evidence["changed"], *evidence["resigned"]):
        found = await opened.report(bundle_of(evidence, case))
        assert found["failure"]["code"] == case["failure"], case["what"]


NUMBERS = (
    b"9007199254740991",
    b"9007199254740992",
    b"1e+21",
    b"1e-7",
    b"-0",
    b"0.1",
    b"1e400",
    b"100000000000000000000",
)
TEXTS = (
    '"é"'.encode(), '"\U0001f600"'.encode(), b'"\\u00e9"', b'"\\n"', b'"\\u000a"', b'"\\u001f"', b'"\\ud83d"', b'"/"',
    b'"\\/"', b'"\x7f"', '"\u2028"'.encode(),
    '{"\U0001f600":1,"\ufb33":2}'.encode(), '{"\ufb33":2,"\U0001f600":1}'.encode(),
    b'{"":1}', b'{"__proto__":1}', b"null", b"[]", b"{}", b"\xef\xbb\xbf1", b"\t1", b"[1,]", b"tru",
)  # fmt: skip


@asks
async def test_json_is_read_and_written_by_both_in_the_same_way(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    values = {repr(value): resealed(SMALL, b'{"a":%s}' % value) for value in (*NUMBERS, *TEXTS)}
    lines = {f"line {value!r}": resealed(SMALL, value) for value in (*NUMBERS, *TEXTS)}

    assert await differing(opened, values | lines) == {}
