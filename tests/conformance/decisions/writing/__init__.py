"""Writes the vectors from the code: `python -m tests.conformance.decisions.writing`."""
