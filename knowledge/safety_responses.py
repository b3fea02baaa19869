"""What is answered to people in danger: `knowledge/safety/responses.yaml`, checked with line numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from knowledge.models import LANGS, Lang
from knowledge.problems import Problem
from knowledge.safety import KINDS, RESPONSES, Kind
from knowledge.validate import digits, numbers_in
from knowledge.yamlsource import Path_, read


@dataclass(frozen=True, slots=True)
class Response:
    """What is said to somebody in danger, per language; `phones`: ids of the registry in order of fit.

    `voiceless`: ways to get help without speaking; `unread`: that no person reads the chat.
    """

    phones: tuple[str, ...]
    empathy: Mapping[Lang, str]
    first: Mapping[Lang, str]
    voiceless: Mapping[Lang, str]
    unread: Mapping[Lang, str]


def load_responses(
    path: Path = RESPONSES, phones: Mapping[str, str] | None = None
) -> tuple[dict[Kind, Response], list[Problem]]:
    """Return the answers by kind and every problem. `phones`: registered id → number, None: not checked."""
    document = read(path)
    problems = list(document.problems)

    def complain(at: Path_, code: str, message: str) -> None:
        problems.append(Problem(path, document.line(at), code, message))

    def texts(at: Path_, value: Any) -> Mapping[Lang, str]:
        if not isinstance(value, dict) or set(value) != set(LANGS) or not all(value.values()):
            complain(at, "languages", f"{', '.join(LANGS)} の 6 言語がちょうど 1 つずつ必要です。")
            return {}
        known = None if phones is None else {digits(number) for number in phones.values()}
        for lang in LANGS:
            for number in numbers_in(value[lang]) if known is not None else ():
                if digits(number) not in cast(Collection[str], known):
                    message = f"電話番号「{number}」は phones.yaml にありません。"
                    complain((*at, lang), "number-outside-registry", message)
        return {lang: value[lang].strip() for lang in LANGS}

    data = document.data if isinstance(document.data, dict) else {}
    ways, kinds = data.get("voiceless"), data.get("kinds")
    ways, kinds = (value if isinstance(value, dict) else {} for value in (ways, kinds))
    unread = texts(("unread",), data.get("unread"))
    answers: dict[Kind, Response] = {}
    for kind in KINDS:
        row = kinds.get(kind)
        if not isinstance(row, dict):
            complain(("kinds",), "kind", f"「{kind}」の答えがありません。")
            continue
        listed = row.get("phones")
        ids: list[str] = listed if isinstance(listed, list) else []
        for index, phone in enumerate(ids):
            if phones is not None and phone not in phones:
                message = f"電話番号の登録名「{phone}」がありません。"
                complain(("kinds", kind, "phones", index), "unknown-phone", message)
        if row.get("voiceless") not in ways:
            complain(("kinds", kind), "voiceless", "voiceless には上の voiceless の名前を書いてください。")
        empathy, first = (texts(("kinds", kind, key), row.get(key)) for key in ("empathy", "first"))
        voiceless = texts(("voiceless", str(row.get("voiceless"))), ways.get(row.get("voiceless")))
        answers[kind] = Response(tuple(ids), empathy, first, voiceless, unread)
    return answers, sorted(set(problems))
