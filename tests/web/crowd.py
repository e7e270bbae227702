"""A federation of ten thousand co-ops on four levels as a node knows it from statutes and positions.

Called by the tests of big federations and by the preview.
"""

from __future__ import annotations

import random

from federation.assembly.tally import Tally
from node.web.views.federation import FederationFacts
from storage.records import PositionRecord, StatuteRecord
from tests.web.sample import NOW, statute_record

ROOT = "World"
REGIONS, TOWNS, COOPS = 10, 20, 50
PLACES = ("Coast", "Delta", "Forest", "Harbour", "Island", "Lakes", "Meadow", "North", "Ridge", "Valley")


def did(name: str) -> str:
    return f"did:web:{name.lower().replace(' ', '-')}.example"


def actor(name: str) -> str:
    return f"https://{did(name).removeprefix('did:web:')}/body"


def crowd() -> FederationFacts:
    """Regions under the root, towns under the regions, co-ops under the towns; who said what is drawn by lot."""
    chance, below = random.Random(3), {ROOT: list(PLACES)}
    for region in PLACES:
        below[region] = [f"{region} {town}" for town in range(1, TOWNS + 1)]
        for town in below[region]:
            below[town] = [f"{town} co-op {number}" for number in range(1, COOPS + 1)]
    names = [name for all_below in below.values() for name in all_below]
    heard = {did(name): position(name, chance.choices(("for", "against", "abstain"), (6, 3, 1))[0]) for name in names}
    for name in chance.sample(names, 700):
        del heard[did(name)]
    return FederationFacts(
        statutes={did(name): statute(name, constituents, below) for name, constituents in below.items()},
        positions=heard,
    )


def statute(name: str, constituents: list[str], below: dict[str, list[str]]) -> StatuteRecord:
    roster = [
        {
            "body": did(each),
            "actor": actor(each),
            "name": each,
            "kind": "assembly" if each in below else "coop",
            "key": f"z6Mk{did(each)}",
            "weight": 1,
        }
        for each in constituents
    ]
    return statute_record(did(name), actor(name), name, roster, mode="heads", weight_denominator=1)


def position(name: str, choice: str) -> PositionRecord:
    return PositionRecord(
        id=f"{actor(name)}/positions/1",
        proposal_id="https://world.example/proposals/1",
        body_did=did(name),
        body_actor=actor(name),
        seq=1,
        choice=choice,
        document={"governance": {"tally": Tally(12, 7, 1, 30).to_document()}},
        digest=f"sha256:{name}",
        received_at=NOW,
        status="counted",
        source="peer",
    )
