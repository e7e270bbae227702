"""An assembly's signed rules: who its constituents are, what each weighs, how they combine, and what passes (G6).

Written by the assembly's own node at each change of its roster; read by constituents, by the roll-up and by everyone
who checks a decision. A constituent's key in the statute is the key its positions are checked with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from federation.assembly.bylaws.checks import check_terms
from federation.assembly.bylaws.terms import FORMER_KEYS, TERM_KEYS, Terms, read_terms, terms_document
from federation.assembly.fields import LARGEST, Fields, governance_of
from federation.assembly.refusals import PositionRefusal, RuleError, StatuteError
from federation.assembly.rules import Rule, read_rule
from federation.assembly.weighing.modes import MODES
from identity.instants import instant_text

__all__ = ["Constituent", "Statute", "StatuteError", "find_constituent", "read_statute", "statute_governance"]

BODY_KINDS: Final = ("coop", "assembly")
HEAVIEST: Final = 1_000_000_000
"""Largest weight of one constituent: ten thousand of them still add up to an exact JSON integer."""

STATUTE_KEYS: Final = (
    "kind",
    "assembly",
    "name",
    "version",
    "mode",
    "weight_denominator",
    "constituents",
    "rule",
    "margin_seconds",
    "adopted_at",
    *TERM_KEYS,
    *FORMER_KEYS,
)
CONSTITUENT_KEYS: Final = ("body", "actor", "name", "kind", "key", "weight", "members")
DECIDED: Final = "members_decided"
"""Beside the keys of a constituent, and only where it is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituent:
    """A body below an assembly: its DID, actor, name, 'coop' or 'assembly', Ed25519 key (multibase) and weight.

    `members` is how many people it stands for. It is laid down here, not reported, because a silent body weighs too.
    With `has_decided_members` a decision set that number, and it stands whatever the body reports.
    """

    body: str
    actor: str
    name: str
    kind: str
    key: str
    weight: int
    members: int | None = None
    has_decided_members: bool = False

    def to_document(self) -> dict[str, object]:
        """Its line on the roster."""
        line: dict[str, object] = {key: getattr(self, key) for key in CONSTITUENT_KEYS}
        return line | {DECIDED: True} if self.has_decided_members else line


@dataclass(frozen=True, slots=True, kw_only=True)
class Statute:
    """A validated statute. Weights are whole units; `weight_denominator` of them make 1.0 when shown to people."""

    assembly: str
    actor: str
    name: str
    version: int
    mode: str
    weight_denominator: int
    constituents: tuple[Constituent, ...]
    rule: Rule
    margin_seconds: float
    adopted_at: datetime
    terms: Terms = field(default_factory=Terms)


def read_statute(document: object) -> Statute:
    """The statute in a signed document, whose signature is not checked here. Raises StatuteError."""
    outer, fields = governance_of(document, "statute", _refuse)
    return _read(fields, outer.text("attributedTo"))


def statute_governance(  # noqa: PLR0913 - the members of a statute, one keyword each
    *,
    assembly: str,
    name: str,
    version: int,
    mode: str,
    weight_denominator: int,
    constituents: Sequence[Constituent],
    rule: Mapping[str, object],
    margin_seconds: float,
    adopted_at: datetime,
    terms: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The `governance` member of a statute document, with every term written out.

    Raises StatuteError for one that peers would refuse, also for members of `terms` that are none. What we write has
    whole numbers only; older statutes may have a margin with a part of a second.
    """
    if margin_seconds != int(margin_seconds):
        raise _refuse("'margin_seconds' must be a whole number")
    if terms and not terms.keys() <= set(TERM_KEYS):
        raise _refuse(f"unknown member {min(terms.keys() - set(TERM_KEYS))!r}")
    governance: dict[str, object] = {
        "kind": "statute",
        "assembly": assembly,
        "name": name,
        "version": version,
        "mode": mode,
        "weight_denominator": weight_denominator,
        "constituents": [each.to_document() for each in constituents],
        "rule": dict(rule),
        "margin_seconds": int(margin_seconds),
        "adopted_at": instant_text(adopted_at),
        **(terms or {}),
    }
    read = _read(Fields(members=governance, refuse=_refuse), actor="")
    return governance | terms_document(read.terms)


def find_constituent(statute: Statute, body: str) -> Constituent:
    """The constituent with the DID `body`; raises PositionRefusal when it is not on the roster."""
    found = next((each for each in statute.constituents if each.body == body), None)
    if found is None:
        raise PositionRefusal("position-not-a-constituent", body)
    return found


def _read(fields: Fields, actor: str) -> Statute:
    fields.only(*STATUTE_KEYS)
    mode = _mode(fields)
    terms = _terms(fields, mode)
    statute = Statute(
        assembly=fields.text("assembly"),
        actor=actor,
        name=fields.text("name"),
        version=fields.integer("version", least=1),
        mode=mode,
        weight_denominator=fields.integer("weight_denominator", least=1, most=HEAVIEST),
        constituents=tuple(_read_constituent(row) for row in fields.rows("constituents")),
        rule=_rule(fields, is_binding=terms.is_binding),
        margin_seconds=fields.seconds("margin_seconds"),
        adopted_at=fields.instant("adopted_at"),
        terms=terms,
    )
    _check_roster(statute)
    check_terms(statute)
    return statute


def _read_constituent(row: Fields) -> Constituent:
    row.only(*CONSTITUENT_KEYS, DECIDED)
    is_decided = not row.is_absent(DECIDED) and row.flag(DECIDED)
    if is_decided and row.is_absent("members"):
        raise _refuse("a number of members is decided that is not there")
    weight = row.members.get("weight")
    if type(weight) is not int or not 1 <= weight <= HEAVIEST:
        raise StatuteError("statute-weight", f"{weight!r}")
    return Constituent(
        body=row.text("body"),
        actor=row.text("actor"),
        name=row.text("name"),
        kind=row.one_of("kind", BODY_KINDS),
        key=row.text("key"),
        weight=weight,
        members=None if row.is_absent("members") else row.integer("members", most=HEAVIEST),
        has_decided_members=is_decided,
    )


def _check_roster(statute: Statute) -> None:
    """Nobody twice, by DID, actor or key; never the assembly itself; the sum of weights exact in JSON."""
    for name in ("body", "actor", "key"):
        if len({getattr(each, name) for each in statute.constituents}) < len(statute.constituents):
            raise StatuteError("statute-constituent-twice", f"the same {name}")
    if any(statute.assembly == each.body or statute.actor == each.actor for each in statute.constituents):
        raise StatuteError("statute-cycle", statute.assembly)
    if sum(each.weight for each in statute.constituents) > LARGEST:
        raise StatuteError("statute-weight", "the weights add up to too much")


def _mode(fields: Fields) -> str:
    mode = fields.text("mode")
    if mode not in MODES:
        raise StatuteError("statute-mode", mode)
    return mode


def _terms(fields: Fields, mode: str) -> Terms:
    try:
        return read_terms(fields, mode)
    except RuleError as error:
        raise StatuteError("statute-rule", str(error)) from error


def _rule(fields: Fields, *, is_binding: bool) -> Rule:
    try:
        return read_rule(fields.members.get("rule"), is_binding=is_binding)
    except RuleError as error:
        raise StatuteError("statute-rule", str(error)) from error


def _refuse(detail: str) -> StatuteError:
    return StatuteError("statute-malformed", detail)
