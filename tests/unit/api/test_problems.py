"""Every refusal has one status, and nothing unknown is shown."""

from __future__ import annotations

import pytest
from aiohttp import web

from federation.errors import FetchFailure, Throttled, WireRefusal
from node.api.problems import STATUS_OF, Problem, problem_of
from node.governance.refusals import REFUSALS, Category, Refusal
from storage.errors import EphemeralError, StoreBusyError


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_keeps_its_code_and_text_and_gets_a_status(code: str) -> None:
    problem = problem_of(Refusal(code))

    assert (problem.code, problem.detail) == (code, REFUSALS[code].public)
    assert 400 <= problem.status < 500 or problem.headers["Retry-After"]


def test_every_category_has_a_status() -> None:
    assert set(STATUS_OF) == set(Category)


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Problem(418, "teapot", "No."), 418, "teapot"),
        (Throttled("busy", "Later.", retry_after_seconds=7), 429, "busy"),
        (WireRefusal("odd", "Odd."), 422, "odd"),
        (FetchFailure("unreachable", "advice"), 502, "unreachable"),
        (EphemeralError("Redis is away"), 503, "short-memory-unavailable"),
        (StoreBusyError("a write waited too long"), 503, "database-away"),
        (web.HTTPNotFound(), 404, "not-found"),
        (web.HTTPMethodNotAllowed("PUT", ["GET"]), 405, "method-not-allowed"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), 413, "too-large"),
        (web.HTTPBadRequest(), 400, "malformed"),
        (KeyError("secret"), 500, "fault"),
    ],
)
def test_what_is_raised_is_told_as(raised: Exception, status: int, code: str) -> None:
    problem = problem_of(raised)

    assert (problem.status, problem.code) == (status, code)
    assert "secret" not in problem.detail
