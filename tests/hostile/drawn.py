"""Activities nobody would write: valid ones of every kind, mutated in structure or in bytes, and pure inventions.

Called by test_fuzz_receive; `valid_activities` is also the corpus of the atheris harness.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from federation.vocabulary.reading import first_type, governance_kind
from tests.hostile.receiver import PEER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.hostile.receiver import Receiver

AS2 = "https://www.w3.org/ns/activitystreams"
DIGEST = "sha256:" + "0" * 64
TALLY = {"for": 3, "against": 1, "abstain": 0, "electorate": 5, "unresolved": 1}
RULE = {"preset": "majority"}
TIMES = {"opens_at": "2026-11-20T12:00:00Z", "closes_at": "2026-11-27T12:00:00Z"}
SIGNED = {"signed_at": "2026-11-21T12:00:00Z"}
Document = dict[str, Any]
Path = tuple[str | int, ...]


def _governed(kind: str, type_: str, /, **stated: Any) -> Document:
    return {"type": type_, "name": "A motion", "content": "<p>x</p>", "governance": {"kind": kind, **stated}}


def objects(here: str) -> Sequence[Document]:
    """One object of every kind that some handler reads."""
    about = {"id": f"{here}/proposals/1", "digest": DIGEST}
    constituent = {"body": "did:web:a", "actor": "https://a.example/body", "name": "A", "kind": "coop", "key": "z6Mk",
                   "weight": 1}  # fmt: skip
    return (
        {"type": "Note", "content": "hello", "inReplyTo": f"{here}/proposals/1", "name": "For"},
        {"type": "Proposal", "purpose": "offer", "name": "Bread", "content": "x", "location": {"name": "Here"},
         "publishes": {"type": "Intent", "name": "Bread", "action": "transfer"}, "reciprocal": {"name": "Time"}},
        _governed("ballot", "rochdale:Ballot", proposal=about, voter="did:key:z6Mk", choice="for", seq=1,
                  cast_at="2026-11-21T12:00:00Z"),
        _governed("proposal", "Question", body="did:web:a", text_digest=DIGEST, rule=RULE, **TIMES, upstream=None,
                  electorate={"kind": "members", "count": 3, "weight": 3, "digest": DIGEST, "invited": []}),
        _governed("proposal", "Question", body="did:web:a", text_digest=DIGEST, rule=RULE, **TIMES,
                  upstream={"id": "https://x.example/1", "digest": DIGEST, "root": "https://x.example/1",
                            "root_digest": DIGEST},
                  electorate={"kind": "constituents", "statute": DIGEST}),
        _governed("outcome", "rochdale:Outcome", proposal={"id": "https://hostile.example/things/3", "digest": DIGEST},
                  body="did:web:a", level="members", outcome="passed", reason="majority", tally=TALLY,
                  closed_at="2026-11-27T12:00:00Z"),
        _governed("position", "rochdale:Position", proposal=about, statute=DIGEST, body="did:web:a", level="members",
                  seq=1, choice="for", tally=TALLY, outcome="passed", reason="majority", rule=RULE, members=TALLY,
                  basis=about, signed_at="2026-11-21T12:00:00Z"),
        _governed("statute", "rochdale:Statute", assembly="did:web:a", name="A", version=1, mode="one_each",
                  weight_denominator=1, constituents=[constituent], rule=RULE, margin_seconds=60,
                  adopted_at="2026-11-21T12:00:00Z"),
        _governed("veto", "rochdale:Veto", proposal=about, statute=DIGEST, body="did:web:a", reason="No.", **SIGNED),
        _governed("reminder", "rochdale:Reminder", proposal=about, statute=DIGEST, body="did:web:a", percent=50,
                  closes_at="2026-11-27T12:00:00Z", reminded_at="2026-11-21T12:00:00Z"),
        _governed("reply", "Note", proposal=f"{here}/proposals/1", member="did:key:z6Mk", name="Ada"),
        _governed("equivocation", "rochdale:Equivocation", what="position", signer="did:web:a", key="z6Mk",
                  place={"proposal": about, "seq": 1},
                  documents=[_governed("position", "rochdale:Position", proposal=about, seq=1, choice=choice)
                             for choice in ("for", "against")]),
        *_of_reliefs(about),
    )  # fmt: skip


def _of_reliefs(about: Document) -> Iterator[Document]:
    """What an assembly and those below it say in an emergency."""
    said = {"body": "did:web:a", **SIGNED}
    yield _governed("relief", "rochdale:Relief", **said, statute=DIGEST, title="The flood", text="Three villages.",
                    goods=[{"key": "flour", "name": "Flour", "unit": "kg"}], criteria=[{"key": "people", "weight": 2}],
                    share="proportional", reserve="1/5", council="1/2", survey=about,
                    stock_until="2026-11-23T12:00:00Z")  # fmt: skip
    of_relief = {**said, "relief": about}
    yield _governed("stock", "rochdale:Stock", **of_relief, seq=1, delegate="Ada", people=4, urgency=5, days_left=3,
                    lines=[{"good": "flour", "held": 100, "needed": 20}], note="")  # fmt: skip
    yield _governed("plan", "rochdale:Plan", **of_relief, version=1, statutes=[about], stocks=[about], deliveries=[],
                    adjustments=[], allotments=[], gifts=[], text="Flour first.",
                    transfers=[{"key": "1", "good": "flour", "giver": "did:web:a", "taker": "did:web:b",
                                "amount": 5}])  # fmt: skip
    of_plan = {**of_relief, "plan": about}
    yield _governed("endorsement", "rochdale:Endorsement", **of_plan, delegate="Ada", choice="for", note="")
    yield _governed("delivery", "rochdale:Delivery", **of_plan, transfer="1", seq=1, state="sent", amount=5, note="")
    yield _governed("appeal", "rochdale:Appeal", **of_plan, transfer="1", reason="Too little.")
    yield _governed("answer", "rochdale:Answer", **of_relief, appeal=about, upheld=True, reason="Yes.")


@cache
def valid_activities(receiver: Receiver) -> Sequence[Document]:
    """An activity of every pair in the inbound table, and a relay."""
    here, there = receiver.node.origin, receiver.peer
    made = [
        there.activity(object={"id": f"{there.origin}/things/{number}", "attributedTo": there.actor_id, **thing})
        for number, thing in enumerate(objects(here))
    ]
    for document in made:
        if "governance" in document["object"]:
            document["object"] = there.proven(document["object"])
    bare = [(kind, f"{here}/body") for kind in ("Follow", "Join", "Leave", "Like", "Block", "Announce")]
    bare += [(kind, f"{here}/activities/1") for kind in ("Accept", "Reject", "Undo")]
    bare += [("Delete", f"{there.origin}/things/1"), ("Update", there.actor_id), ("Move", there.actor_id)]
    made += [there.activity(type=kind, object=about) for kind, about in bare]
    made += [there.activity(type="Update", object=made[0]["object"]), there.activity(object=[made[0]["object"]] * 2)]
    made += [there.activity(type=kind, object=made[0]["object"]["id"]) for kind in ("Remove", "Flag", "Add")]
    made += [there.activity(type="Update", object={**one["object"], "name": "More bread"}) for one in made
             if governance_kind(one["object"]) == "reply" or first_type(one["object"]) == "Proposal"]  # fmt: skip
    counted = {"kind": "application", "body": "did:web:a", "name": "A", "body_kind": "coop", "members": 5,
               "counted_at": "2026-11-21T12:00:00Z"}  # fmt: skip
    made += [
        there.activity(type=kind, object=about, governance=counted)
        for kind, about in (("Join", f"{here}/body"), ("Update", f"{there.origin}/activities/join"))
    ]
    made.append(receiver.followed.activity(type="Announce", object=there.proven(made[0] | {"id": f"{PEER}/relayed"})))
    return [document | {"id": f"{document['id']}-{number}"} for number, document in enumerate(made)]


@cache
def words(receiver: Receiver) -> st.SearchStrategy[Any]:
    """Scalars with a meaning somewhere, and scalars with none."""
    here, there = receiver.node.origin, receiver.peer
    known = [
        here, f"{here}/body", f"{here}/body#main-key", f"{here}/proposals/1", there.origin, there.actor_id,
        f"{there.origin}/things/1", "https://victim.example/1", "http://10.0.0.1/x", "https://[::1]/x", "did:key:z6Mk",
        "Create", "Announce", "Note", "Question", "Proposal", "ballot", "proposal", "outcome", DIGEST, "for", "",
        "2026-11-21T12:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", AS2, "as:Public", "z" * 90,
        "\U0001f33e", "\u202e", "a" * 5000, "<script>alert(1)</script>", "1/3", "0x1/0x0",
        0, -1, 1, 2**53 - 1, 1.5, 1e300, True, False, None,
    ]  # fmt: skip
    return st.sampled_from(known) | st.text(max_size=20) | st.integers(-(2**60), 2**60)


MEMBERS = (
    "@context", "@graph", "@id", "actor", "attributedTo", "cc", "choice", "content", "digest", "electorate", "endTime",
    "first", "governance", "id", "inReplyTo", "kind", "name", "next", "object", "oneOf", "proof", "proofValue",
    "proposal", "published", "rule", "signature", "source", "statute", "tag", "tally", "target", "to", "totalItems",
    "type", "upstream", "url", "voter",
)  # fmt: skip


@cache
def values(receiver: Receiver) -> st.SearchStrategy[Any]:
    """Any JSON value, of members that occur on the wire."""
    names = st.sampled_from(MEMBERS) | st.text(max_size=5)
    return st.recursive(
        words(receiver),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from paths(member, (*path, name))


def _is_read(path: Path) -> bool:
    """Whether the place lies in what handlers read, so that the activity gets as far as to them."""
    return path[0] in {"object", "governance"} and len(path) > 1 and path[1] not in {"@context", "proof"}


def _changed(document: Document, path: Path, change: Callable[[Any, str | int], None]) -> None:
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    change(place, path[-1])


@st.composite
def mutated(draw: st.DrawFn, receiver: Receiver) -> Document:
    """A valid activity with up to three things removed, replaced, wrapped, or put in another's place."""
    document = copy.deepcopy(draw(st.sampled_from(valid_activities(receiver))))
    is_inside = draw(st.sampled_from((True, True, True, False)))
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in paths(document) if not is_inside or _is_read(path)]
        if not places:
            break
        path, new = draw(st.sampled_from(places)), draw(values(receiver))
        kind = draw(st.sampled_from(("remove", "replace", "wrap", "double", "add")))
        _changed(document, path, lambda place, name, kind=kind, new=new: _apply(kind, place, name, new))  # type: ignore[misc]  # defaults bind the loop's values
    return document


