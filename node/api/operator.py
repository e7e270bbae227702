"""The operator's console: deliveries, background work, the event log, health; called by the member door's routes."""

from federation.peers.policy import Policy
from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, cursor, page, read_cursor
from node.api.shapes.operator import (
    DeliveriesAsked,
    DeliveryView,
    EventView,
    HealthView,
    HostIn,
    JobKindView,
    JobsView,
    NumberPath,
    ParkedJobs,
    ParkedJobView,
    PeerPolicies,
    PeerPolicyIn,
    PeerPolicyView,
    UnreachableHosts,
    UnreachableHostView,
)
from node.services import peers as peer_service
from node.services.house import standing_work
from storage import deliveries, events, jobs, members, peer_policies, unreachable_hosts
from storage.records import DeliveryRecord, EventRecord, JobRecord, PeerPolicyRecord, UnreachableHostRecord

MOST_PARKED = 200


@operation("GET", "/deliveries", summary="Deliveries given up", allows=Access.OPERATOR)
async def list_deliveries(call: Call, query: DeliveriesAsked) -> Page[DeliveryView]:
    """Newest first, with what the peer answered last."""
    async with call.node.store.read() as tx:
        found = await deliveries.failed(tx, limit=query.offset + query.limit + 1)
    return page(found[query.offset :], query, _delivery)


@operation("POST", "/deliveries/{id}/retry", summary="Try a delivery again", allows=Access.OPERATOR)
async def retry_delivery(call: Call, path: NumberPath) -> DeliveryView:
    """Due at once, and held for its full time again. Only for one that was given up."""
    return _delivery(await peer_service.retry(call.node, by=call.caller.id, delivery_id=path.id))


@operation("GET", "/peer-policies", summary="Hosts that are limited or blocked", allows=Access.OPERATOR)
async def list_peer_policies(call: Call) -> PeerPolicies:
    """By name; a host that is not listed, nor under one that is, is heard in full."""
    async with call.node.store.read() as tx:
        return PeerPolicies(items=[_policy(record) for record in await peer_policies.all(tx)])


@operation("POST", "/peer-policies", summary="Allow, limit or block a host", allows=Access.OPERATOR)
async def decide_peer_policy(call: Call, body: PeerPolicyIn) -> PeerPolicyView:
    """Block: nothing is taken from it, fetched from it or sent to it. Limit: taken in, not passed on, not shown."""
    decided = await peer_service.decide_policy(
        call.node, by=call.caller.id, host=body.host, policy=body.policy, note=body.note
    )
    return _policy(decided)


@operation("GET", "/jobs", summary="Background work by kind", allows=Access.OPERATOR)
async def show_jobs(call: Call) -> JobsView:
    """What waits, what runs, what failed at its last try."""
    async with call.node.store.read() as tx:
        found = await jobs.summary(tx)
    return JobsView(
        items=[
            JobKindView(
                kind=kind.kind,
                waiting=kind.waiting,
                running=kind.running,
                failing=kind.failing,
                parked=kind.parked,
                oldest_run_at=kind.oldest_run_at,
            )
            for kind in found
        ]
    )


@operation("GET", "/jobs/parked", summary="Work that stands still", allows=Access.OPERATOR)
async def list_parked_jobs(call: Call) -> ParkedJobs:
    """What failed so often that it was put aside, first of all first; nothing of it is lost."""
    async with call.node.store.read() as tx:
        return ParkedJobs(items=[_parked(record) for record in await jobs.parked(tx, limit=MOST_PARKED)])


@operation("POST", "/jobs/{id}/retry", summary="Take up work that stands still", allows=Access.OPERATOR)
async def retry_job(call: Call, path: NumberPath) -> ParkedJobView:
    """Due at once. Only for work that was put aside."""
    return _parked(await standing_work.retry(call.node, by=call.caller.id, job_id=path.id))


