"""The files of the web channel, held in memory: the loader, the chat page with its modules, the demo page."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Response, request

HERE = Path(__file__).parent
_PAGES = ("index.html", "chat.html", "widget.js")
_GROUPS = {"demo": ("demo.css", "demo.js"), "chat": ("chat.css", "chat/*.js")}
_COMMENT_LINES = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)$", re.MULTILINE)


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
        # A machine's own table of types may call a script text/plain; no browser runs that as a module.
        kind = {".js": "text/javascript"}.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        body = path.read_bytes()
        return cls.of(_lean(body) if path.suffix in (".js", ".css") else body, f"{kind}; charset=utf-8")

    @classmethod
    def of(cls, body: bytes, content_type: str) -> Asset:
        """Return `body` as a file."""
        return cls(body, gzip.compress(body, mtime=0), content_type, hashlib.sha256(body).hexdigest()[:32])

    def replaced(self, old: bytes, new: bytes) -> Asset:
        """Return the file with the one place that reads `old` reading `new`. Raises ValueError without it."""
        if self.body.count(old) != 1:
            raise ValueError("the file does not hold what is to be replaced")
        return Asset.of(self.body.replace(old, new), self.content_type)

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


def _lean(source: bytes) -> bytes:
    """Return a script or stylesheet without the lines that hold only comments, and without indentation."""
    text = _COMMENT_LINES.sub("", source.decode("utf-8"))
    return "\n".join(line for raw in text.splitlines() if (line := raw.strip())).encode()


def load_assets() -> dict[str, Asset]:
    """Return the files by name: `index.html`, `chat.html`, `widget.js`, `chat/main.js`, `demo/demo.css` …"""
    assets = {name: Asset.load(HERE / name) for name in _PAGES}
    for group, patterns in _GROUPS.items():
        for pattern in patterns:
            assets |= {f"{group}/{path.name}": Asset.load(path) for path in sorted(HERE.glob(pattern))}
    return assets
