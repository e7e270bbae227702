"""A table and a page in Markdown; called by every page of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WRITTEN = "*Written by `make docs` from the code; edits here are lost.*"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars and line breaks inside cells are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(text) for text in line)} |" for line in lines)


def cell(text: str) -> str:
    """Text that stays within one cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Text set as code; empty text stays empty."""
    return f"`{text}`" if text else ""


def page(title: str, introduction: str, *sections: str) -> str:
    """A whole page with its notice."""
    return "\n\n".join((f"# {title}", WRITTEN, introduction, *sections)) + "\n"
