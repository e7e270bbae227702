"""Whether a governance document proves itself: only then can it stand in evidence, or in a charge of two faces.

Called by the services that take in what no roster's key has to prove: proposals, outcomes and statutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.refusals import Refusal
from storage.neighbours import peer_keys

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from storage.engine import Tx


async def check_own_proof(tx: Tx, activity: VerifiedActivity) -> None:
    """Nothing, or Refusal document-unproven: no key of its actor that we know proves the whole object by itself.

    The activity around it was proven; what is taken out of it and kept for years was not.
    """
    document = activity.document["object"]
    known = {key.key_id: key.public_text for key in await peer_keys.of_actor(tx, activity.actor_id)}
    try:
        key = read_multibase(known.get(eddsa_jcs_2022.proof_method(document), ""))
        eddsa_jcs_2022.verify(document, key=key, now=None, whole=True)
    except IdentityError as error:
        raise Refusal("document-unproven", error.code) from error
