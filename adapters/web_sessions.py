"""Who a resident of the web channel is from one message to the next, without a cookie."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from typing import Protocol

from itsdangerous import BadData, URLSafeTimedSerializer

THIRTY_DAYS = 30 * 24 * 60 * 60
CLOCK_SKEW_SECONDS = 300

_USER_ID = re.compile(r"[0-9a-f]{32}")


class Sessions(Protocol):
    """Who a resident is from one message to the next, without a cookie."""

    def issue(self) -> tuple[str, str]:
        """Return a new token and the user id that it stands for."""
        ...

    def read(self, token: str) -> str | None:
        """Return the user id of `token`, or None if the token is not genuine or too old."""
        ...


class SessionTokens:
    """Signed tokens (HMAC-SHA256) that hold a random user id of 128 bits and the time of issue.

    Nothing is stored: every process with the same `secret` (at least 16 bytes) reads them.  A token is
    valid for `max_age_seconds` from its issue; use does not prolong it, so that no id lives on for ever.
    """

    def __init__(self, secret: bytes, max_age_seconds: int = THIRTY_DAYS):
        if len(secret) < 16:
            raise ValueError("the secret for session tokens needs at least 16 bytes")
        self._max_age = max_age_seconds
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="tochimado.web.session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def issue(self) -> tuple[str, str]:
        """Return a new token and its user id (32 hexadecimal digits)."""
        user_id = secrets.token_hex(16)
        token = self._serializer.dumps(user_id)
        return (token if isinstance(token, str) else token.decode("ascii")), user_id

    def read(self, token: str) -> str | None:
        """Return the user id of `token`, or None. The signature is compared in constant time."""
        if not token.isascii():
            return None
        try:
            user_id, issued = self._serializer.loads(token, return_timestamp=True)
        except BadData:
            return None
        # The age is checked here and not by itsdangerous, which refuses a token that comes from a machine
        # whose clock is a second ahead.
        age = time.time() - issued.timestamp()
        if not -CLOCK_SKEW_SECONDS <= age <= self._max_age:
            return None
        return user_id if isinstance(user_id, str) and _USER_ID.fullmatch(user_id) else None
