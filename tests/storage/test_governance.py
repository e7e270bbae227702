from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import ballots, evidence, positions, proposals, reliefs, rolls, statutes
from storage.engine import Store
from storage.records import ChoiceTally, EvidenceRecord, ReliefEntryRecord, ReliefRecord, RollEntryRecord
from tests.storage.samples import MINUTE, MOTION, NOON, ballot, position, proposal, propose, statute

MILLISECOND = timedelta(milliseconds=1)
RELIEF = ReliefRecord(
    id="https://bcn.example/reliefs/1", assembly_did="did:web:bcn", assembly_actor="https://bcn.example/body",
    title="The flood", survey_id="https://bcn.example/proposals/1", statute_digest="sha256:0",
    stock_until=NOON + 60 * MINUTE, document={"id": "https://bcn.example/reliefs/1"}, digest="sha256:1",
    received_at=NOON,
)  # fmt: skip
STOCK = ReliefEntryRecord(
    id="https://gracia.example/stocks/1", relief_id=RELIEF.id, kind="stock", body_did="did:web:gracia", seq=1,
    document={"id": "https://gracia.example/stocks/1"}, digest="sha256:2", received_at=NOON + MINUTE,
)  # fmt: skip


async def test_the_latest_statute_is_that_of_the_highest_version(store: Store) -> None:
    async with store.write() as tx:
        for digest, version in (("sha256:2", 2), ("sha256:10", 10), ("sha256:1", 1)):
            assert await statutes.add(tx, statute(digest, version=version))
        assert not await statutes.add(tx, statute("sha256:1"))
        await statutes.add(tx, statute("sha256:m", assembly_did="did:web:madrid.example"))

        latest = await statutes.latest(tx, "did:web:bcn.example")
        assert latest is not None
        assert latest.version == 10
        assert [found.digest for found in await statutes.all_latest(tx)] == ["sha256:10", "sha256:m"]
        assert await statutes.find(tx, "sha256:2") == statute("sha256:2", version=2)
        assert await statutes.latest(tx, "did:web:nowhere.example") is None
        assert await statutes.of_version(tx, "did:web:bcn.example", 2) == statute("sha256:2", version=2)
        assert await statutes.of_version(tx, "did:web:bcn.example", 3) is None


async def test_a_known_proposal_is_not_overwritten(store: Store) -> None:
    async with store.write() as tx:
        assert await proposals.add(tx, proposal())
        assert not await proposals.add(tx, proposal(title="Another"))

        assert await proposals.find(tx, MOTION) == proposal()


