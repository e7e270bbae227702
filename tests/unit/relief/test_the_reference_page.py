"""docs/reference/relief-log.md: every example on it can be read, and there is one of each kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from federation.assembly.relief.documents import KINDS, read_entry
from federation.assembly.relief.log_file import read_header

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "relief-log.md"


def examples() -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)]


def test_there_is_an_example_of_each_kind_that_readers_take() -> None:
    shown = [example for example in examples() if "kind" in example]
    for governance in shown:
        read_entry(
            {"id": "https://example.org/1", "attributedTo": "https://example.org/body", "governance": governance}
        )
    assert tuple(example["kind"] for example in shown) == KINDS


def test_the_first_line_of_a_log_is_as_shown() -> None:
    header = next(example for example in examples() if "kind" not in example)
    assert read_header(json.dumps(header).encode()).did == "did:web:north.example"
