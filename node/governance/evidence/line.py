"""One document of a bundle; made by `scan`, read by every check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One document of a bundle: its line, counted from 1, and its content digest."""

    number: int
    digest: str
    document: Mapping[str, Any]
