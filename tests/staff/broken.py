"""Twenty ways to break a knowledge folder that has happened to somebody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.knowledge.folders import COUNTERS, PHONES, entry

Break = Callable[[Path], None]
A = "mynumber/a.yaml"


def _text(name: str, text: str) -> Break:
    def write(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


def _bytes(name: str, raw: bytes) -> Break:
    return lambda root: void((root / name).write_bytes(raw))


def void(_: object) -> None:
    """Return nothing, for a lambda."""


LOST = entry("lost")
OWN = entry("lost", answer="0120-11-2233")
B, C, P = "mynumber/b.yaml", "counters.yaml", "phones.yaml"
BROKEN: dict[str, tuple[Break, str, int, str]] = {
    "a bracket that is not closed": (_text(A, "- id: [\n"), "a.yaml", 2, "syntax"),
    "tabs": (_text(A, LOST + "\tnext: x\n"), "a.yaml", 12, "tab"),
    "another encoding": (_bytes(A, "- id: 栃木\n".encode("cp932")), "a.yaml", 1, "encoding"),
    "half a file": (_text(A, LOST[: LOST.index("owner")]), "a.yaml", 1, "missing"),
    "the marks of a merge": (_text(A, f"<<<<<<< HEAD\n{LOST}=======\n"), "a.yaml", 2, "syntax"),
    "a bomb of aliases": (_text(A, "- &a [x]\n- &b [*a, *a]\n- [*b, *b]\n"), "a.yaml", 1, "anchor"),
    "an unknown key": (_text(A, LOST + "  titel: x\n"), "a.yaml", 12, "unknown-key"),
    "a key twice": (_text(A, LOST + "  owner: municipality\n"), "a.yaml", 12, "duplicate-key"),
    "an id twice": (_text(B, LOST), "b.yaml", 1, "duplicate-id"),
    "no such day": (_text(A, LOST.replace("2024-12-02", "2024-13-02")), "a.yaml", 10, "date"),
    "no such number": (_text(A, LOST + "  phones: [nobody]\n"), "a.yaml", 12, "unknown-phone"),
    "a number of its own": (_text(A, OWN), "a.yaml", 7, "number-outside-registry"),
    "no such counter": (_text(A, LOST.replace("owner: m", "owner: x")), "a.yaml", 8, "unknown-owner"),
    "a follow-up to nowhere": (_text(A, LOST + "  next: [mynumber.x]\n"), "a.yaml", 12, "dangling-next"),
    "no Japanese": (_text(A, LOST.replace("answer:\n    ja:", "answer:\n    en:")), "a.yaml", 1, "value"),
    "the wrong folder": (_text("medical/b.yaml", entry("b", ask="べつの質問")), "b.yaml", 1, "area"),
    "an area that does not exist": (_text("sports/b.yaml", entry("b")), "b.yaml", 1, "unknown-area"),
    "a folder within a folder": (_text("mynumber/old/b.yaml", entry("b")), "b.yaml", 1, "misplaced"),
    "a file in the wrong place": (_text("extra.yaml", LOST), "extra.yaml", 1, "misplaced"),
    "a registry that is gone": (lambda root: (root / C).unlink(), C, 1, "unreadable"),
    "a registry with a slip": (_text(P, PHONES.replace("number:", "nomber:")), P, 1, "missing"),
    "a counter without a name": (_text(C, COUNTERS.split("  name")[0]), C, 1, "missing"),
    "a file of nothing but noise": (_bytes(A, bytes(range(128, 256)) * 999), "a.yaml", 1, "encoding"),
    "far too much": (_bytes(A, b"# x\n" * 2_000_000), "a.yaml", 1, "too-large"),
    "brackets without end": (_bytes(A, b"[" * 200_000 + b"\n"), "a.yaml", 1, "syntax"),
    "nothing left": (_text(A, ""), "content", 1, "empty"),
}  # fmt: skip
"""What → (how to break a good folder, file, line and code that must be reported)."""
