"""Brings activitypub-testsuite here, at the commit that is pinned, with the packages it imports; called by its test.

Its code is not kept with ours: it is taken from the folder that an environment variable names, or fetched once into the
cache folder of whoever runs us. Either way the digest of its modules must be the one below.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines import Missing
from tests.interop.npm import PEERS, cache_folder, move, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SOURCE = "https://github.com/steve-bate/activitypub-testsuite"
COMMIT = "7055622731eb916ee70d47595ad0ecbff0c277bc"
DIGEST = "88cd0c360a816259628f439227d132122618a642127023ae6ea2b22d57e7cd38"
GIVEN = "ROCHDALE_ACTIVITYPUB_TESTSUITE"
"""Names a folder with a checkout of that commit."""
PACKAGE = "activitypub_testsuite"
REQUIREMENTS = PEERS / PACKAGE / "requirements.txt"
FETCH_SECONDS = 8
INSTALL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Checkout:
    """The suite's folder, and the one with the packages that it imports beside those we have."""

    folder: Path
    packages: Path

    @property
    def tests(self) -> Sequence[Path]:
        return sorted((self.folder / PACKAGE / "tests").glob("_test_*.py"))


def checkout() -> Checkout | Missing:
    """The suite as it is pinned; where it cannot be had, why. ValueError where a folder holds something else."""
    given = os.environ.get(GIVEN)
    try:
        folder = Path(given) if given else _made(f"{PACKAGE}-{COMMIT[:16]}", _fetch)
        found = digest_of(folder)
        if found != DIGEST:
            raise ValueError(f"{folder} does not hold {SOURCE} at {COMMIT}: its digest is {found}")
        packages = _made(f"{PACKAGE}-packages-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}", _install)
    except (OSError, subprocess.SubprocessError) as failure:
        why = " ".join(said(failure).split())
        return Missing(f"it cannot be had ({why}); {GIVEN} may name a checkout of {COMMIT}")
    return Checkout(folder, packages)


def digest_of(folder: Path) -> str:
    """One digest of all modules of the suite, with their names."""
    whole = hashlib.sha256()
    for module in sorted((folder / PACKAGE).rglob("*.py")):
        content = hashlib.sha256(module.read_bytes()).hexdigest()
        whole.update(f"{module.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name in the cache, made when it is asked for first, whole or not at all."""
    target = cache_folder() / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as making:
            make(Path(making))
            move(Path(making), target)
    return target


def _fetch(folder: Path) -> None:
    git = shutil.which("git")
    if git is None:
        raise FileNotFoundError("no git")
    quietly = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    for order in (("init", "-q"), ("fetch", "-q", "--depth", "1", SOURCE, COMMIT), ("checkout", "-q", COMMIT)):
        _run([git, *order], cwd=folder, env=quietly, timeout=FETCH_SECONDS)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    told = ["--timeout", "3", "--retries", "0", "--target", str(folder), "-r", str(REQUIREMENTS)]
    _run([*pip, *told], cwd=folder, env=dict(os.environ), timeout=INSTALL_SECONDS)


def _run(command: Sequence[str], *, cwd: Path, env: dict[str, str], timeout: float) -> None:
    subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True, text=True, timeout=timeout)
