from dataclasses import asdict, replace

import pytest
import sqlalchemy as sa

from storage import offers, peer_policies, peers, prepared, rows
from storage.engine import Store
from storage.records import OfferRecord, PeerPolicyRecord
from storage.tables import offers as offer_rows
from storage.tables import roll_entries
from storage.tables.columns import UtcDateTime
from tests.storage.samples import MINUTE, NOON, offer
from tests.storage.test_neighbours import PEER


async def save(store: Store, *titles: str) -> None:
    async with store.write() as tx:
        for number, title in enumerate(titles):
            await offers.save(tx, offer(title, title=title, summary="", published_at=NOON + number * MINUTE))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BREAD", ["Bread of Gràcia"]),
        ("gracia", ["Bread of Gràcia"]),
        ("GRÀCIA", ["Bread of Gràcia"]),
        ("ÑANDÚ", ["ñandú"]),
        ("strasse", ["Straße"]),
        ("50%", ["50% off_season"]),
        ("f_s", ["50% off_season"]),
        ("%", ["50% off_season"]),
        ("  ", ["Straße", "50% off_season", "ñandú", "Bread of Gràcia"]),
        ("rye", []),
    ],
)
async def test_search_ignores_case_and_accents_and_takes_signs_literally(
    store: Store, text: str, found: list[str]
) -> None:
    await save(store, "Bread of Gràcia", "ñandú", "50% off_season", "Straße")

    async with store.read() as tx:
        assert [hit.title for hit in await offers.search(tx, text=text)] == found


async def test_search_reads_the_summary_and_follows_edits(store: Store) -> None:
    async with store.write() as tx:
        await offers.save(tx, offer(summary="sourdough"))
        await offers.save(tx, offer(summary="rye", updated_at=NOON + MINUTE))

        assert await offers.search(tx, text="sourdough") == ()
        assert await offers.search(tx, text="RYE") == (offer(summary="rye", updated_at=NOON + MINUTE),)


async def test_search_keeps_to_rings_purpose_and_page(store: Store) -> None:
    async with store.write() as tx:
        for number, (ring, purpose) in enumerate((("own", "offer"), ("federation", "request"), ("beyond", "offer"))):
            await offers.save(tx, offer(ring, ring=ring, purpose=purpose, published_at=NOON + number * MINUTE))

        assert [hit.id for hit in await offers.search(tx, rings=("own", "federation"))] == ["federation", "own"]
        assert [hit.id for hit in await offers.search(tx, purpose="offer")] == ["beyond", "own"]
        assert [hit.id for hit in await offers.search(tx, limit=1, offset=1)] == ["federation"]


async def test_a_withdrawn_offer_is_not_listed_but_still_known(store: Store) -> None:
    async with store.write() as tx:
        await offers.save(tx, offer())
        withdrawn = replace(offer(), state="withdrawn", updated_at=NOON + MINUTE)
        await offers.save(tx, withdrawn)

        assert await offers.search(tx) == ()
        assert await offers.find(tx, offer().id) == withdrawn


async def test_offers_of_hosts_that_are_not_heard_in_full_are_left_out_of_a_search(store: Store) -> None:
    hosts = {"at": "spam.example", "under": "a.spam.example", "plain": "spam.example", "without path": "spam.example"}
    owners = {
        "at": "https://spam.example/body",
        "under": "https://a.spam.example/body",
        "likeness": "https://notspam.example/body",
        "path": "https://good.example/x.spam.example/body",
        "any letter": "https://spamxexample/body",
        "plain": "http://spam.example/body",
        "without path": "https://Spam.example?body",
    }
    async with store.write() as tx:
        for name, owner in owners.items():
            await offers.save(tx, offer(name, title=name, owner_actor=owner))
            await peers.save(tx, replace(PEER, actor_id=owner, host=hosts.get(name, f"{len(name)}.example")))
        await peer_policies.save(tx, PeerPolicyRecord(host="spam.example", policy="limit", decided_at=NOON))

        assert {hit.title for hit in await offers.search(tx)} == {"likeness", "path", "any letter"}

        await peer_policies.remove(tx, "spam.example")
        assert len(await offers.search(tx)) == len(owners)


async def test_what_is_prepared_reads_as_what_sqlalchemy_reads(store: Store) -> None:
    await save(store, "Bread of Gràcia")
    ours = rows.pick(offer_rows, OfferRecord).where(offer_rows.c.published_at == sa.bindparam("at", type_=UtcDateTime))

    async with store.read() as tx:
        read = await rows.many(tx, ours, OfferRecord, {"at": NOON})
        oracle = (await tx.execute(ours, {"at": NOON})).mappings().all()

    assert [asdict(record) for record in read] == [dict(row) for row in oracle]
    assert [record.published_at for record in read] == [NOON]


async def test_what_is_prepared_fails_as_what_sqlalchemy_fails(store: Store) -> None:
    orphan = roll_entries.insert().values({name: sa.bindparam(name) for name in ("proposal_id", "voter", "weight")})
    given = {"proposal_id": "nowhere", "voter": "did:key:ana", "weight": 1}

    for told in (lambda tx: prepared.change(tx, orphan, [given]), lambda tx: tx.execute(orphan, given)):
        with pytest.raises(sa.exc.IntegrityError):
            async with store.write() as tx:
                await told(tx)


async def test_nothing_is_left_out_of_what_is_prepared(store: Store) -> None:
    by_id = rows.pick(offer_rows, OfferRecord).where(offer_rows.c.id == sa.bindparam("offer"))

    async with store.read() as tx:
        with pytest.raises((KeyError, sa.exc.StatementError)):
            await rows.many(tx, by_id, OfferRecord, {})
