"""The discussion on the page of a proposal, by forms alone: written, changed, deleted, hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import flags
from storage.records import FlagRecord
from tests.web.test_security import post, token, visitor

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.doors.api import Served


async def page(http: ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def reply_ids(house: Served, key: str) -> list[str]:
    return [one["id"] for one in (await house.blai.get(f"proposals/{key}/replies")).body["items"]]


async def test_a_member_writes_changes_and_deletes_a_reply_on_the_page(house: Served) -> None:
    path = f"/proposals/{(key := await house.opened_proposal())}"
    async with visitor(house, "blai") as http:
        csrf = await token(http, path)
        written = await post(http, f"{path}/replies", csrf=csrf, text="Is <it> **warm**?")
        after_writing = await page(http, path)
        (reply,) = await reply_ids(house, key)
        await post(http, "/replies/edit", csrf=csrf, reply=reply, text="It is cold.")
        after_editing = await page(http, path)
        await post(http, "/replies/delete", csrf=csrf, reply=reply)
        after_deleting = await page(http, path)

    assert written[0] == 303
    assert "Is &lt;it&gt; <strong>warm</strong>?" in after_writing
    assert "It is cold." in after_editing
    assert "warm" not in after_editing
    assert "It is cold." not in after_deleting
    assert "Deleted by its author." in after_deleting


async def test_only_operators_hide_and_they_alone_still_see_it(house: Served) -> None:
    path = f"/proposals/{(key := await house.opened_proposal())}"
    await house.blai.post(f"proposals/{key}/replies", {"text": "Something rude."})
    (reply,) = await reply_ids(house, key)
    async with visitor(house, "blai") as blai, visitor(house, "ada") as ada, visitor(house) as anybody:
        refused = await post(blai, "/replies/hide", csrf=await token(blai, path), reply=reply)
        hidden = await post(ada, "/replies/hide", csrf=await token(ada, path), reply=reply)
        seen = [("Something rude." in await page(one, path)) for one in (blai, ada, anybody)]
        shown = await post(ada, "/replies/hide", csrf=await token(ada, path), reply=reply, hidden="no")

        assert (refused[0], hidden[0], shown[0]) == (403, 303, 303)
        assert seen == [False, True, False]
        assert "Something rude." in await page(anybody, path)


async def test_a_stranger_reads_but_does_not_write(house: Served) -> None:
    path = f"/proposals/{await house.opened_proposal()}"
    async with visitor(house) as http:
        shown = await page(http, path)
        sent_away = await post(http, f"{path}/replies", csrf="x", text="hello")

    assert "Discussion" in shown
    assert "Say something" not in shown
    assert sent_away[0] == 303


async def test_a_long_discussion_is_shown_in_pages(house: Served) -> None:
    path = f"/proposals/{(key := await house.opened_proposal())}"
    for number in range(51):
        said = await house.blai.post(f"proposals/{key}/replies", {"text": f"Thought number {number}."})
        assert said.status == 201
        house.clock.move(seconds=1)
    async with visitor(house) as http:
        first, second = await page(http, path), await page(http, f"{path}?said=50")
        nonsense = await page(http, f"{path}?said=x")

    assert "Thought number 49." in first
    assert "Thought number 50." not in first
    assert "Thought number 50." in second
    assert "Thought number 0." in nonsense


async def test_there_is_no_discussion_before_a_proposal_is_public(house: Served) -> None:
    draft = (await house.blai.post("proposals", {"title": "An oven", "text": "Soon."})).body
    refused = await house.blai.post(f"proposals/{draft['key']}/replies", {"text": "No."})
    async with visitor(house, "blai") as http:
        shown = await page(http, f"/proposals/{draft['key']}")

    assert refused.status == 404
    assert "Discussion" not in shown


async def test_flags_have_a_page_for_operators(house: Served) -> None:
    flag = FlagRecord(
        id="https://peer.example/flags/1", actor_id="https://peer.example/actor", object_ids=("x",),
        content="Please <look>.", received_at=house.clock.now,
    )  # fmt: skip
    async with house.node.store.write() as tx:
        await flags.add(tx, flag)
    async with visitor(house, "ada") as ada, visitor(house, "blai") as blai:
        before = await page(ada, "/flags")
        settled = await post(ada, "/flags/settle", csrf=await token(ada, "/flags"), flag=flag.id)
        after = await page(ada, "/flags")
        async with blai.get("/flags") as refused:
            pass

    assert "Please &lt;look&gt;." in before
    assert 'action="/flags/settle"' in before
    assert settled[0] == 303
    assert 'action="/flags/settle"' not in after
    assert refused.status == 403
