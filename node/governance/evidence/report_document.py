"""A verifier's report as plain JSON values, for programs; called by the command line and the demo."""

from typing import Any

from federation.assembly.tally import Count, count_document
from node.governance.evidence.report import Level, Report


def report_document(report: Report) -> dict[str, Any]:
    """The whole report: verdict, first failure, anchor, and the levels, each with its recomputed numbers."""
    failure, anchor = report.failure, report.anchor
    return {
        "valid": report.valid,
        "failure": {"code": failure.code, "text": failure.text, "line": failure.line} if failure else None,
        "title": report.title,
        "anchor": anchor.to_document() if anchor else None,
        "documents": report.documents,
        "levels": _level(report.levels) if report.levels else None,
    }


def _level(level: Level) -> dict[str, Any]:
    decided = level.decided
    return {
        "body": level.body,
        "name": level.name,
        "status": level.status,
        "choice": level.choice,
        "weight": _count(level.weight),
        "counted_weight": _count(level.counted_weight),
        "outcome": decided.outcome.state if decided else None,
        "reason": decided.outcome.reason if decided else None,
        "tally": decided.tally.to_document() if decided else None,
        "ballots": decided.ballots if decided else None,
        "below": [_level(below) for below in level.below],
        **_ends(level),
    }


def _ends(level: Level) -> dict[str, Any]:
    """The members that only some levels have."""
    decided = level.decided
    more = {
        "call": decided.call if decided else None,
        "needs_ratification": True if decided and decided.needs_ratification else None,
        "ratifies": _level(level.ratifies) if level.ratifies else None,
    }
    return {name: value for name, value in more.items() if value is not None}


def _count(weight: Count | None) -> int | str | None:
    return None if weight is None else count_document(weight)
