"""The group `rochdale relief`: what an assembly and the bodies below it do in an emergency."""

from __future__ import annotations

from node.cli.reliefs.commands import relief

COMMANDS = (relief,)
