"""Nearest ten places of a kind, open at a moment: the index beside a full scan, in one run.

    .venv/bin/python bench/places.py [--places 250000] [--postgres URL] [--markdown FILE]

Made-up places (clusters like towns, four kinds, weekly hours) in SQLite in a temporary file, and in
PostgreSQL in a database of its own; the answers of index and full scan are compared.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

sys.path.insert(0, str(Path(__file__).parent.parent))

import bot.places.tables  # noqa: F401  (the tables belong to the schema)
from bench.postgres import new_database
from bot.places.grid import distance_km
from bot.places.search import Search, Wanted
from bot.places.store import PlaceStore
from bot.places.timetable import Window, unpack
from bot.storage.engine import migrate, open_database
from knowledge.hours import JAPAN
from knowledge.place import Kind, Place, Span

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat")
KINDS: tuple[Kind, ...] = ("clinic", "dental", "pharmacy", "facility")
QUESTIONS = 200
SCANS = 5


def made_up(count: int) -> Iterator[Place]:
    """Yield `count` places around 60 towns of Tochigi's extent."""
    chance = random.Random(6)
    towns = [(36.2 + chance.random() * 0.9, 139.3 + chance.random() * 0.95) for _ in range(60)]
    for number in range(count):
        lat, lng = chance.choice(towns)
        early, late = chance.choice((510, 540, 570)), chance.choice((1020, 1080, 1140))
        yield Place(
            f"bench:{number}",
            chance.choice(KINDS),
            f"施設{number}",
            municipality=f"09{chance.randrange(25):04d}",
            lat=chance.gauss(lat, 0.03),
            lng=chance.gauss(lng, 0.03),
            spans=(
                Span(frozenset(WEEK[: chance.choice((5, 6))]), early, 720),
                Span(frozenset(chance.sample(WEEK, 4)), chance.choice((720, 840, 900)), late),
            ),
            hours_known=True,
            specialities=frozenset(chance.sample(("内科", "小児科", "外科", "眼科", "皮膚科"), 2)),
        )


def questions(count: int, seed: int = 8) -> list[Wanted]:
    """Return searches all over the prefecture, at hours of a week; other ones for another `seed`."""
    chance = random.Random(seed)
    monday = datetime(2026, 11, 16, tzinfo=JAPAN)
    return [
        Wanted(
            (chance.choice(KINDS),),
            near=(36.2 + chance.random() * 0.9, 139.3 + chance.random() * 0.95),
            open_in=Window.at(
                monday + timedelta(days=chance.randrange(6), minutes=chance.randrange(540, 1080))
            ),
        )
        for _ in range(count)
    ]


def full_scan(engine: Engine, wanted: Wanted) -> list[str]:
    """Return the same keys by reading every place of the kind and sorting by distance."""
    assert wanted.near
    assert wanted.open_in
    with engine.connect() as db:
        query = text("SELECT key, lat, lng, hours FROM places WHERE kind = :kind AND gone_at IS NULL")
        rows = db.execute(query, {"kind": wanted.kinds[0]}).all()
    found = []
    for row in rows:
        table = unpack(row.hours)
        if table and table.open_in(wanted.open_in):
            found.append((distance_km(*wanted.near, row.lat, row.lng), row.key))
    return [key for km, key in sorted(found)[: wanted.limit] if km <= wanted.within_km]


def timed(
    call: Callable[[Wanted], object],
    asked: Sequence[Wanted],
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Return the milliseconds of each question by `clock`, sorted."""
    times = []
    for wanted in asked:
        started = clock()
        call(wanted)
        times.append((clock() - started) * 1000)
    return sorted(times)


def measure(name: str, url: str, count: int) -> str:
    """Fill a database and return one row of the table."""
    migrate(url)
    engine = open_database(url)
    started = time.perf_counter()
    for _ in PlaceStore(engine).put(made_up(count), "bench"):
        pass
    filled = time.perf_counter() - started
    if name == "PostgreSQL":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("ANALYZE"))
    search, asked = Search(engine), questions(QUESTIONS)
    for wanted in asked[:SCANS]:
        nearest = [found.place.key for found in search.find(wanted).items]
        assert nearest == full_scan(engine, wanted), "the index and the full scan differ"
    indexed = timed(search.find, asked)
    own = statistics.median(timed(search.find, questions(QUESTIONS, 9), time.process_time))
    scanned = timed(lambda wanted: full_scan(engine, wanted), asked[:SCANS])
    engine.dispose()
    median, slowest = statistics.median(indexed), indexed[int(len(indexed) * 0.99) - 1]
    return (
        f"| {name} | {count:,} | {filled:.0f} s | {median:.2f} ms | {own:.2f} ms | "
        f"{slowest:.2f} ms | "
        f"{statistics.median(scanned):.0f} ms | {statistics.median(scanned) / median:.0f} |"
    )


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--places", type=int, default=250_000)
    parser.add_argument("--postgres", default="postgresql+psycopg://postgres@127.0.0.1:5432")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    lines = [
        "| database | places | import | median | of it in this process | p99 | full scan | times faster |",
        "| --- " + "| ---: " * 7 + "|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines.append(measure("SQLite", f"sqlite:///{folder}/places.sqlite3", options.places))
        print(lines[-1], file=sys.stderr, flush=True)
    with new_database(options.postgres) as url:
        lines.append(measure("PostgreSQL", url, options.places))
    load = os.getloadavg()[1]
    said = f"{os.cpu_count()} processors, load of the last five minutes {load:.1f} (this program is 1 of it)."
    table = "\n".join([*lines, "", said]) + "\n"
    print(table)
    if options.markdown:
        options.markdown.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
