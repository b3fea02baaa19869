"""What the conversation does with languages and what it remembers; the stories tell the rest."""

from __future__ import annotations

from datetime import datetime

import pytest

from adapters.messages import IncomingMessage, Text
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.outcome import Outcome
from bot.postbacks import data
from bot.session import Session
from knowledge.hours import JAPAN

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=JAPAN)


@pytest.fixture
def conversation(holder: BrainHolder) -> Conversation:
    return Conversation(lambda: holder.brain, now=lambda: NOW)


def say(conversation: Conversation, text: str, session: Session | None = None, **more: object) -> Outcome:
    message = IncomingMessage("web", "u", "e", text=text, **more)  # type: ignore[arg-type]
    return conversation.handle(message, session)


def heard(outcome: Outcome) -> str:
    assert outcome.reply is not None
    return render_text(outcome.reply)


@pytest.mark.parametrize(
    ("tag", "lang"),
    [("en-US", "en"), ("pt-BR", "pt"), ("zh-Hant", "zh"), ("es", "es"), ("ja", "ja"), ("vi", "ja")],
)
def test_the_channels_language_is_the_first_guess(conversation: Conversation, tag: str, lang: str) -> None:
    outcome = conversation.handle(IncomingMessage("line", "u", "e", kind="follow", lang_hint=tag))
    assert outcome.session.lang == lang


def test_the_language_of_a_message_is_answered_and_remembered(conversation: Conversation) -> None:
    outcome = say(conversation, "I lost my My Number card")
    assert outcome.session.lang == "en"
    assert say(conversation, "119", outcome.session).session.lang == "en"
    assert say(conversation, "カードをなくした", outcome.session).session.lang == "ja"


def test_japanese_text_does_not_undo_a_language_that_was_chosen(conversation: Conversation) -> None:
    chosen = Session(lang="en", lang_chosen=True)
    assert say(conversation, "住民票の写し", chosen).session.lang == "en"
    assert say(conversation, "perdi meu cartão my number", chosen).session.lang == "pt"


def test_easy_japanese_stays_easy(conversation: Conversation) -> None:
    outcome = say(conversation, "やさしい日本語で")
    assert outcome.session.lang == "easy"
    assert say(conversation, "カードを なくしました", outcome.session).session.lang == "easy"


def test_a_language_that_is_not_spoken_gets_easy_japanese_english_and_a_number(
    conversation: Conversation,
) -> None:
    text = heard(say(conversation, "안녕하세요 도와주세요"))
    assert "Sorry, I could not find" in text
    assert "わかりませんでした" in text
    assert "028-627-3399" in text


def test_an_entry_without_that_language_says_so(conversation: Conversation, holder: BrainHolder) -> None:
    gap = next((e for e in holder.brain.knowledge.entries.values() if "zh" not in e.answer), None)
    if gap is None:
        pytest.skip("every entry is there in Chinese")
    session = Session(lang="zh", lang_chosen=True)
    message = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", gap.id))
    outcome = conversation.handle(message, session)
    assert outcome.reply is not None
    assert any(isinstance(block, Text) and block.role == "notice" for block in outcome.reply.blocks)


def test_an_answer_past_its_review_date_is_marked(holder: BrainHolder) -> None:
    late = Conversation(lambda: holder.brain, now=lambda: datetime(2031, 1, 1, tzinfo=JAPAN))
    assert "見直しの期限" in heard(say(late, "マイナンバーカードをなくした"))


def test_the_municipality_in_a_question_leads_to_its_page(conversation: Conversation) -> None:
    outcome = say(conversation, "住民票がほしい（小山）")
    assert outcome.session.municipality == "092088"
    assert "https://www.city.oyama.tochigi.jp/" in heard(outcome)
    assert "https://www.city.oyama.tochigi.jp/" in heard(say(conversation, "住民票がほしい", outcome.session))


def test_a_long_message_is_read_in_part_and_that_is_said(conversation: Conversation) -> None:
    text = heard(say(conversation, "マイナンバーカードをなくした。" + "とても困っています。" * 400))
    assert "はじめの部分だけ" in text


def test_back_goes_through_all_answers_and_ends_at_the_topics(conversation: Conversation) -> None:
    session = Session(greeted=True, trail=("mynumber.lost", "mynumber.reissue"))
    first = say(conversation, "戻る", session)
    assert first.entry_id == "mynumber.lost"
    last = say(conversation, "戻る", first.session)
    assert last.entry_id is None
    assert "分野" in heard(last)


def test_what_is_taken_back_or_left_is_not_answered(conversation: Conversation) -> None:
    for kind, erase in (("unsend", False), ("unfollow", True)):
        outcome = conversation.handle(IncomingMessage("line", "u", "e", kind=kind))  # type: ignore[arg-type]
        assert outcome.reply is None
        assert outcome.erase is erase


def test_a_question_for_the_municipality_asks_which_one_and_hands_over_its_page(
    conversation: Conversation,
) -> None:
    first = say(conversation, "住民票がほしい")
    assert "市町の名前を送るか" in heard(first)
    assert first.reply is not None
    assert "towns" in [button.data for button in first.reply.quick_replies]
    named = say(conversation, "小山です", first.session)
    assert named.entry_id == first.entry_id
    assert "https://www.city.oyama.tochigi.jp/" in heard(named)


def test_all_25_municipalities_can_be_chosen(conversation: Conversation) -> None:
    offered: list[str] = []
    for data_ in ("towns", "towns:1"):
        outcome = conversation.handle(IncomingMessage("line", "u", "e", kind="postback", postback=data_))
        assert outcome.reply is not None
        assert len(outcome.reply.quick_replies) <= 13
        offered += [b.data for b in outcome.reply.quick_replies if b.data.startswith("town:")]
    assert len(set(offered)) == 25
    chosen = conversation.handle(IncomingMessage("line", "u", "e", kind="postback", postback=offered[0]))
    assert "https://www.city.utsunomiya.lg.jp/" in heard(chosen)
    assert chosen.session.municipality == "092011"


def test_lines_say_whether_they_are_open_now(holder: BrainHolder) -> None:
    night = Conversation(lambda: holder.brain, now=lambda: datetime(2026, 11, 24, 2, 0, tzinfo=JAPAN))
    noon = Conversation(lambda: holder.brain, now=lambda: datetime(2026, 11, 24, 12, 0, tzinfo=JAPAN))
    question = "子どもが熱を出した"
    message = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", "medical.child-fever"))
    assert "いま受付中" in heard(night.handle(message)), question
    assert "次は16:00から" in heard(noon.handle(message))
