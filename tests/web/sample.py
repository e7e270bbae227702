"""Iberian Commons as records: the story the preview draws and the view tests count."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from federation.assembly.tally import Tally
from node.web.views.wording.setting import Setting
from node.web.views.wording.words import Words
from storage.records import (
    ActivityRecord,
    BallotRecord,
    DeliveryRecord,
    JobRecord,
    MemberRecord,
    MembershipRecord,
    OfferRecord,
    PeerPolicyRecord,
    PeerRecord,
    PositionRecord,
    ProposalRecord,
    SessionRecord,
    StatuteRecord,
    UnreachableHostRecord,
)

NOW = datetime(2026, 3, 14, 17, 20, tzinfo=UTC)
HERE = "http://127.0.0.1:8104"
TITLE = "Establish an inter-federation trade agreement"
TEXT = """The co-ops of Barcelona, Madrid and Lisbon trade with each other as if they were one house:

- one price list for members of every federation, renewed each quarter;
- lorries that go back **loaded**, planned together each Monday;
- disputes settled by three people, one from each federation.

It costs 0.4 % of the traded volume, paid by the assemblies, and ends after two years unless we renew it.
Details stand in [the working paper](https://commons.example/trade)."""

BODIES = {
    "Iberian Commons": ("assembly", 8101, ("Barcelona", "Madrid", "Lisbon"), (10, 9, 7)),
    "Barcelona": ("assembly", 8102, ("Gràcia", "Eixample", "Sagrada Família"), (10, 9, 8)),
    "Madrid": ("assembly", 8110, ("Lavapiés", "Vallecas", "Chamberí"), (10, 9, 8)),
    "Lisbon": ("assembly", 8120, ("Alfama", "Mouraria", "Graça"), (10, 9, 8)),
    "Gràcia": ("coop", 8104, (), ()),
    "Eixample": ("coop", 8105, (), ()),
    "Sagrada Família": ("coop", 8106, (), ()),
    "Lavapiés": ("coop", 8111, (), ()),
    "Vallecas": ("coop", 8112, (), ()),
    "Chamberí": ("coop", 8113, (), ()),
    "Alfama": ("coop", 8121, (), ()),
    "Mouraria": ("coop", 8122, (), ()),
    "Graça": ("coop", 8123, (), ()),
}
TALLIES = {
    "Gràcia": Tally(23, 2, 1, 31),
    "Eixample": Tally(18, 5, 0, 29),
    "Sagrada Família": Tally(15, 8, 2, 30),
    "Lavapiés": Tally(20, 6, 0, 33),
    "Vallecas": Tally(14, 9, 3, 28),
    "Chamberí": Tally(8, 11, 1, 26),
    "Alfama": Tally(9, 14, 0, 27),
    "Mouraria": Tally(7, 16, 2, 30),
    "Graça": Tally(12, 10, 0, 24),
    "Barcelona": Tally(27, 0, 0, 27),
    "Madrid": Tally(19, 8, 0, 27),
    "Lisbon": Tally(8, 19, 0, 27),
    "Iberian Commons": Tally(19, 7, 0, 26),
}
MEMBERS = Tally(126, 81, 9, 258)
RULE = {
    "method": "threshold",
    "preset": "supermajority-66",
    "threshold": "33/50",
    "strict": False,
    "of": "decisive",
    "quorum": {"kind": "participation", "share": "1/2", "abstain_counts": True},
    "tie": "status_quo",
    "closes_early": False,
}


def setting(**changes: Any) -> Setting:
    """The surroundings of a page at Gràcia's node on the evening of the vote."""
    known: dict[str, Any] = {
        "origin": HERE,
        "body_name": "Gràcia",
        "body_did": did("Gràcia"),
        "now": NOW,
        "say": Words(),
    }
    return Setting(**(known | changes))


def origin(name: str) -> str:
    return f"http://127.0.0.1:{BODIES[name][1]}"


def actor(name: str) -> str:
    return f"{origin(name)}/body"


def did(name: str) -> str:
    return f"did:web:127.0.0.1%3A{BODIES[name][1]}"


def statute(name: str) -> StatuteRecord:
    kind, _, below, weights = BODIES[name]
    assert kind == "assembly"
    roster = [
        {
            "body": did(each),
            "actor": actor(each),
            "name": each,
            "kind": BODIES[each][0],
            "key": f"z6Mk{BODIES[each][1]}",
            "weight": weight,
        }
        for each, weight in zip(below, weights, strict=True)
    ]
    return statute_record(did(name), actor(name), name, roster, mode="weights", weight_denominator=10)


def statute_record(
    assembly: str, assembly_actor: str, name: str, roster: list[dict[str, Any]], **terms: Any
) -> StatuteRecord:
    """The first statute of an assembly with that roster."""
    governance = {
        "kind": "statute",
        "assembly": assembly,
        "name": name,
        "version": 1,
        "constituents": roster,
        "rule": RULE,
        "margin_seconds": 600,
        "adopted_at": "2026-05-01T12:00:00Z",
        **terms,
    }
    return StatuteRecord(
        digest=f"sha256:{name}",
        assembly_did=assembly,
        assembly_actor=assembly_actor,
        version=1,
        document={"attributedTo": assembly_actor, "governance": governance},
        received_at=NOW - timedelta(days=40),
    )


def proposal(name: str = "Gràcia", **changes: Any) -> ProposalRecord:
    """The motion as the named body puts it to its own electorate."""
    is_assembly = BODIES[name][0] == "assembly"
    known = ProposalRecord(
        id=f"{origin(name)}/proposals/019cf2a4-7d11-7c3e-9d52-5f1c0a2b{BODIES[name][1]}",
        deciding_actor=actor(name),
        origin="own" if origin(name) == HERE else "peer",
        title=TITLE,
        text=TEXT,
        state="open",
        rule=RULE if name == "Iberian Commons" else RULE | {"preset": "majority", "threshold": "1/2", "strict": True},
        opens_at=NOW - timedelta(days=3, hours=2),
        closes_at=NOW + timedelta(hours=20),
        created_at=NOW - timedelta(days=4),
        updated_at=NOW - timedelta(days=3),
        electorate_kind="constituents" if is_assembly else "members",
        window_seconds=7 * 86_400,
        digest="sha256:" + "4be1" * 16,
    )
    return replace(known, **changes)


def decided(name: str, state: str = "passed", **changes: Any) -> ProposalRecord:
    known = {
        "state": state,
        "outcome": state,
        "reason": "threshold_met" if state == "passed" else "threshold_not_met",
        "tally": TALLIES[name].to_document(),
        "closes_at": NOW - timedelta(hours=5),
        "closed_at": NOW - timedelta(hours=5),
    }
    return proposal(name, **(known | changes))


def position(name: str, above: str, choice: str = "for", **changes: Any) -> PositionRecord:
    known = PositionRecord(
        id=f"{origin(name)}/positions/1",
        proposal_id=proposal(above).id,
        body_did=did(name),
        body_actor=actor(name),
        seq=1,
        choice=choice,
        document={"governance": {"kind": "position", "choice": choice, "tally": TALLIES[name].to_document()}},
        digest="sha256:" + "77aa" * 16,
        received_at=NOW - timedelta(hours=6),
        status="counted",
    )
    return replace(known, **changes)


def member(name: str = "marta", display_name: str = "Marta Soler", *roles: str) -> MemberRecord:
    return MemberRecord(
        id=f"id-{name}",
        name=name,
        display_name=display_name,
        did=f"did:key:z6Mk{name}",
        key_id=f"did:key:z6Mk{name}#z6Mk{name}",
        created_at=NOW - timedelta(days=200),
        roles=roles or ("member",),
    )


def ballot(voter: MemberRecord, choice: str, minutes: int = 5, **changes: Any) -> BallotRecord:
    known = BallotRecord(
        id=f"{HERE}/ballots/{voter.name}",
        proposal_id=proposal().id,
        voter=voter.did,
        choice=choice,
        seq=1,
        document={},
        digest="sha256:9f2c" + "a7d0" * 15,
        received_at=NOW - timedelta(minutes=minutes),
        status="counted",
        weight=1,
    )
    return replace(known, **changes)


def session(label: str, token_hash: str = "s1", hours: int = 1) -> SessionRecord:
    return SessionRecord(
        token_hash=token_hash,
        member_id="id-marta",
        csrf_token="csrf",
        created_at=NOW - timedelta(days=hours),
        expires_at=NOW + timedelta(days=20),
        last_seen_at=NOW - timedelta(hours=hours),
        label=label,
    )


def policy(policy: str, note: str) -> PeerPolicyRecord:
    return PeerPolicyRecord(host="cheap-credit.example", policy=policy, note=note, decided_at=NOW - timedelta(days=3))


def offer(number: int, title: str, summary: str, **changes: Any) -> OfferRecord:
    known = OfferRecord(
        id=f"{HERE}/offers/{number:08d}-0000-7000-8000-000000000000",
        owner_actor=actor("Gràcia"),
        owner_name="Gràcia",
        origin="own",
        purpose="offer",
        title=title,
        summary=summary,
        document={},
        ring="own",
        published_at=NOW - timedelta(days=number),
        updated_at=NOW - timedelta(days=number),
        place="Plaça de la Virreina",
    )
    return replace(known, **changes)


def activity(number: int, name: str, document: dict[str, Any], **changes: Any) -> ActivityRecord:
    raw = {"type": "Create", "actor": actor(name)} | document
    known = ActivityRecord(
        id=f"{origin(name)}/activities/{number}",
        direction="out" if name == "Gràcia" else "in",
        type=raw["type"],
        actor_id=actor(name),
        raw=json.dumps(raw),
        received_at=NOW - timedelta(hours=number * 3, minutes=number * 7),
        is_public=True,
        position=1000 - number,
    )
    return replace(known, **changes)


def membership(name: str, direction: str = "above", state: str = "accepted", **changes: Any) -> MembershipRecord:
    known = MembershipRecord(
        id=f"membership-{name}",
        direction=direction,
        actor_id=actor(name),
        did=did(name),
        name=name,
        kind=BODIES[name][0],
        key_multibase="z6Mk",
        activity_id="a",
        created_at=NOW - timedelta(days=60),
        state=state,
        decided_at=NOW - timedelta(days=59) if state == "accepted" else None,
    )
    return replace(known, **changes)


def delivery(**changes: Any) -> DeliveryRecord:
    known = DeliveryRecord(
        activity_id=f"{HERE}/activities/7",
        inbox=f"{origin('Lisbon')}/inbox",
        host="lisbon.commons.example",
        ordering_key="x",
        next_attempt_at=NOW,
        created_at=NOW - timedelta(days=31),
        state="failed",
        attempts=38,
        last_status=503,
        last_error="Service Unavailable",
        id=7,
    )
    return replace(known, **changes)


def peer(name: str) -> PeerRecord:
    return PeerRecord(
        actor_id=actor(name),
        host=f"127.0.0.1:{BODIES[name][1]}",
        kind=BODIES[name][0],
        inbox=f"{actor(name)}/inbox",
        document={},
        fetched_at=NOW - timedelta(hours=9),
        name=name,
    )


def parked_job(**changes: Any) -> JobRecord:
    job = JobRecord(
        id=7,
        kind="dispatch",
        key="https://eixample.example/activities/9",
        run_at=NOW,
        attempts=12,
        last_error="KeyError: 'weight'",
        parked_at=NOW - timedelta(hours=5),
    )
    return replace(job, **changes)


def silent_host(**changes: Any) -> UnreachableHostRecord:
    host = UnreachableHostRecord(
        host="lisbon.commons.example",
        failures=9,
        since=NOW - timedelta(days=2),
        try_at=NOW + timedelta(hours=3),
        error="no connection",
    )
    return replace(host, **changes)
