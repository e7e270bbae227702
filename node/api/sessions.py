"""Signing in and out, and the caller's sessions; called by the member door's routes."""

from federation.receive.gate import network_of
from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, slice_page
from node.api.problems import Problem
from node.api.shapes.members import (
    CurrentSession,
    SessionPath,
    SessionView,
    SignedIn,
    SignInIn,
    member_view,
    session_view,
)
from node.services import members
from storage import sessions
from storage.records import SessionRecord

MINUTE_SECONDS = 60


@operation("POST", "/session", summary="Sign in", allows=Access.PUBLIC, status=201)
async def sign_in(call: Call, body: SignInIn) -> SignedIn:
    """A new session. Attempts are limited per address and minute, whether they succeed or not."""
    await _limit(call)
    token, session, member = await members.sign_in(
        call.node, name=body.name, passphrase=body.passphrase.get_secret_value(), label=body.label
    )
    return SignedIn(
        token=token, csrf_token=session.csrf_token, member=member_view(member), expires_at=session.expires_at
    )


@operation("GET", "/session", summary="The session this request came with")
async def current_session(call: Call) -> CurrentSession:
    """Who is signed in, until when, and the CSRF token of the session."""
    session = _session(call)
    return CurrentSession(
        member=member_view(call.caller),
        csrf_token=session.csrf_token,
        label=session.label,
        expires_at=session.expires_at,
    )


@operation("DELETE", "/session", summary="Sign out")
async def sign_out(call: Call) -> None:
    """The session this request came with ends now."""
    await members.sign_out(call.node, member=call.caller, session_hash=_session(call).token_hash)


@operation("GET", "/sessions", summary="All sessions of the caller")
async def list_sessions(call: Call, query: Window) -> Page[SessionView]:
    """Signed-in browsers and tools, last used first."""
    current = _session(call).token_hash
    async with call.node.store.read() as tx:
        found = await sessions.for_member(tx, call.caller.id)
    return slice_page(found, query, lambda record: session_view(record, current=current))


@operation("DELETE", "/sessions/{id}", summary="End one session of the caller")
async def end_session(call: Call, path: SessionPath) -> None:
    """A session that is lost or forgotten ends; ending it twice is no error."""
    await members.sign_out(call.node, member=call.caller, session_hash=path.id)


def _session(call: Call) -> SessionRecord:
    if call.session is None:
        raise Problem(401, "not-signed-in", "Sign in first.")
    return call.session


async def _limit(call: Call) -> None:
    limit = call.node.settings.sign_in_per_minute
    key = f"sign-in:{network_of(call.request.remote or '')}"
    if not await call.node.ephemeral.hit(key, limit, MINUTE_SECONDS):
        again = {"Retry-After": str(MINUTE_SECONDS)}
        raise Problem(429, "too-many-requests", "Too many attempts from this address. Wait a minute.", headers=again)


OPERATIONS = (sign_in, current_session, sign_out, list_sessions, end_session)
