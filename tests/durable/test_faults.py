"""Faults around real web and worker processes. Each test states what must hold and prints what it counted.

The processes are the program's own, forked from one that has everything loaded (`bench.zygote`) and with
shorter leases. Every question has an answer of its own, so that each event is put to its answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.request import urlopen

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from bench.fleet import Fleet, Zygote, free_port, scratch, wait_until
from bench.marked import THINGS, marked_knowledge, question
from bench.platforms import Platforms
from bench.postgres import POSTGRES
from bench.webhooks import Event, Webhooks
from tests.services import INSIST, needs_postgres

pytestmark = pytest.mark.processes
LEASE = "3"
CHEST = "胸が苦しくて息ができない"
_numbers = count(1)
_users = count(1)


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with Zygote(marked_knowledge(tmp_path_factory.mktemp("content"))) as made:
        yield made


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    with Platforms(0.005) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path, platforms: Platforms, zygote: Zygote) -> Iterator[Fleet]:
    """A deployment on SQLite; nothing runs yet."""
    with Fleet(tmp_path, platforms.url, zygote=zygote, BENCH_LEASE=LEASE) as made:
        yield made


def asked(channel: str = "line", said: str = "", user: str = "") -> Event:
    """Return one event of a resident, by default of a new one and with any question."""
    number = next(_numbers)
    someone = f"U{next(_users):032x}" if channel == "line" else str(10_000 + next(_users))
    mark = -1 if said else number % len(THINGS)
    return Event(number, channel, user or someone, said or question(mark), mark)


def post(fleet: Fleet, events: list[Event], times: int = 1, names: tuple[str, ...] = ("web",)) -> float:
    """Deliver each event, `times` at once, until it is acknowledged. Return the slowest acknowledgement."""

    async def all_of_them() -> float:
        webhooks = Webhooks([fleet.ports[name] for name in names])
        mixed = [[event] for event in events for _ in range(times)]
        random.shuffle(mixed)
        tried = await asyncio.gather(*(webhooks.deliver(batch) for batch in mixed))
        webhooks.close()
        return max(max(seconds) for seconds in tried)

    return asyncio.run(all_of_them())


def post_in_vain(fleet: Fleet, event: Event, name: str) -> None:
    """Deliver an event once to a process that dies of it."""

    async def once() -> None:
        webhooks = Webhooks([fleet.ports[name]])
        await webhooks.deliver([event], until_taken=False)
        webhooks.close()

    asyncio.run(once())
    assert event.acknowledged == 0.0


def counts(platforms: Platforms, events: list[Event]) -> Counter[int]:
    """Return how often each event was answered, by its number. Every delivery must belong to one."""
    numbered = {event.number: event for event in events}
    answers = {(event.user, event.mark): event.number for event in events}
    found = Counter({event.number: 0 for event in events})
    for _, way, to, mark, _ in platforms.look():
        user = numbered[int(to[:12])].user if way == "reply" else to
        if (user, mark) in answers or (user, -1) in answers:
            found[answers.get((user, mark)) or answers[user, -1]] += 1
        else:
            pytest.fail(f"{user} did not ask for {mark}")
    return found


def drained(fleet: Fleet, seconds: float = 40.0) -> None:
    """Wait until nothing waits in inbox and outbox."""
    wait_until(lambda: fleet.backlog() == (0, 0), seconds, 0.1)
    time.sleep(0.3)  # what an urgent answer's thread still has in hand


def start(fleet: Fleet) -> None:
    fleet.web()
    fleet.worker()
    fleet.ready()


def test_killed_at_each_step_between_receipt_and_delivery(fleet: Fleet, platforms: Platforms) -> None:
    """SIGKILL at every failpoint, on both channels: each event is answered, once on LINE; on Telegram once
    more only where the process died between the channel's yes and noting it."""
    fleet.web()
    fleet.ready()
    events = []
    for step in ("received", "stored"):
        fleet.web(step, TOCHIMADO_FAILPOINT=step, TOCHIMADO_WEB_WORKERS="1")
        fleet.ready(step)
        for channel in ("line", "telegram"):
            events.append(asked(channel))
            post_in_vain(fleet, events[-1], step)
        fleet.kill(step)
    post(fleet, events)  # the channels deliver again what was not acknowledged
    for step in ("claimed", "answered", "kept", "sending", "sent"):
        for channel in ("line", "telegram"):
            events.append(asked(channel))
            post(fleet, events[-1:])
            fleet.worker("dying", TOCHIMADO_FAILPOINT=step)
            wait_until(lambda: not fleet.runs("dying"), 20)
    fleet.worker()
    drained(fleet)
    found = counts(platforms, events)
    twice = [event.channel for event in events if found[event.number] > 1]
    print(f"killed 14 times: events {len(events)}, lost {list(found.values()).count(0)}, twice {twice}")
    assert min(found.values()) == 1, "lost"
    assert set(twice) <= {"telegram"}
    assert sum(found.values()) - len(events) <= 2, "one process for each channel died after sending"


