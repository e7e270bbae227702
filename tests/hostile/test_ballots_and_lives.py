"""Groups 6 and 7 of protocol.md §5: ballots nobody may cast, and activities that come too early or never should."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import BALLOT, PUBLIC
from identity.dids.did_key import did_key, verification_method
from identity.proofs import eddsa_jcs_2022
from storage.governance import proposals
from storage.neighbours import follows
from storage.records import FollowRecord
from storage.work import jobs
from tests.doors.peers import NOON, as_bytes, ed25519_key
from tests.hostile.siege import filled

if TYPE_CHECKING:
    from storage.records import ProposalRecord
    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

ZEROS = "sha256:" + "0" * 64
NOBODY = {"for": 0, "against": 0, "abstain": 0}


async def open_proposal(besieged: Siege) -> ProposalRecord:
    ada = besieged.people["ada"]
    key = (await ada.post("proposals", {"title": "A new oven", "text": "We buy it."})).body["key"]
    await ada.post(f"proposals/{key}/submit")
    assert (await ada.post(f"proposals/{key}/open")).status == 200
    async with besieged.node.store.read() as tx:
        found = await proposals.find(tx, f"{besieged.node.origin}/proposals/{key}")
    assert found is not None
    return found


async def tally(besieged: Siege, proposal: ProposalRecord) -> dict[str, Any]:
    await besieged.settle()
    shown = (await besieged.people["ada"].get(f"proposals/{proposal.id.rpartition('/')[2]}")).body["tally"]
    return {choice: shown[choice] for choice in NOBODY}


def paper(besieged: Siege, proposal: ProposalRecord, number: int, changes: dict[str, Any]) -> dict[str, Any]:
    """A ballot proven by the hostile peer's own key, whoever the voter is said to be."""
    stated = {
        "kind": "ballot",
        "proposal": {"id": proposal.id, "digest": proposal.digest},
        "choice": "for",
        "seq": 1,
        "cast_at": "2026-11-21T12:00:00Z",
        **changes,
    }
    there = besieged.there
    frame = Frame(document_id=f"{there.origin}/ballots/{number}", attributed_to=there.actor_id, published=NOON)
    key = ed25519_key("hostile")
    method = verification_method(did_key(key.public_key()))
    return eddsa_jcs_2022.sign(governed(BALLOT, frame, stated), key=key, verification_method=method, created=NOON)


FORGED: dict[str, dict[str, Any]] = {
    "in the name of a member": {},
    "in the name of nobody": {"voter": "did:key:z6MkNobody"},
    "in the name of a DID on the web": {"voter": "did:web:127.0.0.1"},
    "in their own name": {"voter": "{own}"},
    "in their own name, on another text": {"voter": "{own}", "proposal": {"id": "{proposal}", "digest": ZEROS}},
    "in their own name, with the last number there is": {"voter": "{own}", "seq": 2**53 - 1},
    "with number zero": {"voter": "{own}", "seq": 0},
    "with a number that is true": {"voter": "{own}", "seq": True},
    "for a choice there is not": {"voter": "{own}", "choice": "FOR"},
    "for two choices": {"voter": "{own}", "choice": ["for", "against"]},
    "with a weight of their own": {"voter": "{own}", "weight": 1000},
    "from the future": {"voter": "{own}", "cast_at": "2999-01-01T00:00:00Z"},
}  # fmt: skip


async def test_no_forged_ballot_moves_the_tally(besieged: Siege, caplog: pytest.LogCaptureFixture) -> None:
    proposal = await open_proposal(besieged)
    member = str(next(one["did"] for one in (await besieged.people["ada"].get("members")).body["items"]))
    names = {"own": did_key(ed25519_key("hostile").public_key()), "proposal": proposal.id}
    before = besieged.rows()

    for number, (name, changes) in enumerate(FORGED.items()):
        document = paper(besieged, proposal, number, {"voter": member, **filled(changes, names)})
        activity_id = f"{besieged.there.origin}/activities/ballot-{number}"
        answer = await besieged.send(besieged.there.activity(id=activity_id, object=document))
        assert (answer.status, (await besieged.fate(activity_id))[0]) == (202, "refused"), name

    assert await tally(besieged, proposal) == NOBODY
    assert (besieged.rows() - before)["ballots"] == 0
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def poll_vote(number: int, name: Any, **members: Any) -> dict[str, Any]:
    note = {"type": "Note", "id": f"{{there}}/votes/{number}", "name": name, "attributedTo": "{actor}"}
    return {"object": note | {"inReplyTo": "{proposal}", "to": "{here}/body"}, "to": "{here}/body"} | members


