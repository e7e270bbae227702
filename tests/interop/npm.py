"""Installs the peers of the folder `peers` from their lock files, once per machine, with a Node that can run them.

Called by the fixtures of this folder and by the benchmarks.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.engines import Missing

PEERS = Path(__file__).with_name("peers")
LEAST_NODE = 22
INSTALL_SECONDS = 240
_BINARY = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64", ("Darwin", "x86_64"): "darwin-x64"}


@dataclass(frozen=True, slots=True)
class Installed:
    """A peer's folder with its `node_modules`, and the Node to run it with."""

    folder: Path
    node: Path
    version: str


def has_npm() -> bool:
    """Whether Node's package manager is here at all."""
    return shutil.which("npm") is not None


@functools.cache
def installed(peer: str) -> Installed | Missing:
    """The peer of that name, ready to run; installed at the first call, kept in the cache folder of whoever runs us."""
    npm = shutil.which("npm")
    if npm is None:
        return Missing("no Node.js: npm is not on the PATH")
    try:
        node = _node(npm)
        return Installed(_install(npm, peer), node, _version(node))
    except (OSError, LookupError, subprocess.SubprocessError) as failure:
        return Missing(f"npm cannot install {peer}: {said(failure)}")


def _node(npm: str) -> Path:
    """Node of at least the version that Fedify needs: the one on the PATH, else one from a package."""
    found = shutil.which("node")
    if found and int(_version(Path(found)).partition(".")[0]) >= LEAST_NODE:
        return Path(found)
    kind = _BINARY[platform.system(), platform.machine()]
    return _install(npm, "node22") / "node_modules" / f"node-{kind}" / "bin" / "node"


def _version(node: Path) -> str:
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30)
    return asked.stdout.strip().removeprefix("v")


def _install(npm: str, peer: str) -> Path:
    source = PEERS / peer
    files = sorted(path for path in source.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    target = cache_folder() / f"{peer}-{digest}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as making:
        for path in files:
            shutil.copy(path, making)
        # No package of ours needs an install script, so none may run.
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=making, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        move(Path(making), target)
    return target


def move(made: Path, target: Path) -> None:
    """Put a finished folder in its place, unless another process was faster; the empty one is left to be cleared."""
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise
    made.mkdir(exist_ok=True)


def cache_folder() -> Path:
    """Where the programs of others are kept from one run to the next."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rochdale" / "peers"


def said(failure: Exception) -> str:
    """What a command said last, or what went wrong with it."""
    if isinstance(failure, subprocess.CalledProcessError):
        return str(failure.stderr).strip()[-300:]
    return f"{type(failure).__name__} {failure}"
