"""Network namespaces on this machine: one for each node, one for the switch between them, and none leads outside.

Needs root and `ip`. Names and addresses look public inside, so that nodes treat each other as on the internet; nothing
of it is reachable from elsewhere. Called by the tests of this folder.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW_NET = 0x40000000
"""CLONE_NEWNET of <sched.h>."""
HOSTS_FILES = Path("/etc/netns")
NAMESPACES = Path("/run/netns")
FIRST_ADDRESS = 10


def missing() -> str | None:
    """Why namespaces cannot be made here; None where they can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need the command `ip` (Debian: apt-get install iproute2)"
    name = f"rochdale-{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"this machine makes no network namespaces: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None


def missing_netem() -> str | None:
    """Why packets cannot be delayed and lost here; None where they can."""
    if missing() or shutil.which("tc") is None:
        return missing() or "delays and losses need the command `tc` (Debian: apt-get install iproute2)"
    name = f"rochdale-{os.getpid()}-try"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        told = ["tc", "-n", name, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]
        tried = subprocess.run(told, capture_output=True, text=True, check=False)
        return f"the kernel has no netem: {tried.stderr.strip()}" if tried.returncode else None
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@dataclass(frozen=True)
class Place:
    """One namespace, with a line to the switch; sockets opened here belong to it wherever they are used."""

    handle: str
    namespace: str
    host: str
    address: str
    inside: ThreadPoolExecutor

    @property
    def origin(self) -> str:
        return f"https://{self.host}"

    def open_socket(self, family: int = socket.AF_INET) -> socket.socket:
        """A TCP socket of this namespace, not blocking."""
        return self.inside.submit(_socket, family).result()

    def listening(self, address: str, port: int) -> socket.socket:
        """A socket that listens in this namespace."""
        opened = self.open_socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.listen(128)
        return opened


@dataclass
class Country:
    """The places by handle and the switch; `remove` takes all of it away, however far it came."""

    prefix: str
    switch: str
    places: dict[str, Place] = field(default_factory=dict)

    def line(self, handle: str, state: str) -> None:
        """The line of a place is `up` or `down`, at the side of the switch."""
        run("ip", "-n", self.switch, "link", "set", handle, state)

    def disturb(self, handle: str, *how: str) -> None:
        """Delay or lose packets on the way to a place, in the words of tc-netem."""
        run("tc", "-n", self.switch, "qdisc", "replace", "dev", handle, "root", "netem", *how)

    def calm(self, handle: str) -> None:
        """As before."""
        run("tc", "-n", self.switch, "qdisc", "del", "dev", handle, "root")

    def remove(self) -> None:
        for place in self.places.values():
            place.inside.shutdown()
            shutil.rmtree(HOSTS_FILES / place.namespace, ignore_errors=True)
        for namespace in (*(place.namespace for place in self.places.values()), self.switch):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def build_country(hosts: Mapping[str, str]) -> Country:
    """A namespace for each handle, with its host name, all on one switch; taken away again if one cannot be made."""
    prefix = f"rochdale-{os.getpid()}"
    country = Country(prefix, f"{prefix}-switch")
    try:
        run("ip", "netns", "add", country.switch)
        run("ip", "-n", country.switch, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", country.switch, "link", "set", "bridge", "up")
        for number, (handle, host) in enumerate(hosts.items(), FIRST_ADDRESS):
            _settle(country, handle, host, f"11.22.33.{number}")
        known = "".join(f"{place.address} {place.host}\n" for place in country.places.values())
        for place in country.places.values():
            folder = HOSTS_FILES / place.namespace
            folder.mkdir(parents=True)
            (folder / "hosts").write_text(f"127.0.0.1 localhost\n{known}", encoding="ascii")
    except BaseException:
        country.remove()
        raise
    return country


def run(*command: str) -> None:
    """The command done, or an error with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


def _settle(country: Country, handle: str, host: str, address: str) -> None:
    namespace = f"{country.prefix}-{handle}"
    run("ip", "netns", "add", namespace)
    inside = ThreadPoolExecutor(1, initializer=_enter, initargs=(namespace,))
    country.places[handle] = Place(handle, namespace, host, address, inside)
    run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "-n", namespace, "link", "add", "line", "type", "veth", "peer", "name", handle, "netns", country.switch)
    run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", "line")
    run("ip", "-n", namespace, "link", "set", "line", "up")
    run("ip", "-n", country.switch, "link", "set", handle, "master", "bridge", "up")


def _enter(namespace: str) -> None:
    """This thread, and no other, is in the namespace from now on."""
    assert threading.current_thread() is not threading.main_thread()
    with (NAMESPACES / namespace).open("rb") as door:
        if ctypes.CDLL(None, use_errno=True).setns(door.fileno(), NEW_NET):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def _socket(family: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setblocking(False)
    return opened
