"""Seal what must be kept for a while and read by nobody: ids to answer to, messages not answered yet."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken


class UnsealError(Exception):
    """A payload was sealed under another secret, or is damaged."""


class Sealer:
    """Authenticated encryption (Fernet: AES-128-CBC, HMAC-SHA256). `key`: 32 bytes."""

    def __init__(self, key: bytes):
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, content: Any) -> bytes:
        """Return JSON-able `content`, sealed."""
        return self._fernet.encrypt(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    def unseal(self, sealed: bytes) -> Any:
        """Return what was sealed. Raises `UnsealError`."""
        try:
            return json.loads(self._fernet.decrypt(bytes(sealed)))
        except (InvalidToken, ValueError) as error:
            raise UnsealError("sealed under another TOCHIMADO_SECRET, or damaged") from error
