"""The files of the web channel, held in memory: the loader, the chat page with its modules, the demo page."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Response, request

HERE = Path(__file__).parent
_PAGES = ("index.html", "chat.html", "widget.js")
_GROUPS = {"demo": ("demo.css", "demo.js"), "chat": ("chat.css", "chat/*.js")}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `etag` depends on the content alone, so that every machine gives the same."""

    body: bytes
    packed: bytes
    content_type: str
    etag: str

    @classmethod
    def load(cls, path: Path) -> Asset:
        """Return the file at `path`."""
        body = path.read_bytes()
        # A machine's own table of types may call a script text/plain; no browser runs that as a module.
        kind = {".js": "text/javascript"}.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        return cls(
            body=body,
            packed=gzip.compress(body, mtime=0),
            content_type=f"{kind}; charset=utf-8",
            etag=hashlib.sha256(body).hexdigest()[:32],
        )

    def response(self, cache_control: str) -> Response:
        """Return the answer to the current request: 304, or the file, compressed if the client takes that."""
        packed = request.accept_encodings["gzip"] > 0
        response = Response(self.packed if packed else self.body, content_type=self.content_type)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = cache_control
        response.vary.add("Accept-Encoding")
        response.set_etag(self.etag, weak=True)
        response.make_conditional(request.environ)
        return response


def load_assets() -> dict[str, Asset]:
    """Return the files by name: `index.html`, `chat.html`, `widget.js`, `chat/main.js`, `demo/demo.css` …"""
    assets = {name: Asset.load(HERE / name) for name in _PAGES}
    for group, patterns in _GROUPS.items():
        for pattern in patterns:
            assets |= {f"{group}/{path.name}": Asset.load(path) for path in sorted(HERE.glob(pattern))}
    return assets
