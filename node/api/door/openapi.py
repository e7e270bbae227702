"""The OpenAPI 3.1 description of the marked operations; called by the description door and by the reference writer."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from pydantic.json_schema import models_json_schema

from node.api.door.operation import PREFIX, Access, Method, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
TEMPLATE = "#/components/schemas/{model}"

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457 problem details; `code` is stable.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("in", "pointer", "code", "detail")},
            },
        },
    },
}
SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token of POST /session."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-rochdale", "description": "Pages, with X-CSRF-Token."},
}
IDEMPOTENCY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeating the request with the same key has one effect and one answer for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def describe(operations: Sequence[Operation]) -> Schema:
    """The whole document; the same operations give the same bytes."""
    shapes = _shapes(operations)
    references, definitions = models_json_schema(shapes, ref_template=TEMPLATE)
    schemas: dict[str, Schema] = definitions.get("$defs", {})
    paths: dict[str, Schema] = {}
    for marked in operations:
        paths.setdefault(PREFIX + marked.route, {})[marked.method.lower()] = _operation(marked, references, schemas)
    for marked in operations:
        for shape in (marked.path, marked.query):
            schemas.pop(shape.__name__ if shape else "", None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rochdale member door",
            "version": version("rochdale"),
            "description": "What members and operators of a co-operative's node may read and do. Times are UTC.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({marked.tag for marked in operations})],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {**schemas, "Problem": PROBLEM}, "securitySchemes": SECURITY},
    }


def _shapes(operations: Iterable[Operation]) -> list[tuple[type[BaseModel], Mode]]:
    """Each shape once per direction, in a fixed order."""
    found: dict[tuple[str, Mode], type[BaseModel]] = {}
    for marked in operations:
        asked = [shape for shape in (marked.path, marked.query, marked.body) if shape]
        found |= {(shape.__name__, "validation"): shape for shape in asked}
        if marked.answer is not None:
            found[marked.answer.__name__, "serialization"] = marked.answer
    return [(shape, mode) for (_, mode), shape in sorted(found.items())]


def _operation(marked: Operation, references: Any, schemas: dict[str, Schema]) -> Schema:
    described: Schema = {
        "operationId": marked.name,
        "summary": marked.summary,
        "description": marked.description,
        "tags": [marked.tag],
        "x-access": marked.allows.value,
        "parameters": [*_parameters(marked.path, "path", schemas), *_parameters(marked.query, "query", schemas)],
        "responses": _responses(marked, references),
        "security": [] if marked.allows is Access.PUBLIC else [{"bearer": []}, {"cookie": []}],
    }
    if marked.method is Method.POST and marked.allows is not Access.PUBLIC:
        described["parameters"].append(IDEMPOTENCY)
    if marked.body is not None:
        described["requestBody"] = {"required": True, **_content(references[marked.body, "validation"])}
    return described


def _responses(marked: Operation, references: Any) -> Schema:
    status = marked.status if marked.answer else 204
    fine: Schema = {"description": HTTPStatus(status).phrase}
    if marked.answer is not None:
        fine |= _content(references[marked.answer, "serialization"])
    problem = {"content": {"application/problem+json": {"schema": {"$ref": TEMPLATE.format(model="Problem")}}}}
    return {str(status): fine, "default": {"description": "A problem.", **problem}}


def _content(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _parameters(shape: type[BaseModel] | None, place: str, schemas: dict[str, Schema]) -> list[Schema]:
    if shape is None:
        return []
    described = schemas[shape.__name__]
    required = set(described.get("required", ()))
    return [
        {"name": name, "in": place, "required": place == "path" or name in required, "schema": schema}
        for name, schema in described.get("properties", {}).items()
    ]
