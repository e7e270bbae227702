"""A template and its view made into an answer: the frame around every page, notices after a post, static files.

Called by the handlers and by the problem pages.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from node.context import NODE
from node.web.frame.security import Visitor, set_cookie, visitor_of
from node.web.views.wording.places import Link, host_of
from node.web.views.wording.setting import Setting
from node.web.views.wording.words import Words, words_for

STATIC = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LAST_PAGE = 1_000
LONG_CACHE = "public, max-age=31536000, immutable"
PLACES = (
    ("/", "Home", "home"),
    ("/proposals", "Proposals", "proposals"),
    ("/federation", "Federation", "federation"),
    ("/offers", "Offers", "offers"),
    ("/activity", "Activity", "activity"),
)
MEMBER_PLACES = (("/members", "Members", "members"),)
OPERATOR_PLACES = (("/operator", "Running the node", "operator"),)
CONSOLE_PLACES = (
    ("/operator", "Health and queues", "operator"),
    ("/assemblies", "Assemblies", "assemblies"),
    ("/reliefs", "Emergencies", "reliefs"),
    ("/flags", "Flags", "flags"),
    ("/operator/address", "Address", "moving"),
)
NOTICES = {
    "cast": "Your ballot is cast. The receipt is below.",
    "vetoed": "The veto is signed and on its way.",
    "drafted": "The draft is saved.",
    "submitted": "Submitted. An operator will open it.",
    "opened": "It is open for ballots now.",
    "withdrawn": "It is withdrawn.",
    "published": "It is published.",
    "enrolled": "The new member can sign in now.",
    "asked": "The application is on its way.",
    "decided": "The answer is on its way.",
    "left": "This co-op left the assembly.",
    "replied": "Your reply is public now.",
    "reply-edited": "Your reply is changed.",
    "reply-deleted": "Your reply is deleted.",
    "reply-hidden": "The reply is out of sight.",
    "reply-shown": "The reply is in sight again.",
    "settled": "The flag is settled.",
    "retried": "The delivery is due again.",
    "heard": "Noted. It holds from now on.",
    "reported": "It was reported to those who run its home, in the name of this body. The rest is theirs to decide.",
    "resumed": "It is due again.",
    "tried": "It is tried now. If it answers, everything that waits for it follows.",
    "ended": "That session has ended.",
    "changed": "Your passphrase is changed. Every other device is signed out.",
    "renewed": "The numbers of members are published in the next statute.",
    "chosen": "That holds for questions that reach us from now on.",
    "relief-opened": "The relief is open. Every co-op below is asked now.",
    "relief-said": "It is signed, in the log, and on its way.",
    "moved": "Everybody who follows is told now.",
    "stayed": "This body says that it is here.",
    "earlier-added": "This body says so from now on. Move from the old node now.",
    "earlier-forgotten": "This body says it no more.",
    "out": "You are signed out.",
}


@cache
def environment() -> Environment:
    """The templates, compiled once; they hold nothing of any node."""
    made = Environment(
        loader=PackageLoader("node.web"),
        autoescape=select_autoescape(("html", "svg")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_path
    return made


@cache
def static_path(name: str) -> str:
    """The address of a static file, changed whenever its bytes change."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={mark}"


def setting_of(request: web.Request) -> Setting:
    """The surroundings of the page a request asks for."""
    node = request.app[NODE]
    return Setting(
        origin=node.origin,
        body_name=node.body.name,
        body_did=node.body.did,
        now=node.clock(),
        say=words_for(request.headers.get("Accept-Language", "")),
    )


async def render(request: web.Request, template: str, page: object, *, here: str, status: int = 200) -> web.Response:
    """The page in its frame; `here` is the place of the menu it belongs to."""
    node, visitor, say = request.app[NODE], await visitor_of(request), setting_of(request).say
    notice = NOTICES.get(request.query.get("done", ""))
    html = page_html(
        template,
        page,
        say=say,
        body=node.body,
        address=f"@{node.body.handle}@{host_of(node.origin)}",
        member=visitor.member,
        csrf=visitor.csrf,
        notice=say(notice) if notice else None,
        places=menu(visitor, here, say),
        console_places=links(CONSOLE_PLACES, here, say),
    )
    response = web.Response(text=html, content_type="text/html", status=status)
    response.headers["Cache-Control"] = "private, no-store" if visitor.member else "no-cache"
    response.headers["Vary"] = "Accept, Cookie, Accept-Language"
    if visitor.member is None and 'name="csrf"' in html:
        set_cookie(response, node, visitor.csrf, purpose="form")
    return response


def page_html(template: str, page: object, *, say: Words, **frame: Any) -> str:
    """The text of a template; a pure function of its arguments."""
    words = {"_": say.markup, "n_": say.count_markup, "language": say.language}
    return environment().get_template(template).render(page=page, **words, **frame)


def links(places: tuple[tuple[str, str, str], ...], here: str, say: Words) -> tuple[Link, ...]:
    """Entries of a menu."""
    return tuple(Link(say(label), href, is_here=key == here) for href, label, key in places)


def menu(visitor: Visitor, here: str, say: Words) -> tuple[Link, ...]:
    """The main menu of this visitor."""
    places = PLACES + (MEMBER_PLACES if visitor.member else ()) + (OPERATOR_PLACES if visitor.is_operator else ())
    return links(places, "operator" if here in {"assemblies", "moving"} else here, say)


def page_number(request: web.Request) -> int:
    """Which page of a list is asked for, from 0; whatever is no number asks for the first."""
    asked = request.query.get("page", "")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= len(str(LAST_PAGE))
    return min(int(asked), LAST_PAGE) if is_number else 0


def see_other(path: str, *, done: str = "", anchor: str = "") -> web.Response:
    """The redirect after a post, with the notice the next page shows."""
    joint = "&" if "?" in path else "?"
    query = joint + urlencode({"done": done}) if done else ""
    location = f"{path}{query}{anchor and '#' + anchor}"
    return web.Response(status=303, headers={"Location": location})


async def static_file(request: web.Request) -> web.StreamResponse:
    """A file of our own styles and modules; an address with its mark never changes."""
    name = request.match_info["name"]
    path = STATIC / name
    if path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound
    headers = {"Content-Type": f"{TYPES[path.suffix]}; charset=utf-8"}
    headers["Cache-Control"] = LONG_CACHE if "v" in request.query else "no-cache"
    return web.Response(body=path.read_bytes(), headers=headers)  # some kilobytes, for which no thread is worth asking
