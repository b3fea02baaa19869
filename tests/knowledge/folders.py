"""Small content folders for tests."""

from __future__ import annotations

from pathlib import Path

PHONES = """\
mynumber.free:
  number: 0120-95-0178
  label: {ja: マイナンバー総合フリーダイヤル, en: My Number toll-free line}
  source: {name: デジタル庁}
  checked: 2024-12-02
"""
COUNTERS = """\
municipality:
  kind: municipality
  name: {ja: お住まいの市町の窓口, en: Your municipality}
"""
AREAS = "mynumber:\n  title: {ja: マイナンバー, en: My Number}\n"


def entry(
    slug: str, *, ask: str = "カードをなくした", extra: str = "", answer: str = "電話で止めます。"
) -> str:
    """Return the YAML of one valid entry of the area mynumber."""
    return f"""\
- id: mynumber.{slug}
  title: {{ja: {slug}のとき, en: About {slug}}}
  asks:
    ja: [{ask}]
  answer:
    ja: |
      {answer}
  owner: municipality
  source: {{name: 市町公式}}
  checked: 2024-12-02
  review_by: 2027-03-31
{extra}"""


def make(root: Path, files: dict[str, str] | None = None, **registries: str) -> Path:
    """Write a content folder with `files` (path → YAML) and return it."""
    texts = {
        "phones.yaml": PHONES, "counters.yaml": COUNTERS, "areas.yaml": AREAS, "municipalities.yaml": "",
    }  # fmt: skip
    texts |= {f"{name}.yaml": text for name, text in registries.items()}
    texts |= files if files is not None else {"mynumber/a.yaml": entry("lost")}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