def test_whoever_answers_danger_dies(fleet: Fleet, platforms: Platforms) -> None:
    """The web process that heard of danger dies while it answers: a worker answers in its place, once."""
    fleet.worker()
    events = []
    for step in ("answered", "kept", "sent"):
        fleet.web(step, TOCHIMADO_FAILPOINT=step, TOCHIMADO_WEB_WORKERS="1")
        fleet.ready(step)
        events.append(asked(said=CHEST))
        post(fleet, events[-1:], names=(step,))
        wait_until(lambda: "SIGKILL" in fleet.log(step), 10)  # gunicorn says so  # noqa: B023
        fleet.kill(step)
    drained(fleet)
    found = counts(platforms, events)
    print(f"events {len(events)}, answers {dict(found)}")
    assert set(found.values()) == {1}


def test_line_fails_in_every_way_while_everything_comes_several_times(
    fleet: Fleet, platforms: Platforms
) -> None:
    """LINE answers 429, 500, garbage, nothing, or loses its answer; each event comes three times at once and
    out of order, to two web servers: each is answered exactly once and nothing becomes a dead letter."""
    fleet.web("other")
    start(fleet)
    fleet.ready("other")
    faults = ["hang", *(["429", "500", "drop", "garbage", "lost"] * 6)]
    platforms.fail(*faults)
    events = [asked() for _ in range(60)]
    slowest = post(fleet, events, times=3, names=("web", "other"))
    drained(fleet)
    found = counts(platforms, events)
    print(f"{len(faults)} faults, {len(events)} events three times each, refused: {platforms.refused}; "
          f"answers {Counter(found.values())}, slowest acknowledgement {slowest:.2f} s")  # fmt: skip
    assert set(found.values()) == {1}
    assert fleet.rows("SELECT count(*) FROM outbox") == [(0,)]


