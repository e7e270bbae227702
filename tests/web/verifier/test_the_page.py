"""The page in somebody's hands: from disk, by keyboard, on a phone, with an old browser, with a newer bundle."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from identity.canonical import canonical_bytes
from node.governance.evidence import verify_bundle
from node.services import closing
from node.services import evidence as gathering
from node.web.verifier.page import content_policy, verifier_page
from storage import evidence
from tests.doors.cli import rochdale_process
from tests.unit.governance.bundles import lines_of, resealed
from tests.unit.governance.worlds import Document, Plan, Tampering, build, coop, iberian_world, small_world
from tests.web.verifier.reader import as_file, reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.doors.api import Served

asks = pytest.mark.asyncio(loop_scope="module")
IBERIA = iberian_world()
SMALL = small_world()
OTHER_KEY = Plan(name="middle").multibase


@asks
async def test_the_page_on_disk_shows_every_level_of_a_decision(
    chromium: Browser, tmp_path: Path, pictures: Path
) -> None:
    opened = await reader(chromium, tmp_path, viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    opened.page.on("request", lambda request: asked.append(request.url))
    await opened.page.screenshot(path=pictures / "verify-asks.png", full_page=True)

    await opened.report(IBERIA.bundle)
    focused = await opened.page.evaluate("document.activeElement.id")
    await opened.page.get_by_role("button", name="Open all").click()
    shown = await opened.shown()
    await opened.page.screenshot(path=pictures / "verify-valid.png", full_page=True)

    assert focused == "verdict"
    assert "undefined" not in shown
    assert await opened.page.get_by_role("status").inner_text() == "Valid."
    assert "Passed: 1.9 for, 0.7 against, 0 abstained; enough were for it (73.08 % of those for or against" in shown
    assert "for, of decisive: 19 of 26, share 33/50: 950 >= 858 holds" in shown
    assert "25 signed ballots, roll of 25" in shown
    assert IBERIA.anchor.key in shown
    assert await opened.page.locator("details.body").count() == 13
    assert [url for url in asked if not url.startswith("blob:")] == []
    assert opened.complaints == []


@asks
async def test_a_broken_bundle_names_the_check_the_line_and_what_it_means(
    chromium: Browser, tmp_path: Path, pictures: Path
) -> None:
    opened = await reader(chromium, tmp_path, viewport={"width": 390, "height": 844})
    forged = small_world(Tampering(strangers={"proposal:leaf": "top"})).bundle

    report = await opened.report(forged)
    shown = await opened.shown()
    await opened.page.screenshot(path=pictures / "verify-invalid-390.png", full_page=True)

    line = json.loads(lines_of(forged)[report["failure"]["line"] - 1])
    assert line["id"] == "https://leaf.example/proposals/leaf"
    assert "proposal-signature" in shown
    assert "A proposal is not signed by the body that decides it." in shown
    assert await opened.page.get_by_role("status").inner_text() == "Invalid. First failing check: proposal-signature."


@asks
async def test_everything_is_reached_with_the_keyboard(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    opened.page.on("filechooser", lambda _: None)  # the browser takes a moment to learn that it is not to show its own
    for _ in range(3):
        await opened.page.keyboard.press("Tab")
        if await opened.page.evaluate("document.activeElement.id") == "file":
            break
    else:
        raise AssertionError("the file cannot be reached")
    async with opened.page.expect_file_chooser() as chooser:
        await opened.page.keyboard.press("Space")
    await (await chooser.value).set_files(as_file(IBERIA.bundle))
    await opened.page.get_by_role("heading", name="Every level, counted again").wait_for()

    for _ in range(20):
        await opened.page.keyboard.press("Tab")
        if await opened.page.evaluate("document.activeElement.textContent.startsWith('Gràcia')"):
            break
    await opened.page.keyboard.press("Enter")

    gracia = opened.page.locator("details.body", has=opened.page.locator("summary", has_text="Gràcia")).last
    await gracia.get_by_text("for, of decisive: 23 of 25, share 1/2: 46 > 25 holds").wait_for()


@asks
async def test_a_dropped_file_is_checked_too(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)

    await opened.page.evaluate(
        """text => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "evidence.jsonl"));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true }));
        }""",
        SMALL.bundle.decode(),
    )

    await opened.page.get_by_role("heading", name="Valid", exact=True).wait_for()


@asks
async def test_a_key_that_is_trusted_refuses_every_other(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    await opened.page.get_by_text("Do you know the key").click()

    await opened.page.get_by_label("Its key").fill(f" {SMALL.anchor.key} ")
    right = await opened.report(SMALL.bundle)
    await opened.page.get_by_label("Its key").fill(OTHER_KEY)
    wrong = await opened.report(SMALL.bundle)

    assert right["verdict"] == "valid"
    assert (wrong["verdict"], wrong["failure"]["code"]) == ("invalid", "anchor-untrusted")


@pytest.mark.parametrize("width", [360, 390, 1280])
@asks
async def test_it_fits_every_screen_and_every_control_a_thumb(
    chromium: Browser, tmp_path: Path, pictures: Path, width: int
) -> None:
    opened = await reader(chromium, tmp_path, viewport={"width": width, "height": 844})
    await opened.report(IBERIA.bundle)
    await opened.page.get_by_role("button", name="Open all").click()
    await opened.page.screenshot(path=pictures / f"verify-{width}.png", full_page=True)

    heights = await opened.page.evaluate(
        "[...document.querySelectorAll('button, .button, .drop, summary')]"
        ".filter(one => one.checkVisibility()).map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
    )

    assert not await opened.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert [(name, height) for name, height in heights if height < 44] == []


@asks
async def test_the_report_can_be_kept_as_json(chromium: Browser, tmp_path: Path) -> None:
    opened = await reader(chromium, tmp_path)
    report = await opened.report(SMALL.bundle)

    async with opened.page.expect_download() as download:
        await opened.page.get_by_role("link", name="Keep this report").click()
    await (await download.value).save_as(tmp_path / "report.json")

    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == report


@asks
async def test_names_in_a_bundle_are_shown_as_text_and_never_as_markup(chromium: Browser, tmp_path: Path) -> None:
    name = "<img src=x onerror=\"document.title='gone'\"><b>Bold</b>"
    opened = await reader(chromium, tmp_path)
    plan = Plan(name="top", title=name, below=(coop("leaf", (1, 0, 0), title=name),))

    await opened.report(build(plan).bundle)

    assert await opened.page.get_by_text("<b>Bold</b>").count() > 1
    assert await opened.page.title() == "Check a decision"
    assert await opened.page.locator("main img, main b").count() == 0


WITHOUT = {
    "insecure": "Object.defineProperty(crypto, 'subtle', { value: undefined })",
    "no-ed25519": "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))",
    "says yes to all": "crypto.subtle.verify = () => Promise.resolve(true)",
}
SAID = {"insecure": "over https or lie on your own disk", "no-ed25519": "does not know Ed25519"}


@pytest.mark.parametrize("lack", WITHOUT)
@asks
async def test_a_browser_that_cannot_check_signatures_says_so_and_nothing_else(
    chromium: Browser, tmp_path: Path, lack: str
) -> None:
    opened = await reader(chromium, tmp_path)
    await opened.page.context.add_init_script(WITHOUT[lack])
    await opened.page.reload()

    report = await opened.report(SMALL.bundle)

    assert (report["verdict"], report["valid"], report["levels"]) == ("unable", False, None)
    assert SAID.get(lack, SAID["no-ed25519"]) in await opened.shown()


def grown(label: str, **members: Any) -> Callable[[], bytes]:
    """The small world with members that only a later version would write, honestly signed."""

    def edit(document: Document) -> None:
        document["governance"] |= members

    return lambda: small_world(Tampering(edits={label: edit})).bundle


def of_a_new_type() -> bytes:
    document = copy.deepcopy(SMALL.documents["position:leaf"]) | {"type": "rochdale:Ratification"}
    return resealed(SMALL.bundle, canonical_bytes(document))


NEWER: dict[str, tuple[Callable[[], bytes], str]] = {
    "proposal": (grown("proposal:leaf", second_call=1), "the member proposal.second_call"),
    "rule": (grown("proposal:top", rule={"preset": "majority", "delegation": True}), "proposal.rule.delegation"),
    "outcome": (grown("outcome:middle", ratified=True), "the member outcome.ratified"),
    "statute": (grown("statute:top", recall={"after": 3}), "the member statute.recall"),
    "mode": (grown("statute:top", mode="quadratic"), "“quadratic” in statute.mode"),
    "position": (grown("position:leaf", comment="gladly"), "the member position.comment"),
    "type": (of_a_new_type, "documents of type rochdale:Ratification"),
    "format": (lambda: resealed(SMALL.bundle, version=2), "format 2"),
}


@pytest.mark.parametrize("what", NEWER)
@asks
async def test_a_bundle_from_the_future_is_neither_valid_nor_invalid(
    chromium: Browser, tmp_path: Path, what: str
) -> None:
    make, named = NEWER[what]
    opened = await reader(chromium, tmp_path)

    report = await opened.report(make())

    assert (report["verdict"], report["valid"]) == ("older", False)
    assert named in report["unknown"]["what"]
    assert "This page is older than the bundle" in await opened.shown()
    assert f"in line {report['unknown']['line']}" in await opened.shown()


def test_the_proposal_of_the_future_would_have_been_believed_otherwise() -> None:
    assert verify_bundle(NEWER["proposal"][0]()).valid


async def test_any_node_serves_the_same_page_and_links_it_from_a_decision(
    browser: Browser, house: Served, tmp_path: Path
) -> None:
    key = await house.opened_proposal()
    await house.blai.post(f"proposals/{key}/ballots", {"choice": "for"})
    proposal_id = house.node.url("proposals", key)
    house.clock.move(days=8)
    await closing.close_if_due(house.node, proposal_id)
    await gathering.gather(house.node, proposal_id)
    async with house.node.store.read() as tx:
        kept = await evidence.find(tx, proposal_id)
    assert kept is not None
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    await page.goto(f"{house.node.origin}/proposals/{key}")
    await page.get_by_role("link", name="Check it in your browser").click()
    await page.set_input_files("#file", files=as_file(bytes(kept.bundle)))
    await page.get_by_role("heading", name="Valid", exact=True).wait_for()

    assert "A new oven" in await page.locator("#verdict").inner_text()
    assert complaints == []
    async with ClientSession() as http, http.get(f"{house.node.origin}/verify") as answer:
        assert (answer.status, await answer.text()) == (200, verifier_page())
        assert answer.headers["Content-Security-Policy"] == f"{content_policy()}; frame-ancestors 'none'"


async def test_the_command_writes_the_page_to_be_kept_beside_the_bundle(tmp_path: Path) -> None:
    bundle, page, nowhere = tmp_path / "evidence.jsonl", tmp_path / "verify.html", tmp_path / "no" / "verify.html"
    bundle.write_bytes(SMALL.bundle)

    alone = await asyncio.to_thread(rochdale_process, "verify", "--page", str(page))
    neither = await asyncio.to_thread(rochdale_process, "verify")
    unwritten = await asyncio.to_thread(rochdale_process, "verify", "--page", str(nowhere), str(bundle))

    assert (alone.returncode, neither.returncode, unwritten.returncode) == (0, 2, 2)
    assert page.read_text("utf-8") == verifier_page()
    assert "Missing argument 'FILE'" in neither.stderr
    assert "cannot be written" in unwritten.stderr
