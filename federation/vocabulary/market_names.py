"""Market terms by their short names, however the sender's context made it spell them.

Called by receive.dispatch and by whoever reads an offer of a peer. Source: FEP-0837. Fedify 2.3 writes a Proposal
inside a Create with full IRIs, because the context of its Create does not know the terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIXES: Final = (
    "https://w3id.org/valueflows/ont/vf#",
    "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "vf:",
    "om2:",
)


def short_name(name: str) -> str:
    """The name without the namespace of ValueFlows or of the units of measure; any other name as it is."""
    if not name.startswith(_PREFIXES):
        return name
    return next(name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix))


def short_names(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy whose members, at every depth, go by short names; what was short already has precedence."""
    long = [name for name in document if name.startswith(_PREFIXES)]
    renamed = {short_name(name): _shortened(document[name]) for name in long}
    return renamed | {name: _shortened(value) for name, value in document.items() if name not in long}


def _shortened(value: Any) -> Any:  # any JSON value
    if isinstance(value, dict):
        return short_names(value)
    return [_shortened(element) for element in value] if isinstance(value, list) else value
