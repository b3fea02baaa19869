"""The municipality that a position lies nearest to."""

from __future__ import annotations

import math

from bot.brain import Brain

NEAR_KM = 40.0
"""Farther than this from every municipality's office is outside the prefecture."""


def nearest_town(brain: Brain, place: tuple[float, float]) -> tuple[str | None, float]:
    """Return the municipality whose office is nearest to (latitude, longitude) and the distance in km."""
    best: tuple[str | None, float] = (None, math.inf)
    for code, town in brain.knowledge.municipalities.items():
        north = (town.lat - place[0]) * 111.2
        east = (town.lng - place[1]) * 111.2 * math.cos(math.radians(place[0]))
        best = min(best, (code, math.hypot(north, east)), key=lambda pair: pair[1])
    return best
