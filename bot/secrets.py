"""The deployment's secret: from the settings, or made once in the data folder."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

from bot.settings import Settings, SettingsError


def deployment_secret(settings: Settings) -> bytes:
    """Return the secret; `secret` (mode 600) in the data folder is made on first use."""
    if settings.secret:
        return settings.secret.encode()
    path = settings.data_dir / "secret"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return _read(path)


def _read(path: Path) -> bytes:
    """Read the secret; another process may be about to write it."""
    for _ in range(50):
        found = path.read_bytes().strip()
        if len(found) >= 32:
            return found
        time.sleep(0.05)
    raise SettingsError([f"{path} が短すぎます。消して起動し直すか、TOCHIMADO_SECRET を設定してください。"])


def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key for one purpose (HMAC-SHA256, 32 bytes)."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
