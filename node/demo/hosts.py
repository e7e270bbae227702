"""Starting and stopping the demo's nodes: all in this process, or each as `rochdale serve` of its own; called by story.

Both are told the same and answer the same: the story speaks to nodes over HTTP only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from node.app import Serving, start
from node.settings import SETTINGS_FILE, Settings
from node.wiring import build_node

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

READY_SECONDS = 60.0


class Host(Protocol):
    """Where nodes run."""

    async def start(self, settings: Settings) -> None:
        """Serve a node that was founded; returns once it listens."""
        ...

    async def stop(self) -> None:
        """Stop every node, gracefully."""
        ...


@dataclass(slots=True)
class OneProcess:
    """All nodes on one event loop: light enough for a small laptop."""

    serving: list[Serving] = field(default_factory=list)

    async def start(self, settings: Settings) -> None:
        """Serve a node here."""
        self.serving.append(await start(await build_node(settings)))

    async def stop(self) -> None:
        """Stop every node."""
        await asyncio.gather(*(one.stop() for one in self.serving))


@dataclass(slots=True)
class ManyProcesses:
    """Each node a process of its own, started again whenever it dies, as a service manager would."""

    supervised: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    restarts: int = 0

    async def start(self, settings: Settings) -> None:
        """Serve a node in a process of its own; its settings travel in its data folder."""
        write_settings(settings)
        self.supervised[settings.data_dir.name] = asyncio.create_task(self._keep_up(settings))
        await wait_until_listening(settings.listen_host, settings.listen_port)

    async def stop(self) -> None:
        """End the supervisors, then the nodes."""
        for task in self.supervised.values():
            task.cancel()
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in self.processes.values()))

    def kill(self, handle: str) -> None:
        """Kill -9 a node's process, named by its data folder, in the middle of whatever it is doing."""
        os.kill(self.processes[handle].pid, signal.SIGKILL)

    async def _keep_up(self, settings: Settings) -> None:
        log_path = settings.data_dir / "node.log"
        while True:
            with log_path.open("ab") as log:
                command = [sys.executable, "-m", "node", "serve", "--data", str(settings.data_dir)]
                process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, start_new_session=True)
                self.processes[settings.data_dir.name] = process
                await process.wait()
            self.restarts += 1


def write_settings(settings: Settings) -> None:
    """The settings of one node as rochdale.toml in its data folder."""
    told = settings.model_dump(mode="json", exclude={"data_dir", "secret"}, exclude_defaults=True)
    lines = [f"{name} = {_toml(value)}" for name, value in told.items()]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / SETTINGS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def free_ports(first: int, count: int) -> Sequence[int]:
    """`count` loopback ports in a row that nobody listens on, from `first` upward in steps of `count`."""
    for base in range(first, 60_000, count):
        ports = range(base, base + count)
        if all(_is_free(port) for port in ports):
            return ports
    raise RuntimeError("no free ports on 127.0.0.1")


async def wait_until_listening(host: str, port: int) -> None:
    """Returns when something accepts connections. TimeoutError after a minute."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def node_folder(base: Path, handle: str) -> Path:
    """Where a body of the story keeps its database, secret and log."""
    return base / handle


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
