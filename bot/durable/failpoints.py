"""Places where a test kills the process: `TOCHIMADO_FAILPOINT=after-claim` or `after-claim:0.01` (a share).

Unset, which is the rule, a failpoint is one comparison.
"""

from __future__ import annotations

import os
import random
import signal

_NAME, _, _SHARE = os.environ.get("TOCHIMADO_FAILPOINT", "").partition(":")

STEPS = (
    "received",  # authenticated and parsed, not in the inbox
    "stored",  # in the inbox, not acknowledged
    "claimed",  # a worker holds the conversation
    "answered",  # composed, not kept
    "kept",  # turn and replies kept, nothing sent
    "sending",  # about to call the channel
    "sent",  # the channel has it, the outbox does not know
)
"""All failpoints, in the order of a message's way."""


def failpoint(step: str) -> None:
    """Die here without a word if this is the step that a test asks for."""
    if step == _NAME and random.random() < float(_SHARE or 1):  # noqa: S311 (no secret)
        os.kill(os.getpid(), signal.SIGKILL)
