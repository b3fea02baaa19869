"""The rules of inbox and outbox, on real databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.messages import Address, IncomingMessage
from bot.durable import arrivals
from bot.durable import inbox as rules
from bot.durable import outbox as sending
from bot.durable.inbox import Arriving, Inbox, TakenError
from bot.durable.outbox import Letter, write
from bot.durable.sealing import Sealer
from bot.intake import Prepared
from bot.storage.database import PAUSE_SECONDS, DatabaseDownError
from bot.storage.engine import migrate, open_database
from intents.safety import Crisis
from tests.durable.conftest import Boxes, put


def message(event: str, user: str = "U1", text: str = "パスポート", ago: float = 0.0) -> Prepared:
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return Prepared(IncomingMessage("line", user, event, text=text, reply_token="token", received_at=at))


def letters(boxes: Boxes, user: str = "U1", urgent: bool = False, count: int = 1) -> list[Letter]:
    units = [[{"type": "text", "text": f"答え {number}"}] for number in range(count)]
    return write(boxes.store.key("line", user), Address("line", user, "token"), units, urgent)


def put_out(boxes: Boxes, made: list[Letter], owner: str | None = None) -> tuple[Letter, ...]:
    with boxes.store.database.transaction() as db:
        return boxes.outbox.add(db, made, owner)


def test_an_event_is_kept_once(boxes: Boxes) -> None:
    assert len(put(boxes.inbox, [message("e1"), message("e2"), message("e1")])) == 2
    assert put(boxes.inbox, [message("e1")]) == []
    assert boxes.inbox.backlog()[0] == 2


def test_what_is_kept_stands_though_its_numbers_cannot_be_read(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure after the statement must not have the message answered here and by a worker."""
    put(boxes.inbox, [message("e0")])
    monkeypatch.setattr(arrivals, "_LATEST", "SELECT nothing")
    fresh = put(boxes.inbox, [message("e0"), message("e1")])
    assert len(fresh) == (0 if boxes.store.database.embedded else 1)
    assert boxes.inbox.backlog()[0] == 2