@operation("GET", "/unreachable-hosts", summary="Hosts that do not answer", allows=Access.OPERATOR)
async def list_unreachable_hosts(call: Call) -> UnreachableHosts:
    """Longest first, with the next try; whatever waits for them goes out when one of them answers."""
    async with call.node.store.read() as tx:
        return UnreachableHosts(items=[_host(record) for record in await unreachable_hosts.list(tx)])


@operation("POST", "/unreachable-hosts/try", summary="Try a host now", allows=Access.OPERATOR)
async def try_host(call: Call, body: HostIn) -> UnreachableHostView:
    """One delivery is sent to it at once; if it is taken, all the others follow."""
    return _host(await standing_work.try_host(call.node, by=call.caller.id, host=body.host))


@operation("GET", "/events", summary="The hash-chained event log, oldest first", allows=Access.OPERATOR)
async def list_events(call: Call, query: Window) -> Page[EventView]:
    """Every change of this node: who, when, what, and the hash of the link before."""
    async with call.node.store.read() as tx:
        found = await events.walk(tx, after=read_cursor(query.after), limit=query.limit)
    more = cursor(found[-1].seq) if len(found) == query.limit else None
    return Page(items=[_event(record) for record in found], next=more)


@operation("GET", "/health", summary="What an operator looks at first", allows=Access.OPERATOR)
async def show_health(call: Call) -> HealthView:
    """Queues, failures and sizes, with advice for whatever is not well."""
    async with call.node.store.read() as tx:
        queue, kinds = await deliveries.summary(tx), await jobs.summary(tx)
        head, count = await events.head(tx), await members.count(tx)
    failing, parked = sum(kind.failing for kind in kinds), sum(kind.parked for kind in kinds)
    advice = [
        *([f"{queue.failed} deliveries were given up: look at them and try again."] if queue.failed else []),
        *([f"{failing} jobs failed at their last try: the log says why; they will be tried again."] if failing else []),
        *([f"{parked} jobs stand still: look at /jobs/parked, and take them up after an update."] if parked else []),
    ]
    return HealthView(
        status="needs-attention" if advice else "well",
        body=call.node.body.name,
        database=call.node.store.dialect,
        members=count,
        deliveries_due=queue.due,
        deliveries_failed=queue.failed,
        oldest_due_at=queue.oldest_due_at,
        jobs_failing=failing,
        jobs_parked=parked,
        events=head.seq if head else 0,
        advice=advice,
    )


def _delivery(record: DeliveryRecord) -> DeliveryView:
    return DeliveryView(
        id=record.id,
        activity=record.activity_id,
        inbox=record.inbox,
        host=record.host,
        state=record.state,
        attempts=record.attempts,
        last_status=record.last_status,
        last_error=record.last_error,
        created_at=record.created_at,
        next_attempt_at=record.next_attempt_at,
    )


def _parked(record: JobRecord) -> ParkedJobView:
    return ParkedJobView(
        id=record.id,
        kind=record.kind,
        key=record.key,
        attempts=record.attempts,
        last_error=record.last_error,
        parked_at=record.parked_at,
    )


def _host(record: UnreachableHostRecord) -> UnreachableHostView:
    return UnreachableHostView(
        host=record.host,
        failures=record.failures,
        since=record.since,
        try_at=record.try_at,
        error=record.error,
    )


def _policy(record: PeerPolicyRecord) -> PeerPolicyView:
    return PeerPolicyView(
        host=record.host, policy=Policy(record.policy), note=record.note, decided_at=record.decided_at
    )


def _event(record: EventRecord) -> EventView:
    return EventView(
        seq=record.seq,
        at=record.at,
        actor=record.actor,
        type=record.type,
        subject=record.subject,
        content=record.content,
        content_hash=record.content_hash,
        previous_hash=record.previous_hash,
        hash=record.hash,
    )


OPERATIONS = (
    list_deliveries,
    retry_delivery,
    list_peer_policies,
    decide_peer_policy,
    show_jobs,
    list_parked_jobs,
    retry_job,
    list_unreachable_hosts,
    try_host,
    list_events,
    show_health,
)
