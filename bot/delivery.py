"""Send a rendered reply, again where that can help."""

from __future__ import annotations

import time

import structlog

from adapters.base import Adapter, DeliveryError
from adapters.messages import IncomingMessage, Reply
from bot import metrics

log = structlog.get_logger()

TRIES = 4
FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0


def send(adapter: Adapter, message: IncomingMessage, reply: Reply) -> bool:
    """Render and deliver `reply` to whoever sent `message`. Return whether the channel took it."""
    rendered = adapter.render(reply)
    for tried in range(1, TRIES + 1):
        try:
            adapter.deliver(message.address, rendered)
        except DeliveryError as error:
            again = error.retry and tried < TRIES
            log.warning(
                "delivery.failed",
                channel=adapter.name,
                event_id=message.event_id,
                status=error.status,
                reason=error.reason,
                again=again,
            )
            metrics.DELIVERIES.labels(adapter.name, "retried" if again else "failed").inc()
            if not again:
                return False
            rendered = rendered[getattr(error, "delivered", 0) :]
            wait = error.after if error.after is not None else FIRST_WAIT * 2 ** (tried - 1)
            time.sleep(min(wait, LONGEST_WAIT))
        else:
            metrics.DELIVERIES.labels(adapter.name, "sent").inc()
            return True
    return False
