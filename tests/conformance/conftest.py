"""Official vectors, read from the folder beside the repository; absent there, their tests are skipped with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"


@dataclass(frozen=True)
class Vectors:
    """One reader for every folder of vectors."""

    root: Path

    def text(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def bytes(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def json(self, path: str) -> Any:
        return json.loads(self.bytes(path))


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    if not VECTORS.is_dir():
        pytest.skip("the folder shared/vectors is not beside this repository")
    return Vectors(VECTORS)