def test_the_database_is_locked_and_the_clock_was_wrong(fleet: Fleet, platforms: Platforms) -> None:
    """Another program locks the database for two seconds, danger comes meanwhile: all are acknowledged, each
    answered exactly once. Then every process dies and comes back with a clock two hours behind: too."""
    start(fleet)
    events = [asked() for _ in range(10)]
    post(fleet, events)
    with contextlib.closing(sqlite3.connect(fleet.data / "tochimado.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        events += [asked() for _ in range(10)] + [asked(said=CHEST)]
        slowest = post(fleet, events[10:])
        time.sleep(1.0)
        other.execute("ROLLBACK")
    events += [asked() for _ in range(10)]
    post(fleet, events[21:])
    drained(fleet)
    found = counts(platforms, events)
    unkept = len(fleet.logged("inbox.unwritable"))
    print(
        f"locked: answers {Counter(found.values())}, without the inbox {unkept}, "
        f"slowest acknowledgement {slowest:.2f} s"
    )
    assert set(found.values()) == {1}

    late = [asked("telegram") for _ in range(3)] + [asked() for _ in range(3)]
    fleet.end("worker")
    post(fleet, late)
    fleet.worker("dying", TOCHIMADO_FAILPOINT="claimed")
    wait_until(lambda: not fleet.runs("dying"), 20)
    fleet.kill("web")
    for name in ("web", "worker"):
        getattr(fleet, name)(BENCH_CLOCK="-7200")
    fleet.ready()
    late += [asked(), asked("telegram")]
    post(fleet, late[-2:])
    drained(fleet)
    found = counts(platforms, [*events, *late])
    print(f"clock two hours behind: answers {Counter(found[event.number] for event in late)}")
    assert {found[event.number] for event in late} == {1}


def test_the_disk_is_full(
    tmp_path: Path, platforms: Platforms, zygote: Zygote, request: pytest.FixtureRequest
) -> None:
    """A disk without room: all are acknowledged, each answered exactly once, then and when there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("a small disk can be mounted by root alone")
    request.addfinalizer(lambda: subprocess.run(["umount", "-l", str(disk)], check=True))
    data = tmp_path / "var"
    with Fleet(
        data, platforms.url, f"sqlite:///{disk / 'db.sqlite3'}", zygote=zygote, BENCH_LEASE=LEASE
    ) as fleet:
        start(fleet)
        events = [asked() for _ in range(5)]
        post(fleet, events)
        drained(fleet)
        with contextlib.suppress(OSError), (disk / "ballast").open("wb", 0) as ballast:
            while True:
                ballast.write(b"x" * 512)
        assert shutil.disk_usage(disk).free < 4096
        more = [asked() for _ in range(20)] + [asked(said=CHEST)]
        slowest = post(fleet, more)
        wait_until(lambda: sum(counts(platforms, [*events, *more]).values()) >= 26, 20, 0.2)
        (disk / "ballast").unlink()
        last = [asked() for _ in range(5)]
        time.sleep(1.5)
        post(fleet, last)
        drained(fleet)
        found = counts(platforms, [*events, *more, *last])
        unkept = len(fleet.logged("inbox.unwritable"))
        print(
            f"full: answers {Counter(found.values())}, without the inbox {unkept}, "
            f"slowest acknowledgement {slowest:.2f} s"
        )
        assert unkept > 0, "the disk was full"
        assert set(found.values()) == {1}


@needs_postgres
@pytest.mark.postgres
def test_database_and_queue_are_restarted(tmp_path: Path, platforms: Platforms, zygote: Zygote) -> None:
    """PostgreSQL ends every connection and takes none for two seconds, then Redis dies and comes back: each
    event is answered exactly once."""
    port = free_port()
    queue = redis_server(port, tmp_path)
    try:
        with scratch("postgresql") as (data, database, _), Fleet(
            data, platforms.url, database, f"redis://127.0.0.1:{port}/0", zygote, BENCH_LEASE=LEASE
        ) as fleet:  # fmt: skip
            start(fleet)
            events: list[Event] = []
            slowest = {}

            def ask(when: str) -> None:
                events.extend(asked() for _ in range(10))
                slowest[when] = round(post(fleet, events[-10:]), 2)

            ask("before")
            with postgres_away(str(database)):
                ask("without the database")
                time.sleep(2.0)
            time.sleep(1.2)
            ask("with it again")
            queue.send_signal(signal.SIGKILL)
            queue.wait()
            ask("without the queue")
            time.sleep(1.0)
            queue = redis_server(port, tmp_path)
            ask("with it again ")
            drained(fleet)
            found = counts(platforms, events)
            unkept = len(fleet.logged("inbox.unwritable"))
            print(
                f"answers {Counter(found.values())}, without the inbox {unkept}, "
                f"slowest acknowledgements {slowest}"
            )
            assert set(found.values()) == {1}
            assert unkept > 0, "the database was away"
    finally:
        queue.kill()
        queue.wait()


def redis_server(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a Redis that keeps nothing."""
    server = shutil.which("redis-server")
    if server is None and not INSIST:
        pytest.skip("redis-server is not here")
    command = [str(server), "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def test_the_queue_is_away_when_all_begins(tmp_path: Path, platforms: Platforms, zygote: Zygote) -> None:
    """Web and worker start without Redis: each event is answered exactly once, and Redis is used when it is
    there, by the same processes."""
    port = free_port()
    queue: subprocess.Popen[bytes] | None = None
    try:
        with Fleet(
            tmp_path, platforms.url, queue=f"redis://127.0.0.1:{port}/0", zygote=zygote, BENCH_LEASE=LEASE
        ) as fleet:
            fleet.web()
            fleet.worker()
            fleet.ready()
            assert not queue_is_there(fleet), "it is said that the queue is away"
            events = [asked() for _ in range(10)]
            slowest = post(fleet, events)
            drained(fleet)
            queue = redis_server(port, tmp_path)
            wait_until(lambda: queue_is_there(fleet), 20)
            later = [asked() for _ in range(10)]
            slowest = max(slowest, post(fleet, later))
            drained(fleet)
            wait_until(lambda: consumed(port), 30, 0.2)
            found = counts(platforms, events + later)
            print(f"answers {Counter(found.values())}, slowest acknowledgement {slowest:.2f} s")
            assert set(found.values()) == {1}
            assert fleet.runs("worker")
    finally:
        if queue:
            queue.kill()
            queue.wait()


def queue_is_there(fleet: Fleet) -> bool:
    """Return whether the web server says that it reaches the queue."""
    with urlopen(f"http://127.0.0.1:{fleet.ports['web']}/readyz", timeout=5) as answer:
        return bool(json.load(answer)["queue"]["ok"])


def consumed(port: int) -> bool:
    """Return whether wakes were queued since Redis is there, and all of them taken by a worker."""
    with Redis(port=port) as redis:
        calls = redis.info("commandstats")
        return "cmdstat_lpush" in calls and redis.llen("huey.redis.tochimado") == 0


@contextlib.contextmanager
def postgres_away(database: str) -> Iterator[None]:
    """End all connections to a database and let none in."""
    name = database.rpartition("/")[2]
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
        connection.execute(end, {"name": name})
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))
    admin.dispose()
