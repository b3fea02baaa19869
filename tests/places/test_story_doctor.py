"""「小山市で今やってる小児科」 from the city's file to the resident, against a plain reading of that file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from adapters.messages import Cards, IncomingMessage, Reply, Text
from bot.brain import BrainHolder
from bot.cli.places import import_
from bot.conversation import Conversation
from bot.places.search import Search
from bot.provision import provision
from bot.session import Session
from bot.settings import read_settings
from bot.storage.engine import open_database
from knowledge.hours import JAPAN
from tests.places.plain import SAMPLES, data_or_sample, names_with, open_names

MOMENTS = {
    "月曜 10:00": (datetime(2026, 11, 30, 10, tzinfo=JAPAN), False),
    "水曜 19:00": (datetime(2026, 12, 2, 19, tzinfo=JAPAN), False),
    "日曜 10:00": (datetime(2026, 12, 6, 10, tzinfo=JAPAN), False),
    "元日 10:00": (datetime(2027, 1, 1, 10, tzinfo=JAPAN), True),
}
FILES = {
    "city": data_or_sample("medical/oyama_hospitals_ccby.csv", "medical_v1.csv"),
    "sample": SAMPLES / "medical_v1.csv",
}
SOURCE = "小山市「医療機関一覧」"
Ask = Callable[[str, datetime], list[str]]


@pytest.fixture(scope="module", params=FILES)
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, holder: BrainHolder
) -> tuple[Path, Ask]:
    """Import the file by the command; return it and what asks for all cards that are told to be open."""
    folder, file = tmp_path_factory.mktemp("doctor"), FILES[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCHIMADO_DATA_DIR", str(folder))
        patch.delenv("DATABASE_URL", raising=False)
        settings = read_settings()
        provision(settings)
        done = CliRunner().invoke(import_, ["medical", str(file)])
        assert done.exit_code == 0, done.output
    search = Search(open_database(settings.database))

    def ask(text: str, now: datetime) -> list[str]:
        conversation = Conversation(lambda: holder.brain, now=lambda: now, places=search)
        replies = pages(conversation, text)
        for reply in replies:
            shown = all_cards(reply)
            assert len(shown) == len(set(shown)), "nothing twice in one answer"
        return [card for reply in replies for card in open_cards(reply)]

    return file, ask


def pages(conversation: Conversation, text: str) -> list[Reply]:
    """Return the answer and every further page behind its button."""
    session: Session | None = None
    message = IncomingMessage("web", "u", uuid4().hex, text=text)
    replies: list[Reply] = []
    while True:
        outcome = conversation.handle(message, session)
        assert outcome.reply
        replies.append(outcome.reply)
        session = outcome.session
        more = [b.data for b in outcome.reply.quick_replies if b.data.startswith("pl:more.")]
        if not more:
            return replies
        message = IncomingMessage("web", "u", uuid4().hex, kind="postback", postback=more[0])


def open_cards(reply: Reply) -> list[str]:
    """Return the names on the cards that are told to fit: of the city's list, each said to be open now."""
    first, *others = (block for block in reply.blocks if isinstance(block, Text | Cards))
    assert isinstance(first, Text)
    if "お知らせします" not in first.text:
        return []
    cards = next(block.items for block in others if isinstance(block, Cards))
    assert all("営業中" in card.text for card in cards)
    return [card.title for card in cards if SOURCE in card.text]


def all_cards(reply: Reply) -> list[str]:
    """Return the titles of all cards of one reply."""
    return [card.title for block in reply.blocks if isinstance(block, Cards) for card in block.items]


@pytest.mark.parametrize("speciality", ["小児科", "内科", "皮膚科"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_conversation_tells_what_the_file_says(
    asked: tuple[Path, Ask], moment: str, speciality: str
) -> None:
    file, ask = asked
    now, holiday = MOMENTS[moment]
    expected = open_names(file, speciality, now, holiday)
    told = ask(f"小山市で今やってる{speciality}", now)
    sys.stdout.write(f"\n{file.name} {moment} {speciality}: {len(told)}\n")
    assert len(told) == len(set(told)), "nothing twice on the pages"
    assert set(told) == expected


def test_the_plain_reading_tells_moments_apart() -> None:
    for file in FILES.values():
        by_moment = [open_names(file, "小児科", *moment) for moment in MOMENTS.values()]
        assert by_moment[0]
        assert by_moment[0] < names_with(file, "小児科") or len(names_with(file, "小児科")) < 4
        assert len({frozenset(found) for found in by_moment}) > 1
