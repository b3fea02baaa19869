"""The command line keeps its contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.folders import entry, make
from tests.knowledge.test_loader import TEN

TOCHIMADO = [sys.executable, "-c", "from bot.cli import main; main()"]


def run(*words: str, stdin: str | bytes = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    settings = {
        key: value for key, value in os.environ.items() if not key.startswith(("TOCHIMADO_", "LINE_"))
    }
    return subprocess.run(
        [*TOCHIMADO, *words], input=raw, capture_output=True, timeout=120, check=False, env=settings | environ
    )


def asked(*lines: dict[str, Any] | str) -> list[dict[str, Any]]:
    """Ask through `ask --json --stdin`."""
    stdin = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    done = run("ask", "--json", "--stdin", stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_hundred_lines_are_answered_in_order_in_the_contracts_form() -> None:
    texts = [
        "マイナンバーカードをなくした",
        "パスポートの手続き",
        "ふがほげ",
        "I lost my card",
        "東照宮は何時まで",
    ]
    answers = asked(*({"id": number, "text": texts[number % 5]} for number in range(100)))
    assert [answer["id"] for answer in answers] == list(range(100))
    for answer in answers:
        assert set(answer) == {"id", "lang", "decision", "entry", "confidence", "candidates", "reply"}
        assert answer["decision"] in {"answer", "clarify", "places", "safety", "fallback"}
        assert (answer["entry"] is not None) == (answer["decision"] == "answer")
        assert set(answer["reply"]) == {"text", "blocks"}
        assert answer["reply"]["text"].strip()
    assert answers[0]["entry"] == "mynumber.lost"
    assert "0120-95-0178" in answers[0]["reply"]["text"]
    assert answers[0]["reply"]["text"] == answers[50]["reply"]["text"], "each its own session"


def test_languages_places_and_times_are_taken() -> None:
    english, place = asked(
        {"id": "a", "text": "マイナンバーカードをなくした", "lang": "en"},
        {
            "id": "b",
            "text": "住民票がほしい",
            "location": [36.3147, 139.8003],
            "now": "2026-11-23T10:00:00+09:00",
        },
    )
    assert english["lang"] == "en"
    assert "Source:" in english["reply"]["text"]
    assert "www.city.oyama.tochigi.jp" in place["reply"]["text"]


def test_a_bad_line_is_named_and_the_rest_goes_on() -> None:
    made = asked(
        "{", {"id": 2}, {"id": 3, "text": "ヘルプ", "location": ["x", None], "now": "yesterday"}, "[" * 99999
    )
    assert made[0] == {"id": None, "error": "line 1: not valid JSON"}
    assert made[1] == {"id": 2, "error": 'line 2: expected an object with "text"'}
    assert "使い方" in made[2]["reply"]["text"]
    assert made[3]["error"] == "line 4: not valid JSON"


def test_one_question_as_text_and_as_json() -> None:
    assert "0120-95-0178" in run("ask", "マイナンバーカードをなくした").stdout.decode()
    made = json.loads(run("ask", "--json", "--lang", "easy", "マイナンバーカードをなくした").stdout)
    assert made["lang"] == "easy"
    assert run("ask").returncode == 2


def test_chat_clarifies_answers_follows_up_and_switches() -> None:
    script = "パスポートと自動車税の払い方\n1\nマイナンバーカードをなくした\n1\nEnglish\n/quit\n"
    done = run("chat", stdin=script)
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    for part in ("もしかして", "0120-95-0178", "出典", "From now on I answer in English", "Source:"):
        assert part in out


def test_check_prints_one_line_a_mistake_and_exits_1(tmp_path: Path) -> None:
    files = {f"mynumber/m{number}.yaml": text for number, (text, _) in enumerate(TEN.values())}
    make(tmp_path, {"mynumber/a.yaml": entry("lost"), **files})
    done = run("check", str(tmp_path))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 10
    assert all(line.startswith(f"{tmp_path}/mynumber/m") and ": error[" in line for line in lines)
    made = json.loads(run("check", "--json", str(tmp_path)).stdout)
    assert (made["errors"], len(made["problems"])) == (10, 10)


def test_check_of_the_knowledge_that_ships() -> None:
    done = run("check", "--errors")
    assert (done.returncode, done.stdout) == (0, b"")
    assert "すべて" in done.stderr.decode(), "the table of areas and languages"


@pytest.mark.parametrize("command", ["ask", "check", "serve", "migrate"])
def test_bad_settings_stop_the_start_and_are_named(command: str) -> None:
    words = [command, "x"] if command == "ask" else [command]
    done = run(*words, PORT="http")
    assert done.returncode == 2
    assert b"PORT" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_knowledge_folder_is_named(tmp_path: Path) -> None:
    done = run("ask", "x", TOCHIMADO_KNOWLEDGE=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert b"TOCHIMADO_KNOWLEDGE" in done.stderr


def test_purge_says_what_it_erased(tmp_path: Path) -> None:
    environ = {"TOCHIMADO_DATA_DIR": str(tmp_path)}
    assert run("migrate", **environ).returncode == 0
    assert "やりとり 0 件" in run("purge", **environ).stdout.decode()
