"""What buttons send back: short ASCII strings, at most 60 bytes, `verb` or `verb:argument`."""

from __future__ import annotations

ENTRY = "entry"
TOPICS = "topics"
TOPIC = "topic"
LANG = "lang"
HELP = "help"
BACK = "back"
NONE = "none"
USEFUL = "fb+"
NOT_USEFUL = "fb-"
REASON = "fbr"
TOWNS = "towns"
TOWN = "town"
PLACES = "pl"
DELETE = "delete"
KEEP = "keep"


def data(verb: str, argument: str = "") -> str:
    """Return the data of a button."""
    made = f"{verb}:{argument}" if argument else verb
    if len(made.encode()) > 60 or not made.isascii():
        raise ValueError("postback data longer than 60 bytes or not ASCII")
    return made


def parse(made: str) -> tuple[str, str]:
    """Return (verb, argument) of a button's data; foreign data gives verbs that nobody knows."""
    verb, _, argument = made[:300].partition(":")
    return verb, argument
