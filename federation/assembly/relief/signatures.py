"""Who signed a document of a relief: the assembly with the keys a reader trusts, everybody else as the statutes say.

Called by `rochdale relief check` for each line of a log, and by a node for documents that come without their activity.
"""

from collections.abc import Collection, Mapping
from typing import Any

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.state import State
from identity.canonical import content_digest
from identity.errors import CanonicalError, IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs.eddsa_jcs_2022 import proof_method, verify_whole


def check_signature(state: State, document: Mapping[str, Any], trusted: Collection[str]) -> None:
    """Nothing, if the document is signed with a key of its author; otherwise refuses with `relief-signature`.

    `trusted` are the assembly's keys (multibase); those of everybody below stand in the statutes of the log.
    """
    actor = document.get("attributedTo")
    if not isinstance(actor, str):
        raise ReliefRefusal("relief-signature", "it has no author")
    keys = trusted if actor == state.relief.actor else state.roster.keys.get(actor, ())
    try:
        digest = content_digest(document)
    except CanonicalError as error:
        raise ReliefRefusal("relief-signature", "it has no canonical form") from error
    if not any(_is_signed(document, digest, actor, key) for key in keys):
        raise ReliefRefusal("relief-signature", actor)


def _is_signed(document: Mapping[str, Any], digest: str, actor: str, key: str) -> bool:
    try:
        verify_whole(document, key=read_multibase(key), digest=digest)
        return proof_method(document).partition("#")[0] == actor
    except IdentityError:
        return False
