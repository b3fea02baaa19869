"""Residents use old names; they are understood and answered with today's, and nothing superseded is said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from ruamel.yaml import YAML

from adapters.messages import IncomingMessage
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.postbacks import data
from bot.session import Session
from knowledge.hours import JAPAN
from knowledge.models import LANGS, Lang
from tests.drivers import WebDriver

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=JAPAN)
SUPERSEDED: list[dict[str, Any]] = YAML(typ="safe").load(
    Path(__file__).parent.parent / "knowledge/superseded.yaml"
)
ASKED: dict[str, tuple[str, ...]] = {
    "とちぎ医療情報ネットで調べたい": ("医療情報ネット（ナビイ）", "028-623-3146", "担当:栃木県 医療政策課"),
    "避難勧告が出た": ("避難指示（警戒レベル4）", "全員", "担当:お住まいの市町の窓口"),
    "栃木パスポート使える？": ("2021年1月31日で終わりました", "028-623-3213", "https://www.tochigiji.or.jp/"),
    "住民票がほしい（小山）": ("小山市", "https://www.city.oyama.tochigi.jp/"),
    "#7111": ("#7119", "028-623-3344", "#8000", "028-623-3511", "119"),
}
"""What is asked with an old name → what the answer holds."""


def superseded(text: str) -> list[str]:
    """Return the facts that `text` states though they are superseded."""
    found = []
    for row in SUPERSEDED:
        stated = any(re.search(pattern, text) for pattern in row.get("never", ()))
        named = "old" in row and re.search(row["old"], text) and not re.search(row["today"], text)
        if stated or named:
            found.append(f"{row['fact']}: {row['example']}")
    return found


@pytest.mark.parametrize("text", ASKED)
def test_over_http(app: Flask, text: str) -> None:
    body = {"client_id": str(uuid4()), "text": text}
    response = app.test_client().post("/api/v1/messages", json=body)
    assert response.status_code == 200
    heard = WebDriver(app).say(text).text
    for part in ASKED[text]:
        assert part in heard
    assert superseded(heard) == []


def test_with_tochimado_ask(tmp_path: Path) -> None:
    """The program itself, in a process of its own; each line is a session of its own."""
    lines = "".join(json.dumps({"id": text, "text": text}) + "\n" for text in ASKED)
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "ask", "--json", "--stdin"],
        env={"TOCHIMADO_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        input=lines, capture_output=True, timeout=120, check=True, encoding="utf-8",
    )  # fmt: skip
    answers = {made["id"]: made["reply"]["text"] for made in map(json.loads, done.stdout.splitlines())}
    assert set(answers) == set(ASKED)
    for text, parts in ASKED.items():
        for part in parts:
            assert part in answers[text], text
        assert superseded(answers[text]) == []


@pytest.mark.parametrize("row", SUPERSEDED, ids=lambda row: f"{row['fact']} {row['example'][:12]}")
def test_the_list_finds_its_own_example(row: dict[str, Any]) -> None:
    assert set(row) <= {"fact", "never", "old", "today", "example"}
    assert f"{row['fact']}: {row['example']}" in superseded(row["example"])


@pytest.mark.parametrize("lang", LANGS)
def test_no_answer_in_any_language_states_what_is_superseded(holder: BrainHolder, lang: Lang) -> None:
    """Whole answers as residents read them: text, telephone numbers with hours, links, source."""
    made = Conversation(lambda: holder.brain, now=lambda: NOW)
    session = Session(lang=lang, lang_chosen=True, greeted=True)
    wrong = {}
    for key in holder.brain.knowledge.entries:
        pressed = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", key))
        reply = made.handle(pressed, session).reply
        assert reply is not None
        if found := superseded(render_text(reply)):
            wrong[key] = found
    assert wrong == {}


def test_neither_in_danger_nor_in_the_bots_own_words(holder: BrainHolder) -> None:
    phrases = holder.brain.phrases
    said = [phrases.say(key, lang) for key in sorted(phrases.keys()) for lang in LANGS]
    said += [str(response) for response in holder.brain.responses.values()]
    assert len(said) > 100
    assert [text for text in said if superseded(text)] == []
