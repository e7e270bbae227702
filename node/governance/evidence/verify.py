"""The verdict on a bundle: VALID with every level recomputed, or INVALID with the first failing check (G9).

Called by the command line, by services before they keep or publish evidence, and by pages. Needs no network.
"""

from collections.abc import Iterable

from federation.assembly.fields import governance_of
from identity.errors import IdentityError
from node.governance.evidence.bundle import Anchor, Bundle, Scans, read_bundle
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.report import Failure, Level, Report
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import Signer, signer
from node.governance.evidence.walk import Case, walk


def verify_bundle(bundle: bytes | Iterable[bytes], *, trusted_key: str | None = None, scans: Scans = map) -> Report:
    """The report on a bundle given as bytes or as lines; whatever is in it, a report comes back, never an exception.

    A valid bundle proves what the holder of its anchor's key decided. Whose key that is, the bundle cannot prove:
    compare the anchor with what you know, or pass the multibase key as `trusted_key`. `scans` may spread the first look
    at every line over processes.
    """
    try:
        read = read_bundle(bundle, scans=scans)
        if trusted_key is not None and read.anchor.key != trusted_key:
            raise EvidenceRefusal("anchor-untrusted")  # noqa: TRY301 - reported like every other failed check
        shelf = Shelf(read)
        levels = walk(shelf, _root_case(shelf, read))
        shelf.refuse_unused()
    except EvidenceRefusal as refusal:
        return Report(failure=Failure(refusal.code, refusal.text, refusal.line))
    return _valid(read, shelf, levels)


def _root_case(shelf: Shelf, bundle: Bundle) -> Case:
    line = shelf.take("outcome", bundle.decision)
    _, fields = governance_of(
        line.document, "outcome", lambda detail: EvidenceRefusal("outcome-malformed", line.number, detail)
    )
    return Case(
        by=_root_signer(bundle.anchor),
        proposal=fields.reference("proposal"),
        outcome=bundle.decision,
        mandate=None,
    )


def _root_signer(anchor: Anchor) -> Signer:
    try:
        return signer(actor=anchor.actor, did=anchor.did, key=anchor.key, name=anchor.did)
    except IdentityError as error:
        raise EvidenceRefusal("anchor-malformed", detail=error.code) from error


def _valid(bundle: Bundle, shelf: Shelf, levels: Level) -> Report:
    _, fields = governance_of(shelf.take("outcome", bundle.decision).document, "outcome", ValueError)
    title = str(shelf.take("proposal", fields.reference("proposal")).document["name"])
    return Report(title=title, levels=levels, anchor=bundle.anchor, documents=len(bundle.index.digests) - 1)
