"""Several messages answered together: one transaction, each conversation's order, one bad one alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from adapters.messages import EventKind, IncomingMessage
from bot import postbacks, signals
from bot.durable.inbox import Waiting
from bot.durable.outbox import Letter
from bot.intake import Prepared
from bot.parts import Parts
from bot.settings import Settings
from bot.signals import Signals
from tests.drivers import texts_of, with_line
from tests.durable.conftest import put
from tests.fakes.line_api import FakeLine

OWNER = "worker"


@pytest.fixture
def parts(settings: Settings, fake_line: FakeLine, make_app: Callable[[Settings], Flask]) -> Iterator[Parts]:
    """The application with LINE and without a worker."""
    return make_app(with_line(settings, fake_line)).extensions["tochimado"]


def message(event_id: str, said: str, user: str = "Ua", kind: EventKind = "text") -> IncomingMessage:
    return IncomingMessage(
        "line",
        user,
        event_id,
        kind,
        text=None if kind == "postback" else said,
        postback=said if kind == "postback" else None,
        reply_token=event_id,
        received_at=datetime.now(UTC),
    )


def taken(parts: Parts, *messages: IncomingMessage) -> list[Waiting]:
    """Put messages into the inbox and have a worker hold them."""
    put(parts.inbox, [Prepared(one) for one in messages])
    return parts.inbox.claim(OWNER, 10)


def answer(parts: Parts, waiting: Sequence[Waiting]) -> list[list[Letter]]:
    """Answer, and return what was offered to send."""
    offered: list[list[Letter]] = []
    parts.service.work.answer(waiting, OWNER, lambda letters: offered.append(list(letters)))
    return offered


def turns(parts: Parts) -> list[str]:
    """Return the events of the turns that are kept, in their order."""
    with parts.store.database.reading() as db:
        return list(db.scalars(text("SELECT event_id FROM turns ORDER BY at")))


def states(parts: Parts) -> dict[str, int]:
    with parts.store.database.reading() as db:
        return {str(name): state for name, state in db.execute(text("SELECT event_id, state FROM inbox"))}


def test_many_messages_are_one_transaction(parts: Parts) -> None:
    waiting = taken(parts, *(message(f"e{user}", "ヘルプ", f"U{user}") for user in range(8)))
    begun: list[str] = []
    event.listen(parts.store.database.engine, "commit", lambda connection: begun.append("commit"))
    offered = answer(parts, waiting)
    assert begun.count("commit") <= 3, "reading sessions and switches, and one that writes"
    assert len(offered) == 8, "each conversation is sent by itself"
    assert len(turns(parts)) == 8
    assert set(states(parts).values()) == {1}


def test_one_conversation_goes_on_within_the_batch(parts: Parts) -> None:
    """The language chosen first holds for the next answer; letters leave together, in order."""
    english = postbacks.data(postbacks.LANG, "en")
    waiting = taken(
        parts, message("e1", english, kind="postback"), message("e2", "ヘルプ"), message("e3", "トピック")
    )
    (offered,) = answer(parts, waiting)
    assert [letter.to.reply_token for letter in offered] == ["e1", "e2", "e3"]
    assert "English" in "".join(texts_of(offered[0].messages))
    assert turns(parts) == ["e1", "e2", "e3"]
    session = parts.store.load("line", "Ua")
    assert session is not None
    assert (session.lang, session.turns) == ("en", 3)


def test_who_is_forgotten_within_the_batch_is_new_after_it(parts: Parts) -> None:
    forget = postbacks.data(postbacks.DELETE, "yes")
    waiting = taken(
        parts, message("e1", "ヘルプ"), message("e2", forget, kind="postback"), message("e3", "ヘルプ")
    )
    answer(parts, waiting)
    assert turns(parts) == ["e3"]
    session = parts.store.load("line", "Ua")
    assert session is not None
    assert session.turns == 1


def test_what_another_worker_finished_is_left_to_it(parts: Parts) -> None:
    waiting = taken(parts, *(message(f"e{user}", "ヘルプ", f"U{user}") for user in range(3)))
    with parts.store.database.transaction() as db:
        parts.inbox.finish(db, waiting[1:2])
    offered = answer(parts, waiting)
    assert [letter.to.reply_token for (letter,) in offered] == ["e0", "e2"]
    assert turns(parts) == ["e0", "e2"]


def test_one_that_cannot_be_kept_keeps_no_other_from_it(parts: Parts) -> None:
    first = message("e1", "ヘルプ", "U1")
    parts.service.answer(first)  # its turn is there already: a second one with its event is refused
    waiting = taken(parts, message("e0", "ヘルプ", "U0"), first, message("e2", "ヘルプ", "U2"))
    offered: list[str] = []
    with pytest.raises(IntegrityError):
        parts.service.work.answer(
            waiting, OWNER, lambda letters: offered.extend(str(one.to.reply_token) for one in letters)
        )
    assert offered == ["e0", "e2"]
    assert states(parts) == {"e0": 1, "e1": 0, "e2": 1}, "it stays in the inbox"


# --- what is asked of the channel before an answer ------------------------------------------------------


def channel(language: str | None = "pt-BR") -> MagicMock:
    made = MagicMock()
    made.profile_language.return_value = language
    return made


def test_in_a_flood_few_are_shown_that_an_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    line = channel()
    monkeypatch.setattr(signals.time, "monotonic", lambda: 5.5)
    asked = Signals({"line": line})
    for number in range(100):
        asked.working(Prepared(message(f"e{number}", "ヘルプ")))
    for number in range(3):
        asked.working(Prepared(message(f"p{number}", "help", kind="postback")))
    asked._pool.shutdown(wait=True)
    assert line.working.call_count == signals.A_SECOND + 3, "a pressed button waits for it"


@pytest.mark.parametrize(
    ("said", "kind", "asks"),
    [
        ("マイナンバーカードをなくしました", "text", False),
        ("Onde posso renovar o meu passaporte?", "text", False),
        ("I lost my My Number card", "text", False),
        ("住民票", "text", True),
        ("119?", "text", True),
        ("help", "postback", True),
    ],
)
def test_a_profile_is_read_where_its_language_may_matter(said: str, kind: EventKind, asks: bool) -> None:
    line = channel()
    (told,) = Signals({"line": line}).with_languages([Prepared(message("e1", said, kind=kind))])
    assert line.profile_language.called is asks
    assert told.message.lang_hint == ("pt-BR" if asks else None)


def test_an_old_message_asks_nothing() -> None:
    line = channel()
    old = message("e1", "住民票")
    object.__setattr__(old, "received_at", datetime.now(UTC) - timedelta(seconds=30))
    asked = Signals({"line": line})
    assert asked.with_languages([Prepared(old)])[0].message.lang_hint is None
    asked.working(Prepared(old))
    assert not line.profile_language.called
    assert not line.working.called
