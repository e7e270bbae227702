import asyncio
from collections import Counter
from datetime import timedelta

from storage import jobs
from storage.engine import Store, open_store
from storage.records import FinishedRun, JobRecord, JobSummary
from tests.storage.samples import MINUTE, NOON

LEASE = timedelta(minutes=5)


KINDS = ("close", "count", "deliver")


async def claim(store: Store, *, at: timedelta = timedelta(0), worker: str = "w1", limit: int = 10) -> list[JobRecord]:
    async with store.write(alone=False) as tx:
        return list(await jobs.claim(tx, KINDS, now=NOON + at, limit=limit, lease=LEASE, worker=worker))


async def enqueue(store: Store, key: str = "1", *, at: timedelta = timedelta(0), kind: str = "close") -> None:
    async with store.write() as tx:
        await jobs.enqueue(tx, kind, key, NOON + at)


async def finish(store: Store, job: JobRecord, *, again: timedelta | None = None, error: str | None = None) -> None:
    again_at = None if again is None else NOON + again
    await store.write_together(jobs.finish_all, FinishedRun(job, again_at=again_at, error=error))


async def known(store: Store, kind: str = "close") -> JobRecord | None:
    async with store.read() as tx:
        return await jobs.find(tx, kind, "1")


async def test_only_jobs_of_the_kinds_asked_for_are_claimed_and_due(store: Store) -> None:
    await enqueue(store, kind="other")
    await enqueue(store, at=MINUTE)

    assert await claim(store) == []
    async with store.read() as tx:
        assert await jobs.next_due(tx, ["close"]) == NOON + MINUTE
        assert await jobs.next_due(tx, ["other"]) == NOON
        assert await jobs.next_due(tx, ["deliver"]) is None


async def test_many_runs_end_in_one_transaction_each_in_its_own_way(store: Store) -> None:
    for key in ("done", "again", "wished", "failed"):
        await enqueue(store, key)
    held = {job.key: job for job in await claim(store)}
    await enqueue(store, "wished", at=2 * MINUTE)

    runs = {
        "done": FinishedRun(held["done"]),
        "again": FinishedRun(held["again"], again_at=NOON + MINUTE),
        "wished": FinishedRun(held["wished"]),
        "failed": FinishedRun(held["failed"], again_at=NOON + 3 * MINUTE, error="broken"),
    }
    await asyncio.gather(*(store.write_together(jobs.finish_all, run) for run in runs.values()))

    left = await claim(store, at=5 * MINUTE)
    assert [(job.key, job.run_at - NOON, job.last_error) for job in left] == [
        ("again", MINUTE, None),
        ("wished", 2 * MINUTE, None),
        ("failed", 3 * MINUTE, "broken"),
    ]


async def test_a_job_is_claimed_at_its_time_and_not_before(store: Store) -> None:
    await enqueue(store, at=MINUTE)

    assert await claim(store) == []
    assert [job.key for job in await claim(store, at=MINUTE)] == ["1"]


async def test_first_due_is_claimed_first_and_no_more_than_asked(store: Store) -> None:
    for key, at in (("late", 3), ("early", 1), ("middle", 2)):
        await enqueue(store, key, at=at * MINUTE)

    assert [job.key for job in await claim(store, at=5 * MINUTE, limit=2)] == ["early", "middle"]


async def test_each_job_is_claimed_once_by_eight_workers(database_url: str) -> None:
    store = await open_store(database_url, pool_size=8)
    async with store.write() as tx:
        for number in range(100):
            await jobs.enqueue(tx, "count", str(number), NOON)

    async def work(worker: str) -> list[str]:
        done: list[str] = []
        while found := await claim(store, worker=worker, limit=3):
            done += [job.key for job in found]
        return done

    done = Counter(key for keys in await asyncio.gather(*(work(f"w{n}") for n in range(8))) for key in keys)

    assert done == Counter(str(number) for number in range(100))
    await store.close()


async def test_a_dead_workers_job_goes_to_another_after_the_lease(store: Store) -> None:
    await enqueue(store)
    (lost,) = await claim(store, worker="dead")

    assert await claim(store, at=LEASE - MINUTE, worker="alive") == []
    (found,) = await claim(store, at=LEASE, worker="alive")

    assert (found.locked_by, found.attempts) == ("alive", 2)
    await finish(store, lost)
    assert await known(store) == found, "the run that lost its lease changes nothing"
    await finish(store, found)
    assert await known(store) is None


async def test_a_finished_job_is_gone(store: Store) -> None:
    await enqueue(store)
    (job,) = await claim(store)

    await finish(store, job)

    assert await known(store) is None
    async with store.read() as tx:
        assert await jobs.next_due(tx) is None


async def test_enqueued_twice_is_one_job_at_the_earlier_time(store: Store) -> None:
    for at in (2, 1, 3):
        await enqueue(store, at=at * MINUTE)

    (job,) = await claim(store, at=5 * MINUTE)

    assert job.run_at == NOON + MINUTE


async def test_work_that_arrives_during_a_run_is_run_after_it(store: Store) -> None:
    await enqueue(store)
    (job,) = await claim(store)
    await enqueue(store, at=MINUTE)
    assert await claim(store, at=2 * MINUTE) == []

    await finish(store, job)

    assert await claim(store) == []
    (again,) = await claim(store, at=MINUTE)
    assert (again.run_at, again.attempts) == (NOON + MINUTE, 1)


