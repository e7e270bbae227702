"""Decentralized identifiers: pure text in, keys and documents out; nothing here fetches.

did_key  members, and anybody who is only a key (I6)
did_web  nodes, which live at an origin (I4)
"""
