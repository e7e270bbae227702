"""What a body says of itself to an assembly: who it is, and how many members stand behind it (G6).

Written with a Join, and again whenever the number changes; read by the assembly. The number is the body's own signed
word: it changes no weight before the assembly publishes its next statute with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.assembly.fields import fields_of
from federation.assembly.refusals import StatuteError
from federation.assembly.statute import HEAVIEST, Statute
from federation.assembly.weighing.leaves import NEVER
from identity.instants import instant_text

APPLICATION: Final = "application"


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many members a body has, and when it counted them."""

    members: int
    counted_at: datetime


def application(*, body: str, name: str, kind: str, count: HeadCount | None) -> dict[str, object]:
    """The `governance` member of a Join, and of an Update of it. Without a count the number is left out."""
    said: dict[str, object] = {"kind": APPLICATION, "body": body, "name": name, "body_kind": kind}
    if count is None:
        return said
    return {**said, "members": count.members, "counted_at": instant_text(count.counted_at)}


def read_count(document: object) -> HeadCount | None:
    """The count in a Join or its Update, None where it says none. Raises StatuteError for one that is no count."""
    outer = fields_of(document, _refuse)
    if outer.is_absent("governance"):
        return None
    said = outer.within("governance")
    if said.is_absent("members"):
        return None
    return HeadCount(said.integer("members", least=1, most=HEAVIEST), said.instant("counted_at"))


def members_below(assembly: str, statutes: Mapping[str, Statute]) -> int | None:
    """The members of all co-ops below, each co-op once however many ways lead to it; None where a number is missing.

    An assembly whose statute we do not know counts with what the statute above it says; of two numbers for one body
    the one in the statute adopted last is taken, then the larger.
    """
    found: dict[str, tuple[datetime, int]] = {}
    seen, waiting = {assembly}, [assembly]
    while waiting:
        statute = statutes[waiting.pop()]
        for each in statute.constituents:
            if each.kind == "assembly" and each.body in statutes:
                waiting.extend({each.body} - seen)
                seen.add(each.body)
            else:
                said = (statute.adopted_at, each.members or 0)
                found[each.body] = max(found.get(each.body, (NEVER, 0)), said)
    numbers = [members for _, members in found.values()]
    return sum(numbers) if numbers and all(numbers) else None


def _refuse(detail: str) -> StatuteError:
    return StatuteError("statute-members", detail)
