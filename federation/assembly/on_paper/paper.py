"""A decision on paper: the JSON file of `rochdale roll-up`, read into a statute and reports, at any depth.

What people leave out is filled in: names stand for DIDs, weights are 1, silence is silence. What they write is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from federation.assembly.bylaws.jurisdictions import JURISDICTIONS
from federation.assembly.bylaws.terms import TERM_KEYS, terms_of
from federation.assembly.decide import decide
from federation.assembly.fields import Fields, fields_of
from federation.assembly.positions import PositionChoice, Split, derive_choice
from federation.assembly.refusals import PaperRefusal
from federation.assembly.roll_up import Report, ReportStatus, RollUp, roll_up
from federation.assembly.rules import PRESETS, Rule, read_rule
from federation.assembly.statute import Constituent, Statute, read_statute, statute_governance
from federation.assembly.tally import Tally, total
from federation.assembly.weighing.leaves import Leaf

PAPER_KEYS: Final = ("format", "statute", "rule", "positions")
FORMAT: Final = "rochdale-roll-up/1"
POSITION_KEYS: Final = ("body", "choice", "tally", "rule", "below", "split", "members", "status", "veto")
CONSTITUENT_KEYS: Final = ("name", "body", "kind", "weight", "members")
COUNTS: Final = ("for", "against", "abstain", "unresolved")
STATUTE_KEYS: Final = ("name", "mode", "weight_denominator", "rule", "constituents", *TERM_KEYS)
DEEPEST: Final = 32
LONG_AGO: Final = datetime(1844, 12, 21, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A decision as written: the statute, the rule it is put to, a report for each body heard, who vetoed and why.

    `below` are the papers of bodies that are written out themselves, by body.
    """

    statute: Statute
    rule: Rule
    reports: Mapping[str, Report]
    vetoes: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, "Paper"] = field(default_factory=dict)

    def rolled_up(self) -> RollUp:
        """The decision."""
        return roll_up(self.statute, self.rule, self.reports, vetoed_by=self.vetoes)


def read_paper(document: object, *, depth: int = 1) -> Paper:
    """The decision in a file. Raises PaperRefusal for its shape, other refusals for what the rules do not allow."""
    if depth > DEEPEST:
        raise _refuse("more levels than we follow")
    fields = fields_of(document, _refuse)
    fields.only(*PAPER_KEYS)
    if not fields.is_absent("format"):
        fields.one_of("format", (FORMAT,))
    statute = _read_statute(fields.within("statute"))
    rows = _by_body(fields, statute)
    below = {
        body: read_paper(row.members["below"], depth=depth + 1)
        for body, row in rows.items()
        if not row.is_absent("below")
    }
    return Paper(
        statute=statute,
        rule=statute.rule if fields.is_absent("rule") else _rule(fields, is_binding=statute.terms.is_binding),
        reports={body: _report(body, row, below.get(body)) for body, row in rows.items()},
        vetoes={body: row.text("veto") for body, row in rows.items() if not row.is_absent("veto")},
        below=below,
    )


def _read_statute(fields: Fields) -> Statute:
    fields.only(*STATUTE_KEYS)
    name = fields.text("name")
    governance = statute_governance(
        assembly=f"paper:{name}",
        name=name,
        version=1,
        mode=fields.text("mode"),
        weight_denominator=1 if fields.is_absent("weight_denominator") else fields.integer("weight_denominator"),
        constituents=[_constituent(row) for row in fields.rows("constituents")],
        rule=_rule_document(fields.members.get("rule", "majority")),
        margin_seconds=0,
        adopted_at=LONG_AGO,
        terms=_terms(fields),
    )
    return read_statute({"attributedTo": f"paper:{name}", "governance": governance})


def _terms(fields: Fields) -> dict[str, object]:
    """The terms written, over those of the preset they name; a rule may be named too."""
    written = terms_of(fields.members)
    named = written.get("jurisdiction")
    preset = JURISDICTIONS[named].terms if isinstance(named, str) and named in JURISDICTIONS else {}
    if written.get("amendment") is not None:
        written["amendment"] = _rule_document(written["amendment"])
    return {**preset, **written}


def _constituent(row: Fields) -> Constituent:
    row.only(*CONSTITUENT_KEYS)
    name = row.text("name")
    body = name if row.is_absent("body") else row.text("body")
    return Constituent(
        body=body,
        actor=body,
        name=name,
        kind="coop" if row.is_absent("kind") else row.text("kind"),
        key=body,
        weight=1 if row.is_absent("weight") else row.integer("weight"),
        members=None if row.is_absent("members") else row.integer("members"),
    )


