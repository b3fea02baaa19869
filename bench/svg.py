"""Small pictures without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence

_SIZE, _LEFT, _TOP, _PLOT = 420, 60, 30, 320
_SPACE = "http://www.w3.org/2000/svg"
_LABEL = "Reliability: how often decisions of a confidence are right, on held-out utterances"
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.grid{stroke:#ddd}.ideal{stroke:#999;stroke-dasharray:5 4}"
    ".curve{fill:none;stroke:#0b5fa5;stroke-width:2.5}.bar{fill:#0b5fa5;opacity:.18}.dot{fill:#0b5fa5}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.grid{stroke:#444}.curve{stroke:#7bb8ee}.dot{fill:#7bb8ee}}"
)


def reliability(rows: Sequence[tuple[float, float, float, float, int]]) -> str:
    """Return a reliability diagram as SVG. `rows`: (from, to, mean confidence, share right, count)."""
    most = max((row[4] for row in rows), default=1)
    parts = [
        f'<svg xmlns="{_SPACE}" viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="{_LABEL}">',
        f"<style>{_STYLE}</style>",
    ]
    for tick in range(0, 11, 2):
        x, y = _x(tick / 10), _y(tick / 10)
        parts.append(f'<path class="grid" d="M{x} {_y(0)}V{_y(1)}M{_x(0)} {y}H{_x(1)}"/>')
        parts.append(f'<text x="{x}" y="{_y(0) + 18}" text-anchor="middle">{tick / 10:.1f}</text>')
        parts.append(f'<text x="{_x(0) - 8}" y="{y + 4}" text-anchor="end">{tick / 10:.1f}</text>')
    for low, high, _, _, count in rows:
        height = round(_PLOT * 0.35 * count / most, 1)
        width = round(_x(high) - _x(low) - 4, 1)
        parts.append(
            f'<rect class="bar" x="{_x(low) + 2}" y="{_y(0) - height}" width="{width}" height="{height}"/>'
        )
    parts.append(f'<path class="ideal" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>')
    points = " ".join(f"{_x(mean)},{_y(right)}" for _, _, mean, right, _ in rows)
    parts.append(f'<polyline class="curve" points="{points}"/>')
    for _, _, mean, right, count in rows:
        title = f"<title>{count} utterances: confidence {mean:.2f}, right {right:.2f}</title>"
        parts.append(f'<circle class="dot" cx="{_x(mean)}" cy="{_y(right)}" r="4">{title}</circle>')
    parts.append(
        f'<text x="{_x(0.5)}" y="{_SIZE - 8}" text-anchor="middle">confidence of the decision</text>'
    )
    turned = f'text-anchor="middle" transform="rotate(-90 16 {_y(0.5)})"'
    parts.append(f'<text x="16" y="{_y(0.5)}" {turned}>share right</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(value: float) -> float:
    return round(_LEFT + _PLOT * value, 1)


def _y(value: float) -> float:
    return round(_TOP + _PLOT * (1 - value), 1)
