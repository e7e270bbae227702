"""What the pages refuse: forged forms, strangers, members who are not operators; and the headers they carry."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import pytest
from aiohttp import ClientSession, CookieJar

from tests.doors.api import PASSPHRASE, Served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from node.context import Node


class Housed(Protocol):
    """Anything that runs a node."""

    @property
    def node(self) -> Node: ...


HTML = {"Accept": "text/html"}
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@asynccontextmanager
async def visitor(house: Housed, name: str = "") -> AsyncIterator[ClientSession]:
    """A browser without scripts; signed in when a name is given."""
    async with ClientSession(house.node.origin, cookie_jar=CookieJar(unsafe=True), headers=HTML) as http:
        if name:
            form = {"csrf": await token(http, "/sign-in"), "name": name, "passphrase": PASSPHRASE, "next": "/"}
            async with http.post("/sign-in", data=form) as answer:
                assert answer.status == 200
        yield http


async def token(http: ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        found = TOKEN.search(await answer.text())
    assert found is not None
    return found[1]


async def post(http: ClientSession, path: str, **form: str) -> tuple[int, str]:
    async with http.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


POSTS = (
    "/sign-out", "/proposals/new", "/offers/new", "/members", "/assemblies/join", "/assemblies/decide",
    "/assemblies/leave", "/assemblies/split", "/assemblies/renew", "/assemblies/correct", "/assemblies/rules",
    "/operator/deliveries/retry", "/operator/jobs/retry", "/operator/hosts/try",
    "/operator/policies", "/operator/address/look", "/operator/address/move", "/operator/address/stay",
    "/operator/address/earlier", "/operator/address/forget", "/profile/passphrase", "/profile/sessions/end",
    "/replies/edit", "/replies/delete", "/replies/hide", "/flags/send", "/flags/settle",
    "/reliefs/new", "/reliefs/say/stock", "/reliefs/say/answer",
)  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_the_token_of_this_session_is_refused(house: Served, path: str) -> None:
    async with visitor(house, "ada") as http:
        missing = await post(http, path)
        wrong = await post(http, path, csrf="x" * 43)

    assert (missing[0], wrong[0]) == (403, 403)
    assert "grown old" in missing[1]


async def test_a_ballot_posted_from_another_site_is_not_cast(house: Served) -> None:
    key = await house.opened_proposal()
    async with visitor(house, "blai") as http:
        status, _ = await post(http, f"/proposals/{key}/ballots", choice="for", csrf="forged")

    assert status == 403
    assert (await house.blai.get(f"proposals/{key}")).body["tally"]["for"] == 0


async def test_the_sign_in_form_carries_a_token_of_its_own(house: Served) -> None:
    async with visitor(house) as http:
        status, _ = await post(http, "/sign-in", name="blai", passphrase=PASSPHRASE)

    assert status == 403


@pytest.mark.parametrize(
    "path", ["/proposals/new", "/offers/new", "/members", "/profile", "/operator", "/assemblies", "/reliefs/new"]
)
async def test_a_stranger_is_sent_to_sign_in_and_back(house: Served, path: str) -> None:
    async with visitor(house) as http, http.get(path, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", ["/operator", "/operator/address", "/assemblies", "/assemblies/rules", "/reliefs/new"])
async def test_the_console_is_for_operators_only(house: Served, path: str) -> None:
    async with visitor(house, "blai") as http, http.get(path) as answer:
        assert answer.status == 403
        assert "not yours to do" in await answer.text()


async def test_a_member_cannot_enrol_another(house: Served) -> None:
    async with visitor(house, "blai") as http:
        csrf = await token(http, "/profile")
        status, _ = await post(http, "/members", csrf=csrf, name="eve", display_name="Eve", passphrase=PASSPHRASE)

    assert status == 403


async def test_a_member_cannot_speak_for_the_body_in_a_relief(house: Served) -> None:
    async with visitor(house, "blai") as http:
        csrf = await token(http, "/profile")
        forms = [await post(http, path, csrf=csrf, relief="x") for path in ("/reliefs/new", "/reliefs/say/stock")]

    assert [status for status, _ in forms] == [403, 403]


async def test_a_form_of_no_relief_and_a_form_that_is_none_are_not_found(house: Served) -> None:
    async with visitor(house, "ada") as http:
        csrf = await token(http, "/profile")
        forms = [
            await post(http, f"/reliefs/say/{what}", csrf=csrf, relief=house.node.url("reliefs", "none"), reason="A")
            for what in ("appeal", "nothing")
        ]
        async with http.get("/reliefs/none") as answer:
            assert answer.status == 404

    assert [status for status, _ in forms] == [404, 404]


async def test_a_co_op_is_no_assembly_and_opens_no_relief(house: Served) -> None:
    async with visitor(house, "ada") as http:
        typed = {"title": "The flood", "text": "Water.", "good-1": "Flour", "unit-1": "kg", "reserve": "1/5"}
        typed |= {"council": "1/2", "stock_days": "1", "csrf": await token(http, "/reliefs/new")}
        status, page = await post(http, "/reliefs/new", **typed)
        for name, wrong in (("reserve", "much"), ("stock_days", "soon"), ("weight-people", "-1")):
            refused, _ = await post(http, "/reliefs/new", **{**typed, name: wrong})
            assert refused == 422

    assert status in {409, 422}
    assert 'value="Flour"' in page


async def test_a_draft_is_hidden_from_strangers(house: Served) -> None:
    key = (await house.blai.post("proposals", {"title": "Secret for now", "text": "A draft."})).body["key"]
    async with visitor(house) as http, http.get("/proposals") as listed, http.get(f"/proposals/{key}") as answer:
        assert "Secret for now" not in await listed.text()
        assert answer.status == 404


async def test_pages_carry_strict_headers_and_a_cookie_no_script_can_read(house: Served) -> None:
    async with visitor(house) as http:
        form = {"csrf": await token(http, "/sign-in"), "name": "blai", "passphrase": PASSPHRASE, "next": "/"}
        async with http.post("/sign-in", data=form, allow_redirects=False) as signed, http.get("/") as page:
            cookie = signed.headers["Set-Cookie"]
            policy = page.headers["Content-Security-Policy"]
            headers = page.headers

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cache-Control"] == "private, no-store"


async def test_no_page_holds_inline_style_or_script(house: Served) -> None:
    key = await house.opened_proposal()
    async with visitor(house, "ada") as http:
        for path in ("/", f"/proposals/{key}", "/federation", "/offers", "/operator"):
            async with http.get(path) as answer:
                html = await answer.text()
            assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]* src=)", html), path


async def test_what_a_member_writes_cannot_become_markup(house: Served) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    key = await house.opened_proposal(title=nasty, text=f"{nasty} [go](javascript:alert(1))")
    async with visitor(house) as http, http.get(f"/proposals/{key}") as answer:
        html = await answer.text()

    assert "<img src=x" not in html
    assert 'href="javascript' not in html


async def test_the_live_standing_is_unchanged_until_somebody_casts(house: Served) -> None:
    key = await house.opened_proposal()
    async with visitor(house) as http:
        async with http.get(f"/proposals/{key}/live") as first:
            tag = first.headers["ETag"]
            assert first.headers["X-Standing"] == "open"
        async with http.get(f"/proposals/{key}/live", headers={"If-None-Match": tag}) as second:
            assert second.status == 304
        await house.ada.post(f"proposals/{key}/ballots", {"choice": "for"})
        async with http.get(f"/proposals/{key}/live", headers={"If-None-Match": tag}) as third:
            assert third.status == 200


async def test_the_receipt_to_keep_is_for_whoever_cast_it(house: Served) -> None:
    key = await house.opened_proposal()
    await house.blai.post(f"proposals/{key}/ballots", {"choice": "against"})
    async with visitor(house, "blai") as voter, voter.get(f"/proposals/{key}/receipt") as answer:
        kept = await answer.text()
    async with visitor(house, "ada") as other, other.get(f"/proposals/{key}/receipt") as answer:
        status = answer.status

    assert "sha256:" in kept
    assert "gainst" not in kept
    assert status == 404


async def test_sign_in_attempts_from_one_address_are_limited(house: Served) -> None:
    async with visitor(house) as http:
        csrf = await token(http, "/sign-in")
        for _ in range(house.node.settings.sign_in_per_minute):
            if not await house.node.ephemeral.hit("sign-in:127.0.0.1", house.node.settings.sign_in_per_minute, 60):
                break
        status, text = await post(http, "/sign-in", csrf=csrf, name="blai", passphrase=PASSPHRASE)

    assert status == 429
    assert "wait a minute" in text


async def test_an_unknown_address_is_a_page_for_people_and_none_for_peers(house: Served) -> None:
    async with visitor(house) as http:
        async with http.get("/nowhere") as page:
            assert page.status == 404
            assert "We could not find this" in await page.text()
        async with http.get("/nowhere", headers={"Accept": "application/activity+json"}) as document:
            assert document.status == 404
            assert "<html" not in await document.text()


async def test_one_address_serves_people_a_page_and_peers_the_signed_document(house: Served) -> None:
    key = await house.opened_proposal()
    async with visitor(house) as http:
        async with http.get(f"/proposals/{key}") as page:
            assert page.content_type == "text/html"
            assert "Accept" in page.headers["Vary"]
        async with http.get(f"/proposals/{key}", headers={"Accept": "application/activity+json"}) as document:
            assert (await document.json(content_type=None))["type"] == "Question"


UNSTORABLE = {
    "a NUL": ("application/x-www-form-urlencoded", b"&title=a%00b"),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"&title=\xff\xfe"),
    "a text in an encoding that allows half a pair": (
        "application/x-www-form-urlencoded; charset=utf-7",
        b"&title=+2AA-",
    ),
}


@pytest.mark.parametrize("what", UNSTORABLE)
async def test_a_form_with_text_that_no_database_holds_is_refused(house: Served, what: str) -> None:
    media_type, tail = UNSTORABLE[what]
    async with visitor(house, "blai") as http:
        body = f"csrf={await token(http, '/offers/new')}&purpose=offer".encode() + tail
        async with http.post("/offers/new", data=body, headers={"Content-Type": media_type}) as answer:
            assert answer.status == 422


async def test_an_operator_blocks_a_host_on_the_page_and_allows_it_again(house: Served) -> None:
    async with visitor(house, "ada") as http:
        form = {"csrf": await token(http, "/operator"), "host": "spam.example", "policy": "block", "note": "<b>ads</b>"}
        blocked = await post(http, "/operator/policies", **form)
        async with http.get("/operator") as answer:
            page = await answer.text()
        nonsense = await post(http, "/operator/policies", **{**form, "policy": "shout"})
        allowed = await post(http, "/operator/policies", **{**form, "policy": "allow"})
    async with visitor(house, "blai") as http:
        by_member = await post(http, "/operator/policies", **{**form, "csrf": await token(http, "/profile")})

    assert (blocked[0], nonsense[0], allowed[0], by_member[0]) == (303, 422, 303, 403)
    assert "<h3>spam.example</h3>" in page
    assert "&lt;b&gt;ads&lt;/b&gt;" in page
    assert (await house.ada.get("peer-policies")).body["items"] == []
