"""A decision on paper read from a JSON file, with what is wrong said in two lines; called by roll-up and simulate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from node.cli.speaking import USAGE, Stop

if TYPE_CHECKING:
    from pathlib import Path

    from federation.assembly.on_paper.paper import Paper
    from federation.assembly.refusals import AssemblyRefusal

LARGEST_FILE_BYTES = 256 * 1024 * 1024
HELP = "See docs/reference/roll-up-file.md for what stands in such a file."


def paper_in(file: Path) -> Paper:
    """The decision in a file; Stop with exit code 2 where it cannot be read or applied."""
    from federation.assembly.on_paper.paper import read_paper
    from federation.assembly.refusals import AssemblyRefusal

    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise Stop(f"{file} is too large.", HELP, USAGE)
        return read_paper(json.loads(file.read_bytes()))
    except OSError as unreadable:
        raise Stop(
            f"{file} cannot be read: {unreadable.strerror}.", "Check the file and its rights.", USAGE
        ) from unreadable
    except (ValueError, RecursionError) as broken:
        raise Stop(f"{file} is not JSON: {broken}.", HELP, USAGE) from broken
    except AssemblyRefusal as refusal:
        raise Stop(_said(refusal), HELP, USAGE) from refusal


def _said(refusal: AssemblyRefusal) -> str:
    return f"{refusal.public} ({refusal.detail})" if refusal.detail else refusal.public
