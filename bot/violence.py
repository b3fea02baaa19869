"""Which answers are about violence: who reads them may have to hide the page at once."""

from __future__ import annotations

from knowledge.safety import Kind

TOPIC = "violence"
"""`Reply.topic` of such an answer; the widget then offers its quick exit."""

KINDS: frozenset[Kind] = frozenset({"domestic_violence", "sexual_violence", "child_abuse"})
ENTRIES = frozenset({"safety.dv", "safety.sexual", "safety.child-abuse", "safety.stalker"})
