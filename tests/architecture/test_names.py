"""Names say what the glossary says: no drawers without a label, no words of its right column."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.architecture.repository import Module, modules, modules_of_tests, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core", "shared"}

SAY_INSTEAD = {
    "user": "member", "users": "members", "account": "member or actor", "accounts": "members or actors",
    "admin": "operator", "admins": "operators", "instance": "peer", "instances": "peers",
    "payload": "document or activity", "payloads": "documents or activities", "data": "document, bytes or record",
    "vote": "ballot, choice or cast", "votes": "ballots, tally or weight",
    "model": "record", "models": "records", "entity": "record", "entities": "records",
    "result": "outcome", "results": "outcomes", "config": "settings or statute", "configs": "settings or statutes",
    "parent": "assembly, above", "parents": "above", "child": "constituent, below", "children": "constituents, below",
    "aggregate": "roll-up", "aggregates": "roll-ups", "sig": "signature", "sigs": "signatures",
    "listing": "offer or request", "deal": "agreement", "certificate": "credential", "badge": "credential",
}  # fmt: skip

EXCEPTIONS = {
    "data_dir": "the folder of everything this node keeps is called data everywhere",
    "model_config": "pydantic names it",
    "instance_actor_id": "the fediverse's word for the actor of the server itself",
    "instance_document": "the fediverse's word for the actor of the server itself",
    "DATA_INTEGRITY_V1": "the name of a W3C specification",
    "DATA_INTEGRITY_V2": "the name of a W3C specification",
    "NO_DECISIVE_VOTES": "a reason code of rule G1",
    "USER_AGENT": "the name of an HTTP header",
    "process_result_value": "overrides SQLAlchemy",
}

COMMAND_LINE = {"data", "data_option", "is_data_given"}
"""The option --data names the folder of the setting data_dir; click hands it over under that name."""


def words(identifier: str) -> list[str]:
    """The words of a snake_case, CamelCase or UPPER_CASE identifier, lower case."""
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", identifier).lower().split("_")
    return [part for part in parts if part]


def identifiers(module: Module) -> Iterator[tuple[int, str]]:
    """Everything a module names itself: functions, classes, arguments, variables, attributes and import aliases."""
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)):
                yield 0, name


def test_modules_are_named_after_what_they_hold() -> None:
    folders_and_files = [
        (module.path, part) for module in (*modules(), *modules_of_tests()) for part in module.name.split(".")
    ]

    assert [path for path, part in folders_and_files if part in MODULE_NAMES] == []


def test_identifiers_use_the_left_column_of_the_glossary() -> None:
    wrong = [
        f"{module.path}:{line} {name}: say {SAY_INSTEAD[word]}"
        for module in modules()
        for line, name in identifiers(module)
        if name not in EXCEPTIONS and not (module.path.startswith("node/cli/") and name in COMMAND_LINE)
        for word in words(name)
        if word in SAY_INSTEAD
    ]

    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    used = {name for module in modules() for _, name in identifiers(module)}

    assert EXCEPTIONS.keys() - used == set()


def test_the_glossary_lists_every_banned_word() -> None:
    glossary = (text_of("docs/glossary.md") or "").lower()
    singular = {word for word in SAY_INSTEAD if f"{word}s" in SAY_INSTEAD or not word.endswith("s")}

    assert sorted(word for word in singular if not re.search(rf"\b{word}\b", glossary)) == []


def test_booleans_of_records_read_as_claims() -> None:
    claim = re.compile(
        r"^_?(is|has|may|can|was|needs|closes|counts|allow|allows|strict|complete|loopback|final|abstain|differs|of_)"
    )
    unclear = [
        f"{module.path}:{field.lineno} {field.target.id}"
        for module in modules()
        for owner in ast.walk(module.tree)
        if isinstance(owner, ast.ClassDef)
        for field in owner.body
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and ast.unparse(field.annotation) == "bool"
        and not claim.match(field.target.id)
        and not module.path.startswith("node/api/shapes/")  # members of JSON bodies, named for their readers
    ]

    assert unclear == []


def test_lengths_and_times_are_named_with_their_unit() -> None:
    bare = {"timeout", "interval", "delay", "duration", "ttl", "age", "window", "margin"}
    wrong = [
        f"{module.path} {name}"
        for module in modules()
        for node in ast.walk(module.tree)
        for name, annotation in _annotated(node)
        if name in bare and annotation in {"int", "float", "int | None", "float | None"}
    ]

    assert wrong == []


def _annotated(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.arg) and node.annotation:
        yield node.arg, ast.unparse(node.annotation)
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, ast.unparse(node.annotation)
