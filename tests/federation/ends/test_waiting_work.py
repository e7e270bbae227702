"""What a body says about something nobody here knows, or may not say, keeps nobody else waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import GOVERNANCE_CONTEXT, VETO
from storage import positions
from tests.federation.ends.saying import DAY, refused_at, say, signed_by, undispatched
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town


def veto_of(house: House, about: Mapping[str, str], statute: str) -> dict[str, Any]:
    """That body's veto on a proposal, whatever it is about."""
    governance = {
        "kind": "veto",
        "proposal": {"id": about["id"], "digest": about["digest"]},
        "statute": statute,
        "body": house.node.body.did,
        "reason": "Our only well runs dry.",
        "signed_at": "2026-11-21T12:00:00Z",
    }
    return signed_by(house, {"@context": GOVERNANCE_CONTEXT, "type": VETO, "governance": governance})


async def joined(town: Town) -> tuple[House, House, House]:
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = [await town.build(handle) for handle in ("beta", "gamma")]
    for house in (beta, gamma):
        await town.join(house, alpha)
    return alpha, beta, gamma


async def test_a_veto_on_what_members_decide_is_refused_at_once(town: Town) -> None:
    alpha, beta, gamma = await joined(town)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    answer = await own_answer(beta, question)
    theirs = (await beta.ada.get(f"proposals/{answer['key']}")).body

    await say(gamma, veto_of(gamma, theirs, question["statute_digest"]), to=beta)

    assert await refused_at(beta) == ["veto-not-allowed"]


async def test_a_position_on_what_members_decide_is_refused_at_once(town: Town) -> None:
    alpha, beta, gamma = await joined(town)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    for house in (beta, gamma):
        await cast(house, question, "ada", "for")
    answer = await own_answer(beta, question)
    await town.pass_time(days=2)
    async with gamma.node.store.read() as tx:
        [reported] = [one for one in await positions.for_proposal(tx, question["id"]) if one.source == "own"]
    asked = (await beta.ada.get(f"proposals/{answer['key']}")).body
    about = {"id": asked["id"], "digest": asked["digest"]}

    await say(gamma, signed_by(gamma, reported.document, proposal=about), to=beta)

    assert await refused_at(beta) == ["position-other-proposal"]
    assert await undispatched(beta) == []


async def test_a_close_does_not_wait_for_what_waits_for_something_else(town: Town) -> None:
    alpha, _, gamma = await joined(town)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    unknown = {"id": f"{gamma.node.origin}/proposals/nobody-knows", "digest": question["digest"]}
    await say(gamma, veto_of(gamma, unknown, question["statute_digest"]), to=alpha)
    waiting = await undispatched(alpha)

    await town.pass_time(days=2, seconds=1)

    assert [one.actor_id for one in waiting] == [gamma.actor]
    assert (await alpha.ada.get(f"proposals/{question['key']}")).body["state"] == "rejected"
