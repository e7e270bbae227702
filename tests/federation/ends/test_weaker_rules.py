"""An assembly asks by the rule of its statute or a stricter one, through whichever door it is asked to do less (G6)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from node.governance.evidence import verify_bundle
from storage import proposals
from tests.doors.cli import rochdale_process
from tests.federation.ends.saying import DAY, evidence_of, posted, refused_at, say, signed_by
from tests.federation.town import cast, open_question

if TYPE_CHECKING:
    from tests.federation.town import House, Town

QUORUM = {"kind": "participation", "share": "1/2", "abstain_counts": True}
TWO_THIRDS = {"preset": "two-thirds", "quorum": QUORUM, "closes_early": True}
WRITTEN = {"title": "One market for all", "text": "We open on Saturdays."}


@pytest.fixture
async def union(town: Town) -> tuple[House, House]:
    """Alpha, an assembly of beta and gamma that decides by two thirds with a quorum of half, and beta."""
    alpha = await town.build("alpha", kind="assembly", rule=TWO_THIRDS)
    beta, gamma = await town.build("beta"), await town.build("gamma")
    for house in (beta, gamma):
        await town.join(house, alpha)
    return alpha, beta


@pytest.mark.parametrize(
    "rule", ["majority", "three-quarters", {**TWO_THIRDS, "quorum": {**QUORUM, "share": "1/3"}}], ids=str
)
async def test_a_draft_that_asks_for_less_is_refused_with_what_is_less(union: tuple[House, House], rule: Any) -> None:
    refused = await union[0].ada.post("proposals", {**WRITTEN, "rule": rule})

    assert (refused.status, refused.code) == (422, "rule-weaker")


async def test_the_page_says_so_and_keeps_what_was_typed(union: tuple[House, House]) -> None:
    alpha, _ = union
    form = {**WRITTEN, "days": "2", "type": ""}

    assert await posted(alpha, "/proposals/new", **form, preset="majority", quorum="1/2") == 422
    assert await posted(alpha, "/proposals/new", **form, preset="consensus-85", quorum="none") == 422
    assert await posted(alpha, "/proposals/new", **form, preset="consensus-85", quorum="1/2") == 303
    assert await posted(alpha, "/proposals/new", **form, preset="bylaws", quorum="none") == 303


async def test_a_stricter_rule_is_free_to_choose_and_its_evidence_holds(town: Town, union: tuple[House, House]) -> None:
    alpha, _ = union
    rule = {"preset": "consensus-85", "quorum": QUORUM, "closes_early": True}
    question = await open_question(alpha, rule=rule)
    await town.settle()
    for handle in ("beta", "gamma"):
        await cast(town.houses[handle], question, "ada", "for")
    await town.pass_time(seconds=5)

    report = verify_bundle(await evidence_of(alpha, question))
    assert report.levels is not None
    assert report.levels.decided is not None
    assert str(report.levels.decided.outcome.state) == "passed"


async def test_a_draft_older_than_a_stricter_statute_does_not_open_at_any_door(
    town: Town, union: tuple[House, House]
) -> None:
    alpha, _ = union
    drafted = (await alpha.ada.post("proposals", WRITTEN)).body
    await alpha.ada.post(f"proposals/{drafted['key']}/submit")
    changes = {"rule": {**TWO_THIRDS, "preset": "three-quarters"}}
    change = await alpha.ada.post("statutes/amendments", {"title": "More", "reasons": "So.", "changes": changes})
    await alpha.ada.post(f"proposals/{change.body['key']}/submit")
    opened = await alpha.ada.post(f"proposals/{change.body['key']}/open")
    await town.settle()
    for handle in ("beta", "gamma"):
        await cast(town.houses[handle], opened.body, "ada", "for")
    await town.pass_time(seconds=5)

    refused = await alpha.ada.post(f"proposals/{drafted['key']}/open")
    data = ("--data", str(alpha.settings.data_dir))
    known = {"ROCHDALE_DATABASE_URL": alpha.settings.database_url, "ROCHDALE_ALLOW_LOOPBACK_PEERS": "true"}
    by_command = await asyncio.to_thread(rochdale_process, "proposal", "open", drafted["key"], *data, **known)

    assert refused.code == "rule-weaker"
    assert (by_command.returncode, by_command.stderr.splitlines()[0]) == (
        1, "The rule asks for less than the statute of the assembly. (threshold)",
    )  # fmt: skip
    assert await posted(alpha, f"/proposals/{drafted['key']}/open") == 422


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rule": {**TWO_THIRDS, "preset": "majority"}}, "rule-weaker"),
        ({"rule": {**TWO_THIRDS, "quorum": None}}, "rule-weaker"),
        ({"rule": {**TWO_THIRDS, "tie": "lot"}}, "rule-weaker"),
        ({"rule": {"preset": "unanimity", "quorum": QUORUM}, "type": "statute"}, "amendment-rule"),
    ],
)
async def test_a_constituent_does_not_put_to_its_members_what_its_assembly_may_not_ask(
    union: tuple[House, House], changes: dict[str, Any], code: str
) -> None:
    alpha, beta = union
    question = await open_question(alpha, window_seconds=2 * DAY)
    await alpha.town.settle()
    answers = (await beta.ada.get("proposals", params={"origin": "own"})).body["items"]

    async with alpha.node.store.read() as tx:
        asked = await proposals.find(tx, question["id"])
    assert asked is not None
    await say(alpha, signed_by(alpha, asked.document or {}, **changes), to=beta)

    assert await refused_at(beta) == [code]
    assert (await beta.ada.get("proposals", params={"origin": "own"})).body["items"] == answers
