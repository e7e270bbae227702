"""Anybody elsewhere: opinions, replies, followers and neighbours that run other software."""
