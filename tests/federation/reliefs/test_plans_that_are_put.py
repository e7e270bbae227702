"""A proposal that puts a plan waits for the plan, and members never decide on one that they cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.governance.evidence import verify_bundle
from node.outbound import post
from storage import proposals
from tests.federation.ends.saying import evidence_of, refused_at, say, signed_by
from tests.federation.reliefs.flood import DAY, PAIR, flooded

if TYPE_CHECKING:
    from tests.federation.town import Town


async def test_a_question_waits_for_its_plan_and_another_bodys_plan_is_refused(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash = flood["union"], flood["ash"]
    survey = (await flood.begin())["survey"]
    await flood.report_stock()
    await flood.cast(survey)
    plan = await flood.said(union, "plans")
    await flood.endorse()
    put = await flood.said(union, "put", window_seconds=2 * DAY)
    async with union.node.store.read() as tx:
        found = await proposals.find(tx, put["id"])
    assert found is not None
    question = dict(found.document or {})
    unknown = {"id": union.node.url("relief-entries", "nowhere"), "digest": plan["digest"]}
    changed = {"id": plan["id"], "digest": "sha256:" + "0" * 64}

    await say(union, signed_by(union, question, plan=changed), to=ash)
    waits = await refused_at(ash)
    await say(union, signed_by(union, question, plan=unknown), to=ash)
    town.clock.move(minutes=1)  # until then who stands on a roster may not be read again
    await say(flood["birch"], signed_by(flood["birch"], question), to=ash)
    async with union.node.store.write() as tx:
        await post.create(tx, union.node, question, ordering_key="again")
    await town.settle()
    known = (await ash.ada.get("proposals", params={"state": "open"})).body["items"]
    await flood.cast(put["id"])
    proven = verify_bundle(await evidence_of(union, put))

    assert put["plan"] == plan["id"]
    assert (proven.valid, (await flood.seen(ash))["step"]) == (True, "distribution")
    assert [code for code in waits if code] == []
    assert [code for code in await refused_at(ash) if code] == ["proposal-invalid", "proposal-invalid"]
    assert sorted(one["upstream_id"] or one["id"] for one in known) == [put["id"]] * 3
