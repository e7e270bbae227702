"""Tests of the doors, over real HTTP on loopback."""
