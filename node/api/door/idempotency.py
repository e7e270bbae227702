"""A POST repeated with its Idempotency-Key has one effect and one answer, kept for a day; called by Operation.

Source: draft-ietf-httpapi-idempotency-key-header-07. The first request claims the key atomically; the others wait
for its answer. An answer that says to ask again later (502, 503) reaches those who wait and is then forgotten: the same
key works once what was lacking is back. Answers live in ephemeral storage: a node restarted in embedded mode forgets
them, its rules do not.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from node.api.door.reading import RAW_BODY
from node.api.problems import Problem, problem_response

if TYPE_CHECKING:
    from node.api.door.call import Call

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200
KEPT_SECONDS = 24 * 3600
ASK_AGAIN = frozenset({502, 503})
ASK_AGAIN_SECONDS = 1
CLAIM = ":claim"
CLAIM_SECONDS = 120
WAIT_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.025
KEPT_HEADERS = ("Location", "Link")

Work = Callable[[], Awaitable[web.Response]]


async def once(call: Call, work: Work) -> web.Response:
    """The answer of the first request with this key. Problems: idempotency-key-invalid, -conflict, -busy."""
    key = call.request.headers[HEADER]
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(400, "idempotency-key-invalid", f"{HEADER} must have 1 to {LONGEST_KEY} printable characters.")
    slot = "idempotency:" + _digest(f"{call.caller.id}\n{key}")
    sent = hashlib.sha256(call.request.get(RAW_BODY, b"")).hexdigest()
    fingerprint = _digest(f"{call.request.method} {call.request.path}\n{sent}")
    kept = await _find(call, slot)
    if kept is None and not await call.node.ephemeral.seen(slot + CLAIM, CLAIM_SECONDS):
        kept = await _find(call, slot)
        if kept is None:
            return await _first(call, slot, fingerprint, work)
    return _replay(await _settled(call, slot, fingerprint))


async def _first(call: Call, slot: str, fingerprint: str, work: Work) -> web.Response:
    await _keep(call, slot, {"fingerprint": fingerprint}, CLAIM_SECONDS)
    try:
        answer = await work()
    except Exception as refused:  # noqa: BLE001  # a refusal is an answer too: whoever repeats the key must get the same
        answer = problem_response(call.request, refused)
    kept = {
        "fingerprint": fingerprint,
        "status": answer.status,
        "type": answer.content_type,
        "text": answer.text or "",
        "headers": {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
    }
    is_over = answer.status not in ASK_AGAIN
    await _keep(call, slot, kept, KEPT_SECONDS if is_over else ASK_AGAIN_SECONDS)
    if not is_over:
        await call.node.ephemeral.forget(slot + CLAIM)
    return answer


async def _settled(call: Call, slot: str, fingerprint: str) -> dict[str, Any]:
    for _ in range(int(WAIT_SECONDS / LOOK_EVERY_SECONDS)):
        kept = await _find(call, slot)
        if kept is not None and kept["fingerprint"] != fingerprint:
            raise Problem(409, "idempotency-conflict", "This key was used for a different request.")
        if kept is not None and "status" in kept:
            return kept
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    again = {"Retry-After": "5"}
    raise Problem(409, "idempotency-key-busy", "The first request with this key is still at work.", headers=again)


def _replay(kept: dict[str, Any]) -> web.Response:
    headers = {**kept["headers"], REPLAYED: "true", "Cache-Control": "no-store"}
    if not kept["text"]:
        return web.Response(status=kept["status"], headers=headers)
    return web.Response(text=kept["text"], status=kept["status"], content_type=kept["type"], headers=headers)


async def _find(call: Call, slot: str) -> dict[str, Any] | None:
    text = await call.node.ephemeral.get(slot)
    return None if text is None else dict(json.loads(text))


async def _keep(call: Call, slot: str, kept: dict[str, Any], seconds: int) -> None:
    await call.node.ephemeral.put(slot, json.dumps(kept), seconds)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
