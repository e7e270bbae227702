"""The command `rochdale`, in this process or as one of its own; called by the tests of the command line."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from click.testing import CliRunner

from node.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSPHRASE = "correct horse battery"
LIGHT = {"ROCHDALE_PASSPHRASE_ROUNDS": "1", "ROCHDALE_PASSPHRASE_MEMORY_KIB": "64"}
LONGEST_SECONDS = 600
ROOT = Path(__file__).resolve().parents[2]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROCHDALE_")}
    return {**kept, "NO_COLOR": "1", **LIGHT, **more}


def rochdale(*arguments: str, told: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command printed and its exit code, run here: a process would first import for a second or two."""
    chosen = clean_environment(**environment)
    environment_here = {**dict.fromkeys(os.environ), **chosen}  # without a value: taken away
    isolated = CliRunner().isolation(input=told, env=environment_here)
    with _logs_of_a_command(), contextlib.chdir(ROOT), isolated as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
        said, wrong = out.getvalue().decode(), err.getvalue().decode()
    code = ended.value.code
    return subprocess.CompletedProcess(arguments, code if isinstance(code, int) else 0, said, wrong)


@contextlib.contextmanager
def _logs_of_a_command() -> Iterator[None]:
    """A command chooses for its whole process where log lines go; this one goes on to test something else."""
    before, configure = structlog.get_config(), structlog.configure
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(structlog, "configure", lambda **how: configure(**{**how, "cache_logger_on_first_use": False}))
        yield
    structlog.configure(**before)


def rochdale_process(*arguments: str, told: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The same from a process of its own, as an operator runs it."""
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
