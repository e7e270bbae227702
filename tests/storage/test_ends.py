from dataclasses import replace

from storage import proposals, reminders, vetoes
from storage.engine import Store
from storage.records import ReminderRecord, VetoRecord
from tests.storage.samples import MINUTE, MOTION, NOON, propose

REMINDER = ReminderRecord(
    id="https://bcn.example/reminders/1", proposal_id=MOTION, body_did="did:web:gracia", percent=50,
    document={"id": "https://bcn.example/reminders/1"}, reminded_at=NOON,
)  # fmt: skip
VETO = VetoRecord(
    id="https://gracia.example/vetoes/1", proposal_id=MOTION, body_did="did:web:gracia", reason="The well.",
    document={"id": "https://gracia.example/vetoes/1"}, digest="sha256:1", received_at=NOON, status="counted",
)  # fmt: skip


async def test_a_body_is_reminded_once_at_each_percent(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        later = replace(REMINDER, id="2", percent=90, reminded_at=NOON + MINUTE)
        added = [await reminders.add(tx, one) for one in (later, REMINDER, replace(REMINDER, id="3"))]

        assert added == [True, True, False]
        assert await reminders.for_proposal(tx, MOTION) == (REMINDER, later)
        assert await reminders.find(tx, "2") == later
        assert await reminders.find(tx, "3") is None


async def test_the_first_veto_of_a_body_stands(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx)
        other = replace(VETO, id="2", body_did="did:web:sants", received_at=NOON - MINUTE, status="late")
        added = [await vetoes.add(tx, one) for one in (VETO, other, replace(VETO, id="3", reason="Another."))]

        assert added == [True, True, False]
        assert await vetoes.for_proposal(tx, MOTION) == (other, VETO)
        assert await vetoes.of_body(tx, MOTION, "did:web:gracia") == VETO
        assert await vetoes.of_body(tx, MOTION, "did:web:raval") is None
        assert (await vetoes.find(tx, "2"), await vetoes.find(tx, "3")) == (other, None)

        await vetoes.set_status(tx, "2", "counted")
        assert await vetoes.find(tx, "2") == replace(other, status="counted")


async def test_a_proposal_keeps_its_type_its_first_outcome_and_what_it_ratifies(store: Store) -> None:
    async with store.write() as tx:
        await propose(tx, type="ratification", ratifies_id="https://bcn.example/proposals/1")
        await proposals.update(tx, MOTION, first_outcome={"id": "first"}, ratification="pending")

        found = await proposals.find(tx, MOTION)
        assert found is not None
        assert (found.type, found.ratifies_id) == ("ratification", "https://bcn.example/proposals/1")
        assert (found.first_outcome, found.ratification) == ({"id": "first"}, "pending")
