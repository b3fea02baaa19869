"""`tochimado test` and `compare` from the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.bot.test_cli import run
from tests.knowledge.folders import entry, make


def gold(folder: Path) -> str:
    folder.mkdir()
    (folder / "mynumber.yaml").write_text("mynumber.lost:\n  - カードをなくした\n", encoding="utf-8")
    (folder / "outside.yaml").write_text("outside:\n  - きょうの株価\n", encoding="utf-8")
    return str(folder)


def test_the_report_and_its_json(tmp_path: Path) -> None:
    environ = {"TOCHIMADO_KNOWLEDGE": str(make(tmp_path / "content"))}
    folder = gold(tmp_path / "gold")
    text = run("test", "--gold", folder, **environ).stdout.decode()
    assert "すべて: 1 questions  hit@1 1.000" in text
    made = json.loads(run("test", "--gold", folder, "--json", **environ).stdout)
    assert made["inside"]["right"] == 1.0
    assert made["outside"] == {**made["outside"], "questions": 1, "wrong": 0.0}


def test_bad_gold_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "mynumber.yaml").write_text("mynumber.lost: x\n", encoding="utf-8")
    done = run("test", "--gold", str(folder))
    assert done.returncode == 1
    assert b"mynumber.yaml:1" in done.stderr


def test_two_folders_and_two_commits_are_compared(tmp_path: Path) -> None:
    content = make(tmp_path / "content")
    folder = gold(tmp_path / "gold")
    git = ["git", "-C", str(content), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    (content / "mynumber/a.yaml").write_text(entry("lost", ask="写真の大きさ"), encoding="utf-8")
    environ = {"TOCHIMADO_KNOWLEDGE": str(content)}
    text = run("compare", "HEAD", "--gold", folder, **environ).stdout.decode()
    assert "HEAD: 1 questions  hit@1 1.000" in text
    assert "変わったもの 1 件" in text
    assert "カードをなくした: right mynumber.lost →" in text
    other = make(tmp_path / "other")
    text = run("compare", str(other), str(content), "--gold", folder, **environ).stdout.decode()
    assert "変わったもの 1 件" in text
    done = run("compare", "no-such-revision", "--gold", folder, **environ)
    assert done.returncode == 1
    assert "Git の版でもありません".encode() in done.stderr
