"""PURE: how people talk about what is to be decided. No I/O, no clock, no randomness; nothing here decides a tally."""
