"""A scripted bot, a server in a thread, and what the tests of the widget do again and again."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Locator, Page, expect
from werkzeug.serving import make_server

from adapters.messages import (
    Button,
    Card,
    Cards,
    IncomingMessage,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from tests.services import needs

CHROMIUM = Path("/usr/bin/chromium")
MARKS = [pytest.mark.browser, needs("Chromium (/usr/bin/chromium)", CHROMIUM.exists())]

LOST = "マイナンバーカードをなくした"
QUESTIONS = ("図書館の本を予約したい", "図書館はいつ休み？", "パスポートを作りたい")
XSS = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Bot:
    """Scripted answers; keeps what was asked."""

    def __init__(self) -> None:
        self.heard: list[IncomingMessage] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.silent_for = ""

    def __call__(self, message: IncomingMessage) -> Reply | None:
        self.heard.append(message)
        assert self.may_answer.wait(15)
        if message.text and message.text == self.silent_for:
            self.silent_for = ""
            return None
        if message.kind == "follow":
            return Reply((Text("こんにちは。とちまどです。"),), (Button("病院", "topic:medical", "choice"),))
        if message.kind == "location":
            return Reply((Text("近い順に案内します。"),))
        if message.postback == "lang:en":
            return Reply((Text("I will answer in English."),), (), "en")
        if message.postback == "fb-:1":
            return self.why()
        if message.postback:
            return Reply((Text(f"ボタン {message.postback}"),))
        if message.text == LOST:
            return self.lost()
        if message.text == "データ削除":
            return Reply((Text("消しますか。"),), (Button("消す", "delete:yes"),))
        if message.text == "わな":
            return self.trap()
        if message.text in ("病院", "死にたい", "どれ"):
            return {"病院": self.places, "死にたい": self.crisis, "どれ": self.clarify}[message.text]()
        if message.text == "殴られた":
            return replace(self.crisis(), topic="violence")
        if message.text == "DVの相談":
            return Reply((Text("DVの相談窓口です。"),), topic="violence")
        if message.text == "長い":
            return Reply((Text("\n\n".join(f"{n} 段落め。" * 6 for n in range(30))),))
        return Reply((Text(f"「{message.text}」ですね。"),))

    @staticmethod
    def lost() -> Reply:
        return Reply(
            (
                Text("カードをなくしたとき", "title"),
                Text("電話で止めてください。\n\n1. 電話する\n2. 届け出る\n\n・本人確認書類"),
                Phones((Phone("総合フリーダイヤル", "0120-95-0178", "24時間"), Phone("", "#7119"))),
                Links((Link("総合サイト", "https://www.kojinbango-card.go.jp/"),)),
                Text("出どころ：市町の公式ページ 2024年", "source"),
            ),
            (
                Button("手数料", "entry:mynumber.fee", "choice"),
                Button("役に立たなかった", "fb-:1", "feedback"),
                Button("役に立った", "fb+:1", "feedback"),
            ),
        )

    @staticmethod
    def places() -> Reply:
        cards = tuple(
            Card(
                f"試験用{name}医院",
                "小児科、内科\n小山市（駅から徒歩10分）",
                Phone("", number, "平日 9:00〜18:00"),
                (Link("地図", "https://www.openstreetmap.org/"),),
                (Button("ここを選ぶ", f"place:{number}"),),
            )
            for name, number in (("東", "0285-00-0001"), ("西", "0285-00-0002"))
        )
        asking = LocationRequest("近い順に並べるには、現在地を送ってください。", "現在地を送る")
        return Reply((Text("小児科のある病院", "title"), Cards(cards), asking))

    @staticmethod
    def crisis() -> Reply:
        return Reply(
            (
                Text("つらい気持ちを書いてくれて、ありがとうございます。今すぐ話を聞いてくれる人がいます。"),
                Phones(
                    (Phone("#いのちSOS", "0120-061-338"), Phone("DV相談プラス", "0120-279-889", "24時間"))
                ),
            ),
            urgent=True,
        )

    @staticmethod
    def clarify() -> Reply:
        choices = tuple(Button(f"手続き{n}のこと", f"entry:x.{n}", "choice") for n in ("一", "二", "三"))
        return Reply((Text("どのことですか。"),), (*choices, Button("どれでもない", "none", "nav")))

    @staticmethod
    def why() -> Reply:
        reasons = (
            ("聞きたいことと違う", "off"),
            ("わかりにくい", "unclear"),
            ("情報が古い", "old"),
        )
        return Reply(
            (Text("教えてくださって、ありがとうございます。理由を選べます（選ばなくてもかまいません）。"),),
            tuple(Button(label, f"fbr:1:{code}", "feedback") for label, code in reasons),
        )

    @staticmethod
    def trap() -> Reply:
        phone = Phone(XSS, '1" onclick="window.hit=1', XSS, XSS)
        links = tuple(
            Link(XSS, url)
            for url in ("javascript:window.hit=1", "JaVaScRiPt:window.hit=1", "data:text/html,x", "//x", "")
        )
        card = Card(XSS, XSS, phone, links, (Button(XSS, "x:1"),))
        blocks = (
            Text(XSS, "title"),
            Text(f"・{XSS}\n1. {XSS}\n{XSS}"),
            Phones((phone,)),
            Links(links),
            Cards((card,)),
            LocationRequest(XSS, XSS),
        )
        return Reply(blocks, (Button(XSS, "x:2", '" onclick="window.hit=1'),))


class Site:
    """A web server on loopback, in a thread. `localhost` and `127.0.0.1` are two origins."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("#tochimado iframe")


def open_widget(page: Page) -> FrameLocator:
    page.locator("#tochimado").get_by_role("button", name="とちまどに聞く").click()
    expect(chat(page).locator(".bot").first).to_be_visible()
    return chat(page)


def said(frame: FrameLocator | Page, text: str) -> Locator:
    """What is in the log, and not what the live region says of it for a second."""
    return frame.get_by_role("log").get_by_text(text)


def ask(frame: FrameLocator, text: str) -> None:
    answers = frame.locator(".bot").count()
    frame.get_by_label("質問").fill(text)
    frame.get_by_label("質問").press("Enter")
    expect(frame.locator(".bot")).to_have_count(answers + 1)
