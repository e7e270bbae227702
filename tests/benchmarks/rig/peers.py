"""Fedify on the measured core, where Node can be had; called by the inbox and fan-out benchmarks."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.rig.processes import measured_core
from tests.engines import Missing
from tests.interop import npm
from tests.interop.fedify import Fedify, serve_fedify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def measured_fedify(folder: Path) -> Iterator[Fedify | Missing]:
    """A Fedify server that keeps what it accepts in a file, or why there is none."""
    installed = npm.installed("fedify")
    if isinstance(installed, Missing):
        yield installed
        return
    with ExitStack() as stack:
        with measured_core():
            fedify = stack.enter_context(serve_fedify(installed, database=folder / "fedify.db"))
        yield fedify
