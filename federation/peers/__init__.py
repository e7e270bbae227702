"""Whom we know: the directory of peers' actors."""
