"""What a decision rests on beside its tally, in JSON: a second count, vetoes, a lot. Absent from most documents.

Written into outcomes and copied into positions, so that each can be recomputed alone; read back from both.
"""

from collections.abc import Mapping

from federation.assembly.decide import Further, Second, Vetoes
from federation.assembly.fields import Fields, read_share, share_text
from federation.assembly.lots import Lot
from federation.assembly.tally import Tally, read_tally

FURTHER_KEYS = ("second", "vetoes", "lot")


def further_document(further: Further) -> dict[str, object]:
    """The members `second`, `vetoes` and `lot`, those that there are."""
    written = {
        "second": _second_document(further.second),
        "vetoes": _vetoes_document(further.vetoes),
        "lot": {"proposal": further.lot.proposal, "beacon": further.lot.beacon} if further.lot else None,
    }
    return {name: value for name, value in written.items() if value is not None}


def read_further(fields: Fields, members: Tally | None) -> Further:
    """What the members say, beside the direct count of members that stands elsewhere in the document."""
    return Further(
        second=None if fields.is_absent("second") else _read_second(fields.within("second")),
        vetoes=None if fields.is_absent("vetoes") else _read_vetoes(fields.within("vetoes")),
        members=members,
        lot=None if fields.is_absent("lot") else _read_lot(fields.within("lot")),
    )


def copied(outcome: Mapping[str, object]) -> dict[str, object]:
    """The members of an outcome that a position repeats as they stand."""
    return {name: outcome[name] for name in (*FURTHER_KEYS, "leaves") if outcome.get(name) is not None}


def _second_document(second: Second | None) -> dict[str, object] | None:
    if second is None:
        return None
    return {"tally": second.tally.to_document(), "share": share_text(second.share), "blocking": second.blocking}


def _read_second(fields: Fields) -> Second:
    fields.only("tally", "share", "blocking")
    return Second(
        tally=read_tally(fields.within("tally")),
        share=read_share(fields, "share"),
        blocking=None if fields.is_absent("blocking") else fields.integer("blocking", least=1),
    )


def _vetoes_document(vetoes: Vetoes | None) -> dict[str, object] | None:
    if vetoes is None:
        return None
    return {"by": sorted(vetoes.by), "override": share_text(vetoes.override) if vetoes.override else None}


def _read_vetoes(fields: Fields) -> Vetoes:
    fields.only("by", "override")
    by = fields.members.get("by")
    if not isinstance(by, list) or not by or not all(isinstance(one, str) for one in by):
        raise fields.refuse("'by' must list who vetoed")
    return Vetoes(by=tuple(by), override=None if fields.is_absent("override") else read_share(fields, "override"))


def _read_lot(fields: Fields) -> Lot:
    fields.only("proposal", "beacon")
    return Lot(proposal=fields.digest("proposal"), beacon=fields.digest("beacon"))
