"""Seal what must be kept for a while and read by nobody: ids to answer to, messages not answered yet."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
"""Bytes of the number used once, in front of what is sealed. Chance chooses it: good for billions of them."""


class UnsealError(Exception):
    """A payload was sealed under another secret, or is damaged."""


class Sealer:
    """Authenticated encryption (AES-256-GCM). `key`: 32 bytes."""

    def __init__(self, key: bytes):
        self._cipher = AESGCM(key)

    def seal(self, content: bytes) -> bytes:
        """Return `content`, sealed."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises `UnsealError`."""
        sealed = bytes(sealed)
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise UnsealError("sealed under another TOCHIMADO_SECRET, or damaged") from error
