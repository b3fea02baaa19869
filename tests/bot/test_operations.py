"""docs/operations.md: its commands, settings and alert rules are those of the program."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from bot import metrics
from bot.cli import cli
from bot.settings import Settings

DOCS = Path(__file__).parent.parent.parent / "docs" / "operations.md"


@pytest.fixture(scope="module")
def text() -> str:
    return DOCS.read_text(encoding="utf-8")


def test_every_command_exists_with_its_options(text: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`((?:[A-Z_]+=\S+ )?tochimado [^`]+)`", text)
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line.partition("#")[0].partition(">")[0])
        words = words[words.index("tochimado") + 1 :]
        command: click.Command = cli
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {option for found in command.params for option in found.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_setting_exists(text: str) -> None:
    known = {item.metadata["env"] for item in fields(Settings)}
    named = set(re.findall(r"\b(?:TOCHIMADO|LINE|TELEGRAM)_[A-Z_]+\b|DATABASE_URL", text))
    assert named <= known


def test_the_alert_rules_use_metrics_that_exist(text: str) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    rules = YAML(typ="safe").load(block)["groups"][0]["rules"]
    assert len(rules) > 5
    exposed = metrics.exposition().decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", exposed, re.MULTILINE))
    known = set(kinds)
    for name, kind in kinds.items():
        known |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"} if kind == "histogram" else set()
    for rule in rules:
        named = set(re.findall(r"tochimado_\w+", rule["expr"]))
        assert named or rule["expr"].startswith("up{"), rule["alert"]
        assert named <= known, rule["alert"]
        assert rule["annotations"]["summary"]
