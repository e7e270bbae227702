"""The doors of members and readers under attack: paths, queries, forms, headers, and what hostile peers left."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from node.markdown import TAGS, to_html
from node.routes import all_routes
from node.web.activity import MOST_LOOKS, PER_PAGE
from storage.neighbours import follows
from storage.records import ActivityRecord, FollowRecord
from storage.work import activities
from tests.doors.peers import NOON
from tests.hostile.siege import CPU_SECONDS

if TYPE_CHECKING:
    from tests.hostile.siege import Siege

asks = pytest.mark.asyncio(loop_scope="module")

SLOT = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\})?[^{}]*)?\}")
ROUTES = sorted({(route.method, route.path) for route in all_routes()})
READ = [path for method, path in ROUTES if method == "GET" and not path.startswith("/api/")]
POSTED = [path for method, path in ROUTES if method == "POST" and not path.startswith("/api/") and "inbox" not in path]
STRANGE = (
    "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "....//", "%00", "%0d%0aSet-Cookie:%20a=b", "%E2%80%AE", "%FF%FE", "~",
    "~%25", "-1", "0", "9" * 30, "a" * 2000, "'--", "%3Cscript%3E", "%7B%7B7*7%7D%7D",
    "00000000-0000-4000-8000-000000000000",
)  # fmt: skip
QUERIES = (
    "", "?page=-1", "?page=99999999999999999999", "?page=x", "?after=%00", "?after=" + "9" * 300, "?text=%25%27%22",
    "?ring=x&ring=y", "?state=%0d%0a", "?next=//evil.example", "?resource=" + "a" * 3000, "?%00=%00", "?=&&=",
)  # fmt: skip
MEDIA = ("text/html", "application/activity+json", "*/*", "", "a/b;q=" + "9" * 500, "é")


async def fetched(besieged: Siege, method: str, path: str, **how: Any) -> tuple[int, dict[str, str], str]:
    async with ClientSession() as http:
        url = URL(besieged.node.origin + path, encoded=True)
        async with http.request(method, url, allow_redirects=False, **how) as answer:
            return answer.status, dict(answer.headers), await answer.text(errors="replace")


@asks
@pytest.mark.parametrize("path", READ)
async def test_no_path_or_query_of_a_reader_is_a_fault(
    besieged: Siege, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    names = STRANGE if SLOT.search(path) else ("",)
    asked = [SLOT.sub(name.replace("\\", "/"), path) for name in names] + [
        SLOT.sub("x", path) + query for query in QUERIES
    ]

    async with besieged.nothing_happens(caplog):
        for number, address in enumerate(asked):
            accept = MEDIA[number % len(MEDIA)]
            status, headers, text = await fetched(besieged, "GET", address, headers={"Accept": accept})
            assert status < 500 or path == "/readyz", (address, status)
            assert "Set-Cookie: a" not in str(headers)
            assert "root:" not in text
            assert "<script>alert" not in text


FORMS: dict[str, dict[str, Any]] = {
    "no form": {},
    "no token": {"data": {"name": "x"}},
    "a token of nobody": {"data": {"csrf": "x" * 43}},
    "a token that is no ASCII": {"data": {"csrf": "é" * 43}},
    "JSON": {"json": {"csrf": "x"}},
    "text": {"data": b"csrf=x", "headers": {"Content-Type": "text/plain"}},
    "parts without a boundary": {"data": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
    "parts that never end": {"data": b"--x\r\n" * 50, "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    "a charset nobody knows": {
        "data": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=klingon"},
    },
    "bytes that are no text": {
        "data": b"csrf=%FF%FE&\xff=\xff", "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    },
    "ten thousand fields": {
        "data": b"&".join(b"a%d=b" % number for number in range(10_000)),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    },
    "two megabytes": {"data": {"csrf": "x" * 2_000_000}},
}  # fmt: skip


@asks
@pytest.mark.parametrize("form", FORMS)
async def test_no_form_without_its_token_is_taken_by_any_page(
    besieged: Siege, caplog: pytest.LogCaptureFixture, form: str
) -> None:
    paths = [SLOT.sub("00000000-0000-4000-8000-000000000000", path) for path in POSTED]
    assert len(paths) > 8

    async with besieged.nothing_happens(caplog):
        for number, path in enumerate(paths):
            how = {**FORMS[form], "headers": {"Accept": MEDIA[number % 3], **FORMS[form].get("headers", {})}}
            status, _, text = await fetched(besieged, "POST", path, **how)
            # Strangers are sent to sign in, or told no; which comes first is the page's affair.
            assert status == 303 or 400 <= status < 500, (path, status)
            assert "Traceback" not in text


@asks
@pytest.mark.parametrize("header", ["Authorization", "Cookie", "X-Forwarded-For", "Idempotency-Key", "If-None-Match"])
async def test_no_header_of_a_member_is_a_fault(besieged: Siege, caplog: pytest.LogCaptureFixture, header: str) -> None:
    values = (
        "",
        "Bearer",
        "Bearer " + "a" * 6000,
        "Basic !!!",
        "=",
        ";;;",
        "rochdale=",
        '"',
        "W/",
        "é",
        "," * 500,
        "1.2.3.4.5",
    )
    async with besieged.nothing_happens(caplog):
        for value in values:
            for path in ("/", "/api/v1/members/me", "/body", "/proposals"):
                status, _, _ = await fetched(besieged, "GET", path, headers={header: value, "Accept": "text/html"})
                assert status < 500, (path, header, value)


@asks
async def test_one_member_reaches_nothing_of_another(besieged: Siege) -> None:
    ada, blai = besieged.people["ada"], besieged.people["blai"]
    drafted = (await ada.post("proposals", {"title": "A draft", "text": "Hers."})).body["key"]
    offered = (await ada.post("offers", {"purpose": "offer", "title": "Hers", "summary": "Ada's"})).body["key"]
    session = (await ada.get("sessions")).body["items"][0]["id"]

    answers = [
        await blai.get(f"proposals/{drafted}"),
        await blai.post(f"proposals/{drafted}/submit"),
        await blai.post(f"proposals/{drafted}/withdraw"),
        await blai.delete(f"offers/{offered}"),
        await blai.delete(f"sessions/{session}"),
        await besieged.people["anybody"].get("sessions"),
    ]

    assert [answer.status for answer in answers[1:]] == [403, 403, 403, 404, 401]
    assert answers[0].status in {200, 404}
    assert (await ada.get("members/me")).status == 200


# --- what a hostile peer leaves behind is shown without harm

MARKUP = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'><svg/onload=alert(1)>\u202e\u0301"
LEFT: tuple[dict[str, Any], ...] = (
    {"type": "Proposal", "purpose": "offer", "name": MARKUP, "content": MARKUP, "location": {"name": MARKUP}},
    {"type": "Proposal", "purpose": "request", "name": "javascript:alert(1)", "reciprocal": {"name": MARKUP}},
)  # fmt: skip
ODD_RULES: tuple[dict[str, Any], ...] = (
    {},
    {"preset": MARKUP},
    {"kind": [], "quorum": {"share": "1/0"}, "threshold": {"share": {}}},
    {"threshold": {"of": "cast", "share": "0/0"}, "quorum": None, "tie": 5, "closes_early": "x"},
)
PAGES = ("/", "/proposals", "/offers", "/federation", "/activity", "/members", "/operator", "/assemblies")


@asks
async def test_pages_show_what_hostile_peers_left_without_fault_or_markup(
    besieged: Siege, caplog: pytest.LogCaptureFixture
) -> None:
    there = besieged.there
    async with besieged.node.store.write() as tx:  # one that is heard: a stranger's question is kept nowhere
        await follows.save(
            tx,
            FollowRecord(
                id="f", direction="out", actor_id=there.actor_id, activity_id="f", created_at=NOON, state="accepted"
            ),
        )
    stated = {
        "kind": "proposal", "body": "did:web:x", "text_digest": "sha256:" + "0" * 64,
        "opens_at": "0001-01-01T00:00:00Z", "closes_at": "8999-12-31T23:59:59Z",
        "electorate": {"kind": "members", "count": -1, "weight": "x", "digest": 5},
    }  # fmt: skip
    left = [{**one, "id": f"{there.origin}/left/{number}"} for number, one in enumerate(LEFT)]
    left += [
        {
            "type": "Question",
            "id": f"{there.origin}/odd/{number}",
            "name": MARKUP,
            "source": {"content": f"[x](javascript:alert(1)) {MARKUP}"},
            "content": MARKUP,
            "governance": {**stated, "rule": rule},
        }
        for number, rule in enumerate(ODD_RULES)
    ]
    for number, about in enumerate(left):
        document = there.activity(
            id=f"{there.origin}/leaving/{number}", object=there.proven({"attributedTo": there.actor_id, **about})
        )
        assert (await besieged.send(document)).status == 202
    await besieged.settle()
    cookie = f"rochdale-{besieged.node.origin.rpartition(':')[2]}={besieged.people['ada'].token}"
    listed = (await besieged.people["ada"].get("proposals")).body["items"]
    single = [f"/proposals/{one['key']}" for one in listed]
    single += [f"/offers/{one['key']}" for one in (await besieged.people["ada"].get("offers")).body["items"]]
    assert len(single) >= 6

    caplog.clear()
    for page in (*PAGES, *single):
        for headers in ({"Accept": "text/html"}, {"Accept": "text/html", "Cookie": cookie}):
            status, _, text = await fetched(besieged, "GET", page, headers=headers)
            assert status < 500, page
            assert not re.search(r"<script>alert|onerror=alert\(1\)>|href=[\"']?javascript:", text), page
    for one in listed:
        assert (await besieged.people["ada"].get(f"proposals/{one['key']}")).status == 200
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


# --- text made to cost much

SLOW = {
    "brackets": "[" * 50_000,
    "brackets and parentheses": "[a](" * 12_000,
    "stars": "*a " * 16_000,
    "underscores and stars": "_*" * 25_000,
    "back ticks of every length": " ".join("`" * length for length in range(300)),
    "quotations in quotations": ">" * 50_000,
    "lists in lists": "\n".join(" " * depth + "- a" for depth in range(300)),
    "unclosed tags": "<a " * 16_000,
    "entities": "&" * 50_000,
    "references": "".join(f"[{number}]: /x\n" for number in range(5_000)),
    "back slashes": "\\" * 50_000,
    "white space and a word": " \t" * 25_000 + "x",
}


@pytest.mark.parametrize("name", SLOW)
def test_text_made_to_cost_much_becomes_html_soon(name: str) -> None:
    began = time.process_time()

    html = to_html(SLOW[name])

    assert time.process_time() - began < CPU_SECONDS
    assert "<script" not in html


@given(st.text(st.sampled_from("<>&\"'`*_[]()!#\\/ \n\taAjJ:;=%\u0000\u202e\ud7ff\U0001f33e"), max_size=300))
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_no_text_becomes_anything_but_harmless_html(text: str) -> None:
    html = to_html(text)

    tags = set(re.findall(r"<\s*/?\s*([a-z0-9]+)", html))
    assert tags <= TAGS - {"script", "style", "img", "svg", "iframe", "form", "input", "object", "base", "link", "meta"}
    assert not re.search(r"<[^>]*(\son|href=\"(?!https?:|mailto:|[^\":]*\"|[^\":]*[/?#]))", html)


@asks
async def test_what_may_not_be_shown_does_not_have_the_whole_log_read(besieged: Siege) -> None:
    hidden: dict[str, Any] = {"direction": "in", "type": "Like", "actor_id": besieged.there.actor_id, "raw": "{}",
                              "received_at": NOON, "is_public": False, "state": "dispatched"}  # fmt: skip
    async with besieged.node.store.write() as tx:
        for number in range(MOST_LOOKS * (PER_PAGE + 1) + 1):
            await activities.add(tx, ActivityRecord(id=f"{besieged.there.origin}/hidden/{number}", **hidden))

    status, _, text = await fetched(besieged, "GET", "/activity", headers={"Accept": "text/html"})

    assert status == 200
    assert "/activity?before=" in text
