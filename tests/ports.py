"""Ports for the servers of tests; asked by whatever starts one.

They lie below those that systems give to outgoing connections: a port that is free and not bound yet could be taken by
any request that another test makes in the same moment.
"""

from __future__ import annotations

import random
import socket
from itertools import cycle

_PORTS = cycle(random.sample(range(10_000, 21_000), 11_000))


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
