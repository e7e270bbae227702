"""Code stays small enough to read in one sitting; the ten largest of each kind are printed."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tests.architecture.repository import PACKAGES, ROOT, Module, modules, our_files

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION_LINES, FUNCTION_LINES_EVER, LONGER_PERCENT = 40, 60, 5
MODULE_LINES, MODULE_LINES_EVER = 300, 500
FOLDER_FILES = 15
TASK_LINES = 5
ARGUMENTS, POSITIONAL = 6, 4

SUBJECTS = {"self", "cls", "tx", "node", "federation"}
"""What a function works on or in; leads the arguments and is not counted among them."""

FOLDERS_BY_NATURE = {
    "docs/decisions": "one file per decision, for ever",
    "docs/changelog.d": "one file per change",
    "node/web/templates": "one file per page, markup and no code",
    "tests/scenarios": "one file per story",
}
SPARED_SIGNATURES = {
    "node/settings.py:settings_customise_sources": "overrides pydantic-settings",
    "node/wiring.py:_node": "the one place where everything meets",
}


@dataclass(frozen=True, order=True, slots=True)
class Sized:
    lines: int
    where: str


def functions() -> Iterator[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module, node


def function_sizes() -> list[Sized]:
    return sorted(
        (
            Sized((node.end_lineno or node.lineno) - node.lineno + 1, f"{module.path}:{node.name}")
            for module, node in functions()
        ),
        reverse=True,
    )


def printed(title: str, sizes: list[Sized]) -> str:
    table = "\n".join(f"{size.lines:5} {size.where}" for size in sizes[:10])
    print(f"\n{title}\n{table}")  # noqa: T201  # read with pytest -s
    return table


def test_every_room_is_measured_but_the_migrations() -> None:
    rooms = {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    }

    assert rooms == {str(PurePosixPath(module.path).parent) for module in modules()}


def test_functions_are_short() -> None:
    sizes = function_sizes()
    table = printed("largest functions", sizes)

    longer = [size for size in sizes if size.lines > FUNCTION_LINES]

    assert sizes[0].lines <= FUNCTION_LINES_EVER, table
    assert len(longer) * 100 <= LONGER_PERCENT * len(sizes), table


def test_modules_are_short() -> None:
    sizes = sorted((Sized(module.lines, module.path) for module in modules()), reverse=True)
    table = printed("largest modules", sizes)

    longer = [size for size in sizes if size.lines > MODULE_LINES]

    assert sizes[0].lines <= MODULE_LINES_EVER, table
    assert longer == [], table


def test_modules_are_split_by_noun_and_never_by_number() -> None:
    numbered = [module.path for module in modules() if re.search(r"(_\d|_(more|rest|part\w*|extra))\.py$", module.path)]

    assert numbered == []


def test_folders_hold_few_files() -> None:
    # An __init__.py is the sign at the door of a room, not something in it.
    folders = Counter(str(PurePosixPath(name).parent) for name in our_files() if not name.endswith("/__init__.py"))
    folders.pop(".", None)
    sizes = sorted((Sized(count, folder) for folder, count in folders.items()), reverse=True)
    table = printed("fullest folders", sizes)

    overfull = [size for size in sizes if size.lines > FOLDER_FILES and size.where not in FOLDERS_BY_NATURE]

    assert overfull == [], table


def test_arguments_are_few_and_named() -> None:
    crowded, unnamed = [], []
    for module, node in functions():
        where, marked = f"{module.path}:{node.name}", "PLR0913" in module.text.splitlines()[node.lineno - 1]
        positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        named = [argument.arg for argument in node.args.kwonlyargs]
        if not marked and where not in SPARED_SIGNATURES:
            crowded += [where] * (len(_beyond_subjects([*positional, *named])) > ARGUMENTS)
            unnamed += [where] * (len(_beyond_subjects(positional)) > POSITIONAL)

    assert crowded == [], f"more than {ARGUMENTS} arguments"
    assert unnamed == [], f"more than {POSITIONAL} arguments that need not be named"


def _beyond_subjects(names: list[str]) -> list[str]:
    return list(dropwhile(SUBJECTS.__contains__, names))


def test_celery_tasks_only_call() -> None:
    tasks = [
        (f"{module.path}:{node.name}", (node.end_lineno or node.lineno) - node.lineno)
        for module, node in functions()
        if any("task" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]

    assert [name for name, lines in tasks if lines > TASK_LINES] == []
