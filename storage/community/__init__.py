"""Talking about what is to be decided: opinions, replies, flags, and tombstones of what is gone."""
