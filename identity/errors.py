"""Every reason the identity floor says no; raised by its rooms, read by federation's receiver and by the doors.

    IdentityError
    ├── CanonicalError     a value has no canonical form
    ├── KeyRefused         a key is unreadable or too weak
    ├── DidRefused         an identifier is malformed, or of a kind we do not resolve
    ├── SealRefused        a sealed secret or the node's secret file cannot be used
    ├── SignatureRefusal   an HTTP request is not proven to come from its sender
    └── ProofRefusal       a document is not proven to come from its author

Each carries a stable ``code`` for programs, a ``public`` text that is safe to show a stranger, and ``str()``: advice
for the operator's log.
"""

# ruff: noqa: N818  refusals are no errors of ours, and are named for what they are

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

SignatureCode = Literal[
    "signature-missing",
    "signature-malformed",
    "signature-algorithm",
    "signature-invalid",
    "signature-expired",
    "signature-component",
    "digest-missing",
    "digest-mismatch",
    "key-unsuitable",
]
ProofCode = Literal[
    "proof-missing",
    "proof-malformed",
    "proof-suite",
    "proof-purpose",
    "proof-expired",
    "proof-invalid",
    "proof-context",
]
KeyCode = Literal["key-malformed", "key-unsuitable"]
DidCode = Literal["did-malformed", "did-unsupported"]
SealCode = Literal["seal-broken", "secret-unusable"]

PUBLIC_TEXTS: Mapping[str, str] = {
    "canonical-form": "The document cannot be written in canonical form.",
    "key-malformed": "The public key cannot be read.",
    "key-unsuitable": "The key is of a kind or size that is not accepted here.",
    "did-malformed": "The decentralized identifier is not well formed.",
    "did-unsupported": "The decentralized identifier is of a kind that is not accepted here.",
    "seal-broken": "A stored secret could not be opened.",
    "secret-unusable": "The node's secret could not be used.",
    "signature-missing": "The request is not signed.",
    "signature-malformed": "The Signature header cannot be read.",
    "signature-algorithm": "The signature algorithm is not accepted for this key.",
    "signature-invalid": "The signature does not fit the request.",
    "signature-expired": "The signature is outside its time window; check both clocks.",
    "signature-component": "The signature does not cover what it must cover.",
    "digest-missing": "The request has a body but no SHA-256 digest.",
    "digest-mismatch": "The digest does not fit the body.",
    "proof-missing": "The document carries no proof.",
    "proof-malformed": "The proof cannot be read.",
    "proof-suite": "The proof's type or cryptosuite is not accepted here.",
    "proof-purpose": "The proof was made for another purpose.",
    "proof-expired": "The proof is outside its time window.",
    "proof-invalid": "The proof does not fit the document.",
    "proof-context": "The proof's context is not the document's.",
}


class IdentityError(Exception):
    """Something about who is speaking could not be accepted."""

    def __init__(self, code: str, advice: str) -> None:
        super().__init__(advice)
        self.code = code
        self.public = PUBLIC_TEXTS[code]


class CanonicalError(IdentityError):
    """A value has no canonical form: NaN, an integer of 2^53 or more, a lone surrogate, a key that is no string."""

    def __init__(self, advice: str) -> None:
        super().__init__("canonical-form", advice)


class KeyRefused(IdentityError):
    """A key was not taken: ask its owner for an RSA key of 2048 bits or more, or a plain Ed25519 key."""

    def __init__(self, code: KeyCode, advice: str) -> None:
        super().__init__(code, advice)


class DidRefused(IdentityError):
    """An identifier was not taken: only did:key (Ed25519) and did:web (whole hosts) are read here."""

    def __init__(self, code: DidCode, advice: str) -> None:
        super().__init__(code, advice)


class SealRefused(IdentityError):
    """The node's secret or something sealed with it cannot be used: restore the secret file of this store."""

    def __init__(self, code: SealCode, advice: str) -> None:
        super().__init__(code, advice)


class SignatureRefusal(IdentityError):
    """A request's HTTP signature was not accepted; answer 401 and process nothing."""

    def __init__(self, code: SignatureCode, advice: str) -> None:
        super().__init__(code, advice)


class ProofRefusal(IdentityError):
    """A document's proof was not accepted, whatever its HTTP signature said (P9)."""

    def __init__(self, code: ProofCode, advice: str) -> None:
        super().__init__(code, advice)
