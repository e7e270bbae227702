"""FEP-67ff: a FEDERATION.md at the root, in Markdown, with the sections readers look for."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_file_is_at_the_root_and_names_protocols_and_feps() -> None:
    text = (ROOT / "FEDERATION.md").read_text(encoding="utf-8")

    assert text.startswith("# Federation\n")
    assert "\n## Supported federation protocols and standards\n" in text
    assert "\n## Supported FEPs\n" in text
    assert "\n## Additional documentation\n" in text
    assert "(https://www.w3.org/TR/activitypub/)" in text


def test_every_fep_is_named_with_its_page_and_how_far_it_is_supported() -> None:
    text = (ROOT / "FEDERATION.md").read_text(encoding="utf-8")
    section = text.partition("\n## Supported FEPs\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| \[FEP-([0-9a-f]{4})\]\((\S+)\) ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)

    assert len(rows) == section.count("[FEP-") >= 15
    assert all(url.endswith(f"/fep/{fep}/fep-{fep}.md") for fep, url, _, _ in rows)
    assert len({fep for fep, _, _, _ in rows}) == len(rows)
    assert all(how.strip() for _, _, _, how in rows)