def test_of_many_all_are_kept_or_none(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a statement takes: a failure between them leaves nothing, and nothing is answered twice."""
    many = [message(f"e{number}") for number in range(arrivals.PER_STATEMENT * 2 + 1)]
    put(boxes.inbox, [many[3]])
    if boxes.store.database.embedded:
        monkeypatch.setattr(arrivals, "_LATEST", "SELECT nothing")
        with pytest.raises(SQLAlchemyError):
            put(boxes.inbox, many)
        monkeypatch.undo()
        time.sleep(PAUSE_SECONDS)
        assert boxes.inbox.backlog()[0] == 1
    fresh = put(boxes.inbox, many)
    assert len({waiting.id for waiting in fresh}) == len(fresh) == len(many) - 1
    numbers = dict(boxes.rows("SELECT event_id, id FROM inbox"))
    assert {waiting.prepared.message.event_id: waiting.id for waiting in fresh} == {
        event: number for event, number in numbers.items() if event != "e3"
    }


def test_what_was_new_has_its_own_number(boxes: Boxes) -> None:
    put(boxes.inbox, [message("e0"), message("e1")])
    put(boxes.inbox, [message("e1")])  # takes no row, but perhaps a number
    many = [
        message(f"e{number % 230}") for number in range(1, 300)
    ]  # more than one statement takes; some twice
    made = [*put(boxes.inbox, many), *put(boxes.inbox, [message("last")])]
    assert len(made) == 229
    kept = dict(boxes.rows("SELECT event_id, id FROM inbox"))
    assert {new.prepared.message.event_id: new.id for new in made}.items() <= kept.items()
    assert len(set(kept.values())) == 231


def test_what_was_new_is_told_by_each_of_two_processes(boxes: Boxes) -> None:
    other = Inbox(boxes.store.database, Sealer(b"s" * 32), boxes.store.key)
    events = [
        [message(f"{thread}-{number}-{n}") for n in range(3)] for thread in range(8) for number in range(12)
    ]
    events += [[message(f"{n}-0-0"), message(f"fresh-{n}")] for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = [
            new
            for some in pool.map(lambda e: put(other if len(e) == 2 else boxes.inbox, e), events)
            for new in some
        ]
    kept = dict(boxes.rows("SELECT event_id, id FROM inbox"))
    assert {new.prepared.message.event_id: new.id for new in made} == kept
    assert len(made) == len(kept) == 8 * 12 * 3 + 8


def test_what_cannot_be_made_fit_harms_nothing_that_arrives_with_it(boxes: Boxes) -> None:
    def arrive(number: int) -> bool:
        def make() -> list[Prepared]:
            time.sleep(0.002)
            if number % 3 == 0:
                raise ValueError(str(number))
            return [message(f"e{number}")]

        arriving = Arriving(make)
        if number % 3 == 0:
            with pytest.raises(ValueError, match=f"^{number}$"):
                boxes.inbox.receive(arriving)
            return False
        boxes.inbox.receive(arriving)
        assert [waiting.prepared.message.event_id for waiting in arriving.fresh] == [f"e{number}"]
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(arrive, range(60))) == [number % 3 != 0 for number in range(60)]
    assert boxes.inbox.backlog()[0] == 40


def test_what_cannot_be_made_fit_is_not_taken_for_done_without_a_database(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered without the inbox is asked of `prepared`: a failure must not look like no message."""

    def make() -> list[Prepared]:
        raise ValueError("unfit")

    bad, good = Arriving(make), Arriving(lambda: [message("e1")])
    monkeypatch.setattr("bot.durable.inbox.keep", MagicMock(side_effect=DatabaseDownError))
    with pytest.raises(DatabaseDownError):
        boxes.inbox._keep(lambda: [bad, good])
    assert [prepared.message.event_id for prepared in good.prepared()] == ["e1"]
    with pytest.raises(ValueError, match="unfit"):
        bad.prepared()


def test_who_and_what_is_sealed(boxes: Boxes) -> None:
    put(boxes.inbox, [message("e1", "U4af4980629", "ひみつの質問")])
    put_out(boxes, letters(boxes, "U4af4980629"))
    stored = repr(boxes.rows("SELECT * FROM inbox") + boxes.rows("SELECT * FROM outbox"))
    assert "U4af4980629" not in stored
    assert "ひみつ" not in stored
    assert "token" not in stored


def test_a_conversation_has_one_worker_and_keeps_its_order(boxes: Boxes) -> None:
    put(boxes.inbox, [message("late", ago=1.0), message("early", ago=5.0), message("other", "U2")])
    first = boxes.inbox.claim("a", 1)
    assert [waiting.prepared.message.event_id for waiting in first] == ["early", "late"]
    assert [waiting.prepared.message.user_id for waiting in boxes.inbox.claim("b", 8)] == ["U2"]
    assert boxes.inbox.claim("c", 8) == []
    boxes.inbox.release("a", [first[0].conversation])
    assert len(boxes.inbox.claim("c", 8)) == 2


def test_what_a_dead_worker_held_is_taken_up(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEASE_SECONDS", 0.2)
    put(boxes.inbox, [message("e1")])
    assert len(boxes.inbox.claim("dead", 1)) == 1
    assert boxes.inbox.claim("alive", 1) == []
    time.sleep(0.25)
    assert len(boxes.inbox.claim("alive", 1)) == 1


def test_a_worker_that_says_it_lives_keeps_what_it_holds(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(boxes.inbox, [message("e1")])
    monkeypatch.setattr(rules, "LEASE_SECONDS", 0.1)
    boxes.inbox.claim("slow", 1)
    monkeypatch.setattr(rules, "LEASE_SECONDS", 15.0)
    boxes.inbox.renew("slow")
    time.sleep(0.15)
    assert boxes.inbox.claim("other", 1) == []


def test_a_message_is_finished_once(boxes: Boxes) -> None:
    (waiting,) = put(boxes.inbox, [message("e1")])
    with boxes.store.database.transaction() as db:
        boxes.inbox.finish(db, [waiting])
    with pytest.raises(TakenError), boxes.store.database.transaction() as db:
        boxes.inbox.finish(db, [waiting])
    assert boxes.rows("SELECT conversation, payload FROM inbox") == [(None, None)]
    assert put(boxes.inbox, [message("e1")]) == [], "a redelivery is known after the answer too"


def test_the_clock_is_set_back(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    put(boxes.inbox, [message("e1")])
    put_out(boxes, letters(boxes))
    monkeypatch.setattr(rules, "LEASE_SECONDS", 86_400.0)
    monkeypatch.setattr(sending, "LEASE_SECONDS", 86_400.0)
    assert len(boxes.inbox.claim("before", 1)) == 1
    assert len(boxes.outbox.claim("before", 1)) == 1
    assert len(boxes.inbox.claim("after", 1)) == 1
    assert len(boxes.outbox.claim("after", 1)) == 1


def test_a_message_that_ends_every_worker_is_given_up(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEASE_SECONDS", -1.0)
    put(boxes.inbox, [message("poison"), message("good", "U2")])
    for _ in range(rules.DEAD_AFTER):
        boxes.inbox.claim("a", 1)
    assert boxes.inbox.claim("a", 1) == []
    assert boxes.rows("SELECT state FROM inbox WHERE event_id = 'poison'") == [(2,)]
    monkeypatch.setattr(rules, "LEASE_SECONDS", 15.0)
    assert [waiting.prepared.message.event_id for waiting in boxes.inbox.claim("a", 8)] == ["good"]


def test_another_secret_gives_the_message_up_and_goes_on(boxes: Boxes) -> None:
    put(boxes.inbox, [message("e1")])
    other = Inbox(boxes.store.database, Sealer(b"x" * 32), boxes.store.key)
    assert other.claim("a", 1) == []
    assert boxes.inbox.backlog()[0] == 0


def test_danger_is_left_to_who_heard_it_then_goes_first(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "URGENT_HOLD", 0.2)
    urgent = Prepared(
        IncomingMessage("line", "U9", "e9", reply_token="t"),
        Crisis("medical", True, "heart"),
        (),
        ("ja",) * 6,
    )
    put(boxes.inbox, [message("e1"), urgent])
    assert [waiting.prepared.urgent for waiting in boxes.inbox.claim("a", 1)] == [False]
    put(boxes.inbox, [message("e2", "U2")])
    time.sleep(0.25)
    assert [waiting.prepared.urgent for waiting in boxes.inbox.claim("b", 1)] == [True]


def test_replies_of_a_conversation_leave_in_order(boxes: Boxes) -> None:
    put_out(boxes, letters(boxes, count=2))
    put_out(boxes, letters(boxes, "U2"))
    claimed = boxes.outbox.claim("a", 8)
    assert [letter.to.user_id for letter in claimed] == ["U1", "U2"]
    assert boxes.outbox.claim("b", 8) == [], "the second waits for the first"
    boxes.outbox.done(claimed[0], "a")
    assert [letter.messages[0]["text"] for letter in boxes.outbox.claim("b", 8)] == ["答え 1"]


def test_a_later_reply_is_not_handed_over_past_an_earlier_one(boxes: Boxes) -> None:
    assert len(put_out(boxes, letters(boxes), "a")) == 1
    assert put_out(boxes, letters(boxes), "a") == ()
    assert len(put_out(boxes, letters(boxes, urgent=True), "a")) == 1, "danger does not wait"


def test_only_who_holds_a_letter_may_settle_it(boxes: Boxes) -> None:
    (mine,) = put_out(boxes, letters(boxes), "a")
    boxes.outbox.done(mine, "somebody else")
    assert boxes.outbox.backlog()[0] == 1
    boxes.outbox.done(mine, "a")
    assert boxes.outbox.backlog()[0] == 0


def test_a_failed_letter_waits_longer_each_time_then_dies_and_can_be_revived(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LAST_TRY", 3)
    (letter,) = put_out(boxes, letters(boxes), "a")
    first = boxes.outbox.again(letter, "a", "HTTP 500")
    assert first is not None
    assert 0.5 <= first <= 1.5
    assert boxes.outbox.claim("a", 1) == [], "not before it is due"
    (letter,) = put_out(boxes, letters(boxes, "U2"), "a")
    asked = boxes.outbox.again(letter, "a", "HTTP 429", after=40.0)
    assert asked == 40.0
    (letter,) = put_out(boxes, letters(boxes, "U3"), "a")
    boxes.outbox.dies(letter, "a", "HTTP 403")
    (dead,) = boxes.outbox.dead_letters()
    assert (dead.channel, dead.reason) == ("line", "HTTP 403")
    assert boxes.outbox.revive(dead.id)
    assert not boxes.outbox.revive(dead.id)
    (again,) = boxes.outbox.claim("a", 1)
    assert again.to.user_id == "U3"
    assert boxes.outbox.again(again, "a", "HTTP 500") is not None


def test_deleting_ones_data_takes_waiting_replies_along(boxes: Boxes) -> None:
    put_out(boxes, letters(boxes))
    put_out(boxes, letters(boxes, "U2"))
    boxes.store.erase("line", "U1")
    assert [letter.to.user_id for letter in boxes.outbox.claim("a", 8)] == ["U2"]


def test_what_lies_far_behind_is_left_for_a_later_claim(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim in a long backlog is not long; the conversation's order stays."""
    monkeypatch.setattr(rules, "AHEAD", 10)
    put(boxes.inbox, [message("a1", "A", ago=9), message("a2", "A", ago=8)])
    put(boxes.inbox, [message(f"b{number}", f"B{number}", ago=7) for number in range(100)])
    put(boxes.inbox, [message("a3", "A", ago=6)])
    heard: list[str] = []
    claimed: list[int] = []
    while waiting := boxes.inbox.claim("w", 200):
        heard += [each.prepared.message.event_id for each in waiting if each.prepared.message.user_id == "A"]
        claimed.append(len(waiting))
        with boxes.store.database.transaction() as db:
            boxes.inbox.finish(db, waiting)
        boxes.inbox.release("w", [each.conversation for each in waiting])
    assert heard == ["a1", "a2", "a3"]
    assert sum(claimed) == 103
    assert len(claimed) == 2


def test_sqlite_looks_for_a_conversation_among_what_waits_and_not_among_all_that_ever_came(
    tmp_path: Path,
) -> None:
    """There is no index by conversation; the one by time would do, but holds what is done, too."""
    url = f"sqlite:///{tmp_path / 'plan.sqlite3'}"
    migrate(url)
    engine = open_database(url)
    explained = text(f"EXPLAIN QUERY PLAN {rules._HELD.text}").bindparams(
        bindparam("conversations", expanding=True)
    )
    values = {"conversations": ["a", "b"], "now": 1.0, "far": 2.0, "limit": 100, "last": 1000}
    with engine.connect() as db:
        plan = [row.detail for row in db.execute(explained, values)]
    engine.dispose()
    assert plan[0] == "SEARCH inbox USING INDEX ix_inbox_waiting (urgent=? AND id<?)"
