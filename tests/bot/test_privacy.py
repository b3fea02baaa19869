"""What nobody should have typed is masked before it is written anywhere, and the resident is told at once."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings
from intents.masking import find_secrets, is_my_number
from tests.drivers import (
    ConsoleDriver,
    Driver,
    LineDriver,
    TelegramDriver,
    WebDriver,
    with_line,
    with_telegram,
)
from tests.fakes.line_api import FakeLine
from tests.fakes.telegram_api import FakeTelegram

MakeApp = Callable[[Settings], Flask]
FULL = str.maketrans("0123456789-", "０１２３４５６７８９－")

MY_NUMBER = "123456789018"
SPELLINGS = [
    MY_NUMBER,
    "1234 5678 9018",
    "1234-5678-9018",
    "1234−5678−9018",
    MY_NUMBER.translate(FULL),
    "１２３４　５６７８　９０１８",
    "1234\u200b5678\u200b9018",
    "1\u200d2\u200d3\u200d4\u200d5\u200d6\u200d7\u200d8\u200d9\u200d0\u200d1\u200d8",
    "1 2 3 4 5 6 7 8 9 0 1 8",
    "1234.5678.9018",
    "1234\n5678\n9018",
    "一二三四五六七八九〇一八",
    "①②③④⑤⑥⑦⑧⑨0①⑧",
    "٤١١١١١١١١١١١١١١١",
    "4111-1111-1111-1111",
    "口座番号は7654321です",
    "090-9876-5432",
    "（０９０）９８７６−５４３２",
    "+81 90 9876 5432",
    "taro.yamada@example.jp",
    "taro.yamada＠example．jp",
    "小山市乙女795に住んでいます",
    "宇都宮市塙田1-1-20",
    "鹿沼市下田町1丁目1033番地",
]


@pytest.mark.parametrize("secret", SPELLINGS)
def test_every_spelling_is_masked(secret: str) -> None:
    masked = find_secrets(f"私の番号は {secret} です")
    assert masked.kinds
    for part in ("5678", "1111", "7654321", "9876", "yamada", "795", "1-1-20", "1033", "五六七八"):
        assert part not in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "119と110のちがい",
        "#7119に電話したい",
        "2026年11月21日に行きます",
        "手数料は1,000円ですか",
        "10万円の給付金",
        "宇都宮市で1歳半健診",
        "市役所の1階",
        "令和8年度の3回目",
        "65歳以上",
        "マイナンバーは12桁ですか",
        "188",
        "24時間365日",
    ],
)
def test_ordinary_questions_are_left_alone(text: str) -> None:
    assert find_secrets(text).kinds == frozenset()


def test_numbers_of_the_registry_may_be_written() -> None:
    assert find_secrets("0120-95-0178につながらない", {"0120950178"}).kinds == frozenset()
    assert find_secrets("0120-95-0178につながらない").kinds == {"number"}


@given(
    st.lists(st.sampled_from("0123456789"), min_size=12, max_size=12),
    st.sampled_from(["", " ", "-", "　", "\u200b", "ー", "・"]),
    st.text(alphabet="あアaＡ漢。、", max_size=10),
)
def test_twelve_digits_never_survive(digits: list[str], between: str, around: str) -> None:
    masked = find_secrets(around + between.join(digits) + around)
    assert "".join(digits) not in masked.text.replace(" ", "").replace("-", "")
    assert "number" in masked.kinds


@given(st.text(max_size=300))
def test_masking_never_raises_and_leaves_nothing_to_mask(text: str) -> None:
    assert find_secrets(find_secrets(text).text).kinds == frozenset()


def test_the_check_digit_is_only_a_hint() -> None:
    assert is_my_number(MY_NUMBER)
    assert not is_my_number("123456789010")
    assert find_secrets("123456789010").kinds == {"number"}


@pytest.fixture(params=["line", "telegram", "web", "console"])
def resident(request: pytest.FixtureRequest, settings: Settings, make_app: MakeApp) -> Iterator[Driver]:
    settings = replace(settings, turn_limit="1000/minute")
    if request.param == "line":
        line: FakeLine = request.getfixturevalue("fake_line")
        yield LineDriver(make_app(with_line(settings, line)), line)
    elif request.param == "telegram":
        telegram: FakeTelegram = request.getfixturevalue("fake_telegram")
        yield TelegramDriver(make_app(with_telegram(settings, telegram)), telegram)
    elif request.param == "web":
        yield WebDriver(make_app(settings))
    else:
        yield ConsoleDriver(make_app(settings).extensions["tochimado"])


PARTS = (
    "56789018",
    "5678 9018",
    "5678-9018",
    "5678.9018",
    "５６７８",
    "五六七八",
    "⑤⑥⑦⑧",
    "11111111",
    "1111-1111",
)
PARTS += ("7654321", "98765432", "9876-5432", "９８７６", "yamada", "乙女795", "塙田1-1-20", "1033番地")


def test_no_secret_is_written_anywhere(
    resident: Driver, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """Database files, journal, queue, logs and metrics are searched, byte by byte."""
    for secret in SPELLINGS:
        if resident.name == "console" and "\n" in secret:
            continue
        heard = resident.say(f"番号は {secret} です。カードをなくした")
        assert "保存する前に伏せました" in heard.text or "masked" in heard.text, secret
    files = [path for path in Path(settings.data_dir).rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert "カードをなくした".encode() in written, "the rest of the message is there"
    for said in rows(settings, "SELECT said FROM turns"):
        assert len(re.sub(r"\D", "", str(said))) < 7, "no run of digits, whatever stands between"
    logs = "".join(capfd.readouterr())
    metrics = ""
    if isinstance(resident, LineDriver | TelegramDriver | WebDriver):
        metrics = resident.client.get("/metrics").get_data(as_text=True)
    for part in PARTS:
        assert part.encode() not in written, part
        assert part not in metrics
        if resident.name != "console":
            assert part not in logs


def test_deleting_leaves_no_row_of_that_person(resident: Driver, settings: Settings) -> None:
    resident.say("マイナンバーカードをなくした")
    resident.say("データ削除")
    resident.press("delete:yes")
    for table in ("sessions", "turns", "feedback"):
        assert rows(settings, f"SELECT count(*) FROM {table}") == [0]


def rows(settings: Settings, statement: str) -> list[object]:
    """Return the first column of a query on the database file."""
    connection = sqlite3.connect(settings.data_dir / "tochimado.sqlite3")
    found = [row[0] for row in connection.execute(statement)]
    connection.close()
    return found
