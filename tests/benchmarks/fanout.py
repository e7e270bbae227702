"""One activity to a thousand followers' inboxes, each request signed; called by `__main__`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from node.demo.client import Door
from tests.benchmarks.houses import house
from tests.benchmarks.rig.counterparts import fediverse
from tests.benchmarks.rig.load import send_all
from tests.benchmarks.rig.peers import measured_fedify
from tests.benchmarks.rig.processes import Meter
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.benchmarks.rig.senders import TEXT, Sender, follow
from tests.benchmarks.signatures import ed25519_sign, rate_of, rsa_sign
from tests.doors.api import PASSPHRASE
from tests.engines import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tests.benchmarks.houses import House
    from tests.benchmarks.rig.counterparts import Fediverse
    from tests.interop.fedify import Fedify

    Signing = Callable[[Sender, str, Mapping[str, Any]], bytes]

WARM_UP_INBOXES = 50


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Our deliveries per second against the peer's, and against signing alone; by either kind of key."""
    count = scale.inboxes
    with tempfile.TemporaryDirectory() as name:
        async with fediverse() as others:
            ours = await _ours(Path(name) / "rsa", others, Sender.signed, count, say)
            messages = await _ours(Path(name) / "ed25519", others, Sender.signed_as_message, count, say)
            if others.messages != count:
                raise RuntimeError(f"{others.messages} of {count} requests carried a message signature")
            say("Fedify sends")
            fedify = await _fedify(Path(name), others, count)
    say("signatures alone")
    limits = {"Fedify": fedify, "RSA-2048 signatures, nothing sent": rate_of(rsa_sign(), scale)}
    others_limits = {"Fedify, by RSA": fedify, "Ed25519 signatures, nothing sent": rate_of(ed25519_sign(), scale)}
    path = f"one activity to {count:,} inboxes"
    return [*_rows(path, ours, limits), *_rows(f"{path}, by Ed25519 to those who take it", messages, others_limits)]


def _rows(path: str, ours: Figure, limits: Mapping[str, Figure | str]) -> list[Row]:
    return [
        Row(
            path=path,
            unit="per s",
            ours=ours,
            against=against,
            limit=limit if isinstance(limit, Figure) else None,
            remark="" if isinstance(limit, Figure) else limit,
        )
        for against, limit in limits.items()
    ]


async def _ours(folder: Path, others: Fediverse, signing: Signing, count: int, say: Callable[[str], None]) -> Figure:
    async with house(folder) as node, aiohttp.ClientSession() as http:
        say(f"{count:,} follow our node")
        others.forget()
        await _followed(node, others, signing, count)
        door = Door(http, node.settings.origin)
        await door.sign_in("ada", PASSPHRASE)
        say("our node sends")
        others.forget()
        meter, started = Meter(node.pid), time.perf_counter()
        await door.post("offers", {"purpose": "offer", "title": "A bread oven", "summary": TEXT * 30})
        ended = await others.until_arrived(count)
        _all_signed(others)
        return meter.figure(items=count, seconds=ended - started)


async def _followed(node: House, others: Fediverse, signing: Signing, count: int) -> None:
    """Every sender asks over HTTP and has heard that it may."""
    body = f"{node.settings.origin}/body"
    senders = [others.sender(number) for number in range(count)]
    load = await send_all(node.settings.origin, [signing(one, node.inbox, follow(one, body)) for one in senders])
    if set(load.statuses) != {202}:
        raise RuntimeError(f"follows were answered with {dict(load.statuses)}")
    await others.until_arrived(count)


async def _fedify(folder: Path, others: Fediverse, count: int) -> Figure | str:
    with measured_fedify(folder) as fedify:
        if isinstance(fedify, Missing):
            return f"not measured: {fedify.reason}"
        inboxes = [f"{others.sender(number).place}/inbox" for number in range(count)]
        await _sent(fedify, others, inboxes[:WARM_UP_INBOXES])
        return await _sent(fedify, others, inboxes)


async def _sent(fedify: Fedify, others: Fediverse, inboxes: Sequence[str]) -> Figure:
    others.forget()
    meter, started = Meter(fedify.pid), time.perf_counter()
    await fedify.told("fanout", inboxes=inboxes, content=TEXT * 30)
    ended = await others.until_arrived(len(inboxes))
    _all_signed(others)
    return meter.figure(items=len(inboxes), seconds=ended - started)


def _all_signed(others: Fediverse) -> None:
    if others.unsigned:
        raise RuntimeError(f"{others.unsigned} requests carried no signature")
