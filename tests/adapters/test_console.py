"""A conversation in the terminal, told as what is typed and what is printed."""

import io

import pytest

from adapters.base import Adapter
from adapters.console import HELLO, ConsoleAdapter, parse_line, run
from adapters.messages import Address, Button, Card, Cards, IncomingMessage, LocationRequest, Reply, Text

MENU = Reply((Text("何を知りたいですか。"),), (Button("病院", "t:medical"), Button("カード", "t:mynumber")))


class Bot:
    """Records what it is told; answers with the menu, or what `replies` holds for a text or postback."""

    def __init__(self, **replies):
        self.told: list[IncomingMessage] = []
        self.replies = replies

    def __call__(self, message):
        self.told.append(message)
        return self.replies.get(message.text or message.postback or message.kind, MENU)

    def talk(self, *lines, lang=None):
        stdout = io.StringIO()
        run(self, io.StringIO("".join(f"{line}\n" for line in lines)), stdout, lang)
        return stdout.getvalue()


def said(bot):
    """Return what the bot was told after the greeting."""
    return [(m.kind, m.text or m.postback or m.location) for m in bot.told[1:]]


def test_it_begins_with_a_follow_and_ends_at_the_end_of_input():
    bot = Bot()
    printed = bot.talk()
    assert [message.kind for message in bot.told] == ["follow"]
    assert printed.startswith(HELLO)
    assert "何を知りたいですか。\n  [1] 病院\n  [2] カード\n\n> " in printed
    assert printed.endswith("終わります。 / Bye.\n\n")


def test_text_and_numbers_and_the_next_buttons():
    more = Reply((Text("病院ですね。"),), (Button("小児科", "s:pediatrics"),))
    bot = Bot(**{"t:medical": more})
    printed = bot.talk("こんにちは", "1", "1", "２")
    assert said(bot) == [
        ("text", "こんにちは"),
        ("postback", "t:medical"),
        ("postback", "s:pediatrics"),
        ("postback", "t:mynumber"),
    ]
    assert "病院ですね。\n  [1] 小児科\n" in printed


def test_the_buttons_of_cards_are_choices_too():
    cards = Cards(tuple(Card(f"医院{n}", "", buttons=(Button("見る", f"p:{n}"),)) for n in (1, 2)))
    bot = Bot(follow=Reply((cards,), (Button("もどる", "back"),)))
    printed = bot.talk("2")
    assert said(bot) == [("postback", "p:2")]
    assert "  [1] 医院1: 見る\n  [2] 医院2: 見る\n  [3] もどる\n" in printed


@pytest.mark.parametrize("line", ["0", "3", "99"])
def test_a_number_without_a_choice_is_said_and_the_choices_stay(line):
    bot = Bot()
    assert "その番号の選択肢はありません。" in bot.talk(line, "2")
    assert said(bot) == [("postback", "t:mynumber")]


@pytest.mark.parametrize("line", ["119", "7119", "²", "١", "-1", "1.5", "1 2"])
def test_a_number_that_is_no_choice_is_text(line):
    bot = Bot()
    bot.talk(line)
    assert said(bot) == [("text", line)]


def test_a_number_is_text_where_there_are_no_choices():
    bot = Bot(follow=Reply((Text("はい"),)))
    bot.talk("1")
    assert said(bot) == [("text", "1")]


def test_no_reply_leaves_no_choices():
    bot = Bot(follow=None)
    bot.talk("1")
    assert said(bot) == [("text", "1")]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("/location 36.57,139.88", (36.57, 139.88)),
        ("/location 36.57, 139.88", (36.57, 139.88)),
        ("/location 36 139", (36.0, 139.0)),
        ("/location -1.5,-2", (-1.5, -2.0)),
        ("／location ３６．５７、１３９．８８", (36.57, 139.88)),
    ],
)
def test_a_location(line, place):
    bot = Bot()
    bot.talk(line)
    assert said(bot) == [("location", place)]


@pytest.mark.parametrize(
    "line",
    ["/location", "/location 36.57", "/location a,b", "/location 91,0", "/location 0,181", "/location nan,1"],
)
def test_an_impossible_location_is_explained(line):
    bot = Bot()
    assert "/location 36.57,139.88 のように" in bot.talk(line)
    assert said(bot) == []


@pytest.mark.parametrize("line", ["/quit", " /QUIT ", "/exit", "／quit"])
def test_quit_ends_it(line):
    bot = Bot()
    assert bot.talk(line, "もう一つ").endswith("Bye.\n\n")
    assert said(bot) == []


def test_blank_lines_are_not_messages():
    bot = Bot()
    bot.talk("", "   ", "\u3000", "\x00")
    assert said(bot) == []


def test_a_slash_is_no_part_of_what_is_said():
    bot = Bot()
    bot.talk("/help", "/", "/locations")
    assert said(bot) == [("text", "help"), ("text", "/"), ("text", "locations")]


def test_bytes_that_are_no_text_and_a_terminal_that_cannot_print_japanese():
    bot = Bot(病院=Reply((Text("\ud800 \x1b[31m ここです 😀"),)))
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00abc\n" + "病院\n".encode()), encoding="utf-8")
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="ascii")
    run(bot, stdin, stdout)
    assert said(bot) == [("text", "\ufffd\ufffdabc"), ("text", "病院")]
    assert b"\x1b" not in raw.getvalue()
    assert b"? [31m" in raw.getvalue()


def test_ctrl_c_ends_it_politely():
    class Interrupted(io.StringIO):
        def readline(self, *_):
            raise KeyboardInterrupt

    stdout = io.StringIO()
    run(Bot(), Interrupted(), stdout)
    assert stdout.getvalue().endswith("Bye.\n\n")


def test_every_message_has_the_language_and_an_id_of_its_own():
    bots = [Bot(), Bot()]
    for bot in bots:
        bot.talk("一", "二", lang="pt-BR")
    messages = [message for bot in bots for message in bot.told]
    assert {message.lang_hint for message in messages} == {"pt-BR"}
    assert len({message.event_id for message in messages}) == 6
    assert {(message.channel, message.user_id) for message in messages} == {("console", "console")}


def test_what_the_bot_raises_goes_through():
    def broken(message):
        raise OSError("no database")

    with pytest.raises(OSError, match="no database"):
        run(broken, io.StringIO(), io.StringIO())


def test_the_adapter_is_one():
    stdout = io.StringIO()
    adapter: Adapter = ConsoleAdapter(stdout)
    to = Address("console", "console")
    messages = adapter.render(Reply((LocationRequest("どこですか。", "送る"),), (Button("もどる", "back"),)))
    assert messages == [{"text": "どこですか。\n（/location 緯度,経度）", "choices": ["もどる"]}]
    adapter.working(to)
    adapter.deliver(to, messages)
    assert stdout.getvalue() == "どこですか。\n（/location 緯度,経度）\n  [1] もどる\n\n"
    assert adapter.profile_language(to) is None
    assert adapter.blueprint(lambda messages: None).name == "console"


def test_parse_line_keeps_the_rest_of_the_message():
    base = IncomingMessage("console", "u", "e", lang_hint="es")
    message = parse_line(" hola ", [], base)
    assert message == IncomingMessage(
        "console", "u", "e", text="hola", lang_hint="es", received_at=base.received_at
    )
