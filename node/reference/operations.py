"""docs/reference/api.md, from the marked operations of node.api."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from node.api import OPERATIONS
from node.api.door.operation import PREFIX, Operation
from node.reference.markdown_table import code, page, table

INTRODUCTION = f"""The member door answers JSON under `{PREFIX}`. Sign in with `POST {PREFIX}/session` and send
the token as `Authorization: Bearer …`. Problems are `application/problem+json`, see [refusal
codes](refusals.md). Lists come in pages. A `POST` with an `Idempotency-Key` has one effect however often it is
sent. The exact shapes are in [openapi.json](openapi.json), which each node also serves at
`{PREFIX}/openapi.json`."""


def text() -> str:
    """The page."""
    ordered = sorted(OPERATIONS, key=attrgetter("tag"))
    return page(
        "Member API", INTRODUCTION, *(_section(tag, [*found]) for tag, found in groupby(ordered, attrgetter("tag")))
    )


def _section(tag: str, operations: list[Operation]) -> str:
    rows = (
        (code(f"{one.method} {PREFIX}{one.route}"), one.allows.value, one.summary, code(one.name))
        for one in sorted(operations, key=attrgetter("route", "method"))
    )
    return f"## {tag}\n\n" + table(("request", "who", "what comes back", "operation"), rows)