def _apply(kind: str, place: Any, name: Any, new: Any) -> None:
    if kind == "remove":
        del place[name]
    elif kind == "wrap":
        place[name] = [place[name]]
    elif kind == "double":
        place[name] = [place[name], copy.deepcopy(place[name])]
    elif kind == "add" and isinstance(place, dict):
        place[str(new)[:20]] = copy.deepcopy(place[name])
    else:
        place[name] = new


def renewed(document: Document, number: int) -> Document:
    """The document and its object under ids that were not used before, where they have any."""
    about = document.get("object")
    made = {**document, "object": renewed(about, number)} if isinstance(about, dict) else dict(document)
    return {**made, "id": f"{made['id']}/{number}"} if isinstance(made.get("id"), str) else made


@st.composite
def invented(draw: st.DrawFn, receiver: Receiver) -> Document:
    """An activity's frame around anything."""
    there = receiver.peer
    members = draw(st.dictionaries(st.sampled_from(MEMBERS), values(receiver), max_size=6))
    frame = {"id": f"{there.origin}/drawn", "actor": there.actor_id, "type": "Create"}
    return {**frame, **members} if draw(st.booleans()) else {**members, **frame}


@st.composite
def altered_bytes(draw: st.DrawFn, receiver: Receiver) -> bytes:
    """The bytes of a valid activity with pieces overwritten, cut out, doubled or put in."""
    body = bytearray(json.dumps(draw(st.sampled_from(valid_activities(receiver)))).encode())
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, max(0, len(body) - 1)))
        end = min(len(body), start + draw(st.integers(0, 40)))
        piece = draw(
            st.binary(max_size=12) | st.sampled_from((b'"', b"{", b"]", b"\\u0000", b"\\ud800", b"null", b"1e9"))
        )
        body[start:end] = draw(st.sampled_from((piece, bytes(body[start:end]) * 2, b"")))
    return bytes(body)
