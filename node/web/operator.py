"""The operator's console: health, queues, failed deliveries, peers.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.peers.policy import Policy
from node.context import NODE
from node.governance.refusals import Refusal
from node.services import follows as follow_service
from node.services import peers as peer_service
from node.services.house import retention, standing_work
from node.web.frame.forms import read_form
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import operator_of
from node.web.views.ballots import Option
from node.web.views.console import (
    POLICY_CHOICES,
    FailedLine,
    HealthLine,
    JobLine,
    ParkedLine,
    PeerLine,
    PolicyLine,
    SilentLine,
    failed_line,
    health,
    job_line,
    parked_line,
    peer_line,
    policy_line,
    silent_line,
)
from storage import deliveries, jobs, peer_policies, peers, unreachable_hosts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.context import Node
    from node.web.views.wording.words import Words

MOST_FAILED = 50
MOST_PEERS = 200
"""Those that we follow come first: anybody who writes to us is a peer, under any number of names."""
MIB = 1024**2
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage:
    """What an operator looks at first."""

    sentence: str
    health: Sequence[HealthLine]
    failed: Sequence[FailedLine]
    waiting: Sequence[str]
    silent: Sequence[SilentLine]
    jobs: Sequence[JobLine]
    parked: Sequence[ParkedLine]
    peers: Sequence[PeerLine]
    policies: Sequence[PolicyLine]
    choices: Sequence[Option]


async def show_console(request: web.Request) -> web.StreamResponse:
    """Health and queues as they stand."""
    await operator_of(request)
    node, setting = request.app[NODE], setting_of(request)
    async with node.store.read() as tx:
        summary, kinds = await deliveries.summary(tx), await jobs.summary(tx)
        failed = await deliveries.failed(tx, limit=MOST_FAILED)
        waiting = await deliveries.hosts_due(tx, setting.now)
        parked, silent = await jobs.parked(tx, limit=MOST_FAILED), await unreachable_hosts.list(tx)
        known, policies, endless = (
            await peers.all(tx, limit=MOST_PEERS),
            await peer_policies.all(tx),
            await follow_service.endless(tx),
        )
    signs = [*health(summary, kinds, store=ENGINES[node.store.dialect], setting=setting)]
    signs.append(await _strangers(node, setting.say))
    page = ConsolePage(
        sentence=_sentence(signs, setting.say),
        health=signs,
        failed=[failed_line(record, setting) for record in failed],
        waiting=waiting,
        silent=[silent_line(record, setting) for record in silent],
        jobs=[job_line(kind, setting) for kind in kinds],
        parked=[parked_line(record, setting) for record in parked],
        peers=[peer_line(record, setting, endless=endless) for record in known],
        policies=[policy_line(record, setting) for record in policies],
        choices=[Option(key, setting.say(name), setting.say(hint)) for key, (name, hint) in POLICY_CHOICES.items()],
    )
    return await render(request, "operator.html", page, here="operator")


async def _strangers(node: Node, say: Words) -> HealthLine:
    """What hosts without ties left here today of what they may, and what of all that went again since ever."""
    strangers, gone = node.federation.strangers, await retention.progress(node)
    left_bytes, most_bytes = strangers.today(), strangers.limits.stranger_bytes
    said = say(
        "%(left)s of %(most)s MiB today; %(activities)s messages and %(actors)s actors thrown away so far",
        left=f"{left_bytes / MIB:.1f}",
        most=f"{most_bytes // MIB:,}",
        activities=f"{gone.activities:,}",
        actors=f"{gone.actors:,}",
    )
    is_much = left_bytes * 2 > most_bytes
    advice = say("Most came from %(host)s. You can block it below.", host=strangers.loudest()) if is_much else None
    return HealthLine(say("Left by strangers"), said, "warn" if is_much else "good", advice)


async def retry_delivery(request: web.Request) -> web.StreamResponse:
    """A failed delivery due again."""
    operator, form = await operator_of(request), await read_form(request)
    await peer_service.retry(request.app[NODE], by=operator.id, delivery_id=form.number("delivery"))
    return see_other("/operator", done="retried")


async def retry_job(request: web.Request) -> web.StreamResponse:
    """Work that stands still due again."""
    operator, form = await operator_of(request), await read_form(request)
    await standing_work.retry(request.app[NODE], by=operator.id, job_id=form.number("job"))
    return see_other("/operator", done="resumed", anchor="parked")


async def try_host(request: web.Request) -> web.StreamResponse:
    """A host that does not answer, tried now."""
    operator, form = await operator_of(request), await read_form(request)
    await standing_work.try_host(request.app[NODE], by=operator.id, host=form.text("host"))
    return see_other("/operator", done="tried", anchor="silent")


async def decide_policy(request: web.Request) -> web.StreamResponse:
    """How a host is heard from now on."""
    operator, form = await operator_of(request), await read_form(request)
    policy = next((policy for policy in Policy if policy == form.text("policy")), None)
    if policy is None:
        raise Refusal("malformed")
    await peer_service.decide_policy(
        request.app[NODE], by=operator.id, host=form.text("host"), policy=policy, note=form.text("note")
    )
    return see_other("/operator", done="heard", anchor="policies")


def _sentence(signs: Sequence[HealthLine], say: Words) -> str:
    count = sum(sign.tone != "good" for sign in signs)
    if not count:
        return say("All is well.")
    return say.count("%(number)s thing needs a look.", "%(number)s things need a look.", count)
