"""Log lines for people or for collectors, on standard error; called by the commands that keep running."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.settings import Settings


def start_logs(level: str, log_format: str) -> None:
    """Send structlog's and the libraries' lines to standard error, from `level` upward."""
    import logging

    import structlog

    least = logging.getLevelNamesMapping()[level.upper()]
    is_json = log_format == "json"
    plain = structlog.dev.plain_traceback  # the richer one prints local variables, and with them tokens and keys
    renderer = (
        structlog.processors.JSONRenderer()
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if is_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        stream=sys.stderr, level=max(least, logging.WARNING), format="%(levelname)s %(name)s: %(message)s"
    )


def logs_for(settings: Settings) -> None:
    """Log as the node's settings say."""
    start_logs(settings.log_level, settings.log_format)


def quiet_logs() -> None:
    """Only errors: for commands whose output is their answer."""
    start_logs("error", "text")
