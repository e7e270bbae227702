"""What is in this repository: its files, and its own modules parsed.

Called by every test in this folder.
"""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("node", "federation", "identity", "storage")
GENERATED = ("storage/migrations/",)
_MADE_BY_TOOLS = {".git", ".venv", "__pycache__", "data", ".demo", "dist", "htmlcov"}


@dataclass(frozen=True, slots=True)
class Module:
    """One of our own modules. `path` is relative to the root, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


@cache
def our_files() -> tuple[str, ...]:
    """Files git tracks or would track; in a source archive without git, whatever is not made by a tool."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else [*_walk(ROOT)]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def _walk(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in _MADE_BY_TOOLS and not entry.name.startswith((".venv", ".mypy", ".ruff", ".pytest")):
                yield from _walk(entry)
        else:
            yield entry.relative_to(ROOT).as_posix()


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the four packages, migrations left out."""
    found = (
        name
        for name in our_files()
        if name.endswith(".py") and name.startswith(tuple(f"{package}/" for package in PACKAGES))
    )
    return tuple(parsed(name) for name in found if not name.startswith(GENERATED))


@cache
def modules_of_tests() -> tuple[Module, ...]:
    """Every module under tests/."""
    return tuple(parsed(name) for name in our_files() if name.endswith(".py") and name.startswith("tests/"))


def parsed(name: str) -> Module:
    """One module by its path relative to the root."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return Module(name, text, ast.parse(text))


def text_of(name: str) -> str | None:
    """The text of a file, None when it is absent or not text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return None


def imports_of(module: Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, at any depth."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
