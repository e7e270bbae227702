"""Bundled JSON-LD contexts, and expansion that can reach nothing else (P10).

Called by conformance tests, the context door and readers of unknown shapes; ordinary activities are read as plain JSON.
This is the only file of this floor that imports pyld, and only once something is expanded: it takes ten megabytes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from federation.vocabulary import terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyld import FrozenDocumentLoader

_FOLDER = Path(__file__).parent / "contexts"
_OURS = {
    terms.CID_V1: "cid-v1.jsonld",
    terms.DATA_INTEGRITY_V1: "data-integrity-v1.jsonld",
    terms.DATA_INTEGRITY_V2: "data-integrity-v2.jsonld",
    terms.MULTIKEY_V1: "multikey-v1.jsonld",
    terms.ROCHDALE_CONTEXT: "rochdale-v1.jsonld",
}


@cache
def loader() -> FrozenDocumentLoader:
    """A document loader that knows the bundled contexts and refuses every other address."""
    from pyld import BUNDLED_CONTEXTS, FrozenDocumentLoader

    return FrozenDocumentLoader(dict(BUNDLED_CONTEXTS) | {url: _FOLDER / name for url, name in _OURS.items()})


@cache
def own_context() -> str:
    """The text of our own context document."""
    return (_FOLDER / _OURS[terms.ROCHDALE_CONTEXT]).read_text(encoding="utf-8")


def expand(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The document in expanded JSON-LD form; only for documents of our own or from behind the gate, never RDF.

    Raises pyld's JsonLdError when a context is not bundled.
    """
    from pyld import jsonld

    expanded = jsonld.expand(json.loads(json.dumps(document)), {"documentLoader": loader()})
    return list(expanded)
