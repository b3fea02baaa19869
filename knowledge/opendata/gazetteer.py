"""Where names are: towns, postal codes and stations, of the municipalities' own prefecture only.

位置参照情報（大字・町丁目レベル） and Geolonia 住所データ; 日本郵便 住所の郵便番号 (KEN_ALL, utf_ken_all);
国土数値情報 鉄道 (N02).
"""

from __future__ import annotations

import re

from knowledge.opendata.build import place
from knowledge.opendata.context import Context
from knowledge.opendata.problems import Outside, RowError
from knowledge.opendata.row import Row, digest
from knowledge.opendata.text import fold
from knowledge.place import Place

NEAR_DEGREES = 0.75
"""A station farther than this from the middle of the prefecture, in latitude or longitude, is outside."""
MIDDLE = (36.69, 139.82)
_REST = ("以下に掲載がない場合", "の次に番地がくる場合", "一円")


def town(row: Row, context: Context) -> Place:
    """One town (大字・町丁目), with its 小字 where the row is one of these."""
    name = row.text("block")
    if not name:
        raise RowError(row.heading("block"), "", "大字町丁目名がありません")
    code = _inside(row, context)
    part = row.text("koaza")
    return place(
        row, context, "town", prefix="town", official_id=f"{code}-{digest(name, part)}", name=name + part,
    )  # fmt: skip


def postal(row: Row, context: Context) -> Place:
    """One row of 住所の郵便番号: a code, and a town that has it (`extra["town"]`, often one of several)."""
    number = fold(row.raw("postal"))
    if not re.fullmatch(r"[0-9]{7}", number):
        raise RowError(row.heading("postal"), number[:80], "郵便番号が 7 桁の数字ではありません")
    code = _inside(row, context)
    written = row.text("postal_town")
    name = "" if any(word in written for word in _REST) else re.sub(r"[（(].*", "", written)
    extra = {"postal": f"{number[:3]}-{number[3:]}"} | ({"town": name} if name else {})
    return place(
        row, context, "postal", prefix="postal", official_id=f"{number}-{code}-{digest(written)}",
        name=f"〒{extra['postal']} {row.text('city')}{name}", extra=extra,
    )  # fmt: skip


def station(row: Row, context: Context) -> Place:
    """One platform of a station on one line. The file names no municipality; the point is what counts."""
    name = row.text("station")
    lat, lng = row.coordinates()
    if not name or lat is None or lng is None:
        raise RowError(row.heading("station"), name, "駅名か位置がありません")
    if context.municipalities and max(abs(lat - MIDDLE[0]), abs(lng - MIDDLE[1])) > NEAR_DEGREES:
        raise Outside
    line, operator = row.text("line"), row.text("operator")
    return place(
        row, context, "station", prefix="station", name=name,
        official_id=digest(name, line, operator, f"{lat:.3f}", f"{lng:.3f}"),
        extra={"line": line, "operator": operator},
    )  # fmt: skip


def _inside(row: Row, context: Context) -> str:
    """Return the municipality's code. Raises `Outside` for another prefecture's, `RowError` for none."""
    code = row.municipality(context, "")
    if code is None:
        raise RowError(row.heading("city_code"), row.raw("city_code")[:80], "市区町村コードが読めません")
    if context.municipalities and code[:2] not in context.municipalities.prefectures:
        raise Outside
    return code
