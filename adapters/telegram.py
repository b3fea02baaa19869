"""The Telegram channel: webhook in, Bot API calls out.

Telegram carries the bot's token in the path of every call.  It is put there by the transport, below the
client, so that neither httpx's log lines nor its exceptions ever hold it.

    DeliveryError
      TelegramDeliveryError      knows how many of the messages had been delivered
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from typing import Any, Final

import httpx
from flask import Blueprint, abort, request

from adapters.base import DeliveryError, Receive
from adapters.messages import Address, Reply
from adapters.telegram_parse import ALLOWED_UPDATES, CHANNEL, Ignored, parse_update
from adapters.telegram_render import for_group, plain_messages, render_messages

JSON = dict[str, Any]

log = logging.getLogger(__name__)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name, not the secret)

MENU_COMMANDS: Final = ("topics", "lang", "help", "delete")
COMMAND_MENU: Final[dict[str, tuple[str, str, str, str]]] = {
    "ja": ("相談できること", "言語をえらぶ", "使い方", "わたしのデータを消す"),
    "en": ("What you can ask", "Choose the language", "How to use this", "Delete my data"),
    "zh": ("可咨询的内容", "选择语言", "使用方法", "删除我的数据"),
    "pt": ("O que você pode perguntar", "Escolher o idioma", "Como usar", "Apagar meus dados"),
    "es": ("Qué puede preguntar", "Elegir el idioma", "Cómo se usa", "Borrar mis datos"),
}
"""What Telegram's menu says of `MENU_COMMANDS`, per language of the app; others get the English one."""

_UNPARSABLE = "can't parse entities"
_KNOWN_REASONS = (  # of Telegram's descriptions only these are repeated: others may quote the message
    _UNPARSABLE,
    "bot was blocked by the user",
    "user is deactivated",
    "bot was kicked",
    "bot is not a member",
    "bot can't initiate conversation",
    "not enough rights",
    "have no rights to send",
    "group chat was upgraded",
    "chat not found",
    "message text is empty",
    "message is too long",
    "query is too old",
    "bad webhook",
)
_WORKING_SECONDS = 3.0  # an indicator that comes later is of no use, and the answer waits behind it


class TelegramDeliveryError(DeliveryError):
    """A Telegram call failed. `delivered`: how many of `deliver`'s messages had got through before."""

    def __init__(self, reason: str, *, retry: bool, status: int = 0, after: float | None = None):
        super().__init__(CHANNEL, reason, retry=retry, status=status, after=after)
        self.delivered = 0


