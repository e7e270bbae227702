"""The further terms of a statute and their JSON: seats, caps, splits, vetoes, ratification and the rest (G6).

Read and written with the statute. Whatever a document leaves out has the default written here, so that statutes from
before a term existed stay valid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from federation.assembly.bylaws.clauses import (
    Cap,
    Doubled,
    Ratification,
    Recounting,
    Seats,
    VetoRight,
    cap_document,
    doubled_document,
    ratification_document,
    read_cap,
    read_doubled,
    read_ratification,
    read_recounting,
    read_seats,
    read_veto,
    recounting_document,
    seats_document,
    veto_document,
)
from federation.assembly.fields import LONGEST_SECONDS, Fields
from federation.assembly.references import Reference
from federation.assembly.rules import Base, Rule, read_rule, rule_document

QUOTAS: Final = ("declared", "optimal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Every term with its default.

    `quota` is the rule's own threshold or q* of square roots; `needs_leaves` asks assemblies below for each co-op's own
    count; `recount` is how long after the close late positions still lead to one; `amendment` is the rule for changing
    the statute, None for its usual one; `shortest_window_seconds` is what members at the bottom get at
    least; `adopted_by` is the decision that adopted this version.
    """

    seats: Seats | None = None
    cap: Cap | None = None
    quota: str = "declared"
    double: Doubled | None = None
    may_split: bool = False
    needs_leaves: bool = False
    is_binding: bool = True
    veto: VetoRight | None = None
    ratification: Ratification | None = None
    recount: Recounting | None = None
    amendment: Rule | None = None
    shortest_window_seconds: int = 0
    jurisdiction: str | None = None
    adopted_by: Reference | None = None

    def ratification_rule(self) -> Rule | None:
        """The rule of the second proposal in which constituents ratify; silence is in E and so does not ratify."""
        if self.ratification is None:
            return None
        return Rule(threshold=self.ratification.share or Fraction(1), of=Base.ELECTORATE, closes_early=True)

    def for_ratification(self) -> "Terms":
        """The terms as they hold when constituents ratify: by weight alone, with no second count, quota or veto."""
        return replace(self, double=None, quota="declared", veto=None)


def read_terms(fields: Fields, mode: str) -> Terms:
    """The terms among the members of a statute, with the defaults of `mode` where they are left out."""
    is_binding = fields.is_absent("binding") or fields.flag("binding")
    return Terms(
        seats=None if fields.is_absent("seats") else read_seats(fields.within("seats")),
        cap=None if fields.is_absent("cap") else read_cap(fields.within("cap")),
        quota="declared" if fields.is_absent("quota") else fields.one_of("quota", QUOTAS),
        double=None if fields.is_absent("double") else read_doubled(fields.within("double")),
        may_split=not fields.is_absent("may_split") and fields.flag("may_split"),
        needs_leaves=mode == "members" if fields.is_absent("leaves") else fields.flag("leaves"),
        is_binding=is_binding,
        veto=None if fields.is_absent("veto") else read_veto(fields.within("veto")),
        ratification=None if fields.is_absent("ratification") else read_ratification(fields.within("ratification")),
        recount=None if fields.is_absent("recount") else read_recounting(fields.within("recount")),
        amendment=None
        if fields.is_absent("amendment")
        else read_rule(fields.members.get("amendment"), is_binding=is_binding),
        shortest_window_seconds=_seconds(fields, "shortest_window_seconds"),
        jurisdiction=None if fields.is_absent("jurisdiction") else fields.text("jurisdiction"),
        adopted_by=None if fields.is_absent("adopted_by") else fields.reference("adopted_by"),
    )


def terms_document(terms: Terms) -> dict[str, object]:
    """All members, those with defaults too."""
    return {
        "seats": seats_document(terms.seats),
        "cap": cap_document(terms.cap),
        "quota": terms.quota,
        "double": doubled_document(terms.double),
        "may_split": terms.may_split,
        "leaves": terms.needs_leaves,
        "binding": terms.is_binding,
        "veto": veto_document(terms.veto),
        "ratification": ratification_document(terms.ratification),
        "recount": recounting_document(terms.recount),
        "amendment": rule_document(terms.amendment) if terms.amendment else None,
        "shortest_window_seconds": terms.shortest_window_seconds,
        "jurisdiction": terms.jurisdiction,
        "adopted_by": terms.adopted_by.to_document() if terms.adopted_by else None,
    }


TERM_KEYS: Final = tuple(terms_document(Terms()))
FORMER_KEYS: Final = ("recount_seconds",)
"""What older statutes have and no new one: nobody ever recounted by it, and it means nothing."""


def terms_of(members: Mapping[str, object]) -> dict[str, object]:
    """Those of `members` that are terms."""
    return {name: value for name, value in members.items() if name in TERM_KEYS}


def _seconds(fields: Fields, name: str) -> int:
    return 0 if fields.is_absent(name) else fields.integer(name, most=LONGEST_SECONDS)
