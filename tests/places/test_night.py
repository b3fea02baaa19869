"""When nothing fits: the nearest that does, clinics and lines at night and on holidays, and never "none"."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy import Engine

from adapters.messages import Cards, Links, Phones, Reply, Text
from bot.places.finder import Finder
from bot.places.search import Search
from bot.places.shipped import shipped
from bot.places.store import PlaceStore
from intents.finding import find_slots
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load
from knowledge.models import LANGS, Lang
from knowledge.place import Place, Span

WEEK = frozenset(("mon", "tue", "wed", "thu", "fri"))
MOMENTS = {
    "evening": datetime(2026, 11, 18, 20, tzinfo=JAPAN),
    "before dawn": datetime(2026, 11, 19, 3, tzinfo=JAPAN),
    "Sunday": datetime(2026, 11, 22, 10, tzinfo=JAPAN),
    "public holiday": datetime(2026, 11, 23, 10, tzinfo=JAPAN),
    "1 January": datetime(2027, 1, 1, 11, tzinfo=JAPAN),
}
DAY = datetime(2026, 11, 18, 11, tzinfo=JAPAN)
DOCTOR: dict[Lang, tuple[str, str]] = {
    "ja": ("小山市で今やってる小児科", "小山市で今やってる病院"),
    "easy": (
        "小山市（おやまし）で 今（いま） やっている 小児科",
        "小山市で 今（いま） やっている 病院（びょういん）",
    ),
    "en": ("pediatrician in Oyama open now", "hospital in Oyama open now"),
    "zh": ("小山市现在开门的儿科", "小山市现在开门的医院"),
    "pt": ("pediatra em Oyama aberto agora", "hospital em Oyama aberto agora"),
    "es": ("pediatra en Oyama abierto ahora", "hospital en Oyama abierto ahora"),
}  # fmt: skip
NOTHING: dict[Lang, str] = {
    "ja": "茂木町の眼科", "easy": "茂木町（もてぎまち）の 眼科", "en": "eye doctor in Motegi",
    "zh": "茂木町的眼科", "pt": "oftalmologista em Motegi", "es": "oftalmólogo en Motegi",
}  # fmt: skip
MODEST: dict[Lang, str] = {
    "ja": "手元のデータでは", "easy": "わたしの データでは", "en": "in my data", "zh": "现有数据",
    "pt": "meus dados", "es": "mis datos",
}  # fmt: skip
FLAT_NO = re.compile(
    r"(?<!わけで)はありません。|ございません|存在しません|(?:^|\n)(?:There (?:is|are) no|No hay|Não há|没有)",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def finder(shared_engine: Engine) -> Finder:
    store = PlaceStore(shared_engine)
    list(store.put(shipped(), "shipped"))
    town = Place(
        "c:1", "clinic", "小山日中医院", "092088", lat=36.31, lng=139.80, spans=(Span(WEEK, 540, 1080),),
        hours_known=True, specialities=frozenset({"小児科"}),
    )  # fmt: skip
    late = Place(
        "c:2", "clinic", "野木ずっと医院", "093645", lat=36.23, lng=139.74, phone="0280-00-0001",
        spans=(Span(WEEK | {"sat", "sun", "hol"}, 0, 1440),), hours_known=True,
        specialities=frozenset({"小児科"}),
    )  # fmt: skip
    list(store.put([town, late], "clinics"))
    return Finder(Search(shared_engine), load(CONTENT)[0])


def ask(finder: Finder, text: str, now: datetime, lang: Lang) -> Reply:
    query = find_slots(text, lang)
    assert query, text
    return finder.reply(query, None, None, now, lang).reply


def titles(reply: Reply) -> list[str]:
    return [card.title for block in reply.blocks if isinstance(block, Cards) for card in block.items]


def texts(reply: Reply) -> str:
    return "\n".join(block.text for block in reply.blocks if isinstance(block, Text))


def numbers(reply: Reply) -> list[str]:
    return [phone.number for block in reply.blocks if isinstance(block, Phones) for phone in block.items]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("lang", LANGS)
def test_at_night_and_on_holidays_clinics_and_lines(finder: Finder, lang: Lang, moment: str) -> None:
    child, anybody = (ask(finder, text, MOMENTS[moment], lang) for text in DOCTOR[lang])
    assert numbers(child) == ["#8000", "028-623-3511"]
    assert numbers(anybody) == ["#7119", "028-623-3344", "#8000", "028-623-3511"]
    assert "119" in texts(child)
    for reply in (child, anybody):
        expected = "宇都宮市夜間休日救急診療所" if moment == "before dawn" else "小山地区夜間休日急患診療所"
        assert any(expected in title for title in titles(reply))
        assert reply.lang == lang
        assert not FLAT_NO.search(texts(reply))


@pytest.mark.parametrize("lang", LANGS)
def test_when_the_town_has_none_open_the_nearest_that_is(finder: Finder, lang: Lang) -> None:
    reply = ask(finder, DOCTOR[lang][0], MOMENTS["evening"], lang)
    assert MODEST[lang] in texts(reply).replace("In my", "in my").replace("Nos meus", "meus")
    assert "野木ずっと医院" in titles(reply)
    assert "小山日中医院" not in titles(reply)


@pytest.mark.parametrize("lang", LANGS)
def test_by_day_no_night_clinics(finder: Finder, lang: Lang) -> None:
    reply = ask(finder, DOCTOR[lang][0], DAY, lang)
    assert titles(reply) == ["小山日中医院"]
    assert numbers(reply) == []


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_in_the_data_is_not_nothing_there(finder: Finder, lang: Lang) -> None:
    reply = ask(finder, NOTHING[lang], DAY, lang)
    assert titles(reply) == []
    assert MODEST[lang] in texts(reply)
    assert not FLAT_NO.search(texts(reply))
    assert any(isinstance(block, Links) for block in reply.blocks), "the town's own page"


def test_the_guard_finds_a_flat_no() -> None:
    for text in (
        "小児科はありません。",
        "There are no doctors",
        "No hay médicos",
        "Não há médicos",
        "没有医院",
    ):
        assert FLAT_NO.search(text)