async def test_of_two_wishes_for_another_run_the_earlier_counts(store: Store) -> None:
    await enqueue(store)
    (job,) = await claim(store)
    await enqueue(store, at=2 * MINUTE)

    await finish(store, job, again=MINUTE)

    async with store.read() as tx:
        assert await jobs.next_due(tx) == NOON + MINUTE


async def test_a_wish_for_later_survives_a_dead_worker(store: Store) -> None:
    await enqueue(store)
    await claim(store, worker="dead")
    await enqueue(store, at=LEASE + MINUTE)
    (taken_over,) = await claim(store, at=LEASE, worker="alive")

    await finish(store, taken_over)

    async with store.read() as tx:
        assert await jobs.next_due(tx) == NOON + LEASE + MINUTE


async def test_errors_are_kept_with_their_attempts_until_a_run_without(store: Store) -> None:
    await enqueue(store)
    for attempts in (1, 2):
        (job,) = await claim(store)
        assert job.attempts == attempts
        await finish(store, job, again=timedelta(0), error="refused")
    (job,) = await claim(store)
    assert (job.last_error, job.attempts) == ("refused", 3)

    await finish(store, job, again=timedelta(0))

    (job,) = await claim(store)
    assert (job.last_error, job.attempts) == (None, 1)


async def park(store: Store) -> JobRecord:
    await enqueue(store)
    (job,) = await claim(store)
    run = FinishedRun(job, again_at=NOON, error="broken", is_parked=True)
    await store.write_together(jobs.finish_all, run)
    return job


async def test_a_parked_job_is_kept_and_claimed_by_nobody(store: Store) -> None:
    job = await park(store)

    assert await claim(store, at=100 * MINUTE) == []
    async with store.read() as tx:
        (kept,) = await jobs.parked(tx, limit=9)
        assert await jobs.next_due(tx) is None
        assert await jobs.summary(tx) == (JobSummary("close", 0, 0, 0, NOON, 1),)
    assert (kept.id, kept.parked_at, kept.attempts, kept.last_error) == (job.id, NOON, 1, "broken")


async def test_a_parked_job_is_taken_up_once(store: Store) -> None:
    job = await park(store)

    async with store.write() as tx:
        resumed = await jobs.resume(tx, job.id, now=NOON + MINUTE)
        assert await jobs.resume(tx, job.id, now=NOON + MINUTE) is None
        assert await jobs.resume(tx, job.id + 1, now=NOON + MINUTE) is None
    assert resumed is not None
    assert (resumed.parked_at, resumed.attempts, resumed.run_at) == (None, 0, NOON + MINUTE)
    assert await claim(store) == []
    assert [one.id for one in await claim(store, at=MINUTE)] == [job.id]


async def test_a_wish_takes_a_parked_job_up_and_keeps_another_from_being_parked(store: Store) -> None:
    await park(store)
    await enqueue(store, at=MINUTE)

    assert await claim(store) == []
    (job,) = await claim(store, at=MINUTE)
    await enqueue(store, at=2 * MINUTE)
    run = FinishedRun(job, again_at=NOON + MINUTE, error="broken", is_parked=True)
    await store.write_together(jobs.finish_all, run)

    assert [one.parked_at for one in await claim(store, at=2 * MINUTE)] == [None]


async def test_a_wish_counts_a_parked_job_anew_and_no_other(store: Store) -> None:
    await park(store)
    await enqueue(store)
    (job,) = await claim(store)
    assert job.attempts == 1

    await finish(store, job, again=MINUTE, error="broken")
    await enqueue(store)

    assert [one.attempts for one in await claim(store)] == [2]


async def test_next_due_is_the_first_run_or_end_of_lease(store: Store) -> None:
    await enqueue(store)
    await enqueue(store, "2", at=100 * MINUTE)
    await claim(store)

    async with store.read() as tx:
        assert await jobs.next_due(tx) == NOON + LEASE


async def test_summary_counts_by_kind(store: Store) -> None:
    await enqueue(store)
    (job,) = await claim(store)
    await finish(store, job, again=timedelta(0), error="refused")
    await enqueue(store, "2", kind="deliver", at=-MINUTE)
    await claim(store, at=-MINUTE)

    async with store.read() as tx:
        found = await jobs.summary(tx)

    assert found == (JobSummary("close", 1, 0, 1, NOON), JobSummary("deliver", 0, 1, 0, NOON - MINUTE))


async def test_jobs_are_found_by_what_their_last_error_says(store: Store) -> None:
    async with store.write() as tx:
        for key in ("a_100%", "b", "c"):
            await jobs.enqueue(tx, "close", key, NOON)
        claimed = await jobs.claim(tx, ["close"], now=NOON, limit=9, lease=LEASE, worker="w")
        errors = {"a_100%": "it is at 100%", "b": "it is at 1000", "c": None}
        runs = [FinishedRun(job, again_at=NOON + MINUTE, error=errors[job.key]) for job in claimed]
        await jobs.finish_all(tx, runs)

        assert await jobs.saying(tx, "close", "at 100%") == {"a_100%"}
        assert await jobs.saying(tx, "other", "at 100%") == frozenset()
