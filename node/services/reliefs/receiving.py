"""What others say in a relief: checked for its author and its place, kept once, and passed on up and down the tree.

Called by node.inbound.reliefs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.documents import read_entry
from federation.assembly.relief.shapes import Relief
from federation.assembly.relief.signatures import check_signature
from federation.errors import NotYet
from node.outbound import post
from node.services.reliefs.log import entry_of, keep, load
from storage.governance import reliefs
from storage.house import keys
from storage.neighbours import peer_keys

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from node.services.reliefs.log import Log
    from storage.engine import Tx
    from storage.records import ReliefRecord

STRANGER = "relief-body-unknown"
OF_THE_ASSEMBLY = frozenset({"plan", "answer"})


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """An entry of a relief's log, whoever wrote it and whichever way it came.

    Refusals: relief-… of the readers, of the fold and of signatures. Raises NotYet while what it rests on has not
    arrived. The same document again changes nothing.
    """
    document = activity.document.get("object", {})
    entry = read_entry(document)
    if isinstance(entry, Relief) or entry.actor != activity.actor_id:
        raise ReliefRefusal("relief-body-actor", activity.actor_id)
    async with node.store.write() as tx:
        if await reliefs.entry(tx, entry.ref.digest) is not None:
            return
        relief = await reliefs.find(tx, entry.relief.id)
        if relief is None:
            raise NotYet("the relief that this belongs to has not arrived")
        log = await load(tx, relief)
        await _take(tx, log, activity)
        await post.relay(tx, node, activity, ordering_key=relief.id)


async def trusted_keys(tx: Tx, relief: ReliefRecord) -> list[str]:
    """The assembly's Ed25519 keys as far as they are known here, current and retired, as multibase text."""
    if relief.source == "own":
        held = await keys.for_owner(tx, relief.assembly_actor)
        return [one.public_text for one in held if one.algorithm == "ed25519"]
    known = await peer_keys.of_actor(tx, relief.assembly_actor)
    return sorted(one.public_text for one in known if one.public_text.startswith("z"))


async def _take(tx: Tx, log: Log, activity: VerifiedActivity) -> None:
    """Kept, or refused. Whoever brings it for itself and stands on no roster is a stranger: that waits for nothing."""
    document = activity.document["object"]
    try:
        if document["governance"]["kind"] not in OF_THE_ASSEMBLY:
            log.state.roster.standing(document["governance"]["body"])
        check_signature(log.state, document, await trusted_keys(tx, log.relief))
        entry = entry_of(log.relief.id, document, at=activity.received_at, source="peer")
        await keep(tx, log, entry, by=activity.actor_id)
    except ReliefRefusal as refusal:
        is_stranger = refusal.code == STRANGER and activity.announced_by is None
        if refusal.waits and not is_stranger:
            raise NotYet(refusal.explained) from refusal
        raise
