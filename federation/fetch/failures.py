"""How often documents of one host could not be had: whoever invents ids must not have us hammer it (P12).

Called by fetch.keys for keys that are not known yet, and by peers.added. What one network or actor asks for in vain is
counted apart, so that nobody soon shuts out a host's new actors by inventing some, or by naming an address there that
hangs; and over all hosts, for hosts can be invented too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.receive.origins import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.ports import Federation


async def is_spent(federation: Federation, address: str, asker: str) -> bool:
    """Whether nothing is asked of that host now: it left this asker waiting, or too much was asked in vain."""
    names = [_away(address, asker), *(_spent(name) for name, _ in _counted(federation, address, asker))]
    return any([await federation.ephemeral.get(name) is not None for name in names])


async def note(federation: Federation, address: str, asker: str, *, is_away: bool = False) -> None:
    """Remember that a document could not be had; `is_away` when this asker has its host left alone for a moment."""
    limits, memory = federation.limits, federation.ephemeral
    if is_away:
        await memory.put(_away(address, asker), "1", limits.key_unreachable_seconds)
    for name, most in _counted(federation, address, asker):
        if not await memory.hit(name, most - 1, limits.key_refetch_seconds):
            await memory.put(_spent(name), "1", limits.key_refetch_seconds)


def _counted(federation: Federation, address: str, asker: str) -> Iterator[tuple[str, int]]:
    host, limits = host_of(address), federation.limits
    yield f"key-failures:{host}", limits.key_failures_of_host
    if asker:
        yield f"key-failures:{host}:{asker}", limits.key_failures_of_asker
        yield f"key-failures-by:{asker}", limits.key_failures_of_host


def _away(address: str, asker: str) -> str:
    return f"key-host-away:{host_of(address)}:{asker}"


def _spent(name: str) -> str:
    return f"spent:{name}"
