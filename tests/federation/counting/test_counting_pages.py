"""What operators see and do about counting, on pages and on the command line of real nodes."""

from __future__ import annotations

import asyncio
import html
import re
from typing import TYPE_CHECKING, Any

from tests.doors.cli import rochdale_process
from tests.federation.town import cast, open_draft, open_question
from tests.web.test_security import post, token, visitor

if TYPE_CHECKING:
    import subprocess

    from tests.federation.town import House, Town

FORM = {"mode": "heads", "rule": "as-it-is", "method": "sainte_lague", "reasons": "To try it."}


def words(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def read(house: House, path: str) -> str:
    async with visitor(house, "ada") as http, http.get(path) as answer:
        assert answer.status == 200
        return words(await answer.text())


async def send(house: House, path: str, **form: str) -> tuple[int, str]:
    async with visitor(house, "ada") as http:
        status, text = await post(http, path, csrf=await token(http, "/assemblies"), **form)
    return status, words(text)


async def command(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command beside the running node."""
    settings = house.settings
    known = {"ROCHDALE_DATABASE_URL": settings.database_url, "ROCHDALE_ALLOW_LOOPBACK_PEERS": "true"}
    return await asyncio.to_thread(rochdale_process, *arguments, "--data", str(settings.data_dir), **known)


async def union(town: Town, **said: Any) -> tuple[House, House, House]:
    """Alpha, an assembly of beta (four members, weight 1) and gamma (one, weight 1)."""
    alpha = await town.build("alpha", kind="assembly", **said)
    beta, gamma = await town.build("beta", "blai", "carme", "dolors"), await town.build("gamma")
    await town.join(beta, alpha)
    await town.join(gamma, alpha)
    return alpha, beta, gamma


async def test_an_operator_sees_reported_numbers_and_publishes_them(town: Town) -> None:
    alpha, _, gamma = await union(town)
    await gamma.enrol("blai")
    await town.settle()

    before = await read(alpha, "/assemblies")
    status, _ = await send(alpha, "/assemblies/renew")
    again, reason = await send(alpha, "/assemblies/renew")
    after = await read(alpha, "/assemblies")

    assert "Gamma Co-operative 1 2 1 Accepted" in before
    assert (status, again) == (303, 422)
    assert "nobody has another number of members" in reason
    assert "Gamma Co-operative 1 2 2 Accepted" in after
    assert "It knows us with 2 members." in await read(gamma, "/assemblies")


async def test_every_mode_is_drafted_from_the_page_of_rules(town: Town) -> None:
    alpha, _, _ = await union(town)
    drafted = {}
    for mode, more in {
        "heads": {"recount_hours": "24"}, "weights": {"cap": "50 %", "may_split": "yes"}, "members": {},
        "proportional": {"cap": "1/2"}, "double": {"members_share": "65 %", "rule": "share", "share": "55/100"},
        "sqrt": {"quota": "yes"}, "degressive": {"least": "1", "most": "6"},
        "delegates": {"total": "9", "method": "dhondt", "leaves": "yes", "rule": "two-thirds"},
    }.items():  # fmt: skip
        drafted[mode] = (await send(alpha, "/assemblies/rules", **{**FORM, "mode": mode, **more}))[0]
    listed = (await alpha.ada.get("proposals")).body["items"]
    texts = [(await alpha.ada.get(f"proposals/{one['key']}")).body["text"] for one in listed]

    assert drafted == dict.fromkeys(drafted, 303)
    assert len(drafted) == 8
    assert sum('"within_seconds": 86400' in text for text in texts) == 1
    assert any('"threshold": "11/20"' in text and '"members": "13/20"' in text for text in texts)


async def test_what_does_not_go_together_comes_back_with_the_reason_and_what_was_typed(town: Town) -> None:
    alpha, beta, _ = await union(town)

    status, page = await send(alpha, "/assemblies/rules", **{**FORM, "mode": "sqrt", "may_split": "yes"})
    empty, why = await send(alpha, "/assemblies/rules", **{**FORM, "mode": "double", "blocking": "many"})
    async with visitor(beta, "ada") as http, http.get("/assemblies/rules") as nowhere:
        no_statute = nowhere.status

    assert (status, empty, no_statute) == (422, 422, 409)
    assert "square roots presume that each body votes as one" in page
    assert "To try it." in page
    assert "Please write whole numbers" in why


async def test_a_correction_is_drafted_from_the_page(town: Town) -> None:
    alpha, beta, _ = await union(town)

    status, _ = await send(
        alpha, "/assemblies/correct", constituent=beta.actor, weight="3", members="2", reasons="Two moved away."
    )
    unknown, _ = await send(alpha, "/assemblies/correct", constituent="https://x.example/body", reasons="Why not.")
    [draft] = (await alpha.ada.get("proposals")).body["items"]
    text = (await alpha.ada.get(f"proposals/{draft['key']}")).body["text"]

    assert (status, unknown, draft["title"]) == (303, 404, "Correct Beta")
    assert '"weight": 3' in text
    assert '"members": 2' in text
    assert '"members_decided": true' in text


async def test_a_number_that_was_decided_is_lifted_from_the_page(town: Town) -> None:
    alpha, beta, _ = await union(town)
    form = {"constituent": beta.actor, "weight": "3", "reasons": "We believe them.", "as_reported": "yes"}

    both, _ = await send(alpha, "/assemblies/correct", **form, members="2")
    status, _ = await send(alpha, "/assemblies/correct", **form)
    [draft] = (await alpha.ada.get("proposals")).body["items"]
    text = (await alpha.ada.get(f"proposals/{draft['key']}")).body["text"]

    assert (both, status) == (422, 303)
    assert "members_decided" not in text


async def test_an_applicant_is_taken_in_with_the_number_the_operator_typed(town: Town) -> None:
    alpha, _, _ = await union(town)
    delta = await town.build("delta")
    await delta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()

    waiting = await read(alpha, "/assemblies")
    status, _ = await send(
        alpha, "/assemblies/decide", applicant=delta.actor, decision="accept", weight="1", members="30"
    )

    assert "It says it has 1." in waiting
    assert status == 303
    assert "Delta Co-operative 1 1 30 decided Accepted" in await read(alpha, "/assemblies")


async def test_splitting_is_chosen_on_the_page(town: Town) -> None:
    alpha, beta, _ = await union(town, terms={"may_split": True})

    offered = await read(beta, "/assemblies")
    on, _ = await send(beta, "/assemblies/split", assembly=alpha.actor, splits="yes")
    chosen = await read(beta, "/assemblies")
    off, _ = await send(beta, "/assemblies/split", assembly=alpha.actor, splits="no")
    stranger, _ = await send(beta, "/assemblies/split", assembly=beta.actor, splits="yes")

    assert (on, off, stranger) == (303, 303, 404)
    assert "Split as our members decide" in offered
    assert "Vote as one" in chosen
    assert (await beta.ada.get("memberships")).body["items"][0]["splits"] is False


async def test_the_tree_shows_what_each_body_weighs_in_the_mode_of_the_statute(town: Town) -> None:
    alpha, beta, gamma = await union(town, mode="sqrt", weight_denominator=10)
    await alpha.ada.post("statutes/renew")
    await town.settle()
    question = await open_question(alpha)
    await town.settle()
    for name in beta.people:
        await cast(beta, question, name, "for")
    await town.settle()

    page = await read(alpha, "/federation")
    by_api = (await gamma.ada.get("federation/tree", params={"proposal": question["id"]})).body["roots"][0]
    live = await read(alpha, f"/proposals/{question['key']}")

    assert "weight 2 4 members" in page
    assert "weight 1 1 member" in page
    assert {(one["weight"], one["weight_denominator"], one["members"]) for one in by_api["constituents"]} == {
        (2_000_000, 1_000_000, 4), (1_000_000, 1_000_000, 1),
    }  # fmt: skip
    assert "by weight 2 for, 0 against" in live


async def test_a_rule_that_was_decided_is_the_rule_of_the_proposals_that_follow(town: Town) -> None:
    alpha, beta, gamma = await union(town)
    changes = {"rule": {"preset": "two-thirds", "closes_early": True}}
    said = {"title": "More", "reasons": "Safer.", "changes": changes}
    question = await open_draft(alpha, (await alpha.ada.post("statutes/amendments", said)).body)
    await town.settle()
    for house in (beta, gamma):
        for name in house.people:
            await cast(house, question, name, "for")
    await town.pass_time(seconds=5)

    drafted = (await alpha.ada.post("proposals", {"title": "Next", "text": "Next."})).body

    assert (drafted["rule"]["threshold"], drafted["rule"]["closes_early"]) == ("2/3", True)


async def test_the_command_line_shows_and_publishes_numbers_and_chooses_to_split(town: Town) -> None:
    alpha, beta, gamma = await union(town, terms={"may_split": True})
    delta = await town.build("delta")
    await gamma.enrol("blai")
    await delta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()

    accepted = await command(alpha, "assembly", "accept", delta.actor, "--members", "30")
    renewed, again = [await command(alpha, "assembly", "renew") for _ in range(2)]
    shown = await command(alpha, "assembly", "constituents")
    split = await command(beta, "assembly", "split", alpha.actor)
    one = await command(beta, "assembly", "split", alpha.actor, "--off")

    assert [done.returncode for done in (accepted, renewed, again, shown, split, one)] == [0, 0, 1, 0, 0, 0]
    assert "nobody has another number" in again.stderr
    lines = {line.split()[0]: line.split()[4:-1] for line in shown.stdout.splitlines()[1:]}
    assert lines == {"Beta": ["4"], "Gamma": ["2"], "Delta": ["1,", "decided", "30"]}
    assert ("split from now on" in split.stdout, "go one way again" in one.stdout) == (True, True)
