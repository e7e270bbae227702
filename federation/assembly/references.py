"""A reference from one signed document to another: its URL and the digest of its content.

Used by positions, ballots, proposals and outcomes wherever one document relies on another.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """`id` is the URL; `digest` is `sha256:<64 hex>` over the canonical document without its proof."""

    id: str
    digest: str

    def to_document(self) -> dict[str, str]:
        """The JSON form {"id", "digest"}."""
        return {"id": self.id, "digest": self.digest}