async def test_a_proposal_changes_only_what_is_named(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        await proposals.update(tx, MOTION, state="passed", tally={"for": 2}, closed_at=NOON)

        assert await proposals.find(tx, MOTION) == proposal(state="passed", tally={"for": 2}, closed_at=NOON)


async def test_proposals_are_listed_newest_first_by_state_and_origin(store: Store) -> None:
    async with store.write() as tx:
        for number, (state, origin) in enumerate((("open", "own"), ("passed", "own"), ("open", "peer"))):
            await propose(tx, str(number), state=state, origin=origin, created_at=NOON + number * MINUTE)

        assert [found.id for found in await proposals.list(tx)] == ["2", "1", "0"]
        assert [found.id for found in await proposals.list(tx, states=["open"])] == ["2", "0"]
        assert [found.id for found in await proposals.list(tx, states=["open"], origin="own")] == ["0"]
        assert [found.id for found in await proposals.list(tx, limit=1, offset=1)] == ["1"]
        assert await proposals.list(tx, states=[]) == ()


async def test_only_our_open_proposals_fall_due_and_only_after_their_closing_time(store: Store) -> None:
    closes_at = NOON + MINUTE
    async with store.write() as tx:
        await propose(tx, "ours", closes_at=closes_at)
        await propose(tx, "theirs", closes_at=closes_at, origin="peer")
        await propose(tx, "closed", closes_at=closes_at, state="passed")

        assert await proposals.due(tx, closes_at - MILLISECOND) == ()
        assert await proposals.due(tx, closes_at) == ()
        assert [found.id for found in await proposals.due(tx, closes_at + MILLISECOND)] == ["ours"]


async def test_a_decision_is_found_by_what_it_answers(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx, "root", root_id="root")
        await propose(tx, "answer", upstream_id="root", root_id="root", created_at=NOON + MINUTE)

        assert [found.id for found in await proposals.by_upstream(tx, "root")] == ["answer"]
        assert [found.id for found in await proposals.by_root(tx, "root")] == ["root", "answer"]


async def test_a_roll_keeps_voters_weights_and_homes(store: Store) -> None:
    far = RollEntryRecord(proposal_id=MOTION, voter="did:key:a", weight=2**62, home="https://b.example/body")
    near = RollEntryRecord(proposal_id=MOTION, voter="did:key:Z", weight=3)
    async with store.write() as tx:
        await propose(tx)
        assert await rolls.total_weight(tx, MOTION) == 0
        assert await rolls.add_all(tx, iter([far, near])) == 2

        assert await rolls.entries(tx, MOTION) == (near, far)
        assert await rolls.entry(tx, MOTION, "did:key:a") == far
        assert await rolls.entry(tx, MOTION, "did:key:eve") is None
        assert not await rolls.has_all_voted(tx, MOTION)
        assert await rolls.total_weight(tx, MOTION) == 2**62 + 3
        assert await rolls.homes(tx, MOTION) == ("https://b.example/body",)


async def test_a_voter_stands_on_a_roll_once(store: Store) -> None:
    twice = [RollEntryRecord(proposal_id=MOTION, voter="did:key:a", weight=weight) for weight in (1, 2)]
    async with store.write() as tx:
        await propose(tx)

    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await rolls.add_all(tx, twice)


async def test_a_later_ballot_takes_the_place_of_the_counted_one(store: Store) -> None:
    first, second = ballot(seq=1), ballot(seq=2, choice="against", received_at=NOON + MINUTE)
    async with store.write() as tx:
        await propose(tx)
        assert await ballots.add(tx, first)
        await ballots.supersede(tx, first.id)
        assert await ballots.add(tx, second)
        assert not await ballots.add(tx, second)

        assert await ballots.current(tx, MOTION, first.voter) == second
        assert await ballots.counted(tx, MOTION) == (second,)
        assert [found.status for found in await ballots.list_recent(tx)] == ["counted", "superseded"]
        assert await ballots.list_recent(tx, proposal_id="another") == ()
        assert await ballots.find(tx, first.id) == ballot(seq=1, status="superseded")
        assert await ballots.by_digest(tx, MOTION, second.digest) == second


async def test_the_database_itself_refuses_a_second_counted_ballot(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        await ballots.add(tx, ballot(seq=1))

    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await ballots.add(tx, ballot(seq=2))


async def test_one_content_is_not_stored_under_two_ids(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        await ballots.add(tx, ballot(status="late"))

    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await ballots.add(tx, ballot(id="another", status="late"))


async def test_the_tally_weighs_counted_ballots_of_the_roll(store: Store) -> None:
    weights = {"ana": 5, "bo": 3, "carla": 2, "dan": 100}
    cast = {
        "ana": ("for", "counted"),
        "bo": ("against", "counted"),
        "carla": ("for", "counted"),
        "dan": ("for", "late"),
    }
    async with store.write() as tx:
        await propose(tx)
        await rolls.add_all(tx, [RollEntryRecord(proposal_id=MOTION, voter=v, weight=w) for v, w in weights.items()])
        for voter, (choice, status) in cast.items():
            await ballots.add(tx, ballot(voter, choice=choice, status=status, weight=weights[voter]))

        tally = await ballots.tally_by_choice(tx, MOTION)

    assert tally == {"for": ChoiceTally(2, 7), "against": ChoiceTally(1, 3)}


async def test_papers_are_the_counted_ballots_without_their_documents(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        await ballots.add(tx, ballot("ana", seq=3))
        await ballots.add(tx, ballot("bo", status="late"))

        papers = await ballots.papers(tx, MOTION)

    assert papers == [("ana", "for", 3, "sha256:ana-3")]


async def test_a_carried_ballot_is_settled_by_the_deciding_body(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        for seq in (1, 2):
            await ballots.add(tx, ballot(seq=seq, status="sent", activity_id=f"activity-{seq}"))
        newer = await ballots.by_activity(tx, "activity-2")
        assert newer is not None
        assert newer == await ballots.latest_sent(tx, MOTION, newer.voter)

        for _ in range(2):
            await ballots.settle(tx, newer.id, status="counted", reason=None, receipt={"seq": 2})
        older = await ballots.by_activity(tx, "activity-1")
        assert older is not None
        await ballots.settle(tx, older.id, status="counted", reason=None, receipt={"seq": 1})

        counted = await ballots.current(tx, MOTION, newer.voter)
        assert [one.id for one in await ballots.counted(tx, MOTION)] == [newer.id]
    assert counted is not None
    assert (counted.id, counted.receipt) == (newer.id, {"seq": 2})


async def test_a_body_has_one_counted_position(store: Store) -> None:
    first, second = position(seq=1), position(seq=2, choice="against")
    async with store.write() as tx:
        await propose(tx)
        assert await positions.add(tx, first)
        await positions.set_status(tx, first.id, "superseded", reason="newer")
        assert await positions.add(tx, second)
        assert not await positions.add(tx, second)

        assert await positions.current(tx, MOTION, first.body_did) == second
        superseded = position(seq=1, status="superseded", reason="newer")
        assert await positions.for_proposal(tx, MOTION) == (superseded, second)
        assert await positions.find(tx, first.id) == superseded

    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await positions.add(tx, position(seq=3))


async def test_better_evidence_replaces_the_first(store: Store) -> None:
    whole = EvidenceRecord(proposal_id=MOTION, digest="sha256:2", bundle=b"\x00\xff\n", complete=True, verified_at=NOON)
    async with store.write() as tx:
        await propose(tx)
        await evidence.save(tx, EvidenceRecord(proposal_id=MOTION, digest="sha256:1", bundle=b"{}\n"))
        await evidence.save(tx, whole)

        assert await evidence.find(tx, MOTION) == whole
        assert await evidence.find(tx, "unknown") is None


async def test_a_relief_is_kept_once_and_found_by_its_survey(store: Store) -> None:
    later = replace(RELIEF, id="2", survey_id="s2", digest="sha256:9", received_at=NOON + MINUTE)
    async with store.write() as tx:
        added = [await reliefs.add(tx, one) for one in (RELIEF, replace(RELIEF, title="Another"), later)]

        assert added == [True, False, True]
        assert await reliefs.list(tx) == (later, RELIEF)
        assert await reliefs.list(tx, limit=1, offset=1) == (RELIEF,)
        assert await reliefs.find(tx, RELIEF.id) == RELIEF
        assert await reliefs.of_survey(tx, "s2") == later
        assert await reliefs.of_survey(tx, "s3") is None


async def test_the_log_of_a_relief_keeps_each_content_once_in_the_order_in_which_it_came(store: Store) -> None:
    earlier, other = replace(STOCK, id="2", digest="sha256:3", received_at=NOON), replace(STOCK, digest="sha256:4")
    async with store.write() as tx:
        await reliefs.add(tx, RELIEF)
        added = [await reliefs.append(tx, one) for one in (STOCK, earlier, STOCK, other)]

        assert added == [True, True, False, True]
        assert await reliefs.entries(tx, RELIEF.id) == (earlier, STOCK, other)
        assert await reliefs.entries(tx, RELIEF.id, limit=1, offset=1, newest_first=True) == (STOCK,)
        assert await reliefs.entries(tx, "2") == ()
        assert await reliefs.arrivals(tx, RELIEF.id) == {one.digest: one.received_at for one in (earlier, STOCK, other)}
        named = await reliefs.entries_of(tx, {"sha256:3", "sha256:4", "sha256:5"})
        assert sorted(named, key=lambda each: each.digest) == [earlier, other]
        assert (await reliefs.entry(tx, "sha256:3"), await reliefs.entry(tx, "2")) == (earlier, None)
        assert (await reliefs.entry_at(tx, STOCK.id), await reliefs.entry_at(tx, "3")) == (STOCK, None)


async def test_statutes_of_many_assemblies_are_found_at_once(store: Store) -> None:
    one, two = statute("sha256:1", version=1), statute("sha256:2", version=2)
    other = statute("sha256:m", assembly_did="did:web:madrid.example")
    async with store.write() as tx:
        for each in (two, one, other):
            await statutes.add(tx, each)

        found = await statutes.versions(tx, {one.assembly_did, other.assembly_did, "did:web:nowhere.example"})
        assert [each.digest for each in found if each.assembly_did == one.assembly_did] == ["sha256:1", "sha256:2"]
        assert len(found) == 3
        named = await statutes.of_digests(tx, {"sha256:2", "sha256:m", "sha256:9"})
        assert sorted(named, key=lambda each: each.digest) == [two, other]


async def test_all_have_voted_once_everybody_on_the_roll_has_a_ballot_that_counts(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        await rolls.add_all(
            tx, [RollEntryRecord(proposal_id=MOTION, voter=f"did:key:{name}", weight=1) for name in "ab"]
        )

        await ballots.add(tx, ballot(voter="did:key:a"))
        late = ballot(voter="did:key:b", status="late")
        await ballots.add(tx, late)
        assert not await rolls.has_all_voted(tx, MOTION)

        await ballots.set_status(tx, late.id, "counted")
        assert await rolls.has_all_voted(tx, MOTION)