async def test_no_vote_of_a_fediverse_poll_moves_the_binding_tally(besieged: Siege) -> None:
    proposal = await open_proposal(besieged)
    names = besieged.names_of(proposal=proposal.id)
    note = poll_vote(0, "For")["object"]
    votes = [
        *(
            poll_vote(1, name)
            for name in ("For", "Against", "for", "For ", "Fo\u0301r", "", None, 5, ["For", "Against"])
        ),
        poll_vote(2, unicodedata.normalize("NFD", "Fór")),
        poll_vote(3, "For", object=[note, note | {"name": "Against"}]),
        poll_vote(4, "For", to=PUBLIC, cc=[PUBLIC]),
        poll_vote(5, "For", object=note | {"inReplyTo": [proposal.id, proposal.id]}),
        poll_vote(6, "For", object=note | {"inReplyTo": {"id": proposal.id}, "content": "<p>and why</p>"}),
        poll_vote(7, "For", object=note | {"inReplyTo": "https://elsewhere.example/q/1"}),
    ]

    for number, members in enumerate(votes * 3):
        document = besieged.there.activity(**filled(members, names))
        document["id"] = f"{besieged.there.origin}/activities/vote-{number}"
        assert (await besieged.send(document)).status == 202

    assert await tally(besieged, proposal) == NOBODY


CROWD = 40
SETTLED = {"dispatched", "refused"}


async def test_a_crowd_of_actors_on_one_host_moves_nothing(besieged: Siege) -> None:
    proposal, there = await open_proposal(besieged), besieged.there
    names = besieged.names_of(proposal=proposal.id)

    for number in range(CROWD):
        actor = f"{there.origin}/crowd/{number}"
        key = dict(there.actor()["publicKey"]) | {"id": f"{actor}#main-key", "owner": actor}
        there.pages[f"/crowd/{number}"] = there.actor(
            id=actor, inbox=f"{actor}/inbox", publicKey=key, assertionMethod=[]
        )
        vote = filled(poll_vote(number, "For"), names | {"actor": actor})
        document = there.activity(**vote) | {"actor": actor, "id": f"{actor}/vote"}
        answer = await besieged.signed(as_bytes(document), key_id=key["id"])
        assert answer.status == 202, answer.body

    assert await tally(besieged, proposal) == NOBODY


async def test_nobody_but_its_author_changes_closes_or_decides_a_proposal(besieged: Siege) -> None:
    proposal, there = await open_proposal(besieged), besieged.there
    renamed = {**(proposal.document or {}), "oneOf": [{"type": "Note", "name": "Yes, and give me the house"}]}
    outcome = {
        "id": f"{there.origin}/outcomes/1", "type": "rochdale:Outcome", "attributedTo": there.actor_id,
        "governance": {
            "kind": "outcome", "proposal": {"id": proposal.id, "digest": proposal.digest}, "outcome": "passed",
            "reason": "majority", "tally": {"for": 9, "against": 0, "abstain": 0, "electorate": 9, "unresolved": 0},
        },
    }  # fmt: skip

    changed = await besieged.send(there.activity(id=f"{there.origin}/u/1", type="Update", object=renamed))
    deleted = await besieged.send(there.activity(id=f"{there.origin}/u/2", type="Delete", object=proposal.id))
    decided = await besieged.send(there.activity(id=f"{there.origin}/u/3", object=there.proven(outcome)))
    await besieged.settle()

    assert [(one.status, one.code) for one in (changed, deleted)] == [(403, "object-origin")] * 2
    assert decided.status == 202
    shown = (await besieged.people["ada"].get(f"proposals/{proposal.id.rpartition('/')[2]}")).body
    assert (shown["state"], shown["outcome"]) == ("open", None)


# --- what comes too early, or never should

