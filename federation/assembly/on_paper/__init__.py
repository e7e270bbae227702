"""Decisions on paper: a statute and positions in one file that people write, rolled up or replayed under other rules.

Pure. Called by the command line and by whoever wants to try a statute before adopting it.
"""
