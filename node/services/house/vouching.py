"""The key a decision of ours is vouched for with, whatever key the body signs with by now.

Called by services that report upward and that put evidence together. Whoever checks a decision knows one key of this
body: the one on the roster of the assembly that asked, or the one the bundle rests on. A rotation in between changes
neither, so that key signs what the checker reads. A proof is no part of a document's digest: proving the same document
with another key of ours changes no reference to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.statute import find_constituent, read_statute
from identity.keys.multikey import ed25519_multibase
from identity.proofs.eddsa_jcs_2022 import proof_method
from node.outbound.documents import sign_as_body
from storage.governance import proposals, statutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def decision_key(node: Node, tx: Tx, proposal: ProposalRecord) -> str:
    """The multibase key that checkers of this proposal of ours expect: the roster's above us, else our present one."""
    above = await proposals.find(tx, proposal.upstream_id) if proposal.upstream_id else None
    statute = await statutes.find(tx, above.statute_digest or "") if above else None
    if statute is not None:
        return find_constituent(read_statute(statute.document), node.body.did).key
    return current_key(node)


def current_key(node: Node) -> str:
    """The multibase key the body signs with now."""
    _, key = node.keyring.ed25519(node.body.actor_id)
    return ed25519_multibase(key.public_key())


def vouched(node: Node, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The document of ours with a proof by that key; as it is when it has one, or when the key is lost to us."""
    held = node.keyring.ed25519_of(key)
    if held is None or proof_method(document) == held[0]:
        return document
    return sign_as_body(node, document, key=key)
