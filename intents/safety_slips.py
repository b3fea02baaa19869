"""Words of danger in Latin letters, mistyped: found by what is left of them without one letter."""

from __future__ import annotations


def deletions(word: str) -> set[str]:
    """Return `word` and all that is left of it without one letter."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def slip(word: str, meant: str) -> bool:
    """Return whether `word` is `meant` with a letter too few, too many, swapped, or another vowel."""
    if word[0] != meant[0]:
        return False
    if len(word) != len(meant):
        return True
    differing = [(a, b) for a, b in zip(word, meant, strict=True) if a != b]
    if len(differing) == 1:
        return set(differing[0]) <= set("aeiouy")
    return len(differing) == 2 and differing[0] == differing[1][::-1]
