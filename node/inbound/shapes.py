"""What a peer's proposal or outcome must look like before a service reads, stores and shows it.

Called by the handlers of node.inbound; ballots, positions and statutes are read strictly by the rules themselves. A
rule that we do not know is let pass: it can be shown, though not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from federation.assembly.fields import Fields, governance_of
from federation.assembly.tally import read_tally
from node.governance.proposals import ElectorateKind
from node.governance.refusals import Refusal

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity

Shape = Callable[[Fields, Fields], None]


def check_shape(activity: VerifiedActivity, kind: str) -> None:
    """Nothing, or Refusal proposal-invalid: the object lacks a member of its kind, or one has another type."""
    outer, stated = governance_of(activity.document.get("object"), kind, _refuse)
    outer.text("id")
    _SHAPES[kind](outer, stated)


def _proposal(outer: Fields, stated: Fields) -> None:
    outer.text("name")
    stated.instant("opens_at")
    stated.instant("closes_at")
    stated.within("rule")
    electorate = stated.within("electorate")
    if electorate.text("kind") == ElectorateKind.CONSTITUENTS:
        electorate.digest("statute")
    if not all(isinstance(voter, str) for voter in _list(electorate, "invited")):
        raise _refuse("'invited' must name voters")
    if not stated.is_absent("type"):
        stated.text("type")
    _references(stated)
    if not outer.is_absent("source"):
        outer.within("source").text("content")
    if not stated.is_absent("upstream"):
        above = stated.within("upstream")
        for name, digest in (("id", "digest"), ("root", "root_digest")):
            above.text(name)
            above.digest(digest)


def _references(stated: Fields) -> None:
    if not stated.is_absent("ratifies"):
        about = stated.within("ratifies")
        about.reference("proposal")
        about.reference("outcome")
    if not stated.is_absent("plan"):
        stated.reference("plan")


def _outcome(_: Fields, stated: Fields) -> None:
    stated.reference("proposal")
    stated.one_of("outcome", tuple(OutcomeState))
    stated.text("reason")
    read_tally(stated.within("tally"))


def _list(fields: Fields, name: str) -> list[object]:
    value = fields.members.get(name, [])
    if not isinstance(value, list):
        raise _refuse(f"{name!r} must be a list")
    return value


def _refuse(detail: str) -> Refusal:
    return Refusal("proposal-invalid", detail)


_SHAPES: Mapping[str, Shape] = {"proposal": _proposal, "outcome": _outcome}