def _by_body(fields: Fields, statute: Statute) -> dict[str, Fields]:
    """The positions by the body that a constituent's name or DID stands for."""
    roster = statute.constituents
    known = {each.name: each.body for each in roster} | {each.body: each.body for each in roster}
    rows: dict[str, Fields] = {}
    for row in fields.rows("positions"):
        row.only(*POSITION_KEYS)
        named = row.text("body")
        body = known.get(named)
        if body is None:
            raise _refuse(f"{named!r} is no constituent")
        if body in rows:
            raise _refuse(f"{named!r} has two positions")
        rows[body] = row
    return rows


def _report(body: str, row: Fields, below: Paper | None) -> Report:
    """What one position reports: rolled up from below, derived from a tally, or a bare choice."""
    written = [name for name in ("below", "tally", "choice") if not row.is_absent(name)]
    status = ReportStatus.COUNTED if row.is_absent("status") else _status(row)
    if not written:
        if status is ReportStatus.COUNTED:
            raise row.refuse(f"{body!r} says neither 'choice' nor 'tally' nor 'below'")
        return Report(status=status)
    report = REPORTS[written[0]](body, row, below)
    if written[0] != "choice" and not row.is_absent("choice") and row.text("choice") != report.choice:
        raise row.refuse(f"the choice of {body!r} is not what follows: {report.choice}")
    return Report(
        status=status,
        choice=report.choice,
        tally=report.tally,
        members=report.members,
        level=report.level,
        split=None if row.is_absent("split") else _split(row.within("split")),
        leaves=report.leaves,
    )


def _from_below(body: str, _: Fields, below: Paper | None) -> Report:
    assert below is not None, f"read before the report of {body}"
    rolled = below.rolled_up()
    return Report(
        status=ReportStatus.COUNTED,
        choice=derive_choice(rolled.outcome),
        tally=rolled.tally,
        members=rolled.members,
        level=rolled.level,
        leaves=rolled.leaves,
    )


def _from_tally(body: str, row: Fields, _: Paper | None) -> Report:
    tally = _tally(row.within("tally"))
    rule = PRESETS["majority"] if row.is_absent("rule") else _rule(row, is_binding=True)
    members = tally if row.is_absent("members") else _tally(row.within("members"))
    return Report(
        status=ReportStatus.COUNTED,
        choice=derive_choice(decide(rule, tally)),
        tally=tally,
        members=members,
        leaves=(Leaf(body=body, at=None, outcome=None, tally=members, counts=True),),
    )


def _from_choice(_: str, row: Fields, __: Paper | None) -> Report:
    members = None if row.is_absent("members") else _tally(row.within("members"))
    choice = PositionChoice(row.one_of("choice", tuple(PositionChoice)))
    return Report(status=ReportStatus.COUNTED, choice=choice, members=members)


REPORTS: Final = {"below": _from_below, "tally": _from_tally, "choice": _from_choice}


def _status(row: Fields) -> ReportStatus:
    return ReportStatus(row.one_of("status", tuple(ReportStatus)))


def _tally(fields: Fields) -> Tally:
    """A tally in which what is left out is zero, and the electorate, if left out, is who took part."""
    fields.only(*COUNTS, "electorate")
    counts = {name: 0 if fields.is_absent(name) else fields.integer(name) for name in COUNTS}
    electorate = total(counts.values()) if fields.is_absent("electorate") else fields.integer("electorate")
    return Tally(
        in_favour=counts["for"],
        against=counts["against"],
        abstain=counts["abstain"],
        electorate=electorate,
        unresolved=counts["unresolved"],
    )


def _split(fields: Fields) -> Split:
    fields.only(*COUNTS[:3])
    return Split(*(0 if fields.is_absent(name) else fields.integer(name) for name in COUNTS[:3]))


def _rule(fields: Fields, *, is_binding: bool) -> Rule:
    return read_rule(_rule_document(fields.members.get("rule")), is_binding=is_binding)


def _rule_document(written: object) -> dict[str, object]:
    """A rule document, or the name of a preset standing for one."""
    if isinstance(written, str):
        return {"preset": written}
    return dict(fields_of(written, _refuse, "rule").members)


def _refuse(detail: str) -> PaperRefusal:
    return PaperRefusal("paper-malformed", detail)
