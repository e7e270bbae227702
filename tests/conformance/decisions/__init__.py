"""Vectors of docs/reference/decisions-protocol.md: written by `writing`, read by a second implementer."""
