"""Ports for the servers of tests; asked by whatever starts one.

They lie below those that systems give to outgoing connections: a port that is free and not bound yet could be taken by
any request that another test makes in the same moment. Each worker of a run has ports of its own.
"""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle

_WORKERS = 8
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw")) % _WORKERS
_OURS = range(10_000 + _WORKER, 21_000, _WORKERS)
_PORTS = cycle(random.sample(_OURS, len(_OURS)))


def unused_port() -> int:
    """A port of this machine that nobody listens on, and that this process was not given lately."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
