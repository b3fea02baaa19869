"""Answers that a channel has to divide or to cut, and titles that look alike on its buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.limits import utf16_len
from adapters.line_flex import label
from adapters.messages import LocationRequest, Reply
from adapters.telegram_render import to_plain
from bot.brain import Brain
from bot.staff.shown import Channel, rendered, reply_of
from knowledge.located import Located
from knowledge.problems import Problem

_NAMES: Mapping[Channel, str] = {"line": "LINE", "telegram": "Telegram"}


def length_problems(brain: Brain, located: Mapping[str, Located]) -> Iterator[Problem]:
    """Yield `too-long` for answers that do not fit into one message, `title-same` for titles."""
    yield from _alike(located)
    for key, place in located.items():
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


def _alike(located: Mapping[str, Located]) -> Iterator[Problem]:
    """Find titles that nobody can tell apart on a button, which shows their beginnings only.

    A long title alone is no mistake: the button is cut with 「…」, the answer begins with the whole title.
    """
    shown: dict[tuple[str, str], str] = {}
    for key, place in located.items():
        for lang, title in place.entry.title.items():
            first = shown.setdefault((lang, label(title)), key)
            if first != key:
                message = (
                    f"題が「{first}」の題と、LINE のボタンの上で同じに見えます（「{label(title)}」）。"
                    "違うところを題のはじめに書いてください。"
                )
                yield place.problem("title-same", message, "title", lang)


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
