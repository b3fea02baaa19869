"""The scripts of widget and demo page keep what their JSDoc types promise, says TypeScript's compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from adapters.web_static import HERE
from tests.services import needs

TSC = shutil.which("tsc")
pytestmark = needs("TypeScript's compiler (tsc; on Debian the package node-typescript)", TSC is not None)


def complaints(folder: Path) -> list[str]:
    """Return what the compiler says of the scripts of `folder`, a line each."""
    made = subprocess.run(
        [str(TSC), "--project", str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    return made.stdout.splitlines()


def test_the_scripts_are_typed() -> None:
    assert complaints(HERE) == []


def test_a_wrong_type_would_be_found(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "scripts")
    script = tmp_path / "scripts" / "chat" / "host.js"
    script.write_text(script.read_text("utf-8") + '\ntellHost("no such word");\n', "utf-8")
    assert any("host.js" in line and "no such word" in line for line in complaints(tmp_path / "scripts"))
