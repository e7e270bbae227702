"""The reference is complete, and is what the code says today."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from federation.ports import ANY_KIND
from node.api import OPERATIONS
from node.api.door.operation import PREFIX
from node.governance.refusals import REFUSALS
from node.inbound import TABLE
from node.reference import WRITERS, pages, write_reference
from node.reference.activities import MEANING
from node.reference.commands import commands
from node.reference.tables import HOLDS
from node.settings import Settings
from storage.tables import metadata
from tests.architecture.repository import text_of

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "docs/reference"


def committed(name: str) -> str:
    return text_of(f"{FOLDER}/{name}") or ""


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_committed_page_is_what_the_code_writes(name: str) -> None:
    assert committed(name) == WRITERS[name](), "run `make docs` and commit docs/reference"


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write_reference(tmp_path / "reference")
    first = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "reference").iterdir()}

    assert first == pages()


def test_every_setting_has_its_entry() -> None:
    page = committed("settings.md")

    assert [name for name in Settings.model_fields if f"`ROCHDALE_{name.upper()}`" not in page] == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_refusal_code_has_its_entry() -> None:
    page = committed("refusals.md")

    assert [code for code in REFUSALS if f"| `{code}` |" not in page] == []


def test_every_handled_activity_has_its_entry() -> None:
    page = committed("activities.md")
    shown = {(kind, about): "anything" if about == ANY_KIND else f"`{about}`" for kind, about in TABLE}

    assert [pair for pair, about in shown.items() if f"| `{pair[0]}` | {about} |" not in page] == []
    assert MEANING.keys() == TABLE.keys()


def test_every_command_has_its_entry_and_says_what_it_does() -> None:
    page = committed("commands.md")

    assert [name for name in commands() if f"## rochdale {name}\n" not in page] == []
    assert [name for name, command in commands().items() if not command.help] == []


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{name} {option.name}"
        for name, command in commands().items()
        for option in command.params
        if option.param_type_name == "option" and not getattr(option, "help", None)
    ]

    assert silent == []


def test_every_table_and_column_has_its_entry() -> None:
    page = committed("tables.md")
    columns = [f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns]
    sections = {part.split("\n", 1)[0].strip(): part for part in page.split("\n## ")[1:]}

    assert HOLDS.keys() >= metadata.tables.keys()
    assert [name for name in columns if f"| `{name.split('.')[1]}` |" not in sections.get(name.split(".")[0], "")] == []


def test_nothing_is_said_about_tables_that_are_gone() -> None:
    assert HOLDS.keys() - metadata.tables.keys() == set()


def test_every_api_operation_has_its_entry() -> None:
    page, described = committed("api.md"), json.loads(committed("openapi.json") or "{}").get("paths", {})

    assert [one.name for one in OPERATIONS if f"| `{one.method} {PREFIX}{one.route}` |" not in page] == []
    assert [one.name for one in OPERATIONS if PREFIX + one.route not in described] == []
