import pytest
from sqlalchemy.exc import IntegrityError

from storage import body, keys, members, sessions
from storage.engine import Store
from storage.records import SessionRecord
from tests.storage.samples import MINUTE, NOON, enrol, key, member


async def test_facts_of_the_body_are_any_json_and_can_change(store: Store) -> None:
    async with store.write() as tx:
        for value in ("coop", {"quorum": "1/2"}, [1, None], None, False):
            await body.put(tx, "fact", value)
            assert await body.get(tx, "fact", "nothing") == value
        await body.put(tx, "a", 1)

        assert await body.all(tx) == {"a": 1, "fact": False}
        assert await body.get(tx, "unknown", "nothing") == "nothing"


async def test_keys_keep_their_sealed_bytes_and_are_listed_by_owner(store: Store) -> None:
    first, second = key("k1"), key("k2", created_at=NOON + MINUTE, retired_at=NOON + 2 * MINUTE)
    async with store.write() as tx:
        await keys.add(tx, second)
        await keys.add(tx, first)
        await keys.add(tx, key("k3", owner="somebody else"))

        assert await keys.find(tx, "k2") == second
        assert await keys.for_owner(tx, first.owner) == (first, second)


async def test_members_are_found_by_id_name_and_did(store: Store) -> None:
    ana = member("ana", roles=("member", "operator"), weight=3, passphrase_hash="$argon2id$")
    async with store.write() as tx:
        await keys.add(tx, key())
        await members.add(tx, ana)

        for found in (
            await members.find(tx, ana.id),
            await members.by_name(tx, "ana"),
            await members.by_did(tx, ana.did),
        ):
            assert found == ana
        assert await members.by_name(tx, "eve") is None


async def test_members_who_left_are_not_active_but_still_known(store: Store) -> None:
    async with store.write() as tx:
        await enrol(tx, "carla", "ana", "bo")
        await members.update(tx, "id-bo", state="left", roles=("member",))

        assert [found.name for found in await members.active(tx)] == ["ana", "carla"]
        assert await members.count(tx) == 2
        assert await members.by_name(tx, "bo") is not None


@pytest.mark.parametrize("taken", [{"name": "ana"}, {"did": "did:key:ana"}], ids=["name", "did"])
async def test_name_and_did_belong_to_one_member(store: Store, taken: dict[str, str]) -> None:
    async with store.write() as tx:
        await enrol(tx, "ana")

    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await members.add(tx, member(**{"name": "bo", "key_id": "key-ana", **taken}))


def session(token_hash: str, **times: int) -> SessionRecord:
    at = {name: NOON + minutes * MINUTE for name, minutes in times.items()}
    usual = {"created_at": NOON, "expires_at": NOON + 60 * MINUTE, "last_seen_at": NOON}
    return SessionRecord(token_hash=token_hash, member_id="id-ana", csrf_token="csrf", label="a browser", **usual | at)


async def test_sessions_are_found_touched_listed_and_ended(store: Store) -> None:
    async with store.write() as tx:
        await enrol(tx, "ana")
        await sessions.add(tx, session("one"))
        await sessions.add(tx, session("two", last_seen_at=1))
        await sessions.touch(tx, "one", NOON + 2 * MINUTE)

        assert await sessions.find(tx, "one") == session("one", last_seen_at=2)
        assert [found.token_hash for found in await sessions.for_member(tx, "id-ana")] == ["one", "two"]

        await sessions.remove(tx, "one")
        assert await sessions.find(tx, "one") is None


async def test_expired_sessions_are_removed_and_others_stay(store: Store) -> None:
    async with store.write() as tx:
        await enrol(tx, "ana")
        await sessions.add(tx, session("old", expires_at=5))
        await sessions.add(tx, session("new", expires_at=6))

        assert await sessions.remove_expired(tx, NOON + 5 * MINUTE) == 1
        assert [found.token_hash for found in await sessions.for_member(tx, "id-ana")] == ["new"]
