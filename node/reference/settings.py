"""docs/reference/settings.md, from node.settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from node.reference.markdown_table import code, page, table
from node.settings import SETTINGS_FILE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

INTRODUCTION = f"""Each setting is read from the environment first, then from `{SETTINGS_FILE}` in the data
folder, then from its default. In the file the name stands in small letters without the prefix: `origin =
"https://coop.example"`. A value that is not acceptable stops the node at start with a sentence saying why."""


KINDS = {"Path": "folder", "int": "whole number", "float": "number", "bool": "`true` or `false`"}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """(environment name, default, accepted, meaning) of each setting, in the order of the class."""
    for name, field in Settings.model_fields.items():
        yield code(f"ROCHDALE_{name.upper()}"), code(_default(field)), _accepted(field), field.description or ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return (
        value.as_posix() if isinstance(value, Path) else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _accepted(field: FieldInfo) -> str:
    choices = getattr(field.annotation, "__args__", ())
    if choices:
        return " or ".join(code(str(choice)) for choice in choices)
    bounds = ", ".join(_bound(limit) for limit in field.metadata)
    return KINDS.get(str(getattr(field.annotation, "__name__", "")), "text") + (f", {bounds}" if bounds else "")


def _bound(limit: object) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return " ".join(f"{words} {getattr(limit, sign)}" for sign, words in signs.items() if hasattr(limit, sign))


def text() -> str:
    """The page."""
    return page("Settings", INTRODUCTION, table(("setting", "default", "accepted", "meaning"), rows()))
