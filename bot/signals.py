"""What is asked of a channel before an answer is there: to show one coming, the language of a profile."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from adapters.base import Adapter
from adapters.messages import IncomingMessage
from bot.intake import Prepared
from bot.limits import TurnLimits
from bot.refusals import SILENT
from intents.language import detect
from knowledge.models import LANGS

BEHIND_SECONDS = 5.0
"""Age of a message from which nothing is asked of the channel before it is answered."""
A_SECOND = 10
"""How many residents a second are shown that an answer is coming: in a flood it comes no sooner by that, and
LINE takes a hundred such calls a second from all processes together.
"""
THREADS = 8
PLAIN = 0.995
"""Confidence in a language which that of the session cannot change."""


class Signals:
    """Asks the channels, beside the answering and never in its way. `adapters`: by name."""

    def __init__(self, adapters: Mapping[str, Adapter]):
        self._adapters = adapters
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="signal")
        self._shown = TurnLimits(f"{A_SECOND}/second")

    def working(self, prepared: Prepared) -> None:
        """Have the channel show that an answer is coming; not where that would keep somebody waiting.

        A pressed button of Telegram waits for it in any case.
        """
        message = prepared.message
        if message.kind in SILENT or prepared.urgent or _age(message) > BEHIND_SECONDS:
            return
        if message.kind == "postback" or self._shown.allows("working"):
            self._pool.submit(self._adapters[message.channel].working, message.address)

    def with_languages(self, unknown: Sequence[Prepared]) -> list[Prepared]:
        """Return messages of residents never seen, with the language of their profiles where it matters.

        It matters where the message itself does not tell its language; nothing is asked for an old one.
        """
        asked = [prepared for prepared in unknown if _untold(prepared)]
        if not asked:
            return list(unknown)
        found = dict(zip(map(id, asked), self._pool.map(self._ask, asked), strict=True))
        return [found.get(id(prepared), prepared) for prepared in unknown]

    def _ask(self, prepared: Prepared) -> Prepared:
        message = prepared.message
        language = self._adapters[message.channel].profile_language(message.address)
        return replace(prepared, message=replace(message, lang_hint=language))

    def close(self) -> None:
        """Drop what was not asked yet."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _untold(prepared: Prepared) -> bool:
    """Return whether the language of a profile may change the answer to a message of somebody never seen."""
    message = prepared.message
    if message.lang_hint or message.kind in SILENT or prepared.urgent or _age(message) > BEHIND_SECONDS:
        return False
    if prepared.spoken:
        spoken = set(prepared.spoken)
    elif message.kind == "text":
        text = message.text or ""
        if detect(text, "ja").confidence >= PLAIN:
            return False
        spoken = {detect(text, lang).lang for lang in LANGS}
    else:
        return True
    return len(spoken) > 1 or None in spoken


def _age(message: IncomingMessage) -> float:
    """Return the seconds since the event."""
    return time.time() - message.received_at.timestamp()
