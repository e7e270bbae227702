"""FEP-0151: what NodeInfo says is true or left out, and nobody has to learn from it what a peer can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.http import nodeinfo
from federation.vocabulary.actors import CAPABILITIES
from tests.doors.peers import wire

if TYPE_CHECKING:
    from storage.engine import Store


async def test_no_number_is_invented(store: Store) -> None:
    async with wire(store) as here:
        document = (await here.get("/nodeinfo/2.1")).document

        assert document["usage"] == {"users": {}}
        assert document["openRegistrations"] is False


async def test_unknown_versions_are_absent(store: Store) -> None:
    async with wire(store) as here:
        assert (await here.get("/nodeinfo/9.9")).status == 404


def test_the_software_name_is_plain_and_capabilities_stand_elsewhere() -> None:
    name = nodeinfo.SOFTWARE["name"]

    assert name == name.lower()
    assert name.isascii()
    assert CAPABILITIES