OFFER = {"id": "{there}/offers/{n}", "type": "Proposal", "attributedTo": "{actor}", "purpose": "offer", "name": "Bread"}
LIVES: dict[str, list[dict[str, Any]]] = {
    "a withdrawal before its offer, twice": [{"type": "Delete", "object": OFFER["id"]}] * 2,
    "the end of a follow that never began": [{"type": "Undo", "object": "{there}/f/1"}],
    "the end of what somebody else did": [{"type": "Undo", "object": {"id": "{there}/f/1", "type": "Follow"}}],
    "a move to who does not know them": [{"type": "Move", "object": "{actor}", "target": "{here}/body"}],
    "an acceptance of what was never asked": [
        {"type": "Accept", "object": "{here}/activities/follow"},
        {"type": "Accept", "object": {"id": "{here}/activities/1", "type": "Join"}},
        {"type": "Reject", "object": "{here}/activities/1"},
    ],
    "a place in an assembly we are not": [{"type": "Join", "object": "{here}/body"}],
    "the end of a membership that never was": [{"type": "Leave", "object": "{here}/body"}],
    "a follow of the instance actor": [{"type": "Follow", "object": "{here}/actor"}],
    "a collection kept for us": [{"type": "Add", "object": "{here}/body", "target": "{there}/c"}],
}


@pytest.mark.parametrize("name", LIVES)
async def test_activities_without_a_beginning_change_nothing(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    number = sorted(LIVES).index(name)
    ids = [f"{besieged.there.origin}/lives/{number}-{step}" for step in range(len(LIVES[name]))]
    names = besieged.names_of(n=str(number))

    async with besieged.nothing_happens(caplog, kept=len(ids)):
        for activity_id, members in zip(ids, LIVES[name], strict=True):
            answer = await besieged.send(besieged.there.activity(**filled({**members, "id": activity_id}, names)))
            assert (answer.status, (await besieged.fate(activity_id))[0] in SETTLED) == (202, True)


async def test_only_the_one_who_was_asked_accepts_a_follow(besieged: Siege) -> None:
    asked, node = f"{besieged.node.origin}/activities/asked", besieged.node
    record = FollowRecord(
        id="asked", direction="out", actor_id="https://quiet.example/body", activity_id=asked, created_at=NOON,
        state="asked",
    )  # fmt: skip
    async with node.store.write() as tx:
        await follows.save(tx, record)

    for kind, about in (("Accept", asked), ("Accept", {"id": asked, "type": "Follow", "actor": node.body.actor_id})):
        document = besieged.there.activity(
            id=f"{besieged.there.origin}/accepts/{len(str(about))}", type=kind, object=about
        )
        assert (await besieged.send(document)).status == 202
    await besieged.settle()

    async with node.store.read() as tx:
        assert await follows.find(tx, "out", record.actor_id) == record
        assert await follows.following(tx) == ()


async def test_whoever_only_asked_to_follow_is_sent_nothing(besieged: Siege) -> None:
    record = FollowRecord(
        id="waiting", direction="in", actor_id=besieged.there.actor_id, activity_id="waiting", created_at=NOON,
        state="asked",
    )  # fmt: skip
    async with besieged.node.store.write() as tx:
        await follows.save(tx, record)
    before, received = besieged.rows(), len(besieged.there.received)

    written = {"purpose": "offer", "title": "Flour", "summary": "Twenty kilos."}
    assert (await besieged.people["blai"].post("offers", written)).status == 201
    await besieged.settle()

    assert (besieged.rows() - before)["deliveries"] == 0
    assert len(besieged.there.received) == received
    assert besieged.there.actor_id not in (await besieged.wire.get("/body/followers?after=0")).body.decode()


async def test_what_waits_for_something_that_never_comes_does_not_close_the_inbox(besieged: Siege) -> None:
    federation, there = besieged.node.federation, besieged.there
    federation.limits = replace(federation.limits, inbox_backlog=3)
    outcome = {
        "type": "rochdale:Outcome", "attributedTo": there.actor_id,
        "governance": {
            "kind": "outcome", "proposal": {"id": f"{there.origin}/q/404", "digest": ZEROS},
            "outcome": "passed", "reason": "majority",
            "tally": {"for": 9, "against": 0, "abstain": 0, "electorate": 9, "unresolved": 0},
        },
    }  # fmt: skip

    for number in range(10):
        document = there.proven({**outcome, "id": f"{there.origin}/outcomes/early-{number}"})
        federation.backlog.forget()
        answer = await besieged.send(there.activity(id=f"{there.origin}/early/{number}", object=document))
        await besieged.settle()
        assert answer.status == 202, (number, answer.body)

    async with besieged.node.store.read() as tx:
        waiting = next(kind for kind in await jobs.summary(tx) if kind.kind == "dispatch")
    assert (waiting.waiting, waiting.failing) == (10, 10)
