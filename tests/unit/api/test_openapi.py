"""The door describes itself in OpenAPI 3.1, and the committed description is current."""

from __future__ import annotations

from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from node.api import API_ROUTES, OPERATIONS, openapi_document, openapi_text
from node.api.door.call import Access

ROOT = Path(__file__).resolve().parents[3]


def test_the_description_is_valid_openapi_3_1() -> None:
    validate(openapi_document(), cls=OpenAPIV31SpecValidator)


def test_the_committed_description_is_current() -> None:
    committed = (ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8")

    assert committed == openapi_text(), "run `make docs`"


def test_every_route_is_described_and_every_description_is_routed() -> None:
    described = {(method.upper(), path) for path, methods in openapi_document()["paths"].items() for method in methods}

    assert {(method, path) for method, path, _ in API_ROUTES} == described | {("GET", "/api/v1/openapi.json")}


def test_names_of_operations_are_unique_and_say_who_may_call() -> None:
    names = [one.name for one in OPERATIONS]

    assert len(set(names)) == len(names)
    assert {one.name for one in OPERATIONS if one.allows is Access.PUBLIC} == {
        "sign_in",
        "show_body",
        "list_activities",
        "list_equivocations",
        "show_latest_statute",
    }


def test_writes_may_carry_an_idempotency_key_and_reads_may_not() -> None:
    for path, methods in openapi_document()["paths"].items():
        for method, described in methods.items():
            names = {parameter["name"] for parameter in described["parameters"]}
            assert ("Idempotency-Key" in names) == (method == "post" and bool(described["security"])), path


def test_lists_are_described_with_limit_and_cursor() -> None:
    parameters = openapi_document()["paths"]["/api/v1/proposals"]["get"]["parameters"]

    assert {"limit", "after", "state", "origin"} == {parameter["name"] for parameter in parameters}


def test_a_tally_is_described_by_the_names_it_travels_under() -> None:
    tally = openapi_document()["components"]["schemas"]["TallyView"]

    assert set(tally["properties"]) == {"for", "against", "abstain", "electorate", "unresolved"}
