"""Records to store in tests; every field can be given."""

from datetime import UTC, datetime, timedelta
from typing import Any

from storage import keys, proposals
from storage.engine import Tx
from storage.records import (
    ActivityRecord,
    BallotRecord,
    DeliveryRecord,
    FollowRecord,
    KeyRecord,
    MemberRecord,
    MembershipRecord,
    OfferRecord,
    PositionRecord,
    ProposalRecord,
    StatuteRecord,
)

NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOTION = "https://gracia.example/proposals/1"


def key(key_id: str = "k1", **fields: Any) -> KeyRecord:
    usual = {"owner": "did:key:z1", "algorithm": "ed25519", "public_text": "z1", "sealed_private": b"\x00sealed\xff"}
    return KeyRecord(key_id=key_id, **{**usual, "created_at": NOON, **fields})


def member(name: str = "ana", **fields: Any) -> MemberRecord:
    usual = {"id": f"id-{name}", "display_name": name.title(), "did": f"did:key:{name}", "key_id": "k1"}
    return MemberRecord(name=name, **{**usual, "created_at": NOON, **fields})


async def enrol(tx: Tx, *names: str) -> None:
    from storage import members

    for name in names:
        await keys.add(tx, key(f"key-{name}"))
        await members.add(tx, member(name, key_id=f"key-{name}"))


def follow(actor_id: str = "https://b.example/body", **fields: Any) -> FollowRecord:
    usual = {"id": f"follow-{actor_id}", "direction": "in", "activity_id": f"{actor_id}#follow", "created_at": NOON}
    return FollowRecord(actor_id=actor_id, **{**usual, **fields})


def membership(actor_id: str = "https://b.example/body", **fields: Any) -> MembershipRecord:
    usual = {"id": f"tie-{actor_id}", "direction": "below", "did": "did:web:b.example", "name": "B", "kind": "coop"}
    wire = {"key_multibase": "z6Mk", "activity_id": f"{actor_id}#join", "created_at": NOON}
    return MembershipRecord(actor_id=actor_id, **{**usual, **wire, **fields})


def statute(digest: str = "sha256:1", **fields: Any) -> StatuteRecord:
    usual = {"assembly_did": "did:web:bcn.example", "assembly_actor": "https://bcn.example/body", "version": 1}
    return StatuteRecord(digest=digest, **{**usual, "document": {"version": 1}, "received_at": NOON, **fields})


def proposal(proposal_id: str = MOTION, **fields: Any) -> ProposalRecord:
    said = {"title": "A kitchen", "text": "Shall we?", "rule": {"preset": "majority"}, "electorate_kind": "members"}
    known = {"deciding_actor": "https://gracia.example/body", "origin": "own", "state": "open"}
    times = {"closes_at": NOON + MINUTE, "created_at": NOON, "updated_at": NOON}
    return ProposalRecord(id=proposal_id, **{**said, **known, **times, **fields})


async def propose(tx: Tx, proposal_id: str = MOTION, **fields: Any) -> ProposalRecord:
    record = proposal(proposal_id, **fields)
    await proposals.add(tx, record)
    return record


def ballot(voter: str = "did:key:ana", *, seq: int = 1, **fields: Any) -> BallotRecord:
    usual = {"id": f"ballot-{voter}-{seq}", "proposal_id": MOTION, "choice": "for", "document": {"seq": seq}}
    known = {"digest": f"sha256:{voter}-{seq}", "received_at": NOON, "status": "counted"}
    return BallotRecord(voter=voter, seq=seq, **{**usual, **known, **fields})


def position(body: str = "b.example", *, seq: int = 1, **fields: Any) -> PositionRecord:
    usual = {"id": f"https://{body}/positions/{seq}", "proposal_id": MOTION, "body_did": f"did:web:{body}"}
    said = {"body_actor": f"https://{body}/body", "choice": "for", "document": {"seq": seq}, "digest": f"{body}{seq}"}
    return PositionRecord(seq=seq, **{**usual, **said, "received_at": NOON, "status": "counted", **fields})


def activity(activity_id: str = "https://a.example/activities/1", **fields: Any) -> ActivityRecord:
    usual = {"direction": "in", "type": "Create", "actor_id": "https://a.example/body", "raw": '{"a": "\\u00e9 é"}'}
    return ActivityRecord(id=activity_id, **{**usual, "received_at": NOON, "is_public": True, **fields})


def delivery(activity_id: str, *, host: str = "b.example", **fields: Any) -> DeliveryRecord:
    usual = {"inbox": f"https://{host}/inbox", "ordering_key": activity_id, "next_attempt_at": NOON}
    return DeliveryRecord(activity_id=activity_id, host=host, **{**usual, "created_at": NOON, **fields})


def offer(offer_id: str = "https://a.example/offers/1", **fields: Any) -> OfferRecord:
    owner = {"owner_actor": "https://a.example/body", "owner_name": "A", "origin": "peer", "ring": "federation"}
    said = {"purpose": "offer", "title": "Bread", "summary": "Two loaves", "document": {"type": "Proposal"}}
    return OfferRecord(id=offer_id, **{**owner, **said, "published_at": NOON, "updated_at": NOON, **fields})
