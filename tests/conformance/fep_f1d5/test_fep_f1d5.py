"""FEP-f1d5: NodeInfo is found by its well-known link and has what its schema requires."""

from __future__ import annotations

import re
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

import pytest

from tests.doors.peers import wire

if TYPE_CHECKING:
    from storage.engine import Store

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
REQUIRED = {"version", "software", "protocols", "services", "openRegistrations", "usage", "metadata"}


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_each_version_is_linked_and_whole(store: Store, version: str) -> None:
    async with wire(store) as here:
        links = {link["rel"]: link["href"] for link in (await here.get("/.well-known/nodeinfo")).document["links"]}

        answer = await here.get(links[SCHEMA + version].removeprefix(here.federation.origin))

        assert answer.status == 200
        assert f'profile="{SCHEMA}{version}#"' in answer.headers["Content-Type"]
        assert answer.document.keys() == REQUIRED
        assert answer.document["version"] == version
        assert answer.document["software"].keys() >= {"name", "version"}
        assert answer.document["protocols"] == ["activitypub"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_each_version_keeps_to_its_schema(store: Store, version: str) -> None:
    async with wire(store) as here:
        said = (await here.get(f"/nodeinfo/{version}")).document

        software = said["software"]
        assert re.fullmatch(r"[a-z0-9-]+", software["name"])
        assert software.keys() <= {"name", "version", *(("repository", "homepage") if version == "2.1" else ())}
        assert software["version"] == installed("rochdale")
        assert said["services"] == {"inbound": [], "outbound": []}
        assert said["openRegistrations"] is False
        assert said["usage"].keys() <= {"users", "localPosts", "localComments"}
        assert all(isinstance(number, int) and number >= 0 for number in said["usage"]["users"].values())


async def test_a_version_nobody_specified_is_absent(store: Store) -> None:
    async with wire(store) as here:
        assert [(await here.get(f"/nodeinfo/{version}")).status for version in ("1.0", "2.2", "2.0.json", "x")] == [
            404
        ] * 4
