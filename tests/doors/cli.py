"""The command `rochdale` as a process of its own; called by the tests of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PASSPHRASE = "correct horse battery"
LIGHT = {"ROCHDALE_PASSPHRASE_ROUNDS": "1", "ROCHDALE_PASSPHRASE_MEMORY_KIB": "64"}
LONGEST_SECONDS = 600
ROOT = Path(__file__).resolve().parents[2]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROCHDALE_")}
    return {**kept, "NO_COLOR": "1", **LIGHT, **more}


def rochdale(*arguments: str, told: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "node", *arguments],
        input=told,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
        cwd=ROOT,
        env=clean_environment(**environment),
    )


def initialised(folder: Path, *more: str) -> Path:
    """A node set up in `folder`, its operator named ana."""
    said = ("--name", "Bread and Roses", "--operator", "ana", "--passphrase-stdin")
    done = rochdale("init", "--data", str(folder), *said, *more, told=PASSPHRASE + "\n")
    assert done.returncode == 0, done.stderr
    return folder
