"""The pages of docs/reference, written from the code they describe, so that they cannot disagree with it.

Called by `rochdale reference FOLDER`; a test compares the committed pages with these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.api import openapi_text
from node.reference import activities, commands, operations, refusals, settings, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

WRITERS: Mapping[str, Callable[[], str]] = {
    "settings.md": settings.text,
    "commands.md": commands.text,
    "api.md": operations.text,
    "openapi.json": openapi_text,
    "activities.md": activities.text,
    "refusals.md": refusals.text,
    "tables.md": tables.text,
}


def pages() -> dict[str, str]:
    """File name to text; the same code gives the same bytes."""
    return {name: write() for name, write in WRITERS.items()}


def write_reference(folder: Path) -> None:
    """Write every page into `folder`, made if absent. Other files there are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
