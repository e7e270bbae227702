"""Vetoes: a constituent's signed no to a proposal of a type on which the statute lets it say so, with a reason (G6).

Written by the constituent's node; checked by the assembly when one arrives and by verifiers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.assembly.fields import Fields, governance_of
from federation.assembly.refusals import PositionRefusal
from federation.assembly.reporting.reported import Asked
from federation.assembly.statute import Constituent, Statute
from identity.instants import instant_text

VETO_KEYS: Final = ("kind", "proposal", "statute", "body", "reason", "signed_at")
LONGEST_REASON: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """A veto as read."""

    id: str
    actor: str
    body: str
    asked: Asked
    reason: str
    signed_at: datetime


def veto_governance(*, asked: Asked, body: str, reason: str, signed_at: datetime) -> dict[str, object]:
    """The `governance` member of a veto; raises PositionRefusal for one without a reason."""
    governance: dict[str, object] = {
        "kind": "veto",
        "proposal": asked.proposal.to_document(),
        "statute": asked.statute,
        "body": body,
        "reason": reason,
        "signed_at": instant_text(signed_at),
    }
    _read(Fields(members=governance, refuse=_refuse), document_id="", actor="")
    return governance


def read_veto(document: Mapping[str, object]) -> Veto:
    """The veto in a signed document, whose signature is not checked here. Raises PositionRefusal."""
    outer, fields = governance_of(document, "veto", _refuse)
    return _read(fields, document_id=outer.text("id"), actor=outer.text("attributedTo"))


def check_veto(veto: Veto, *, asked: Asked, constituent: Constituent, statute: Statute, proposal_type: str) -> None:
    """Nothing, if the statute lets this constituent veto this proposal and the veto is about it.

    Raises PositionRefusal. Signature and arrival are not looked at.
    """
    right = statute.terms.veto
    if right is None or proposal_type not in right.types:
        raise PositionRefusal("veto-not-allowed", proposal_type)
    if veto.asked != asked:
        raise PositionRefusal("veto-other-proposal", veto.asked.proposal.id)
    if (veto.body, veto.actor) != (constituent.body, constituent.actor):
        raise PositionRefusal("position-not-a-constituent", veto.body)


def _read(fields: Fields, *, document_id: str, actor: str) -> Veto:
    fields.only(*VETO_KEYS)
    reason = fields.text("reason")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise PositionRefusal("veto-reason")
    return Veto(
        id=document_id,
        actor=actor,
        body=fields.text("body"),
        asked=Asked(proposal=fields.reference("proposal"), statute=fields.digest("statute")),
        reason=reason,
        signed_at=fields.instant("signed_at"),
    )


def _refuse(detail: str) -> PositionRefusal:
    return PositionRefusal("veto-malformed", detail)
