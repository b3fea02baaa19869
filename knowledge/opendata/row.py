"""One row by the names of its fields, and what every layout reads in the same way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

from knowledge.opendata import values
from knowledge.opendata.columns import Columns
from knowledge.opendata.context import PREFECTURES, Context, code_or_none, prefecture_of
from knowledge.opendata.problems import BadValue, Effect, RowError, RowProblem
from knowledge.opendata.text import address as fold_address
from knowledge.opendata.text import fold, is_blank, tidy
from knowledge.opendata.values import JAPAN_LAT, JAPAN_LNG

T = TypeVar("T")
_BROKEN_ID = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]+", re.IGNORECASE)
LONGEST = 4000


class Row:
    """Cells of one row. Reading a bad value records a problem and gives the empty value instead."""

    def __init__(self, file: str, line: int, columns: Columns, cells: list[str]):
        self.file, self.line, self.columns, self.cells = file, line, columns, cells
        self.problems: list[RowProblem] = []

    def raw(self, name: str) -> str:
        """Return the first cell of the field that is not blank, as typed."""
        for index in self.columns.indexes(name):
            if index < len(self.cells) and not is_blank(self.cells[index]):
                return self.cells[index]
        return ""

    def text(self, name: str) -> str:
        """Return the field as typed, with single spaces; unreadable characters drop it."""
        value = tidy(self.raw(name))[:LONGEST]
        if "\ufffd" in value:
            self.complain(name, "文字化けしています")
            return ""
        return value

    def heading(self, name: str) -> str:
        """Return the header that the file has for a field, `name` itself if none."""
        indexes = self.columns.indexes(name)
        return self.columns.header[indexes[0]] if indexes else name

    def complain(self, name: str, reason: str, effect: Effect = "value") -> None:
        """Record a problem of a field."""
        shown = tidy(
            self.raw(name)
            or next((self.cells[i] for i in self.columns.indexes(name)[:1] if i < len(self.cells)), "")
        )
        self.problems.append(RowProblem(self.file, self.line, self.heading(name), shown[:80], reason, effect))

    def read(self, name: str, reader: Callable[[str], T], empty: T) -> T:
        """Return the field read by `reader`; `empty` if there is nothing or it is bad."""
        value = self.raw(name)
        if not value:
            return empty
        try:
            return reader(value)
        except BadValue as error:
            self.complain(name, str(error))
            return empty

    def flag(self, name: str) -> bool:
        """Return whether the field says yes."""
        return self.read(name, values.flag, False)

    def mended(self, name: str, reader: Callable[[str], tuple[str, str]]) -> str:
        """Return a field whose reader also says what it mended, which is noted."""
        value, remark = self.read(name, reader, ("", ""))
        if remark:
            self.complain(name, remark, "note")
        return value

    def name(self) -> str:
        """Return the name. Raises `RowError` without one."""
        raw = self.raw("name")
        if not raw or "\ufffd" in raw:
            raise RowError(
                self.heading("name"), raw[:80], "文字化けしています" if raw else "名称がありません"
            )
        return tidy(raw)

    def address(self) -> str:
        """Return the whole address with prefecture and municipality, as far as the columns give them."""
        written = fold_address(self.text("address"))
        if not written:
            written = fold_address(self.text("town") + self.text("number"))
        city, prefecture = fold(self.text("city")), fold(self.text("pref"))
        city = city.removeprefix(prefecture_of(city))
        if written and not prefecture_of(written):
            if city and not re.match(r"[^0-9]{1,8}?郡", written) and not written.startswith(city):
                written = city + written
            written = prefecture + written
        building = fold(self.text("building"))
        return f"{written} {building}" if written and building and building not in written else written

    def municipality(self, context: Context, address: str) -> str | None:
        """Return the six-digit code: of the place's own column, of its address, else of the file's owner."""
        own = self._code("place_code")
        if not own and self.raw("pref_code"):
            own = code_or_none(fold(self.raw("pref_code")).zfill(2) + fold(self.raw("city_code")).zfill(3))
        if own:
            return own
        city = fold(self.text("pref")) + fold(self.text("city")) if self.columns.has("city") else ""
        found = context.municipalities.of_address(address) or context.municipalities.of_address(city)
        owner = found or self._code("city_code") or self._code("owner_code")
        elsewhere = prefecture_of(address)
        return None if owner and elsewhere and PREFECTURES[int(owner[:2]) - 1] != elsewhere else owner

    def _code(self, name: str) -> str | None:
        code = self.read(name, values.municipality_code, "")
        return None if not code or code[2:5] == "000" else code

    def owner(self) -> str:
        """Return the code of the body that publishes the row, also a prefecture's; empty if there is none."""
        for name in ("owner_code", "city_code", "place_code"):
            try:
                if value := self.raw(name):
                    return values.municipality_code(value)
            except BadValue:
                continue
        return ""

    def coordinates(self) -> tuple[float | None, float | None]:
        """Return latitude and longitude in WGS 84 degrees, or None for both."""
        if not self.raw("lat") and not self.raw("lng"):
            return None, None
        read = [self.read(name, values.degrees, None) for name in ("lat", "lng")]
        if read[0] is None or read[1] is None:
            if not (self.raw("lat") and self.raw("lng")):
                self.complain("lat", "緯度と経度の一方だけがあります")
            return None, None
        (lat, lat_mended), (lng, lng_mended) = read[0], read[1]
        for name, changed in (("lat", lat_mended), ("lng", lng_mended)):
            if changed:
                self.complain(name, "余分な文字を除いて読みました", "note")
        if lat == 0 or lng == 0:
            self.complain("lat", "0 は位置なしとして扱います", "note")
            return None, None
        if _within(lng, JAPAN_LAT) and _within(lat, JAPAN_LNG):
            self.complain("lat", "緯度と経度が逆なので入れ替えました", "note")
            lat, lng = lng, lat
        if not (_within(lat, JAPAN_LAT) and _within(lng, JAPAN_LNG)):
            self.complain("lat", "日本の外を指すので、位置なしとして扱います", "note")
            return None, None
        return round(lat, 7), round(lng, 7)

    def identifier(self, name: str) -> str:
        """Return an official id; empty if there is none or a spreadsheet broke it (1.2E+09)."""
        value = fold(self.raw(name)).replace(" ", "").removesuffix(".0")
        if _BROKEN_ID.fullmatch(value):
            self.complain(name, "表計算ソフトで壊れた番号なので使いません", "note")
            return ""
        return value

    def filled(self, *names: str) -> dict[str, str]:
        """Return the fields that hold something, for `Place.extra`."""
        return {name: value for name in names if (value := self.text(name))}


def digest(*parts: str) -> str:
    """Return a short stable hash of what names a place, whatever the width of its letters."""
    joined = "\n".join(fold(part).replace(" ", "").lower() for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:12]


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
