"""FEP-844e: actors name the application behind them and what it implements."""

from __future__ import annotations

from typing import Any

import pytest

from federation.ports import Profile
from federation.vocabulary.actors import ActorKeys, body_document, instance_document
from federation.vocabulary.loader import expand
from identity.keys.pairs import generate_ed25519, generate_rsa

ORIGIN = "https://coop.example"


@pytest.fixture(scope="module")
def actors() -> list[dict[str, Any]]:
    keys = ActorKeys(rsa_id="#r", rsa=generate_rsa().public, ed25519_id="#e", ed25519=generate_ed25519().public)
    profile = Profile(did="did:web:coop.example", handle="coop", name="Co-op", kind="coop")
    return [
        body_document(ORIGIN, f"{ORIGIN}/body", profile, keys),
        instance_document(ORIGIN, f"{ORIGIN}/actor", keys),
    ]


def test_every_actor_names_what_its_application_implements(actors: list[dict[str, Any]]) -> None:
    for actor in actors:
        generator = actor["generator"]
        assert generator["type"] == "Application"
        assert {entry["href"] for entry in generator["implements"]} == {
            "https://datatracker.ietf.org/doc/html/rfc9421",
            "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
            "https://w3id.org/fep/8b32",
            "https://w3id.org/fep/521a",
        }
        assert all(entry["name"] for entry in generator["implements"])


def test_a_json_ld_reader_finds_it(actors: list[dict[str, Any]]) -> None:
    (expanded,) = expand(actors[0])
    generator = expanded["https://www.w3.org/ns/activitystreams#generator"][0]

    assert len(generator["https://w3id.org/fep/844e/implements"]) == 4
