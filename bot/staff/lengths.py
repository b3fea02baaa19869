"""Answers that a channel has to divide or to cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.limits import graphemes, utf16_len
from adapters.messages import LocationRequest, Reply
from adapters.telegram_render import to_plain
from bot.brain import Brain
from bot.staff.shown import Channel, rendered, reply_of
from knowledge.located import Located
from knowledge.problems import Problem

_NAMES: Mapping[Channel, str] = {"line": "LINE", "telegram": "Telegram"}
BUTTON = 20
"""Grapheme clusters that a button shows on LINE; a title is the label of the button that leads to it."""


def length_problems(brain: Brain, located: Mapping[str, Located]) -> Iterator[Problem]:
    """Yield `too-long` for answers that do not fit into one message, `title-long` for Japanese titles."""
    for key, place in located.items():
        length = len(graphemes(place.entry.title["ja"]))
        if length > BUTTON:
            message = (
                f"題が長すぎます（{length} 文字）。LINE のボタンは {BUTTON} 文字までです。短くしてください。"
            )
            yield place.problem("title-long", message, "title", "ja")
        for lang, answer in place.entry.answer.items():
            reply = reply_of(brain, key, lang)
            for channel in _NAMES:
                said = _said(reply, channel)
                if len(said) <= 1 and _whole(answer, said):
                    continue
                how = f"{len(said)} 通に分かれます" if _whole(answer, said) else "終わりまで届きません"
                message = (
                    f"{_NAMES[channel]} では長すぎて、{how}（{utf16_len(answer)} 文字）。"
                    "短くするか、くわしい内容は別の項目に分けて next でつないでください。"
                )
                yield place.problem("too-long", message, "answer", lang)


def _said(reply: Reply, channel: Channel) -> list[str]:
    """Return the texts of the messages that hold the answer."""
    messages = rendered(reply, channel)
    if channel == "line":
        return [str(message["text"]) for message in messages if message["type"] == "text"]
    texts = [to_plain(str(message["text"])) for message in messages]
    asked = any(isinstance(block, LocationRequest) for block in reply.blocks)
    return texts[:-1] if asked and len(texts) > 1 else texts


def _whole(answer: str, said: list[str]) -> bool:
    """Return whether every word of the answer got through."""
    return "".join(answer.split()) in "".join("".join(said).split())
