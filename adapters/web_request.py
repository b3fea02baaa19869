"""The bodies that the widget's HTTP API takes, checked.

Whatever is wrong leaves as a werkzeug HTTPException whose `description` says what is wrong with the request
and never holds any of its content.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from adapters.base import JSON

FIELDS = ("session", "client_id", "text", "postback", "location", "lang", "furigana")
POSTBACK_MAX = 300
TEXTS_MAX, TEXTS_LENGTH_MAX = 200, 12_000
"""Texts of one request for furigana, and their characters in all."""
QUERY_MAX = 60

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LANG = re.compile(r"(?=.{1,35}\Z)[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Posted:
    """A checked body of `POST /api/v1/messages`. `client_id` is in lower case."""

    client_id: str
    session: str | None = None
    text: str | None = None
    postback: str | None = None
    location: tuple[float, float] | None = None
    lang: str | None = None
    furigana: bool = False

    @property
    def kind(self) -> Literal["text", "postback", "location", "follow"]:
        """What kind of event this is; without content it is the opening of the widget."""
        if self.text is not None:
            return "text"
        if self.postback is not None:
            return "postback"
        return "location" if self.location is not None else "follow"


def parse_body(raw: bytes) -> Posted:
    """Return the checked body. A field that is null counts as absent. Raises `BadRequest`."""
    body = _json_object(raw, FIELDS)
    client_id = _string(body, "client_id")
    if client_id is None or not _UUID.fullmatch(client_id):
        raise BadRequest("client_id must be a UUID such as 123e4567-e89b-42d3-a456-426614174000")
    lang = _language(body)
    posted = Posted(
        client_id=client_id.lower(),
        session=_string(body, "session"),
        text=_string(body, "text"),
        postback=_postback(body),
        location=_location(body.get("location")),
        lang=lang,
        furigana=_switch(body, "furigana"),
    )
    if sum(part is not None for part in (posted.text, posted.postback, posted.location)) > 1:
        raise BadRequest("send only one of text, postback and location")
    return posted


def posted_bytes() -> bytes:
    """Return the body of the current request if it says that it is JSON. Raises `UnsupportedMediaType`."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the content type must be application/json")
    return request.get_data(cache=False)


def parse_texts(raw: bytes) -> list[str]:
    """Return the texts of `{"texts": […]}`, a request for furigana. Raises `BadRequest`."""
    texts = _json_object(raw, ("texts",)).get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequest("texts must be a list of strings")
    if len(texts) > TEXTS_MAX or sum(map(len, texts)) > TEXTS_LENGTH_MAX:
        raise BadRequest(f"at most {TEXTS_MAX} texts and {TEXTS_LENGTH_MAX} characters in all")
    return texts


def parse_query(raw: bytes) -> tuple[str, str]:
    """Return (what is typed so far, cut to `QUERY_MAX`, language) of `{"q", "lang"}`. Raises `BadRequest`."""
    body = _json_object(raw, ("q", "lang"))
    return (_string(body, "q") or "").strip()[:QUERY_MAX], _language(body) or "ja"


def _json_object(raw: bytes, fields: tuple[str, ...]) -> JSON:
    try:
        body = json.loads(raw.decode("utf-8", errors="replace"), parse_constant=_no_constant)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    except ValueError as error:
        raise BadRequest("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    if any(key not in fields for key in body):
        raise BadRequest(f"unknown field; the fields are {', '.join(fields)}")
    return body


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _string(body: JSON, name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadRequest(f"{name} must be a string")


def _language(body: JSON) -> str | None:
    lang = _string(body, "lang")
    if lang is not None and not _LANG.fullmatch(lang):
        raise BadRequest("lang must be a language tag of at most 35 characters, such as ja or pt-BR")
    return lang


def _switch(body: JSON, name: str) -> bool:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise BadRequest(f"{name} must be true or false")


def _postback(body: JSON) -> str | None:
    value = _string(body, "postback")
    if value is not None and not (0 < len(value) <= POSTBACK_MAX and value.isascii() and value.isprintable()):
        raise BadRequest(f"postback must be 1 to {POSTBACK_MAX} printable ASCII characters")
    return value


def _location(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = value if isinstance(value, list) and len(value) == 2 else []
    if not pair or any(type(part) not in (int, float) for part in pair):
        raise BadRequest("location must be [latitude, longitude], two numbers")
    lat, lng = pair
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise BadRequest("location is out of range: latitude -90 to 90, longitude -180 to 180")
    return float(lat), float(lng)
