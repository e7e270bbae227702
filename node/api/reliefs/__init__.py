"""Reliefs at the member door: `operations` are what may be asked, `views` how a log is shown."""

from node.api.reliefs.operations import OPERATIONS

__all__ = ["OPERATIONS"]
