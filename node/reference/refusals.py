"""docs/reference/refusals.md, from node.governance.refusals and identity.errors."""

from __future__ import annotations

from identity.errors import PUBLIC_TEXTS
from node.api.problems import STATUS_OF
from node.governance.refusals import REFUSALS
from node.reference.markdown_table import code, page, table

INTRODUCTION = """A refusal is a rule saying no. The code is stable and made for programs; the sentence is made
for people and gives nothing away. At the member door it arrives as `application/problem+json` with the status
beside it. A refused activity of a peer keeps the code in its row, and the operator's log gets the advice."""

SIGNATURES = """## Signatures, proofs and keys

These are said to peers at the inbox, with status 401, and stand in the answer of the evidence verifier. What
else the inbox may refuse is listed in [FEDERATION.md](../../FEDERATION.md)."""


def text() -> str:
    """The page."""
    rules = table(
        ("code", "status", "what people read", "what an operator looks at"),
        ((code(name), str(STATUS_OF[one.category]), one.public, one.advice) for name, one in sorted(REFUSALS.items())),
    )
    proofs = table(("code", "what it says"), ((code(name), said) for name, said in sorted(PUBLIC_TEXTS.items())))
    return page("Refusal codes", INTRODUCTION, rules, SIGNATURES, proofs)
