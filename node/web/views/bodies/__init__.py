"""Federations too big for one page: what they say in squares, and one body with its constituents at a time."""
