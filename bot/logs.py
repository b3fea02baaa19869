"""Logs as JSON lines with ids, never with what residents wrote."""

from __future__ import annotations

import logging
import sys

import structlog

HIDDEN = frozenset({"text", "said", "message", "body", "payload", "token", "secret"})
QUIET = ("httpx", "httpcore", "urllib3", "alembic", "linebot")
"""Loggers of libraries that speak only from WARNING on."""


def _without_content(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop fields that could hold what a resident wrote or a secret, whoever passed them."""
    for name in HIDDEN & event.keys():
        event[name] = "(not logged)"
    return event


class _Stderr(logging.Handler):
    """Writes to whatever stderr is at the moment, so that a redirection is followed."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def configure_logs(level: str = "INFO") -> None:
    """Send structlog and the standard library's records to stderr as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_content,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _traceback_without_values,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _traceback_without_values(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Render a traceback as places and the exception's type; its text may quote what was written."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        places = []
        step = info[2]
        while step is not None:
            code = step.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{step.tb_lineno} {code.co_name}")
            step = step.tb_next
        event["exception"] = {"type": info[0].__name__, "at": places[-12:]}
    return event
