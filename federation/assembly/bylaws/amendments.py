"""Changing a statute by a proposal under the statute in force: the text carries the change, the outcome adopts it (G6).

The change stands in the text as one fenced block of JSON, so that every reader of the text sees it and the text's
digest binds it at every level. Checked when such a proposal opens, and again when the next statute arrives.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from federation.assembly.bylaws.terms import TERM_KEYS
from federation.assembly.fields import governance_of
from federation.assembly.references import Reference
from federation.assembly.refusals import AmendmentRefusal, StatuteError
from federation.assembly.rules import Rule
from federation.assembly.statute import Statute, read_statute

FENCED: Final = re.compile(r"^```statute[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
BY_DECISION: Final = frozenset(
    {"name", "mode", "weight_denominator", "constituents", "rule", "margin_seconds", *TERM_KEYS} - {"adopted_by"}
)
"""What a decision may change. The rest says whose statute it is, which version, when and by which decision."""
AMENDMENT: Final = "statute"
"""The type of a proposal that changes the statute, so that a statute can name it among those that may be vetoed."""
OF_A_VERSION: Final = frozenset({"version", "adopted_at", "adopted_by"})

Members = Mapping[str, object]


def amendment_text(reasons: str, changes: Members) -> str:
    """The Markdown of a proposal that changes these members of a statute, for these reasons."""
    _refuse_others(changes)
    return f"{reasons.rstrip()}\n\n```statute\n{json.dumps(changes, indent=2, ensure_ascii=False)}\n```\n"


def is_amendment(text: str) -> bool:
    """Whether the text of a proposal carries a change of the statute, sound or not."""
    return FENCED.search(text.replace("\r\n", "\n")) is not None


def read_amendment(text: str) -> dict[str, object]:
    """The members that the text of a proposal would change. AmendmentRefusal unless there is exactly one change."""
    blocks = FENCED.findall(text.replace("\r\n", "\n"))
    if len(blocks) != 1:
        raise AmendmentRefusal("amendment-malformed", f"{len(blocks)} blocks of statute")
    try:
        changes = json.loads(blocks[0], object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise AmendmentRefusal("amendment-malformed", "not JSON") from error
    if not isinstance(changes, dict):
        raise AmendmentRefusal("amendment-malformed", "not an object")
    _refuse_others(changes)
    return changes


def amended(statute: Mapping[str, object], changes: Members) -> dict[str, object]:
    """The members of the next statute, as far as decided: the document in force with the changes, one version later.

    Raises StatuteError if the result could not be applied, AmendmentRefusal if nothing would change.
    """
    _refuse_others(changes)
    outer, fields = governance_of(statute, "statute", _malformed)
    before = {name: value for name, value in fields.members.items() if name not in OF_A_VERSION}
    after = before | dict(changes)
    following = {"attributedTo": outer.text("attributedTo"), "governance": {**fields.members, **after}}
    if read_statute(following) == read_statute(statute):
        raise AmendmentRefusal("amendment-nothing")
    return {**after, "version": fields.integer("version", least=1) + 1}


def check_amendment(text: str, *, statute: Mapping[str, object], rule: Rule) -> Statute:
    """The statute as it would be if the proposal with this text and rule passed under the statute document in force.

    Raises AmendmentRefusal or StatuteError; nothing else may open.
    """
    in_force = read_statute(statute)
    if rule != (in_force.terms.amendment or in_force.rule):
        raise AmendmentRefusal("amendment-rule")
    changed = amended(statute, read_amendment(text))
    outer, fields = governance_of(statute, "statute", _malformed)
    return read_statute({**outer.members, "governance": {**fields.members, **changed}})


def check_adopted(new: Mapping[str, object], *, old: Mapping[str, object], text: str, decision: Reference) -> None:
    """Nothing, if the `new` statute document is `old` changed exactly by `text`, and names the decision behind it.

    Raises AmendmentRefusal. Whether that decision passed is for its evidence to show.
    """
    expected = amended(old, read_amendment(text))
    outer, fields = governance_of(new, "statute", _malformed)
    statute = read_statute(new)
    of_version = {name: value for name, value in fields.members.items() if name in OF_A_VERSION}
    written = {**outer.members, "governance": {**of_version, **expected}}
    if statute.terms.adopted_by != decision or read_statute(written) != statute:
        raise AmendmentRefusal("amendment-other")


def _refuse_others(changes: Members) -> None:
    others = set(changes) - BY_DECISION
    if others:
        raise AmendmentRefusal("amendment-member", min(others))
    if not changes:
        raise AmendmentRefusal("amendment-nothing")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("one member is written twice")
    return members


def _malformed(detail: str) -> StatuteError:
    return StatuteError("statute-malformed", detail)
