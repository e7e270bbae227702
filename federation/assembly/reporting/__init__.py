"""Positions as data and as JSON, and what outcomes rest on beside a tally. Pure; called by positions and outcomes."""
