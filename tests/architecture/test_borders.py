"""What may happen in one place only happens there."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT, Module, imports_of, modules, our_files, text_of

ROOT_FOLDERS = {"node", "federation", "identity", "storage", "tests", "docs", ".ci"}
ROOT_FILES = {
    "README.md", "FEDERATION.md", "CHANGELOG.md", "LICENSE", "Makefile", "Dockerfile", "docker-compose.yml",
    "alembic.ini", "pyproject.toml", "requirements.lock", "requirements-dev.lock", ".gitignore", ".dockerignore",
}  # fmt: skip

ONE_EDGE = {
    "pyld": ("federation/vocabulary/", "identity/proofs/"),
    "httpsig": ("identity/http_signatures/cavage.py",),
    "didkit": ("identity/credentials/didkit_adapter.py",),
    "celery": ("node/worker.py",),
    "redis": ("storage/ephemeral/redis.py",),
    "sqlalchemy": ("storage/",),
    "asyncpg": ("storage/",),
    "aiosqlite": ("storage/",),
    "alembic": ("storage/",),
    "argon2": ("identity/passphrases.py",),
    "jinja2": ("node/web/",),
    "prometheus_client": ("node/metrics.py",),
}
"""Rented package to the only places that may name it; import-linter knows packages, this knows files."""


def test_the_root_holds_only_what_was_agreed() -> None:
    top = {name.split("/", 1)[0] for name in our_files()}

    assert top - ROOT_FOLDERS - ROOT_FILES == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_our_package_comes_from_this_repository(package: str) -> None:
    # PyPI has a `federation` that would install the same top-level name.
    found = importlib.import_module(package).__file__

    assert found is not None
    assert Path(found).resolve().is_relative_to(ROOT)


def test_the_package_index_federation_is_no_dependency() -> None:
    named = [name for name in our_files() if name.endswith((".lock", "pyproject.toml"))]

    assert [
        name for name in named if re.search(r'^\s*"?federation\s*[=<>~\[]', text_of(name) or "", re.MULTILINE)
    ] == []


def test_only_verify_builds_a_verified_activity() -> None:
    builders = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node).endswith("VerifiedActivity")
    ]
    replacers = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if any("VerifiedActivity" in name for _, name in imports_of(module))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and _called(node) in {"replace", "dataclasses.replace"}
        and _replaces_activity(node)
    ]

    assert builders, "the search must find the one place"
    assert [where for where in builders if not where.startswith("federation/receive/verify.py:")] == []
    assert [where for where in replacers if not where.startswith("federation/receive/verify.py:")] == []


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def _replaces_activity(node: ast.Call) -> bool:
    return bool(node.args) and "activity" in ast.unparse(node.args[0]).lower()


@pytest.mark.parametrize("rented", sorted(ONE_EDGE))
def test_a_rented_package_stays_at_its_edge(rented: str) -> None:
    elsewhere = [
        f"{module.path}:{line}"
        for module in modules()
        if not module.path.startswith(ONE_EDGE[rented])
        for line, name in imports_of(module)
        if name == rented or name.startswith(f"{rented}.")
    ]

    assert elsewhere == []


def test_sql_is_written_in_storage_only() -> None:
    statement = re.compile(
        r"^\s*(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX)|PRAGMA )", re.IGNORECASE
    )
    elsewhere = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if not module.path.startswith("storage/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    ]

    assert elsewhere == []


def test_doors_do_not_write_rows() -> None:
    doors = [module for module in modules() if module.path.startswith(("node/api/", "node/web/"))]
    writers = [
        f"{module.path}:{node.lineno}"
        for module in doors
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node).endswith("store.write")
    ]

    # An idempotency key is the door's own business: it remembers answers, not decisions.
    assert [where for where in writers if "idempotency" not in where] == []


def test_services_do_not_call_the_doors_and_the_wire_does_not_know_the_node() -> None:
    wrong = [
        f"{module.path}:{line} {name}"
        for module in modules()
        for line, name in imports_of(module)
        if (module.path.startswith("node/services/") and name.startswith(("node.api", "node.web", "node.inbound")))
        or (not module.path.startswith("node/") and name.split(".")[0] == "node")
    ]

    assert wrong == []


def test_importing_a_module_starts_nothing() -> None:
    started = [f"{module.path}:{line}" for module in modules() for line in _effects_at_import(module)]

    assert started == []


def _effects_at_import(module: Module) -> list[int]:
    """Lines of top-level expressions that are neither a docstring nor part of `if __name__ == "__main__"`."""
    return [
        node.lineno
        for node in module.tree.body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and not _called(node.value).startswith(("_check", "check"))
    ]
