"""The door of the verifier: the same page for everybody, whoever asks; mounted by node.web."""

from __future__ import annotations

from aiohttp import web

from node.web.verifier.page import content_policy, verifier_page


async def show_verifier(_: web.Request) -> web.Response:
    """The page that counts a decision again in the reader's own browser."""
    response = web.Response(text=verifier_page(), content_type="text/html")
    response.headers["Content-Security-Policy"] = f"{content_policy()}; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-cache"
    return response
