"""`tochimado drill`: the exercise runs on real processes, touches nothing else and tells the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner

from bot.cli import cli, disaster
from bot.drill.line import DrillLine
from bot.drill.report import Report, Step
from bot.drill.scene import Asked, Scene
from bot.drill.steps import arrived
from tests.knowledge.folders import make


@pytest.fixture
def line() -> Iterator[DrillLine]:
    with DrillLine() as made:
        yield made


@pytest.mark.processes
def test_the_short_exercise_holds_and_touches_nothing_else(tmp_path: Path) -> None:
    data, scratch = tmp_path / "deployment", tmp_path / "scratch"
    scratch.mkdir()
    made = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "drill", "--quick", "--json"],
        env=os.environ
        | {
            "TMPDIR": str(scratch),
            "TOCHIMADO_DATA_DIR": str(data),
            "TOCHIMADO_KNOWLEDGE": str(make(tmp_path / "content")),  # small: the start is most of the time
            "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
            "TOCHIMADO_QUEUE_URL": "redis://127.0.0.1:1",
            "LINE_CHANNEL_SECRET": "of the deployment",
            "LINE_CHANNEL_ACCESS_TOKEN": "of the deployment",
            "LINE_API_BASE": "http://127.0.0.1:1",
        },
        capture_output=True,
        timeout=240,
        check=False,
    )
    told = made.stderr.decode()
    assert made.returncode == 0, told
    record = json.loads(made.stdout)
    assert record["held"] is True
    assert (record["lost"], record["twice"]) == (0, 0)
    assert record["sent"] >= 40
    assert len(record["steps"]) == 6
    assert all(step["checks"] and step["done"] for step in record["steps"])
    for part in ("事業継続の訓練の記録", "版:", "機械:", "■ データベースがなくなる", "■ LINE につながらない",
                 "結果: すべて保った"):  # fmt: skip
        assert part in told
    assert not data.exists(), "the deployment's own folder is not touched"
    assert list(scratch.iterdir()) == [], "nothing is left over"
    assert str(scratch).encode() not in b"".join(commands()), "no process is left over"


def commands() -> Iterator[bytes]:
    """Yield the environments of all processes that can be read."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid():
                yield (folder / "environ").read_bytes()
        except OSError:
            continue


def test_what_did_not_hold_is_said_and_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = (
        Step("平常時", ["始めた"], sent=3),
        Step("質問が殺到する", ["送った"], sent=9, lost=2, twice=1),
    )
    good.check("受け取り", True, "3/3 件")
    bad.check("すべての質問に答える", False, "7/9 件")

    def run(knowledge: Path, quick: bool, tell: Any) -> Report:
        for step in (good, bad):
            tell(step)
        return Report(quick, [good, bad])

    monkeypatch.setattr(disaster, "run_drill", run)
    made = CliRunner().invoke(cli, ["drill"])
    assert made.exit_code == 1
    assert "× すべての質問に答える: 7/9 件" in made.output
    assert "失われた答え 2 件、二重に届いた答え 1 件" in made.output
    assert "保てなかったもの（質問が殺到する）" in made.output
    record = json.loads(CliRunner().invoke(cli, ["drill", "--json"]).stdout)
    assert record["held"] is False
    assert record["steps"][1]["checks"] == [
        {"what": "すべての質問に答える", "held": False, "measured": "7/9 件"}
    ]


def test_answers_that_are_missing_or_doubled_are_counted(line: DrillLine) -> None:
    users = [f"U{uuid4().hex}" for _ in range(4)]
    for user in (users[0], users[1], users[1], users[3]):
        push(line, user, str(uuid4()))
    step, scene = Step("x"), cast(Scene, SimpleNamespace(line=line))
    arrived(step, scene, [Asked(user, "?", False) for user in users], 0.1)
    assert (step.sent, step.lost, step.twice) == (4, 1, 1)
    assert not step.held


def post(line: DrillLine, path: str, body: object, **headers: str) -> int:
    headers = {"Authorization": f"Bearer {line.access_token}", **headers}
    return httpx.post(f"{line.address}{path}", json=body, headers=headers, timeout=5).status_code


def push(line: DrillLine, user: str, key: str) -> int:
    body = {"to": user, "messages": [{"type": "text", "text": "a"}]}
    return post(line, "/v2/bot/message/push", body, **{"X-Line-Retry-Key": key})


def test_the_line_of_the_exercise_is_strict(line: DrillLine) -> None:
    user, key = f"U{uuid4().hex}", str(uuid4())
    reply, messages = "/v2/bot/message/reply", [{"type": "text", "text": "a"}]
    token = line.issue_token(user)
    assert post(line, reply, {"replyToken": token, "messages": messages}) == 200
    assert post(line, reply, {"replyToken": token, "messages": messages}) == 400, "a token works once"
    assert post(line, reply, {"replyToken": "made up", "messages": messages}) == 400
    assert post(line, reply, {"replyToken": line.issue_token(user), "messages": messages * 6}) == 400
    assert post(line, reply, {"messages": messages}, Authorization="Bearer other") == 401
    assert (push(line, user, key), push(line, user, key), push(line, user, "no key")) == (200, 409, 400)
    assert len(line.arrived[user]) == 2, "what was refused did not arrive"
    line.mode = "error"
    assert push(line, user, str(uuid4())) == 500
    line.mode = "silent"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{line.address}{reply}", json={}, timeout=0.2)
    assert len(line.arrived[user]) == 2
