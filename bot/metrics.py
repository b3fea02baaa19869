"""Metrics for Prometheus. Labels hold kinds and channels, never what residents said or who they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY as PROCESS
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

if TYPE_CHECKING:
    from bot.durable.inbox import Inbox
    from bot.durable.outbox import Outbox

TURNS = Counter("tochimado_turns", "Messages answered", ["channel", "kind", "lang"])
TURN_SECONDS = Histogram(
    "tochimado_turn_seconds",
    "From message to reply, without sending",
    ["channel"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
DELIVERIES = Counter("tochimado_deliveries", "Replies handed to a channel", ["channel", "result"])
DELIVERY_SECONDS = Histogram(
    "tochimado_delivery_seconds",
    "From the resident's message to its reply at the channel",
    ["channel"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 120, 300, 900),
)
BACKLOG = Gauge("tochimado_backlog", "Rows that wait", ["box"], multiprocess_mode="mostrecent")
BACKLOG_SECONDS = Gauge(
    "tochimado_backlog_seconds", "Age of the oldest row that waits", ["box"], multiprocess_mode="mostrecent"
)
DEAD_LETTERS = Gauge(
    "tochimado_dead_letters", "Replies that could not be sent", multiprocess_mode="mostrecent"
)
IGNORED = Counter("tochimado_ignored_events", "Webhook events without an answer", ["channel", "event"])
REFUSED = Counter("tochimado_refused_requests", "Requests refused before parsing", ["path", "status"])
KNOWLEDGE = Gauge("tochimado_knowledge_entries", "Entries that are served", multiprocess_mode="mostrecent")


def set_gauges(inbox: Inbox, outbox: Outbox) -> None:
    """Tell what waits, since when, and what is dead. Raises `SQLAlchemyError`."""
    waiting, sending = inbox.backlog(), outbox.backlog()
    for box, (count, seconds, *_) in (("inbox", waiting), ("outbox", sending)):
        BACKLOG.labels(box).set(count)
        BACKLOG_SECONDS.labels(box).set(seconds)
    DEAD_LETTERS.set(sending[2])


def exposition() -> bytes:
    """Return all metrics in Prometheus's text form, summed over processes where there are several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(PROCESS)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
