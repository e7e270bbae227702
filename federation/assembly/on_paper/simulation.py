"""A decision replayed under other rules, side by side: outcome, who is pivotal, power, divergence (F4).

Called by `rochdale simulate` for a paper or for a decision that a node keeps; the reports stay, the statute changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from federation.assembly.bylaws.checks import check_terms
from federation.assembly.bylaws.clauses import Cap, Doubled, Seats
from federation.assembly.decide import Further, OutcomeState, Second, decide
from federation.assembly.divergence import Divergence, divergence
from federation.assembly.on_paper.paper import Paper
from federation.assembly.positions import PositionChoice, Split
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.roll_up import Report, ReportStatus, RollUp
from federation.assembly.rules import PRESETS, Rule
from federation.assembly.statute import Constituent
from federation.assembly.tally import Tally, total
from federation.assembly.weighing.modes import MODES, denominator_of, effective_rule, member_counts, weights_of
from federation.assembly.weighing.power import Power, Weight, power_of

MOST_PIVOTAL: Final = 300
"""Bodies up to which each is turned around to see whether it was pivotal; every turn is a roll-up."""
BY_CHOICE: Final = frozenset({"heads", "weights", "double", "sqrt", "degressive", "delegates"})
CAPS: Final = (Fraction(1, 2), Fraction(2, 5), Fraction(1, 3))
OTHER: Final[Mapping[PositionChoice, PositionChoice]] = {
    PositionChoice.FOR: PositionChoice.AGAINST,
    PositionChoice.AGAINST: PositionChoice.FOR,
}


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to decide: `what` kind of change it is, its name, and the paper with that change."""

    what: str
    name: str
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a variant gives. `refusal` says why it cannot be applied; `pivotal` and `power` are None if left out."""

    what: str
    name: str
    refusal: str | None = None
    rolled: RollUp | None = None
    denominator: int = 1
    pivotal: tuple[str, ...] | None = None
    power: Power | None = None
    divergence: Divergence | None = None


def simulate(paper: Paper, variants: Iterable[Variant]) -> tuple[Replay, ...]:
    """The paper as it is, then every variant of it, in the order given."""
    return tuple(_replay(each) for each in (Variant("decided", paper.statute.mode, paper), *variants))


def variants_of(paper: Paper) -> Iterator[Variant]:
    """The usual variants: every other mode, every preset of rules, and caps, each alone against what was decided."""
    yield from (Variant("mode", mode, in_mode(paper, mode)) for mode in MODES if mode != paper.statute.mode)
    yield from (Variant("rule", name, under_rule(paper, rule)) for name, rule in PRESETS.items() if rule != paper.rule)
    yield from (Variant("cap", f"{share}", capped_at(paper, share)) for share in CAPS)


def in_mode(paper: Paper, mode: str) -> Paper:
    """The paper with its constituents combined in another mode, with plain terms where the mode needs some.

    Degressive seats go from 6 to 96, delegates are ten for each body by Sainte-Laguë, and a double majority asks of
    members what it asks of heads.
    """
    number = max(len(paper.statute.constituents), 1)
    kept = replace(
        paper.statute.terms, seats=None, cap=None, quota="declared", double=None, may_split=False, jurisdiction=None
    )
    needed = {
        "degressive": replace(kept, seats=Seats(least=6, most=96)),
        "delegates": replace(kept, seats=Seats(total=10 * number, method="sainte_lague")),
        "double": replace(kept, double=Doubled(paper.rule.threshold)),
        "members": replace(kept, needs_leaves=True),
    }
    reports = {body: replace(report, split=None) for body, report in paper.reports.items()}
    statute = replace(paper.statute, mode=mode, terms=needed.get(mode, kept), constituents=_sized(paper))
    return replace(paper, reports=reports, statute=statute)


def _sized(paper: Paper) -> tuple[Constituent, ...]:
    """The constituents with as many members as they reported, where the statute does not say."""
    heard = {body: report.members for body, report in paper.reports.items() if report.members}
    return tuple(
        replace(each, members=int(heard[each.body].electorate)) if not each.members and each.body in heard else each
        for each in paper.statute.constituents
    )


def under_rule(paper: Paper, rule: Rule) -> Paper:
    """The paper put to another threshold, with its own quorum and ties."""
    return replace(paper, rule=replace(rule, quorum=paper.rule.quorum, tie=paper.rule.tie))


def capped_at(paper: Paper, share: Fraction) -> Paper:
    """The paper with no constituent above a share of the votes."""
    terms = replace(paper.statute.terms, cap=Cap(share), jurisdiction=None)
    return replace(paper, statute=replace(paper.statute, terms=terms))


def _replay(variant: Variant) -> Replay:
    paper = variant.paper
    try:
        check_terms(paper.statute)
        rolled = paper.rolled_up()
    except AssemblyRefusal as refusal:
        return Replay(what=variant.what, name=variant.name, refusal=_said(refusal))
    return Replay(
        what=variant.what,
        name=variant.name,
        rolled=rolled,
        denominator=denominator_of(paper.statute),
        pivotal=_pivotal(paper, rolled),
        power=_power(paper),
        divergence=divergence(paper.rule, rolled.outcome, rolled.members),
    )


def _said(refusal: AssemblyRefusal) -> str:
    return f"{refusal.public} ({refusal.detail})" if refusal.detail else refusal.public


def _pivotal(paper: Paper, rolled: RollUp) -> tuple[str, ...] | None:
    """The bodies for or against whose turning around would have turned the decision; None with too many bodies."""
    if len(paper.statute.constituents) > MOST_PIVOTAL:
        return None
    turnable = [body for body, report in paper.reports.items() if _may_turn(report)]
    return tuple(body for body in turnable if _turns(paper, rolled, body))


def _may_turn(report: Report) -> bool:
    return report.status is ReportStatus.COUNTED and report.choice in OTHER


def _turns(paper: Paper, rolled: RollUp, body: str) -> bool:
    turned = replace(paper, reports={**paper.reports, body: _turned(paper.reports[body])})
    passed = OutcomeState.PASSED
    return (turned.rolled_up().outcome.state is passed) != (rolled.outcome.state is passed)


def _turned(report: Report) -> Report:
    """The same report with for and against changing places, down to its leaves."""
    leaves = report.leaves
    return replace(
        report,
        choice=OTHER.get(report.choice, report.choice) if report.choice else None,
        tally=report.tally and _mirror(report.tally),
        members=report.members and _mirror(report.members),
        split=report.split and Split(report.split.against, report.split.in_favour, report.split.abstain),
        leaves=leaves and tuple(replace(leaf, tally=_mirror(leaf.tally)) for leaf in leaves),
    )


def _mirror(tally: Tally) -> Tally:
    return replace(tally, in_favour=tally.against, against=tally.in_favour)


def _power(paper: Paper) -> Power | None:
    """Power where bodies vote as one; None where members do, or where counting takes too long."""
    statute = paper.statute
    if statute.mode not in BY_CHOICE or not statute.constituents:
        return None
    columns = [weights_of(statute)]
    columns += [member_counts(statute)] if statute.mode == "double" else []
    return power_of(list(zip(*columns, strict=True)), lambda won: _carries(paper, columns, won))


def _carries(paper: Paper, columns: list[tuple[int | Fraction, ...]], won: Weight) -> bool:
    """Whether bodies of this weight carry the decision while all others are against and nobody is silent."""
    tallies = [Tally(one, total(column) - one, 0, total(column)) for one, column in zip(won, columns, strict=True)]
    double, bodies = paper.statute.terms.double, len(paper.statute.constituents)
    second = None
    if double:
        blocking = double.blocking if double.blocking and double.blocking < bodies else None
        second = Second(tally=tallies[1], share=double.share, blocking=blocking)
    rule = effective_rule(paper.statute, paper.rule)
    further = Further(second=second)
    return decide(rule, tallies[0], reached=bodies, bodies=bodies, further=further).state is OutcomeState.PASSED
