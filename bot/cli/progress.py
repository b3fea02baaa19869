"""A progress bar on stderr for what takes seconds; silent where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[int, int], None]


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Yield a callback (done, all) that draws the bar."""
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=True) as bar:

        def progress(done: int, all_: int) -> None:
            bar.length = max(all_, 1)
            step = min(done + 1, all_) - bar.pos
            if step > 0 and (step * 100 >= all_ or done + 1 >= all_):
                bar.update(step)

        yield progress
