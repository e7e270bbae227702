"""Shapes several nouns share: documents, keys in paths, tallies; called by the other shapes."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from node.api.door.ids import KEY_PATTERN

Document = Mapping[str, Any]
"""A JSON document as signed or received; its inside is described by the governance vocabulary, not here."""

Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ActorId = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]{3,500}$")]


class KeyPath(BaseModel, extra="forbid", frozen=True):
    """The `key` of an object, as its list shows it: a uuid for our own, `~…` for a peer's."""

    key: Key


class TallyView(BaseModel, frozen=True):
    """Weights in units of the statute's denominator; as `n/d` where caps or splits leave no whole units."""

    in_favour: int | str = Field(serialization_alias="for")
    against: int | str
    abstain: int | str
    electorate: int | str
    unresolved: int | str = 0


def tally_view(tally: Mapping[str, Any] | None) -> TallyView | None:
    """A stored or signed tally as shown."""
    if tally is None:
        return None
    return TallyView(
        in_favour=tally["for"],
        against=tally["against"],
        abstain=tally["abstain"],
        electorate=tally["electorate"],
        unresolved=tally.get("unresolved", 0),
    )
