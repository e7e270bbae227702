"""Our documents as JSON-LD processors see them: every context is bundled, and no term is lost on the way (P8, P10)."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyld.jsonld import JsonLdError

from federation.ports import Profile
from federation.vocabulary import activities, terms
from federation.vocabulary.actors import ActorKeys, body_document, instance_document
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.loader import expand, loader
from federation.vocabulary.offers import OfferText, market_proposal
from federation.vocabulary.polls import PollText, question
from identity.keys.pairs import generate_ed25519, generate_rsa
from identity.proofs import eddsa_jcs_2022

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ORIGIN = "https://coop.example"
BODY = f"{ORIGIN}/body"
SECURITY = "https://w3id.org/security#"
AS = "https://www.w3.org/ns/activitystreams#"
MARKET_VECTOR = Path(__file__).parents[3] / "shared/vectors/fep/fep-0837.context.jsonld"


@pytest.fixture(autouse=True)
def network_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a context was about to be fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def keys() -> ActorKeys:
    return ActorKeys(
        rsa_id=f"{BODY}#main-key",
        rsa=generate_rsa().public,
        ed25519_id=f"{BODY}#ed25519-key",
        ed25519=generate_ed25519().public,
    )


def body(keys: ActorKeys) -> dict[str, Any]:
    profile = Profile(did="did:web:coop.example", handle="coop", name="Co-op", kind="coop", summary="A co-op.")
    return body_document(ORIGIN, BODY, profile, keys)


def frame(number: int) -> Frame:
    return Frame(document_id=f"{ORIGIN}/x/{number}", attributed_to=BODY, published=NOON, to=[terms.PUBLIC])


def test_both_keys_of_the_actor_survive_expansion(keys: ActorKeys) -> None:
    (actor,) = expand(body(keys))

    (rsa,) = actor[f"{SECURITY}publicKey"]
    (multikey,) = actor[f"{SECURITY}assertionMethod"]
    # security/v1 scopes nothing into a graph; cid/v1 types the method by its own context.
    assert rsa["@id"] == keys.rsa_id
    assert rsa[f"{SECURITY}owner"] == [{"@id": BODY}]
    assert rsa[f"{SECURITY}publicKeyPem"][0]["@value"].startswith("-----BEGIN PUBLIC KEY-----")
    assert (multikey["@id"], multikey["@type"]) == (keys.ed25519_id, [f"{SECURITY}Multikey"])
    assert multikey[f"{SECURITY}controller"] == [{"@id": BODY}]
    assert multikey[f"{SECURITY}publicKeyMultibase"][0]["@value"].startswith("z6Mk")


def test_the_actors_own_members_survive_expansion(keys: ActorKeys) -> None:
    (actor,) = expand(body(keys))

    assert actor["@type"] == [f"{AS}Group"]
    (governance,) = actor["https://w3id.org/rochdale/v1#governance"]
    assert (governance["@type"], governance["@value"]["body_kind"]) == ("@json", "coop")
    assert actor["https://purl.archive.org/socialweb/webfinger#webfinger"] == [{"@value": "coop@coop.example"}]
    (generator,) = actor[f"{AS}generator"]
    assert len(generator["https://w3id.org/fep/844e/implements"]) == 4
    assert actor[f"{AS}endpoints"][0][f"{AS}sharedInbox"] == [{"@id": f"{ORIGIN}/inbox"}]


def test_the_server_actor_expands_with_both_keys(keys: ActorKeys) -> None:
    (actor,) = expand(instance_document(ORIGIN, BODY, keys))

    assert actor["@type"] == [f"{AS}Application"]
    assert f"{SECURITY}publicKey" in actor
    assert f"{SECURITY}assertionMethod" in actor


def ballot() -> dict[str, Any]:
    return governed(terms.BALLOT, frame(1), {"kind": "ballot", "choice": "for"})


def poll() -> dict[str, Any]:
    text = PollText(title="Budget", content_html="<p>Adopt?</p>", markdown="Adopt?", closes_at=NOON)
    return question(frame(2), text, {"kind": "proposal"})


def offer() -> dict[str, Any]:
    text = OfferText(purpose="offer", title="Bread", summary="Fresh", place="Gràcia", reciprocal="Flour")
    return market_proposal(frame(3), text, content_html="<p>x</p>")


@pytest.mark.parametrize("document", [ballot(), poll(), offer()], ids=["ballot", "poll", "offer"])
def test_no_member_of_what_we_publish_is_lost_or_relative(document: dict[str, Any]) -> None:
    signed = eddsa_jcs_2022.sign(
        document, key=generate_ed25519().private, verification_method=f"{BODY}#ed25519-key", created=NOON
    )

    (expanded,) = expand(signed)

    names = {name for name in expanded if not name.startswith("@")}
    assert len(names) == len([name for name in signed if name not in {"@context", "id", "type"}])
    assert all(name.startswith(("https://", "http://")) for name in names)
    assert f"{SECURITY}proof" in expanded


def test_types_and_governance_are_ours_once_expanded() -> None:
    (expanded,) = expand(ballot())

    assert expanded["@type"] == ["https://w3id.org/rochdale/v1#Ballot"]
    assert expanded["https://w3id.org/rochdale/v1#governance"][0]["@value"] == {"kind": "ballot", "choice": "for"}


def test_a_poll_is_a_question_with_its_options() -> None:
    (expanded,) = expand(poll())

    assert expanded["@type"] == [f"{AS}Question"]
    assert len(expanded[f"{AS}oneOf"]) == 3
    assert expanded["http://joinmastodon.org/ns#votersCount"] == [{"@value": 0}]
    assert expanded[f"{AS}endTime"][0]["@value"] == "2026-11-21T12:00:00Z"


def test_an_offer_is_a_value_flows_proposal_and_not_a_motion() -> None:
    (expanded,) = expand(offer())

    vf = "https://w3id.org/valueflows/ont/vf#"
    assert expanded["@type"] == [f"{vf}Proposal"]
    assert expanded[f"{vf}publishes"][0]["@id"].endswith("#primary")
    assert expanded[f"{vf}reciprocal"][0]["@type"] == [f"{vf}Intent"]


def test_market_terms_mean_what_fep_0837_says() -> None:
    if not MARKET_VECTOR.exists():
        pytest.skip("the shared vectors are not beside this repository")
    published = json.loads(MARKET_VECTOR.read_text())["@context"]

    ours = {name: value for name, value in terms.MARKET_CONTEXT[2].items() if name in published}

    assert ours == {name: published[name] for name in ours}
    assert len(ours) >= 12


def test_activities_expand_with_what_they_carry() -> None:
    envelope = activities.Envelope(activity_id=f"{ORIGIN}/a/1", actor=BODY, published=NOON, to=[terms.PUBLIC])

    (expanded,) = expand(activities.announce(envelope, activities.create(envelope, ballot())))

    (inner,) = expanded[f"{AS}object"]
    assert expanded["@type"] == [f"{AS}Announce"]
    assert inner[f"{AS}object"][0]["@type"] == ["https://w3id.org/rochdale/v1#Ballot"]


@pytest.mark.parametrize(
    "url",
    [
        terms.AS2,
        terms.SECURITY_V1,
        terms.CID_V1,
        terms.DATA_INTEGRITY_V1,
        terms.DATA_INTEGRITY_V2,
        terms.MULTIKEY_V1,
        terms.DID_V1,
        terms.ROCHDALE_CONTEXT,
    ],
)
def test_every_context_in_use_is_bundled(url: str) -> None:
    assert loader()(url, {})["document"]["@context"]


def test_a_context_that_is_not_bundled_is_refused() -> None:
    with pytest.raises(JsonLdError):
        expand({"@context": "https://evil.example/context", "id": "https://evil.example/1"})
