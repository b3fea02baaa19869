"""What is said where a message is not answered: one too many, a channel switched off, trouble."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from adapters.base import Adapter
from adapters.messages import IncomingMessage, Reply, Text
from bot import metrics
from bot.brain import BrainHolder
from bot.intake import Prepared
from bot.limits import TurnLimits
from bot.outcome import Outcome
from bot.session import lang_from_tag
from bot.switches import Switches
from knowledge.models import Lang

log = structlog.get_logger()

SILENT = ("unfollow", "unsend")
"""Kinds of event to which nothing may be sent."""


class Refusals:
    """Decides what is not answered, and says so. `key`: (channel, user id) → keyed hash of the conversation.

    `adapters`: the channels that are sent to.
    """

    def __init__(
        self,
        holder: BrainHolder,
        limits: TurnLimits,
        switches: Switches,
        key: Callable[[str, str], str],
        adapters: Mapping[str, Adapter],
    ):
        self._holder = holder
        self._limits = limits
        self._switches = switches
        self._key = key
        self._adapters = adapters
        self._notices = TurnLimits("1/minute")

    def why(self, prepared: Prepared) -> str | None:
        """Return why a message is not answered (the phrase that says so); danger to life always is."""
        message = prepared.message
        if message.kind in SILENT or prepared.urgent:
            return None
        if self._switches.is_off(message.channel):
            return "maintenance"
        if self._limits.allows(self._key(message.channel, message.user_id)):
            return None
        return "limited"

    def decline(self, why: str, message: IncomingMessage) -> Reply | None:
        """Say why there is no answer; on a channel that is sent to, once a minute to each resident."""
        metrics.TURNS.labels(message.channel, why, "").inc()
        key = f"{why}:{self._key(message.channel, message.user_id)}"
        if message.channel in self._adapters and not self._notices.allows(key):
            return None
        return self._say(why, message)

    def trouble(self, message: IncomingMessage) -> Reply | None:
        """Log the exception at hand and say that something went wrong."""
        log.exception("turn.failed", channel=message.channel, event_id=message.event_id)
        metrics.TURNS.labels(message.channel, "error", "").inc()
        return None if message.kind in SILENT else self._say("trouble", message)

    def forgetful(self, outcome: Outcome) -> Reply | None:
        """Return the reply, saying that nothing is remembered now; a crisis answer stays as it is."""
        if outcome.reply is None or outcome.reply.urgent:
            return outcome.reply
        note = Text(self._holder.brain.phrases.say("stateless", outcome.session.lang), "notice")
        return replace(outcome.reply, blocks=(*outcome.reply.blocks, note))

    def _say(self, key: str, message: IncomingMessage) -> Reply:
        lang: Lang = lang_from_tag(message.lang_hint) or "ja"
        return Reply((Text(self._holder.brain.phrases.say(key, lang)),), (), lang)


def note(message: IncomingMessage, outcome: Outcome, kept: bool) -> None:
    """Count and log an answer."""
    kind = outcome.decision.kind if outcome.decision else message.kind
    metrics.TURNS.labels(message.channel, kind, outcome.session.lang).inc()
    log.info(
        "turn",
        channel=message.channel,
        event_id=message.event_id,
        turn=outcome.turn_id,
        kind=kind,
        entry=outcome.entry_id,
        lang=outcome.session.lang,
        kept=kept,
    )
