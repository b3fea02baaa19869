"""`tochimado ask` and `tochimado chat`: talk to the bot without a channel."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from adapters.console import run
from adapters.messages import IncomingMessage, Reply
from adapters.plain import render_blocks, render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.outcome import Outcome
from bot.places.search import Search
from bot.provision import provision
from bot.session import Session, lang_from_tag
from bot.settings import Settings, read_settings
from bot.storage.engine import open_database
from knowledge.hours import JAPAN
from knowledge.models import LANGS
from knowledge.review import Expired


@click.command()
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="答えを JSON で書く。")
@click.option("--stdin", "from_stdin", is_flag=True, help="JSON の行を読み、同じ順に 1 行ずつ答える。")
@click.option("--lang", type=click.Choice(LANGS), help="答えの言語（なければ文から判断する）。")
def ask(text: str | None, as_json: bool, from_stdin: bool, lang: str | None) -> None:
    """1 つ聞いて、答えを見る。例: tochimado ask マイナンバーカードをなくした"""
    if from_stdin == (text is not None):
        raise click.UsageError("聞きたいことを 1 つ書くか、--stdin を付けてください（両方は使えません）。")
    settings = read_settings()
    holder, places = BrainHolder(settings.knowledge), places_of(settings)
    if not from_stdin:
        made = answer_one(holder, {"id": None, "text": text, "lang": lang}, places, settings.expired)
        click.echo(as_line(made) if as_json else made["reply"]["text"])
        return
    for line in _lines():
        made = answer_one(holder, line, places, settings.expired)
        click.echo(as_line(made))
        sys.stdout.flush()


def as_line(made: dict[str, Any]) -> str:
    """Return one JSON line; a lone surrogate of an id is escaped, since no encoding can write it."""
    line = json.dumps(made, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(made)
    return line


def _lines() -> Iterator[dict[str, Any]]:
    """Yield one question a line; a bad line yields an `error` with its number, and the rest goes on."""
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            yield {"id": None, "error": f"line {number}: not valid JSON"}
            continue
        if not isinstance(line, dict) or not isinstance(line.get("text"), str):
            found = line.get("id") if isinstance(line, dict) else None
            yield {"id": found, "error": f'line {number}: expected an object with "text"'}
            continue
        yield line


def places_of(settings: Settings) -> Search | None:
    """Return the places of the deployment; made on first use where the database is the embedded default."""
    try:
        if settings.database_url is None:
            provision(settings)
        return Search(open_database(settings.database))
    except (OSError, SQLAlchemyError) as error:
        click.echo(f"tochimado: 場所の検索は使えません（{type(error).__name__}）。", err=True)
        return None


def answer_one(
    holder: BrainHolder, line: dict[str, Any], places: Search | None = None, expired: Expired = "show"
) -> dict[str, Any]:
    """Answer one question in a session of its own, in the contract's form."""
    if "error" in line:
        return {"id": line["id"], "error": line["error"]}
    lang = lang_from_tag(line.get("lang")) if isinstance(line.get("lang"), str) else None
    now = _moment(line.get("now"))
    conversation = Conversation(lambda: holder.brain, now=lambda: now, places=places, expired=expired)
    session = Session(lang=lang or "ja", lang_chosen=lang is not None, greeted=True)
    place = _place(line.get("location"))
    if place:
        located = IncomingMessage("console", "ask", "location", kind="location", location=place)
        session = conversation.handle(located, session).session
    message = IncomingMessage("console", "ask", "ask", text=line["text"])
    return contract(line.get("id"), conversation.handle(message, session))


def contract(asked: Any, outcome: Outcome) -> dict[str, Any]:
    """Return `outcome` in the form that `ask --json` promises."""
    decision = outcome.decision
    reply = outcome.reply or Reply(())
    candidates = decision.candidates if decision else ()
    return {
        "id": asked,
        "lang": reply.lang,
        "decision": decision.kind if decision else "answer" if outcome.entry_id else "fallback",
        "entry": outcome.entry_id,
        "confidence": round(candidates[0].confidence, 4) if candidates else 0.0,
        "candidates": [
            {"entry": candidate.entry_id, "confidence": round(candidate.confidence, 4)}
            for candidate in candidates
        ],
        "reply": {"text": read_aloud(reply), "blocks": render_blocks(reply)},
    }


def read_aloud(reply: Reply) -> str:
    """Return the whole answer in plain text, with the choices of a question back."""
    choices = [f"・{button.label}" for button in reply.quick_replies if button.group in ("choice", "topic")]
    return "\n".join([render_text(reply), *choices])


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else datetime.now(JAPAN)
    except ValueError:
        return datetime.now(JAPAN)
    return moment if moment.tzinfo else moment.replace(tzinfo=JAPAN)


def _place(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    if any(type(part) not in (int, float) for part in value):
        return None
    return float(value[0]), float(value[1])


@click.command()
@click.option("--lang", type=click.Choice(LANGS), help="はじめの言語。")
def chat(lang: str | None) -> None:
    """端末で話す。/quit で終わる。"""
    settings = read_settings()
    holder = BrainHolder(settings.knowledge)
    conversation = Conversation(lambda: holder.brain, places=places_of(settings), expired=settings.expired)
    memory: dict[str, Session] = {}
    if lang:
        memory["console"] = Session(lang=lang, lang_chosen=True)  # type: ignore[arg-type]

    def handle(message: IncomingMessage) -> Reply | None:
        outcome = conversation.handle(message, memory.get("console"))
        if outcome.erase:
            memory.pop("console", None)
        else:
            memory["console"] = outcome.session
        return outcome.reply

    run(handle, sys.stdin, sys.stdout, lang)
