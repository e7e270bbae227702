"""Commands that need no node: bundles verified, and decisions on paper rolled up or replayed under other rules."""

from __future__ import annotations

from node.cli.papers import roll_up, simulate, verify

COMMANDS = (*verify.COMMANDS, *roll_up.COMMANDS, *simulate.COMMANDS)
