"""Group 2 of protocol.md §5: documents of the wrong shape, among them those of the W3C's test/fail folder.

Each is refused with a code, or taken with 202, kept as it was signed, and passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.doors.peers import as_bytes
from tests.hostile.siege import filled

if TYPE_CHECKING:
    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

AS2 = "https://www.w3.org/ns/activitystreams"
MALFORMED = "activity-malformed"
Members = dict[str, Any]


def note(**members: Any) -> Members:
    return {"object": {"id": "{there}/notes/1", "type": "Note", "attributedTo": "{actor}", **members}}


def listing(kind: str, **members: Any) -> Members:
    return {"object": {"id": "{there}/lists/1", "type": kind, "attributedTo": "{actor}", **members}}


def nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


REFUSED: dict[str, Members] = {
    # W3C test/fail, as the activity itself
    "w3c: a number as actor": {"actor": 90},
    "w3c: a number as context": {"@context": 3},
    "w3c: a number as id": {"id": 4},
    "w3c: a number as type": {"type": 16},
    "w3c: another vocabulary with its own keywords": {"@context": "http://schema.org", "@type": "Person", "type": None},
    # and further
    "type is an empty text": {"type": ""},
    "type is an empty list": {"type": []},
    "type is a list of objects": {"type": [{"id": "Create"}]},
    "type is a list in a list": {"type": [["Create"]]},
    "type is true": {"type": True},
    "actor is an empty list": {"actor": []},
    "actor is an empty object": {"actor": {}},
    "actor is a list in a list": {"actor": [["{actor}"]]},
    "actor is two objects": {"actor": [{"id": "{actor}"}, {"id": "{actor}"}]},
    "actor's id is an object": {"actor": {"id": {"id": "{actor}"}}},
    "id is an object": {"id": {"id": "{there}/1"}},
    "id is a list": {"id": ["{there}/1"]},
    "id is empty": {"id": ""},
    "@type beside type": {"@type": "Undo"},
    "@id in the actor": {"actor": {"id": "{actor}", "@id": "https://victim.example/"}},
    "@included": {"@included": []},
    "@nest": {"object": {"type": "Note", "@nest": {"content": "x"}}},
    "@set in a list": {"to": [{"@set": ["{here}/body"]}]},
    "@list deep inside": note(tag=nested({"@list": []}, 20)),
    "@reverse in an announced activity": {"type": "Announce", "object": {"type": "Create", "@reverse": {"object": []}}},
    "@graph in the object's proof": note(proof={"@graph": []}),
    "@graph inside a governance document": {"object": {"type": "Question", "governance": {"@graph": []}}},
    "context in a list in a list": {"@context": [[AS2]]},
    "context is true": {"@context": True},
    "context imports another": {"@context": [AS2, {"@import": "https://evil.example/context"}]},
    "a thousand contexts deep inside": note(**{"@context": [AS2] * 1000}),
    "id means something else": {"@context": [AS2, {"id": "https://evil.example/id"}]},
    "content means something else": {"@context": [AS2, {"content": "https://evil.example/content"}]},
    "governance means something else": {"@context": [AS2, {"governance": "https://evil.example/governance"}]},
    "rochdale means something else": {
        "@context": [AS2, {"rochdale": "https://evil.example/", "governance": "rochdale:governance"}]
    },
    "inbox means something else": {"@context": [AS2, {"inbox": {"@id": "https://evil.example/inbox"}}]},
    "oneOf means anyOf": {"@context": [AS2, {"oneOf": "as:anyOf"}]},
    "Note means Question": {"@context": [AS2, {"Note": "as:Question"}]},
    "as means something else": {"@context": [AS2, {"as": "https://evil.example/"}]},
    "actor means nothing": {"@context": [AS2, {"actor": None}]},
    "actor means something else, one context deeper": {
        "@context": [AS2, {"Create": {"@id": "as:Create", "@context": {"actor": "https://evil.example/actor"}}}]
    },
    "actor means something else, inside the object": note(**{"@context": {"actor": "https://evil.example/actor"}}),
    "proof means something else": {"@context": [AS2, {"proof": {"@id": "https://evil.example/p", "@type": "@id"}}]},
    "everything means something else": {"@context": [AS2, {"@vocab": "https://evil.example/"}]},
    "another name of @included": {"@context": [AS2, {"more": "@included"}], "more": []},
    "another name of @graph, spelled out": {"@context": [AS2, {"more": {"@id": "@graph"}}]},
    "a term that turns actor around": {"@context": [AS2, {"saidBy": {"@reverse": "as:actor"}}]},
    "a term that turns actor around, inside a type": {
        "@context": [AS2, {"Create": {"@id": "as:Create", "@context": {"saidBy": {"@reverse": "as:actor"}}}}]
    },
    "a term that nests others": {"@context": [AS2, {"wrap": "@nest", "who": {"@id": "as:actor", "@nest": "wrap"}}]},
    "relative ids have another base": {"@context": [AS2, {"@base": "https://evil.example/"}]},
    "terms are protected from us": {"@context": [AS2, {"@protected": True, "actor": "https://evil.example/"}]},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_documents_of_the_wrong_shape_are_refused(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    document = besieged.there.activity(**filled(REFUSED[name], besieged.names_of()))

    async with besieged.nothing_happens(caplog):
        signed, proven = await besieged.send(document), await besieged.proven(document)

    assert [(answer.status, answer.code) for answer in (signed, proven)] == [(400, MALFORMED)] * 2


NO_OBJECTS = {
    "w3c: a list at the top": b'[{"type":"Note","id":"https://x.example/1"},{"type":"Note"}]',
    "w3c: a number at the top": b"42",
    "w3c: a text at the top": b'"Now is the time"',
    "w3c: another character set": '{"contentMap":{"eo":"Ĉiuj homoj"}}'.encode("iso-8859-3"),
}


@pytest.mark.parametrize("name", NO_OBJECTS)
async def test_what_is_no_object_is_refused(besieged: Siege, caplog: pytest.LogCaptureFixture, name: str) -> None:
    async with besieged.nothing_happens(caplog):
        answer = await besieged.signed(NO_OBJECTS[name])

    assert (answer.status, answer.code) == (400, "json-malformed")


IGNORED = ""
PASSED_OVER: dict[str, tuple[Members, str]] = {
    # W3C test/fail, as what an activity is about
    "w3c: a number as object": ({"type": "Offer", "object": 23}, IGNORED),
    "w3c: a number as name": (note(name=1), IGNORED),
    "w3c: a number as content": (note(content=42), IGNORED),
    "w3c: a map of names as name": (note(name={"en": "This", "fr": "Ceci"}), IGNORED),
    "w3c: a text as map of names": (note(nameMap="This"), IGNORED),
    "w3c: a map of names in the activity": ({"name": {"en": "This"}}, IGNORED),
    "w3c: a language nobody speaks": (note(contentMap={"de-419-DE": "x"}), IGNORED),
    "w3c: a relative address": (note(url="images/sally.jpg"), IGNORED),
    "w3c: a collection whose first page is none": (
        listing("Collection", totalItems=10, first={"type": "Create", "actor": "https://x.example/"}),
        IGNORED,
    ),
    "w3c: an ordered collection whose first page is none": (
        listing("OrderedCollection", totalItems=10, first={"type": "Offer", "actor": "https://x.example/"}),
        IGNORED,
    ),
    "w3c: an ordered collection with items": (listing("OrderedCollection", items=[{"type": "Like"}]), IGNORED),
    "w3c: a collection with ordered items": (listing("Collection", orderedItems=[{"type": "Like"}]), IGNORED),
    # and further
    "no context": ({"@context": None}, IGNORED),
    "types in a list": ({"type": ["Create", "Undo"]}, IGNORED),
    "a type nobody knows": ({"type": "Teleport"}, IGNORED),
    "a type that is an address": ({"type": "https://x.example/Create"}, IGNORED),
    "no object": ({"type": "Like", "object": None}, IGNORED),
    "object is a list": ({"type": "Like", "object": ["{here}/body", 5, None, [], {}]}, IGNORED),
    "object is the activity itself": ({"type": "Like", "object": "{there}/activities/7"}, IGNORED),
    "addresses five lists deep": ({"to": nested("{here}/body", 5), "cc": {"id": {"id": 5}}}, IGNORED),
    "ten thousand addresses": ({"to": ["https://x.example/" + str(n) for n in range(9_000)]}, IGNORED),
    "terms nobody knows": ({"@context": [AS2, {"x": "https://x.example/x"}], "x": {"y": [1, 2.5, None]}}, IGNORED),
    "a context nobody has": ({"@context": [AS2, "https://nowhere.example/context"]}, IGNORED),
    "a map of the world, as Mobilizon draws it": (
        {"@context": [AS2, {"sc": "http://schema.org#", "location": {"@id": "sc:location", "@type": "sc:Place"}}]},
        IGNORED,
    ),
    "a language, as Pleroma names it": ({"@context": [AS2, {"@language": "und"}]}, IGNORED),
    "prefixes and terms that mean what they mean": (
        {"@context": [AS2, {"as": AS2 + "#", "inbox": "http://www.w3.org/ns/ldp#inbox", "oneOf": AS2 + "#oneOf"}]},
        IGNORED,
    ),
    "a term spelled out": ({"@context": [AS2, {"actor": {"@id": "as:actor", "@type": "@id"}}]}, IGNORED),
    "times from nowhere": ({"published": "yesterday", "updated": -1, "endTime": "9999-99-99T99:99:99Z"}, IGNORED),
    "a follow of nobody": ({"type": "Follow", "object": None}, "not-found"),
    "a follow of two": ({"type": "Follow", "object": ["{here}/body", "{here}/actor"]}, "not-found"),
    "a follow of a number": ({"type": "Follow", "object": 5}, "not-found"),
    "a join of a list": ({"type": "Join", "object": ["{here}/body"]}, "not-an-assembly"),
    "an undo of nothing": ({"type": "Undo", "object": None}, IGNORED),
    "an undo of a list": ({"type": "Undo", "object": [5]}, IGNORED),
    "an accept of nothing": ({"type": "Accept", "object": None}, IGNORED),
    "an accept of a number": ({"type": "Accept", "object": 5}, IGNORED),
    "an accept of a list": ({"type": "Accept", "object": ["{here}/activities/1"]}, IGNORED),
    "an accept of an object without an id": ({"type": "Accept", "object": {"type": "Follow"}}, IGNORED),
    "an accept with governance in words": (
        {"type": "Accept", "object": "{here}/activities/1", "governance": "receipt"},
        IGNORED,
    ),
    "a reject of a list of objects": ({"type": "Reject", "object": [{"id": []}]}, IGNORED),
    "a leave of what was never joined": ({"type": "Leave", "object": {"id": 5}}, IGNORED),
    "a deletion of what was never here": ({"type": "Delete", "object": "{there}/notes/404"}, IGNORED),
    "an offer without anything": ({"object": {"type": "Proposal"}}, "offer-invalid"),
    "an offer without an id": (
        {"object": {"type": "Proposal", "purpose": "offer", "name": "Bread"}},
        "offer-invalid",
    ),
    "an offer named by a map": (
        {"object": {"id": "{there}/o/1", "type": "Proposal", "purpose": "offer", "name": {"en": "Bread"}}},
        "offer-invalid",
    ),
    "an offer in a list": ({"object": [{"type": "Proposal", "purpose": "offer"}]}, "offer-invalid"),
}


@pytest.mark.parametrize("name", PASSED_OVER)
async def test_documents_we_do_not_understand_are_kept_and_have_no_effect(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    members, code = PASSED_OVER[name]
    activity_id = f"{besieged.there.origin}/activities/{sorted(PASSED_OVER).index(name) + 100}"
    document = besieged.there.activity(**{**filled(members, besieged.names_of()), "id": activity_id})

    async with besieged.nothing_happens(caplog, kept=1):
        answer = await besieged.send(document)

    assert answer.status == 202
    state, reason = await besieged.fate(activity_id)
    assert (state, reason) == ("refused", code) if code else state == "dispatched"


GOVERNED = ("ballot", "outcome", "position", "proposal", "statute")
SPOILT: dict[str, Any] = {
    "nothing else": {},
    "references as text": {"proposal": "x", "statute": "x", "electorate": "x", "upstream": "x"},
    "references as lists": {"proposal": [], "statute": [], "electorate": [], "upstream": []},
    "references as numbers": {"proposal": 1, "electorate": 2, "tally": 3, "constituents": 4, "rule": 5},
    "references to nothing": {"proposal": {}, "electorate": {"kind": "constituents"}, "tally": {}, "bodies": {}},
    "ids that are lists": {"proposal": {"id": ["x"], "digest": ["x"]}, "electorate": {"kind": ["members"]}},
    "an electorate of numbers": {"electorate": {"kind": "members", "invited": [1, 2]}, "closes_at": 5},
    "an electorate that invites a map": {"electorate": {"kind": "members", "invited": {"a": 1}}},
    "a statute that is a list": {"electorate": {"kind": "constituents", "statute": ["sha256:0"]}},
}


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("kind", GOVERNED)
async def test_governance_documents_of_the_wrong_shape_are_refused_by_the_rules_and_not_tried_for_ever(
    besieged: Siege, caplog: pytest.LogCaptureFixture, kind: str, spoilt: str
) -> None:
    number = sorted(SPOILT).index(spoilt) * 10 + GOVERNED.index(kind)
    activity_id = f"{besieged.there.origin}/activities/governed-{number}"
    about = {"id": f"{activity_id}/about", "type": "Note", "governance": {"kind": kind, **SPOILT[spoilt]}}
    document = besieged.there.activity(id=activity_id, object=besieged.there.proven(about))

    async with besieged.nothing_happens(caplog, kept=1):
        answer = await besieged.send(document)

    assert answer.status == 202
    assert (await besieged.fate(activity_id))[0] in {"refused", "dispatched"}


@pytest.mark.parametrize("about", [None, 5, "{there}/x", ["{there}/x"], [{}], {}, {"governance": []}])
@pytest.mark.parametrize("kind", GOVERNED)
async def test_an_activity_that_claims_a_kind_its_object_does_not_have_is_refused(
    besieged: Siege, caplog: pytest.LogCaptureFixture, kind: str, about: Any
) -> None:
    activity_id = f"{besieged.there.origin}/activities/claimed-{kind}-{abs(hash(str(about)))}"
    document = besieged.there.activity(id=activity_id, object=filled(about, besieged.names_of()))
    document["governance"] = {"kind": kind}

    async with besieged.nothing_happens(caplog, kept=1):
        answer = await besieged.signed(as_bytes(document))

    assert answer.status == 202
    assert (await besieged.fate(activity_id))[0] in {"refused", "dispatched"}
