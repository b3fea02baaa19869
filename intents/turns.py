"""Messages that are more or less than one question: two topics, or only an aspect of the last one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intents.japanese import Word
from intents.wordlists import ASPECTS

_JOIN = (
    r"(?:と|のと|たのと)、|(?:それと|それから|あとは?|ついでに|また|さらに)[、 ]|"
    r"(?<=[ァ-ヶー一-龥])と(?=[ァ-ヶー一-龥])|[；;]|，?(?:还有|另外)|"
    r"\s(?:and also|also|and|e também|e|y también|y)\s"
)
_JOINED = re.compile(_JOIN)
_CLAUSE = re.compile(rf"[。！？!?\n]+|(?<=[a-z])[.](?=\s)|{_JOIN}")
SHORTEST = 4
"""Characters of a clause that can be a topic of its own."""
MOST = 4
"""Clauses of one message that are looked at."""
_LONGEST_ASPECT = 6
"""Words that tell something in a message that only goes on with the last topic."""


def clauses(folded: str) -> list[str]:
    """Return the parts of folded text that may be questions of their own; [] if there is only one."""
    parts = [part.strip() for part in _CLAUSE.split(folded) if part and len(part.strip()) >= SHORTEST]
    return parts[:MOST] if len(parts) > 1 else []


def joined(folded: str) -> bool:
    """Return whether folded text joins its parts by a word (と, それから, and), not by a full stop."""
    return bool(_JOINED.search(folded))


_CONTINUES = re.compile(
    r"^(?:じゃあ?|では|それ|その|そこ|あと|でも|もし|なら|and |what about|how about|那|e se |e o |e a |¿?y )|"
    r"(?:は|か|ば|の|[？?])[。]?$"
)
_LONGEST_CONTINUED = 24


def continues(folded: str) -> bool:
    """Return whether folded text is short and reads as if it went on with what was said before."""
    return len(folded) <= _LONGEST_CONTINUED and bool(_CONTINUES.search(folded))


def is_aspect(words: Sequence[Word]) -> bool:
    """Return whether words name only an aspect (手数料は？, where?) and no topic."""
    telling = [word for word in words if word.weight > 0.15]
    named = [word for word in words if word.key in ASPECTS]
    others = [word for word in telling if word.key not in ASPECTS]
    return bool(named) and not others and len(telling) <= _LONGEST_ASPECT
