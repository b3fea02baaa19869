"""What an exercise showed: for each step what was done, what held, for how long, what was lost."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any

from knowledge.hours import JAPAN


@dataclass(frozen=True)
class Check:
    """One thing that has to hold. `measured`: what was seen, in Japanese."""

    what: str
    held: bool
    measured: str


@dataclass
class Step:
    """One step of the exercise. `sent`: messages of residents; `lost`, `twice`: answers missing, doubled."""

    name: str
    done: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    seconds: float = 0.0
    sent: int = 0
    lost: int = 0
    twice: int = 0

    @property
    def held(self) -> bool:
        """Whether everything held."""
        return all(check.held for check in self.checks)

    def check(self, what: str, held: bool, measured: str) -> None:
        """Note one thing that had to hold."""
        self.checks.append(Check(what, held, measured))

    def lines(self) -> Iterator[str]:
        """Yield the step as it is printed."""
        yield f"■ {self.name}　{'保った' if self.held else '保てなかった'}（{self.seconds:.1f} 秒）"
        yield from (f"  ・{done}" for done in self.done)
        for check in self.checks:
            yield f"  {'○' if check.held else '×'} {check.what}: {check.measured}"


@dataclass
class Report:
    """The whole exercise, fit to be filed as the record of a business continuity exercise."""

    quick: bool = False
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    at: datetime = field(default_factory=lambda: datetime.now(JAPAN))

    @property
    def held(self) -> bool:
        """Whether everything held in every step."""
        return bool(self.steps) and all(step.held for step in self.steps)

    def heading(self) -> Iterator[str]:
        """Yield what was exercised, when and where."""
        yield "事業継続の訓練の記録（とちまど）"
        yield f"日時: {self.at:%Y-%m-%d %H:%M %Z}　種類: {'短い訓練' if self.quick else '訓練'}"
        yield f"版: tochimado {version('tochimado')}　Python {platform.python_version()}"
        yield f"機械: {platform.node()}（{platform.platform()}、CPU {os.cpu_count()}）"
        yield "環境: この機械の中の仮の環境（本番のデータと LINE には触れない）。SQLite、Web と裏方のプロセス"

    def summary(self) -> Iterator[str]:
        """Yield the end of the record."""
        sent, lost, twice = (
            sum(getattr(step, name) for step in self.steps) for name in ("sent", "lost", "twice")
        )
        yield f"まとめ: {len(self.steps)} 項目、住民の質問 {sent} 件、{self.seconds:.0f} 秒"
        yield f"失われた答え {lost} 件、二重に届いた答え {twice} 件"
        failed = [step.name for step in self.steps if not step.held]
        yield f"結果: 保てなかったもの（{'、'.join(failed)}）" if failed else "結果: すべて保った"

    def as_json(self) -> dict[str, Any]:
        """Return the record for machines."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "quick": self.quick,
            "version": version("tochimado"),
            "python": platform.python_version(),
            "machine": {"node": platform.node(), "platform": platform.platform(), "cpus": os.cpu_count()},
            "seconds": round(self.seconds, 1),
            "held": self.held,
            "sent": sum(step.sent for step in self.steps),
            "lost": sum(step.lost for step in self.steps),
            "twice": sum(step.twice for step in self.steps),
            "steps": [_step(step) for step in self.steps],
        }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "held": step.held,
        "done": step.done,
        "seconds": round(step.seconds, 1),
        "sent": step.sent,
        "lost": step.lost,
        "twice": step.twice,
        "checks": [
            {"what": check.what, "held": check.held, "measured": check.measured} for check in step.checks
        ],
    }
