"""`tochimado drill`: an exercise for disasters, in an environment of its own that is thrown away.

`line`: a LINE on loopback · `scene`: the real processes in a folder of their own · `steps`: what goes wrong
· `report`: what held. `run_drill` joins them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.backup import BackupError
from bot.drill.line import DrillLine
from bot.drill.report import Report, Step
from bot.drill.scene import Scene, SceneError
from bot.drill.steps import FULL, QUICK, exercise


def run_drill(knowledge: Path, quick: bool = False, tell: Callable[[Step], None] = lambda _: None) -> Report:
    """Rehearse everything with the content folder `knowledge`. Return what held and what did not.

    `tell` is called after each step. Takes about a minute; `quick` a third of it, with fewer messages.
    """
    report, started = Report(quick=quick), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tochimado-drill-") as folder, DrillLine() as line:
        scene = Scene(Path(folder), knowledge.absolute(), line)
        try:
            for step in exercise(scene, QUICK if quick else FULL):
                report.steps.append(step)
                tell(step)
        except (SceneError, BackupError, SQLAlchemyError, OSError) as error:
            step = Step("訓練の続行", [str(error) or type(error).__name__])
            step.check("訓練を最後まで行えた", False, scene.last_words())
            report.steps.append(step)
            tell(step)
        finally:
            scene.destroy()
    report.seconds = time.monotonic() - started
    return report
