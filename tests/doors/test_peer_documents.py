"""What the peer doors show: actors, WebFinger, NodeInfo, DID document, collections and own activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import make_mocked_request

from federation.authoring import envelope
from federation.deliver.enqueue import publish
from federation.fetch.actors import read_actor
from federation.http.objects import wants_activity
from federation.ports import Limits
from federation.vocabulary import activities as builders
from federation.vocabulary.terms import PUBLIC
from identity.dids.did_web import did_web
from storage.engine import Store, open_store
from storage.neighbours import follows
from storage.records import FollowRecord
from tests.doors.peers import NOON, Wire, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[Store]:
    made = await open_store(sqlite_url)
    yield made
    await made.close()


@pytest.fixture
async def here(opened: Store) -> AsyncIterator[Wire]:
    async with wire(opened, limits=Limits(page_size=2)) as served:
        yield served


async def say(here: Wire, *, to: str = PUBLIC) -> dict[str, Any]:
    activity = builders.follow(envelope(here.federation, to=[to]), "https://peer.example/body")
    async with here.federation.store.write() as tx:
        return await publish(tx, here.federation, activity, inboxes=[], ordering_key="", is_public=to == PUBLIC)


async def test_a_browser_at_the_body_is_led_home_and_a_peer_gets_the_actor(here: Wire) -> None:
    url = f"{here.federation.origin}/body"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    async with here.session.get(url, headers={"Accept": browser}, allow_redirects=False) as led:
        assert (led.status, led.headers["Location"], led.headers["Vary"]) == (302, "/", "Accept")
    for accept in ("application/activity+json", "application/activity+json, text/html;q=0.1", "*/*"):
        assert (await here.get("/body", Accept=accept)).document["id"] == here.federation.actor_id


async def test_the_body_actor_is_readable_by_anybody_and_by_us(here: Wire) -> None:
    answer = await here.get("/body")

    document = answer.document
    actor = read_actor(document, now=NOON)
    assert answer.headers["Content-Type"] == "application/activity+json"
    assert (document["id"], document["type"]) == (here.federation.actor_id, "Group")
    assert document["governance"] == {"kind": "body", "body": here.federation.profile.did, "body_kind": "coop"}
    assert [(key.key_id.partition("#")[2], key.algorithm) for key in actor.keys] == [
        ("main-key", "rsa"),
        ("ed25519-key", "ed25519"),
    ]
    assert (actor.peer.kind, actor.peer.did) == ("coop", here.federation.profile.did)
    assert actor.peer.shared_inbox == f"{here.federation.origin}/inbox"


async def test_the_actor_promises_only_what_the_node_does(here: Wire) -> None:
    implements = (await here.get("/body")).document["generator"]["implements"]

    assert [entry["href"] for entry in implements] == [
        "https://datatracker.ietf.org/doc/html/rfc9421",
        "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
        "https://w3id.org/fep/8b32",
        "https://w3id.org/fep/521a",
    ]


async def test_the_server_actor_is_an_application_with_its_own_keys(here: Wire) -> None:
    document = (await here.get("/actor")).document

    assert (document["id"], document["type"]) == (f"{here.federation.origin}/actor", "Application")
    assert document["publicKey"]["owner"] == document["id"]


async def test_json_ld_is_answered_as_asked(here: Wire) -> None:
    answer = await here.get("/body", Accept='application/ld+json; profile="https://www.w3.org/ns/activitystreams"')

    assert answer.headers["Content-Type"].startswith("application/ld+json; profile=")


async def test_an_unchanged_document_is_not_sent_again(here: Wire) -> None:
    tag = (await here.get("/body")).headers["ETag"]

    again = await here.get("/body", If_None_Match=tag)

    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("resource", "actor"),
    [
        ("acct:coop@{host}", "/body"),
        ("acct:COOP@{host}", "/body"),
        ("{origin}/body", "/body"),
        ("{did}", "/body"),
        ("acct:{host}@{host}", "/actor"),
        ("{origin}/actor", "/actor"),
        ("{origin}/", "/actor"),
        ("{origin}", "/actor"),
    ],
)
async def test_webfinger_leads_from_each_name_to_its_actor(here: Wire, resource: str, actor: str) -> None:
    names = {"host": here.authority, "origin": here.federation.origin, "did": here.federation.profile.did}
    named = resource.format(**names).replace("%", "%25")

    answer = await here.get(f"/.well-known/webfinger?resource={named}")

    link = next(link for link in answer.document["links"] if link["rel"] == "self")
    assert answer.headers["Content-Type"].startswith("application/jrd+json")
    assert link["href"] == here.federation.origin + actor


async def test_webfinger_of_the_base_url_names_the_service(here: Wire) -> None:
    document = (await here.get(f"/.well-known/webfinger?resource={here.federation.origin}/")).document

    service = "https://www.w3.org/ns/activitystreams#Service"
    assert document["subject"] == f"{here.federation.origin}/"
    assert [link["href"] for link in document["links"] if link["rel"] == service] == [f"{here.federation.origin}/actor"]


async def test_webfinger_knows_no_strangers(here: Wire) -> None:
    stranger = await here.get("/.well-known/webfinger?resource=acct:somebody@elsewhere.example")
    nobody = await here.get("/.well-known/webfinger")

    assert (stranger.status, nobody.status) == (404, 400)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_nodeinfo_is_found_and_says_what_this_is(here: Wire, version: str) -> None:
    links = {link["rel"]: link["href"] for link in (await here.get("/.well-known/nodeinfo")).document["links"]}
    schema = f"http://nodeinfo.diaspora.software/ns/schema/{version}"

    answer = await here.get(links[schema].removeprefix(here.federation.origin))

    assert links["https://www.w3.org/ns/activitystreams#Application"] == f"{here.federation.origin}/actor"
    assert (answer.document["version"], answer.document["software"]["name"]) == (version, "rochdale")
    assert answer.document["protocols"] == ["activitypub"]
    assert answer.headers["Content-Type"] == f'application/json; profile="{schema}#"'


async def test_other_nodeinfo_versions_are_absent(here: Wire) -> None:
    assert (await here.get("/nodeinfo/1.0")).status == 404


async def test_the_did_document_holds_the_actors_ed25519_key(here: Wire) -> None:
    actor, did = (await here.get("/body")).document, (await here.get("/.well-known/did.json")).document

    assert did["id"] == did_web(here.federation.origin)
    method = did["verificationMethod"][0]
    assert method["publicKeyMultibase"] == actor["assertionMethod"][0]["publicKeyMultibase"]
    assert did["alsoKnownAs"] == [here.federation.actor_id]


async def test_our_context_is_served(here: Wire) -> None:
    answer = await here.get("/ns/v1")

    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.document["@context"]["rochdale"] == "https://w3id.org/rochdale/v1#"


async def shown(here: Wire, address: str) -> dict[str, Any]:
    return dict((await here.get(address.removeprefix(here.federation.origin))).document)


async def walked(here: Wire, page: dict[str, Any], link: str) -> list[dict[str, Any]]:
    """That page, and all that the link leads to."""
    pages = [page]
    while link in pages[-1]:
        pages.append(await shown(here, pages[-1][link]))
    return pages


async def test_the_outbox_stands_newest_first_and_is_read_to_its_end_by_cursor(here: Wire) -> None:
    said = [await say(here) for _ in range(5)]
    await say(here, to="https://peer.example/body")

    outbox = await shown(here, "/body/outbox")
    pages = await walked(here, await shown(here, outbox["first"]), "next")

    assert outbox["totalItems"] == 5
    assert [one for page in pages for one in page["orderedItems"]] == said[::-1]
    assert [len(page["orderedItems"]) for page in pages] == [2, 2, 1]


async def test_the_outbox_is_read_from_its_oldest_page_forward_and_grows_there(here: Wire) -> None:
    said = [await say(here) for _ in range(5)]

    pages = await walked(here, await shown(here, (await shown(here, "/body/outbox"))["last"]), "prev")

    assert [page["orderedItems"] for page in pages] == [said[1::-1], said[3:1:-1], said[4:]]
    said.append(await say(here))
    assert (await shown(here, pages[-1]["id"]))["orderedItems"] == said[:3:-1]


async def test_an_outbox_in_which_nothing_stands_has_two_ends_all_the_same(here: Wire) -> None:
    outbox = await shown(here, "/body/outbox")

    ends = [await shown(here, outbox[name]) for name in ("first", "last")]

    assert [end["id"] for end in ends] == [outbox["first"], outbox["last"]]
    assert [end.keys() & {"orderedItems", "next", "prev"} for end in ends] == [set(), set()]


@pytest.mark.parametrize(("begin", "link", "order"), [("last", "prev", 1), ("first", "next", -1)])
async def test_a_page_ends_before_it_is_too_large_to_be_read(opened: Store, begin: str, link: str, order: int) -> None:
    async with wire(opened, limits=Limits(page_bytes=1)) as here:
        said = [await say(here) for _ in range(3)]

        pages = await walked(here, await shown(here, (await shown(here, "/body/outbox"))[begin]), link)

        assert [page["orderedItems"] for page in pages] == [[one] for one in said[::order]]


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, ""])
@pytest.mark.parametrize("name", ["after", "before"])
async def test_a_cursor_that_is_none_is_refused(here: Wire, name: str, cursor: str) -> None:
    answer = await here.get(f"/body/outbox?{name}={cursor}")

    assert (answer.status, answer.code) == (400, "request-malformed")


async def test_followers_and_following_are_pages_of_actors_newest_first(here: Wire) -> None:
    async with here.federation.store.write() as tx:
        for direction in ("in", "out"):
            for number in range(3):
                actor = f"https://{direction}.example/{number}"
                record = FollowRecord(
                    id=actor, direction=direction, actor_id=actor, activity_id=actor, created_at=NOON, state="accepted"
                )
                await follows.save(tx, record)

    for name, direction in (("followers", "in"), ("following", "out")):
        collection = (await here.get(f"/body/{name}")).document
        first = (await here.get(collection["first"].removeprefix(here.federation.origin))).document
        second = (await here.get(first["next"].removeprefix(here.federation.origin))).document
        assert collection["totalItems"] == 3
        newest_first = [f"https://{direction}.example/{number}" for number in (2, 1, 0)]
        assert first["orderedItems"] + second["orderedItems"] == newest_first
        assert "next" not in second


@pytest.mark.parametrize("name", ["outbox", "followers", "following"])
async def test_the_server_actor_says_nothing_and_follows_nobody(here: Wire, name: str) -> None:
    collection = (await here.get(f"/actor/{name}")).document

    assert (collection["type"], collection["totalItems"]) == ("OrderedCollection", 0)
    assert "orderedItems" not in collection, "ActivityStreams Core §2 has no empty lists"


@pytest.mark.parametrize("name", ["outbox", "followers", "following"])
async def test_a_page_without_items_has_no_list_of_them(here: Wire, name: str) -> None:
    page = (await here.get(f"/body/{name}?after=0")).document

    assert page["type"] == "OrderedCollectionPage"
    assert [] not in page.values()


async def test_a_public_activity_is_served_as_it_was_signed(here: Wire) -> None:
    document = await say(here)

    answer = await here.get(document["id"].removeprefix(here.federation.origin))

    assert answer.document == document


async def test_a_hidden_activity_and_an_absent_one_are_answered_alike(here: Wire) -> None:
    hidden = await say(here, to="https://peer.example/body")

    answers = [
        await here.get(path) for path in (hidden["id"].removeprefix(here.federation.origin), "/activities/nothing")
    ]

    assert [(answer.status, answer.body) for answer in answers] == [(404, answers[0].body)] * 2
    assert answers[0].code == "not-found"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("application/activity+json", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ("application/activity+json, text/html;q=0.5", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/html, application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_browsers_get_pages_and_peers_get_documents(accept: str, wanted: bool) -> None:
    request = make_mocked_request("GET", "/proposals/1", headers={"Accept": accept})

    assert wants_activity(request) is wanted
