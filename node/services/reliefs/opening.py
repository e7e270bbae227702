"""Beginning a relief: an operator of an assembly says what happened, and asks everybody whether to share.

Called by the doors; `receive` by node.inbound.reliefs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.decisions import EMERGENCY
from federation.assembly.relief.documents import read_relief
from federation.assembly.relief.writing import relief_governance
from federation.errors import NotYet
from federation.fetch.actors import assertion_key
from federation.peers.directory import known_or_fetched
from identity.canonical import content_digest
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound import reliefs as outbound
from node.services import proposals as proposal_service
from node.services.reliefs import deciding
from node.services.reliefs.log import load
from storage.governance import proposals, reliefs, statutes
from storage.records import ReliefRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from fractions import Fraction
    from typing import Any

    from federation.assembly.relief.shapes import Criterion, Good, Relief, Share
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MemberRecord, ProposalRecord

ASKED = (
    "Every co-op says what it has and what it needs by {until:%Y-%m-%d %H:%M} UTC. If this passes, their delegates "
    "agree on a plan by declared criteria, and the plan is put to every co-op before anything is sent."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What an operator writes. The survey is open for `window_seconds` (None: as usual), stock for `stock_seconds`."""

    title: str
    text: str
    goods: Sequence[Good]
    criteria: Mapping[Criterion, int]
    share: Share
    reserve: Fraction
    council: Fraction
    stock_seconds: int
    window_seconds: int | None = None


async def begin(node: Node, *, member: MemberRecord, written: Beginning) -> ReliefRecord:
    """A relief with its survey, in one transaction, on their way to everybody below.

    Refusals: forbidden, not-an-assembly, no-statute, and those of drafting and opening the survey.
    """
    if "operator" not in member.roles:
        raise Refusal("forbidden")
    if node.body.kind != "assembly":
        raise Refusal("not-an-assembly")
    now = node.clock()
    until = now + timedelta(seconds=written.stock_seconds)
    text = f"{written.text.strip()}\n\n{ASKED.format(until=until)}"
    asked = proposal_service.Draft(
        title=written.title, text=text, window_seconds=written.window_seconds, type=EMERGENCY
    )
    draft = await proposal_service.drafted(node, author=member, written=asked, now=now)
    async with node.store.write() as tx:
        statute = await statutes.latest(tx, node.body.did)
        if statute is None:
            raise Refusal("no-statute")
        survey = await proposal_service.open_at_once(node, tx, draft, now)
        governance = _governance(node, written, survey, statute.digest, until)
        document = outbound.relief(node, relief_id=node.url("reliefs", node.new_id()), governance=governance, now=now)
        record = _record(read_relief(document), document, at=now, source="own")
        await _keep(tx, record, by=member.id, event="relief-opened")
        await post.create(tx, node, document, ordering_key=record.id)
    return record


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """An assembly's relief, kept with its survey and passed on.

    Refusals: relief-malformed, relief-not-the-assembly, relief-signature, relief-decision (its survey is another text).
    Raises NotYet while its survey or its statute has not arrived.
    """
    document = activity.document.get("object", {})
    relief = read_relief(document)
    peer = await known_or_fetched(node.federation, activity.actor_id)
    if (peer.did, activity.actor_id) != (relief.body, relief.actor):
        raise ReliefRefusal("relief-not-the-assembly", relief.ref.id)
    _check_signature(document, assertion_key(peer.document))
    async with node.store.write() as tx:
        if await reliefs.find(tx, relief.ref.id) is not None:
            return
        await _check_rests(tx, relief)
        record = _record(relief, document, at=activity.received_at, source="peer")
        await _keep(tx, record, by=activity.actor_id, event="relief-received")
        await post.relay(tx, node, activity, ordering_key=record.id)


async def _check_rests(tx: Tx, relief: Relief) -> None:
    survey, statute = await proposals.find(tx, relief.survey.id), await statutes.find(tx, relief.statute)
    if survey is None or statute is None:
        raise NotYet("the survey of this relief, or its statute, has not arrived")
    if (survey.digest, survey.deciding_actor, survey.type) != (relief.survey.digest, relief.actor, EMERGENCY):
        raise ReliefRefusal("relief-decision", relief.survey.id)
    if statute.assembly_did != relief.body:
        raise ReliefRefusal("relief-statute", relief.statute)
    known = await reliefs.of_survey(tx, relief.survey.id)
    if known is not None:
        raise ReliefRefusal("relief-decision", f"the survey of {known.id}")


def _check_signature(document: Mapping[str, Any], key: str) -> None:
    try:
        eddsa_jcs_2022.verify(document, key=read_multibase(key), now=None, whole=True)
    except IdentityError as error:
        raise ReliefRefusal("relief-signature", str(document["id"])) from error


async def _keep(tx: Tx, record: ReliefRecord, *, by: str, event: str) -> None:
    if not await reliefs.add(tx, record):
        raise ReliefRefusal("relief-replay", record.id)
    content = {"title": record.title, "digest": record.digest, "survey": record.survey_id}
    await events.append(tx, at=record.received_at, actor=by, type=event, subject=record.id, content=content)
    await deciding.note_survey(tx, await load(tx, record), at=record.received_at)


def _governance(
    node: Node, written: Beginning, survey: ProposalRecord, statute: str, until: datetime
) -> dict[str, object]:
    return relief_governance(
        body=node.body.did,
        statute=statute,
        title=written.title.strip(),
        text=written.text.strip(),
        goods=written.goods,
        criteria=written.criteria,
        share=written.share,
        reserve=written.reserve,
        council=written.council,
        survey=_asked(survey),
        stock_until=until,
        signed_at=node.clock(),
    )


def _asked(survey: ProposalRecord) -> Reference:
    return Reference(survey.id, survey.digest or "")


def _record(relief: Relief, document: Mapping[str, Any], *, at: datetime, source: str) -> ReliefRecord:
    return ReliefRecord(
        id=relief.ref.id,
        assembly_did=relief.body,
        assembly_actor=relief.actor,
        title=relief.title,
        survey_id=relief.survey.id,
        statute_digest=relief.statute,
        stock_until=relief.stock_until,
        document=document,
        digest=content_digest(document),
        received_at=at,
        source=source,
    )
