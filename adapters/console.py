"""The terminal as a channel: `tochimado chat` holds a conversation through the same handler as the others."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from io import TextIOWrapper
from itertools import count
from typing import Any, Final, TextIO
from uuid import uuid4

from flask import Blueprint

from adapters.base import Receive
from adapters.messages import Address, Button, IncomingMessage, LocationRequest, Reply
from adapters.plain import choices, clean, render_text

JSON = dict[str, Any]
Handle = Callable[[IncomingMessage], Reply | None]

CHANNEL: Final = "console"
USER: Final = "console"
PROMPT: Final = "> "
HELLO: Final = (
    "とちまど（端末）: 知りたいことを書いて Enter を押してください。\n"
    "番号で選択肢をえらべます。 /location 緯度,経度 で場所を送ります。 /quit で終わります。\n"
    "Write your question and press Enter; a number picks a choice; /quit ends."
)
_NO_CHOICE: Final = "その番号の選択肢はありません。 / There is no such choice."
_BAD_PLACE: Final = (
    "場所は /location 36.57,139.88 のように書いてください。 / Write the place like this example."
)
_BYE: Final = "終わります。 / Bye."
_NUMBER = r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
_LOCATION: Final = re.compile(rf"/location\s+{_NUMBER}(?:\s*[,、，]\s*|\s+){_NUMBER}")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９／．－", "0123456789/.-")


class ConsoleAdapter:
    """The terminal, as `adapters.base.Adapter`; payloads are `{"text": ..., "choices": [label, ...]}`."""

    name = CHANNEL

    def __init__(self, stdout: TextIO | None = None):
        self._stdout = stdout or sys.stdout

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return a blueprint without routes: a terminal has no webhook."""
        return Blueprint(CHANNEL, __name__)

    def render(self, reply: Reply) -> list[JSON]:
        """Return the reply as one payload: its text, with a hint where it asks for a place, and labels."""
        text = clean(render_text(reply))
        if any(isinstance(block, LocationRequest) for block in reply.blocks):
            text += "\n（/location 緯度,経度）"
        return [{"text": text, "choices": [clean(button.label) for button in choices(reply)]}]

    def deliver(self, to: Address, messages: list[JSON]) -> None:
        """Print the messages, choices numbered from 1."""
        for message in messages:
            lines = [message["text"], *(f"  [{n}] {label}" for n, label in enumerate(message["choices"], 1))]
            _say(self._stdout, "\n".join(line for line in lines if line))

    def working(self, to: Address) -> None:
        """Do nothing: the answer is there at once."""

    def profile_language(self, to: Address) -> str | None:
        """Return None: a terminal has no profile."""
        return None


def run(handle: Handle, stdin: TextIO, stdout: TextIO, lang: str | None = None) -> None:
    """Hold a conversation until `/quit`, the end of input or Ctrl-C; it begins with a `follow`.

    `lang` (BCP 47) goes with every message as `lang_hint`. What `handle` raises goes through.
    """
    for stream in (stdin, stdout):
        if isinstance(stream, TextIOWrapper):  # what the terminal cannot encode must not end the conversation
            stream.reconfigure(errors="replace")
    adapter = ConsoleAdapter(stdout)
    run_id, numbers = uuid4().hex, count(1)

    def event() -> IncomingMessage:
        return IncomingMessage(CHANNEL, USER, f"{run_id}-{next(numbers)}", lang_hint=lang)

    def answer(message: IncomingMessage) -> list[Button]:
        reply = handle(message)
        if reply is None:
            return []
        adapter.deliver(message.address, adapter.render(reply))
        return choices(reply)

    _say(stdout, HELLO)
    with contextlib.suppress(KeyboardInterrupt):
        buttons = answer(replace(event(), kind="follow"))
        while (line := _ask(stdin, stdout)) is not None:
            message = parse_line(line, buttons, event())
            if isinstance(message, str):
                _say(stdout, message)
            elif message is not None:
                buttons = answer(message)
    _say(stdout, _BYE)


def parse_line(line: str, buttons: list[Button], base: IncomingMessage) -> IncomingMessage | str | None:
    """Return `base` with what was typed; a sentence to print where that is a slip; None for a blank line.

    `buttons` are the ones on the screen, numbered from 1.
    """
    line = clean(line).strip()
    command = line.translate(_FULL_WIDTH)
    if not line:
        return None
    if command.isascii() and command.isdigit() and len(command) <= 2 and buttons:
        number = int(command)
        if not 1 <= number <= len(buttons):
            return _NO_CHOICE
        return replace(base, kind="postback", postback=buttons[number - 1].data)
    if re.match(r"/location\b", command):
        place = _LOCATION.fullmatch(command)
        if place is None or abs(float(place[1])) > 90 or abs(float(place[2])) > 180:
            return _BAD_PLACE
        return replace(base, kind="location", location=(float(place[1]), float(place[2])))
    return replace(base, text=line.removeprefix("/").strip() or line)


def _ask(stdin: TextIO, stdout: TextIO) -> str | None:
    """Return the next line, None at the end."""
    stdout.write(PROMPT)
    stdout.flush()
    line = stdin.readline()
    return None if not line or line.strip().translate(_FULL_WIDTH).lower() in ("/quit", "/exit") else line


def _say(stdout: TextIO, text: str) -> None:
    stdout.write(f"{text}\n\n")
    stdout.flush()
