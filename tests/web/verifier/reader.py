"""Somebody with the page on their disk who gives it bundles; called by the tests of this folder."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from node.cli.papers.bundle_files import FileLines
from node.governance.evidence import report_document, verify_bundle
from node.web.verifier.page import verifier_page

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, FilePayload, Page

SETTLED = "() => document.querySelector('#work').hidden && document.querySelector('#report-json')"


@dataclass(frozen=True)
class Reader:
    """The page opened from a file, and what it complained about in the console."""

    page: Page
    complaints: list[str]

    async def report(self, bundle: bytes) -> dict[str, Any]:
        """What the page says about a bundle, as the JSON it offers to keep."""
        await self.page.evaluate("document.querySelector('#report').replaceChildren()")
        await self.page.set_input_files("#file", files=as_file(bundle))
        await self.page.wait_for_function(SETTLED)
        found: dict[str, Any] = json.loads(await self.page.locator("#report-json").inner_text())
        return found

    async def shown(self) -> str:
        """What a person reads on the page."""
        return await self.page.locator("main").inner_text()


def as_file(bundle: bytes) -> FilePayload:
    """A bundle as a file that is chosen."""
    return {"name": "evidence.jsonl", "mimeType": "application/jsonl", "buffer": bundle}


async def reader(browser: Browser, folder: Path, **screen: Any) -> Reader:
    """The page, written to a folder and opened from there, with every way to a network closed."""
    place = folder / "verify.html"
    place.write_text(verifier_page(), encoding="utf-8")
    context = await browser.new_context(offline=True, **screen)
    page, complaints = await context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(place.as_uri())
    return Reader(page, complaints)


def told(bundle: bytes) -> dict[str, Any]:
    """What `rochdale verify --json` says about a bundle."""
    return report_document(verify_bundle(FileLines(io.BytesIO(bundle))))


def alike(report: dict[str, Any]) -> dict[str, Any]:
    """The part of either report that both must agree on to the last figure; words are each their own."""
    failure = report["failure"] and {name: report["failure"][name] for name in ("code", "line")}
    levels = report["levels"] and _without_trace(report["levels"])
    return {name: report[name] for name in ("valid", "title", "anchor", "documents")} | {
        "failure": failure,
        "levels": levels,
    }


def _without_trace(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_trace(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_trace(each) for name, each in value.items() if name != "trace"}
    return value