class _TokenTransport(httpx.HTTPTransport):
    """Turns `…/sendMessage` into `…/bot<token>/sendMessage`, out of sight of the client's logging."""

    def __init__(self, token: str, proxy: str | None):
        super().__init__(proxy=proxy, retries=1)
        self._segment = f"/bot{token}/".encode("ascii")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        head, _, method = request.url.raw_path.rpartition(b"/")
        url = request.url.copy_with(raw_path=head + self._segment + method)
        return super().handle_request(
            httpx.Request(
                request.method,
                url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )


class TelegramAdapter:
    """Telegram, as `adapters.base.Adapter`.

    `webhook_secret` is 1 to 256 of `A-Za-z0-9_-`; `timeout` in seconds holds for connecting, sending and
    each read. `on_ignored` is called with a short, fixed name for every update that is not answered.
    `proxy` is an HTTP proxy's address; the environment's proxy settings are not used.
    Raises `ValueError` for a token or secret that Telegram would not give or take.
    """

    name = CHANNEL

    def __init__(
        self,
        bot_token: str,
        webhook_secret: str,
        api_base: str = "https://api.telegram.org",
        *,
        timeout: float = 10.0,
        on_ignored: Callable[[str], None] | None = None,
        proxy: str | None = None,
    ):
        if not re.fullmatch(r"[A-Za-z0-9:_-]+", bot_token):
            raise ValueError("the Telegram bot token must consist of A-Z, a-z, 0-9, :, _ and -")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", webhook_secret):
            raise ValueError("the Telegram webhook secret must be 1 to 256 of A-Z, a-z, 0-9, _ and -")
        owner = bot_token.partition(":")[0]
        self._bot_id = int(owner) if owner.isdigit() else None
        self._secret = webhook_secret
        self._on_ignored = on_ignored
        self._client = httpx.Client(
            base_url=api_base.rstrip("/") + "/", transport=_TokenTransport(bot_token, proxy), timeout=timeout
        )

    def close(self) -> None:
        """Close the connections to Telegram."""
        self._client.close()

    # --- in ---------------------------------------------------------------------------------------------

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return `POST /webhook/telegram`: 401 without secret, 403 with a wrong one, 400 for no JSON object.

        `receive` gets one message, or is not called where the update is not answered. What it raises goes
        through: Telegram sends the update again.
        """
        blueprint = Blueprint(CHANNEL, __name__)

        @blueprint.post("/webhook/telegram")
        def webhook() -> str:
            self._authenticate(request.headers.get(SECRET_HEADER))
            parsed = parse_update(_json_object(request.get_data(cache=False)), self._bot_id)
            if not isinstance(parsed, Ignored):
                receive([parsed])
            elif self._on_ignored:
                self._on_ignored(parsed.kind)
            return ""

        return blueprint

    def _authenticate(self, given: str | None) -> None:
        if not given:
            log.warning("telegram webhook: secret missing")
            abort(401)
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            log.warning("telegram webhook: secret wrong")
            abort(403)

    # --- out --------------------------------------------------------------------------------------------

    def render(self, reply: Reply) -> list[JSON]:
        """Return the calls that say `reply`, each `{"method", ...}` without `chat_id`."""
        return render_messages(reply)

    def units(self, messages: list[JSON]) -> list[list[JSON]]:
        """Return each message by itself: Telegram takes one a call."""
        return [[message] for message in messages]

    def deliver(
        self, to: Address, messages: list[JSON], *, retry_key: str | None = None, again: bool = False
    ) -> None:
        """Send what `render` returned, in order. Raises `TelegramDeliveryError` with the number delivered.

        Telegram has no means against sending twice: `retry_key` and `again` change nothing.
        """
        chat = _chat(to)
        for delivered, message in enumerate(messages):
            try:
                self._send(chat, message)
            except TelegramDeliveryError as error:
                error.delivered = delivered
                raise

    def _send(self, chat: int, message: JSON) -> None:
        """Send one message; as plain text where Telegram does not accept its markup."""
        suited = for_group(message) if chat < 0 else message
        if suited is None:
            return
        try:
            self._post(chat, suited)
        except TelegramDeliveryError as error:
            if error.reason != _UNPARSABLE or "parse_mode" not in suited:
                raise
            log.warning("telegram: markup not accepted, sending plain text")
            for plain in plain_messages(suited):
                self._post(chat, plain)

    def _post(self, chat: int, message: JSON) -> None:
        fields = {key: value for key, value in message.items() if key != "method"}
        self._call(message.get("method", "sendMessage"), {"chat_id": chat, **fields})

    def working(self, to: Address) -> None:
        """Stop the pressed button's spinner and show "typing". Never raises."""
        if to.reply_token:
            with contextlib.suppress(Exception):
                fields = {"callback_query_id": to.reply_token}
                self._call("answerCallbackQuery", fields, timeout=_WORKING_SECONDS)
        with contextlib.suppress(Exception):
            chat = _chat(to)
            self._call("sendChatAction", {"chat_id": chat, "action": "typing"}, timeout=_WORKING_SECONDS)

    def profile_language(self, to: Address) -> str | None:
        """Return None: Telegram tells the language with each message (`lang_hint`) and not otherwise."""
        return None

    # --- setting up -------------------------------------------------------------------------------------

    def set_webhook(self, url: str) -> None:
        """Have Telegram send updates to `url` (https), with our secret. Raises `DeliveryError`."""
        if not url.startswith("https://"):
            raise ValueError("Telegram sends updates to https addresses only")
        fields = {"url": url, "secret_token": self._secret, "allowed_updates": list(ALLOWED_UPDATES)}
        self._call("setWebhook", fields)

    def set_commands(self) -> None:
        """Have Telegram offer the commands in each of `COMMAND_MENU`'s languages. Raises `DeliveryError`."""
        for language, texts in [("", COMMAND_MENU["en"]), *COMMAND_MENU.items()]:
            menu = zip(MENU_COMMANDS, texts, strict=True)
            fields: JSON = {"commands": [{"command": name, "description": text} for name, text in menu]}
            self._call("setMyCommands", fields | ({"language_code": language} if language else {}))

    def _call(self, method: str, fields: JSON, *, timeout: float | None = None) -> None:
        """Make a Bot API call. Raises `TelegramDeliveryError`."""
        body = json.dumps(fields).encode("ascii")
        headers = {"Content-Type": "application/json"}
        limit = httpx.USE_CLIENT_DEFAULT if timeout is None else timeout
        try:
            response = self._client.post(method, content=body, headers=headers, timeout=limit)
        except httpx.RequestError as error:
            raise TelegramDeliveryError(f"no answer: {type(error).__name__}", retry=True) from None
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            answer = {}
        if not (response.is_success and answer.get("ok") is True):
            raise _failure(response.status_code, answer)


def _failure(status: int, answer: JSON) -> TelegramDeliveryError:
    """Return the error for what is no success. A 2xx that cannot be read did not come from Telegram."""
    unreadable = 200 <= status < 300
    description = str(answer.get("description", ""))
    known = next((reason for reason in _KNOWN_REASONS if reason in description), None)
    return TelegramDeliveryError(
        known or ("unreadable answer" if unreadable else f"HTTP {status}"),
        retry=status == 429 or status >= 500 or unreadable,
        status=status,
        after=_retry_after(answer),
    )


def _retry_after(answer: JSON) -> float | None:
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(after) if isinstance(after, int | float) and 0 <= after < 86_400 else None


def _json_object(body: bytes) -> JSON:
    """Return the JSON object of a request, or abort with 400."""
    try:
        update = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(update, dict):
        abort(400)
    return update


def _chat(to: Address) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", to.user_id):
        raise TelegramDeliveryError("not a chat id", retry=False)
    return int(to.user_id)
