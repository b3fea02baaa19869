"""What the bot says of its own accord, and the command words that residents may send, from YAML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from knowledge.models import LANGS, Lang
from knowledge.problems import KnowledgeError, Problem
from knowledge.yamlsource import read

PHRASES = Path(__file__).with_name("phrases.yaml")
COMMANDS = Path(__file__).with_name("commands.yaml")
LANGUAGE_NAMES: Mapping[Lang, str] = MappingProxyType(
    {
        "ja": "日本語",
        "easy": "やさしい日本語",
        "en": "English",
        "zh": "中文",
        "pt": "Português",
        "es": "Español",
    }
)
_SLOT = re.compile(r"\{(\w+)\}")


class Phrases:
    """The bot's own sentences: `say(key, lang, **slots)`."""

    def __init__(self, texts: Mapping[str, Mapping[Lang, str]]):
        self._texts = texts

    def say(self, key: str, lang: Lang, **slots: object) -> str:
        """Return the phrase `key` in `lang` with `{slot}` filled. Raises KeyError for an unknown key."""
        text = self._texts[key][lang].strip()
        for name, value in slots.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def keys(self) -> frozenset[str]:
        """Return all phrase keys."""
        return frozenset(self._texts)


def load_phrases(path: Path = PHRASES) -> Phrases:
    """Load the phrases. Raises `KnowledgeError`: a language missing, slots that differ, bad YAML."""
    document = read(path)
    problems = list(document.problems)
    texts: dict[str, dict[Lang, str]] = {}
    for key, row in (document.data or {}).items():
        line = document.line((key,))
        if not isinstance(row, dict) or set(row) != set(LANGS):
            message = f"「{key}」には {', '.join(LANGS)} の 6 言語がちょうど 1 つずつ必要です。"
            problems.append(Problem(path, line, "languages", message))
            continue
        slots = {lang: frozenset(_SLOT.findall(text)) for lang, text in row.items()}
        for lang in LANGS:
            if slots[lang] != slots["ja"]:
                message = f"「{key}」の {lang} の {{…}} が日本語と違います。"
                problems.append(Problem(path, document.line((key, lang)), "slots", message))
        texts[key] = {lang: row[lang] for lang in LANGS}
    if problems or not texts:
        raise KnowledgeError(problems or [Problem(path, 1, "empty", "言葉が 1 つもありません。")])
    return Phrases(texts)


@lru_cache(maxsize=1)
def load_commands(path: Path = COMMANDS) -> Mapping[str, str]:
    """Return folded command word → command (`lang`, `help`, ...). Raises `KnowledgeError`."""
    document = read(path)
    words: dict[str, str] = {}
    problems = list(document.problems)
    for command, spoken in (document.data or {}).items():
        for index, word in enumerate(spoken):
            key = command_key(word)
            if words.setdefault(key, command) != command:
                message = f"「{word}」が 2 つの命令に使われています。"
                problems.append(Problem(path, document.line((command, index)), "duplicate", message))
    if problems:
        raise KnowledgeError(problems)
    return MappingProxyType(words)


def command_key(text: str) -> str:
    """Return `text` folded for comparing with command words."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return folded.rstrip("!。.！、,～~ー").strip() or folded
