"""Structured logs on standard error: text for people in dev, JSON lines in production."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from settings import Settings

_LONGEST_FOREIGN = 500


def _short(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Shorten what the web server logs: a client can ask for a path of any length."""
    line["event"] = str(line["event"])[:_LONGEST_FOREIGN]
    return line


def set_up_logs(settings: Settings) -> None:
    """Structured lines on standard error; nothing of a request's variables or of SQL parameters is logged."""
    renderer: Any = structlog.processors.JSONRenderer() if settings.json_logs else structlog.dev.ConsoleRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    foreign = [*shared, _short]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=foreign))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for noisy in ("mail.log", "httpx", "tortoise", "aiosqlite", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
