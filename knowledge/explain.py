"""Say in Japanese what a model refused, for the staff who read `tochimado check`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from knowledge.problems import Problem
from knowledge.yamlsource import Document, Path_

_KINDS = {
    "string_type": "文字で書いてください",
    "list_type": "「- 」で始まる一覧で書いてください",
    "dict_type": "「項目: 内容」の形で書いてください",
    "model_type": "「項目: 内容」の形で書いてください",
    "string_too_short": "空です。内容を書いてください",
    "string_too_long": "長すぎます（{max_length} 文字まで）",
    "float_parsing": "数で書いてください",
    "literal_error": "次のどれかです: {expected}",
    "string_pattern_mismatch": "書き方が違います（{pattern}）",
}


def problems_of(
    error: ValidationError, document: Document, at: Path_, model: type[BaseModel]
) -> list[Problem]:
    """Return one problem per refusal. `at`: the path of the validated object in the document."""
    found = []
    for item in error.errors(include_url=False):
        path: Path_ = (*at, *(part for part in item["loc"] if part != "[key]"))
        code, message = _say(item["type"], path, dict(item), model)
        found.append(Problem(document.file, document.line(path), code, message))
    return found


def _say(kind: str, path: Path_, item: dict[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    name = ".".join(str(part) for part in path if not isinstance(part, int)) or "内容"
    last = str(path[-1]) if path else ""
    if kind == "missing":
        return "missing", f"「{last}」がありません。書き足してください。"
    if kind == "extra_forbidden":
        near = get_close_matches(last, list(model.model_fields), n=1)
        hint = f"「{near[0]}」ではありませんか。" if near else "つづりを確かめるか、消してください。"
        return "unknown-key", f"「{last}」という項目はありません。{hint}"
    if kind.startswith("date"):
        return (
            "date",
            f"「{name}」は実在する日付を 2026-11-21 の形で書いてください（今は「{item['input']}」）。",
        )
    if kind == "value_error":
        return "value", f"「{name}」: {str(item['msg']).removeprefix('Value error, ')}"
    template = _KINDS.get(kind)
    if template is None:
        return "invalid", f"「{name}」: {item['msg']}"
    said = template.format_map(item.get("ctx") or {})
    if item.get("input") in (None, ""):
        return "missing", f"「{name}」が空です。内容を書いてください。"
    return "value", f"「{name}」: {said}。"
