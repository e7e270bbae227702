"""A node's first minute: its keys, its body's facts and its first operator.

Called by `rochdale init`, the demo and tests.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from federation.assembly.rules import rule_document
from federation.assembly.statute import statute_governance
from identity.dids.did_web import did_web
from node.context import Body, BodyKind
from node.governance.proposals import check_rule
from node.governance.refusals import Refusal
from node.keyring import make_actor_keys
from node.services.members import Newcomer, add_member, passphrase_cost, prepared
from storage.house import body as body_rows
from storage.house import keys
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from identity.keys.sealing import Sealer
    from node.settings import Settings
    from storage.engine import Store
    from storage.records import MemberRecord

HANDLE_SHAPE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DEFAULT_WINDOW_SECONDS = 7 * 86_400
FACTS = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What the founders of a body say at set-up. `rule` is a rule document or the name of a preset."""

    name: str
    handle: str
    kind: BodyKind
    rule: dict[str, Any] | str = "majority"
    window_seconds: int = DEFAULT_WINDOW_SECONDS
    mode: str = "weights"
    weight_denominator: int = 1
    margin_seconds: int = 3600
    terms: Mapping[str, Any] = field(default_factory=dict)
    operator: str
    passphrase: str


async def found_body(
    store: Store, sealer: Sealer, *, settings: Settings, founding: Founding, now: datetime
) -> MemberRecord:
    """The first operator, after the body's facts and keys were written, once and in one transaction.

    Refusals: already-initialised, name-invalid, rule-invalid, passphrase-weak, and those of a statute's terms
    (StatuteError).
    """
    facts = _facts(founding, settings.origin)
    if founding.kind == "assembly":
        _check_bylaws(founding, facts, now)
    newcomer = Newcomer(
        name=founding.operator,
        display_name=founding.operator.capitalize(),
        passphrase=founding.passphrase,
        roles=("operator",),
    )
    rows = await prepared(sealer, newcomer, cost=passphrase_cost(settings), member_id=str(uuid.uuid4()), now=now)
    made = await asyncio.gather(
        asyncio.to_thread(make_actor_keys, sealer, f"{settings.origin}/body", now),
        asyncio.to_thread(make_actor_keys, sealer, f"{settings.origin}/actor", now),
    )
    async with store.write() as tx:
        if await body_rows.get(tx, FACTS) is not None:
            raise Refusal("already-initialised")
        await body_rows.put(tx, FACTS, facts)
        for record in [record for pair in made for record in pair]:
            await keys.add(tx, record)
        await events.append(tx, at=now, actor="operator", type="body-founded", subject=str(facts["did"]), content=facts)
        await add_member(tx, rows, by="operator")
    return rows[0]


def _facts(founding: Founding, origin: str) -> dict[str, Any]:
    if not HANDLE_SHAPE.fullmatch(founding.handle) or not founding.name.strip():
        raise Refusal("name-invalid")
    return {
        "name": founding.name.strip(),
        "handle": founding.handle,
        "kind": founding.kind,
        "did": did_web(origin),
        "origin": origin,
        "rule": _rule(founding),
        "window_seconds": founding.window_seconds,
        "mode": founding.mode,
        "weight_denominator": founding.weight_denominator,
        "margin_seconds": founding.margin_seconds,
        "terms": dict(founding.terms),
    }


async def body_of(store: Store) -> Body | None:
    """The facts written at set-up, or None when the node was never initialised."""
    async with store.read() as tx:
        facts = await body_rows.get(tx, FACTS)
    if facts is None:
        return None
    known = cast("dict[str, Any]", facts)
    return Body(
        name=known["name"],
        handle=known["handle"],
        kind=known["kind"],
        did=known["did"],
        actor_id=f"{known['origin']}/body",
        rule=known["rule"],
        window_seconds=known["window_seconds"],
        mode=known["mode"],
        weight_denominator=known["weight_denominator"],
        margin_seconds=known["margin_seconds"],
        terms=known.get("terms", {}),
    )


def _check_bylaws(founding: Founding, facts: Mapping[str, Any], now: datetime) -> None:
    """Nothing, if the first constituent can be taken in under these; raises StatuteError."""
    statute_governance(
        assembly=facts["did"],
        name=facts["name"],
        version=1,
        mode=founding.mode,
        weight_denominator=founding.weight_denominator,
        constituents=(),
        rule=facts["rule"],
        margin_seconds=founding.margin_seconds,
        adopted_at=now,
        terms=founding.terms,
    )


def _rule(founding: Founding) -> dict[str, Any]:
    document = {"preset": founding.rule} if isinstance(founding.rule, str) else founding.rule
    kind = "constituents" if founding.kind == "assembly" else "members"
    return rule_document(check_rule(document, kind))
