"""Asks that do not find their own entry, and entries that compete for the same question.

Both are judged by the ranking that answers residents.  Two entries that are meant to be alike are explained
by a comment within one of them; a collision that is explained is not reported:

    # 似た質問: mynumber.pin-lock 「ロック」は暗証番号の入れまちがい、こちらは機能の停止
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from intents import policy
from intents.normalize import bare, clean, fold
from intents.padding import unpadded
from intents.understand import Understander
from knowledge.located import Located
from knowledge.models import Lang
from knowledge.problems import Problem

NEAR = 0.8
"""Share of letter pairs from which two phrasings are nearly the same (1: the same)."""
CONSIDERED = 4
"""Entries of a ranking that are compared with an ask."""
_EXPLAINED = re.compile(r"#\s*似た質問\s*[:：]\s*([a-z0-9.-]{3,48})[\s、。:：]+(\S.*)")

Pair = frozenset[str]


def explained_pairs(located: Mapping[str, Located]) -> set[Pair]:
    """Return the pairs of entries whose likeness a comment explains. Raises OSError."""
    return {
        frozenset((key, match[1]))
        for key, place in located.items()
        for line in place.lines()
        if (match := _EXPLAINED.search(line))
    }


def collision_problems(understander: Understander, located: Mapping[str, Located]) -> Iterator[Problem]:
    """Yield an `ask-lost` for every ask that leads elsewhere and a `collision` for each pair of entries."""
    known = explained_pairs(located)
    same = _words(located)
    reported: set[Pair] = set()
    for key, place in located.items():
        for lang, asks in place.entry.asks.items():
            for index, ask in enumerate(asks):
                lost = _lost(understander, located, key, (lang, index), ask)
                if lost is not None:
                    yield lost
                    continue
                for rival in _rivals(understander, located, key, ask, lang):
                    pair = frozenset((key, rival))
                    if rival in located and pair not in reported | known:
                        reported.add(pair)
                        yield _collision(place, located[rival], lang, index, same)


def _lost(
    understander: Understander, located: Mapping[str, Located], key: str, at: tuple[Lang, int], ask: str
) -> Problem | None:
    """Return the problem of an ask that a resident's question would not lead from to its entry."""
    lang, index = at
    decision = understander.decide(ask, lang)
    first = decision.candidates[0].entry_id if decision.candidates else None
    if first == key and decision.kind != "fallback":
        return None
    if first is None or first == key:
        found = "何も見つかりません。知りたいことの名前を入れて、もう少し詳しく書いてください"
    else:
        other = located.get(first)
        place = f"（{_place(other)}）" if other else ""
        found = f"先に「{first}」{place}が見つかります。どちらかの言い方を変えるか、片方から消してください"
    message = f"「{ask}」と聞いても、この項目になりません。{found}。"
    return located[key].problem("ask-lost", message, "asks", lang, index, severity="error")


def _rivals(
    understander: Understander, located: Mapping[str, Located], key: str, ask: str, lang: Lang
) -> list[str]:
    """Return the entries that would take `ask` away, were it asked in slightly other words.

    Those words for word the same are found by themselves; this looks at the ranking behind that.
    """
    candidates = understander.rank(ask, CONSIDERED, lang)
    kind, chosen = policy.decide(candidates)
    offered = [candidate.entry_id for candidate in chosen[: policy.OFFERED]]
    taken = (kind == "answer" and offered[0] != key) or (kind == "clarify" and key not in offered)
    rivals = offered[:1] if taken else []
    wanted = set(_pairs(ask))
    for other in (candidate.entry_id for candidate in candidates):
        if other != key and other in located:
            near, _ = _nearest(located[other], ask, lang)
            if _share(wanted, set(_pairs(near))) >= NEAR:
                rivals.append(other)
    return list(dict.fromkeys(rivals))


def _collision(
    place: Located, other: Located, lang: Lang, index: int, same: Mapping[str, list[str]]
) -> Problem:
    ask = place.entry.asks[lang][index]
    near, line = _nearest(other, ask, lang)
    where = f"{other.document.file}:{line}"
    if other.entry.id in same.get(_folded(ask), ()):
        remedy = "同じ言い方です。片方から消すか、「だれの・何の」を足して分けてください"
    else:
        remedy = "「だれの・何の・いつ」を足して違いをはっきりさせてください"
    message = (
        f"「{ask}」は「{other.entry.id}」の「{near}」（{where}）と取り合いになります。{remedy}。"
        f"似ていてよいときは、この項目に「# 似た質問: {other.entry.id} 理由」と書いてください。"
    )
    return place.problem("collision", message, "asks", lang, index)


def _nearest(other: Located, ask: str, lang: Lang) -> tuple[str, int]:
    """Return the phrasing of `other` most like `ask`, and its line; the title counts too."""
    wanted = set(_pairs(ask))
    found: list[tuple[tuple[str | int, ...], str]] = [
        (("title", lang), other.entry.title.get(lang, other.entry.title["ja"]))
    ]
    found += [(("asks", lang, number), text) for number, text in enumerate(other.entry.asks.get(lang, []))]
    path, text = max(found, key=lambda row: _share(wanted, set(_pairs(row[1]))))
    return text, other.line(*path)


def _pairs(text: str) -> list[str]:
    folded = _folded(text)
    return [folded[at : at + 2] for at in range(max(1, len(folded) - 1))]


def _share(one: set[str], two: set[str]) -> float:
    return len(one & two) / max(1, len(one | two))


def _folded(text: str) -> str:
    return bare(unpadded(fold(clean(text))))


def _words(located: Mapping[str, Located]) -> dict[str, list[str]]:
    """Return folded phrasing → the entries that have it."""
    found: dict[str, list[str]] = {}
    for key, place in located.items():
        for texts in place.entry.asks.values():
            for text in texts:
                found.setdefault(_folded(text), []).append(key)
        for title in place.entry.title.values():
            found.setdefault(_folded(title), []).append(key)
    return found


def _place(place: Located) -> str:
    file: Path = place.document.file
    return f"{file}:{place.line('id')}"
