"""What place an utterance looks for, in six languages, and when it should be open."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.places.cards import PHRASES
from intents.finding import PlaceQuery, find_slots, read_slots
from intents.finding_when import When, read_when
from intents.finding_words import load_words, plain
from knowledge.hours import JAPAN
from knowledge.models import Lang
from knowledge.phrases import load_phrases

MEDICAL = ("hospital", "clinic", "night_clinic")
OYAMA, NIKKO, UTSUNOMIYA = "092088", "092061", "092011"
NOW = When("now")


@pytest.mark.parametrize(
    ("text", "lang", "speciality", "town", "near", "when"),
    [
        ("小山市で今やってる小児科", "ja", "小児科", OYAMA, False, NOW),
        ("子どもの熱 診てくれるところ 小山市", "ja", "小児科", OYAMA, False, None),
        ("目が痛い 近くの病院", "ja", "眼科", None, True, None),
        ("日曜日に開いてる内科", "ja", "内科", None, False, When("sun")),
        ("明日の朝やってる小児科 宇都宮", "ja", "小児科", UTSUNOMIYA, False, When("+1", 360, 600)),
        ("今夜やってる病院", "ja", "", None, False, When("+0", 1080, 1440)),
        ("1月1日にやってる病院 小山市", "ja", "", OYAMA, False, When("01/01")),
        ("今市の病院", "ja", "", NIKKO, False, None),
        ("いま あいている 病院（びょういん）は どこですか", "easy", "", None, False, NOW),
        ("小山市（おやまし）で 今（いま） やっている 小児科", "easy", "小児科", OYAMA, False, NOW),
        ("hospital near me open now", "en", "", None, True, NOW),
        ("pediatrician in Oyama open on Sunday", "en", "小児科", OYAMA, False, When("sun")),
        ("附近的医院", "zh", "", None, True, None),
        ("小山市现在开门的儿科", "zh", "小児科", OYAMA, False, NOW),
        ("hospital perto de mim aberto agora", "pt", "", None, True, NOW),
        ("hospital cerca abierto ahora", "es", "", None, True, NOW),
    ],
)  # fmt: skip
def test_a_doctor_is_looked_for(
    text: str, lang: Lang, speciality: str, town: str | None, near: bool, when: When | None
) -> None:
    found = find_slots(text, lang)
    assert found is not None
    assert (found.kinds, found.speciality) == (MEDICAL, speciality)
    assert (found.municipality, found.near, found.when) == (town, near, when)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("近くの歯医者", ("dental", "night_clinic", "hospital")),
        ("dentist near me tomorrow at 7pm", ("dental", "night_clinic", "hospital")),
        ("近くのAED", ("aed",)),
        ("足利市の介護施設", ("care",)),
        ("19時に開いてる薬局 宇都宮市", ("pharmacy",)),
        ("宇都宮のフリーWi-Fi", ("wifi",)),
        ("onde tem farmácia aberta hoje à noite", ("pharmacy",)),
        ("宇都宮の図書館", ("facility", "sight")),
        ("一番近い避難所", ("shelter_emergency", "shelter")),
        ("nearest shelter", ("shelter_emergency", "shelter")),
        ("refugio más cercano", ("shelter_emergency", "shelter")),
    ],
)
def test_other_places_are_looked_for(text: str, kinds: tuple[str, ...]) -> None:
    found = find_slots(text)
    assert found is not None
    assert found.kinds == kinds


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("洪水のとき逃げるところ", "flood"),
        ("土砂崩れのときの避難場所はどこ", "landslide"),
        ("地震のときどこに逃げればいい", "earthquake"),
        ("where can I evacuate in a flood", "flood"),
        ("洪水时去哪里避难", "flood"),
    ],
)
def test_a_hazard_leads_to_emergency_shelters(text: str, hazard: str) -> None:
    found = find_slots(text)
    assert found is not None
    assert (found.kinds, found.hazard, found.when) == (("shelter_emergency",), hazard, None)
    assert found.is_shelter


def test_a_rainy_day_in_nikko() -> None:
    found = find_slots("日光で雨の日に行けるところ")
    assert found is not None
    assert (found.kinds, found.attributes, found.municipality) == (("sight", "culture"), ("indoor",), NIKKO)


@pytest.mark.parametrize(
    "text",
    [
        "小児科の救急電話は", "避難所とは", "夜に子どもが熱を出した", "マイナンバーカードをなくした",
        "日光東照宮は何時から",
        "栃木市の保育園の申し込み", "近所の川があふれないか見たい", "新聞とってないから、わからん",
        "県庁はどこ",
        "病院でマイナ保険証は使えますか", "とちまるネットの同意を取り下げたい", "",
        "what is an evacuation shelter",
        "観光アプリはありますか", "2歳の子が39度、今から病院へ連れて行ったほうがいいですか",
        "避難所は開設されていますか", "医療費の助成", "。" * 3000,
    ],
)  # fmt: skip
def test_a_question_is_no_search(text: str) -> None:
    assert find_slots(text) is None


def test_one_slot_changes_and_the_others_stay() -> None:
    first = find_slots("小山市で今やってる小児科")
    assert first is not None

    def changed(text: str) -> PlaceQuery:
        slots = read_slots(text)
        assert slots is not None
        return first.changed(slots)

    assert changed("明日は？").when == When("+1")
    assert changed("明日は？").speciality == "小児科"
    assert changed("内科は？").speciality == "内科"
    assert changed("内科は？").municipality == OYAMA
    assert changed("宇都宮市").municipality == UTSUNOMIYA
    assert changed("近くで").near
    assert changed("近くで").municipality is None
    assert changed("ありがとう") == first
    assert read_slots("小児科の電話番号は") is None


def test_a_query_comes_back_from_a_session() -> None:
    query = find_slots("小山市で日曜の夜にやってる、車いすで入れる小児科")
    assert query is not None
    assert query.when
    assert query.attributes == ("wheelchair",)
    assert PlaceQuery.from_json(query.as_json()) == query


SATURDAY = datetime(2026, 11, 21, 14, 30, tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今やってる", (date(2026, 11, 21), 870, 871)),
        ("今日", (date(2026, 11, 21), 870, 1440)),
        ("今夜", (date(2026, 11, 21), 1080, 1440)),
        ("朝", (date(2026, 11, 22), 360, 600)),
        ("土曜日", (date(2026, 11, 21), 870, 1440)),
        ("日曜の夜", (date(2026, 11, 22), 1080, 1440)),
        ("祝日", (date(2026, 11, 22), 0, 1440)),
        ("午後7時半", (date(2026, 11, 21), 1170, 1171)),
        ("9時", (date(2026, 11, 22), 540, 541)),
        ("tomorrow 9am", (date(2026, 11, 22), 540, 541)),
        ("12/31", (date(2026, 12, 31), 0, 1440)),
        ("元日", (date(2027, 1, 1), 0, 1440)),
        ("2月29日", (date(2028, 2, 29), 0, 1440)),
        ("manana por la manana", (date(2026, 11, 22), 360, 600)),
        ("amanha de manha", (date(2026, 11, 22), 360, 600)),
        ("晚上8点", (date(2026, 11, 21), 1200, 1201)),
        ("夜中", (date(2026, 11, 21), 1380, 1800)),
    ],
)
def test_times_are_read_and_resolved(text: str, expected: tuple[date, int, int]) -> None:
    when = read_when(plain(text))
    assert when is not None
    assert when.resolve(SATURDAY) == expected


@pytest.mark.parametrize("text", ["今市", "今後", "しています", "1時間", "朝鮮", "小山市", "2026年度"])
def test_what_is_no_time(text: str) -> None:
    assert read_when(plain(text)) is None


def test_the_vocabulary_and_the_phrases_hold_all_languages() -> None:
    words = load_words()
    assert words.label("specialities", "小児科", "en") == "Paediatrics"
    assert words.label("hazards", "flood", "zh") == "洪水"
    assert "ask-where" in load_phrases(PHRASES).keys()  # noqa: SIM118  (a method of its own)
