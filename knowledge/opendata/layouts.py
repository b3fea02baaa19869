"""The official layouts: how each is known by its headers, who is to be credited, and what reads a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from knowledge.opendata import care, gazetteer, gsi, mhlw, standard
from knowledge.opendata.columns import Columns
from knowledge.opendata.context import Context
from knowledge.opendata.row import Row
from knowledge.place import Place

Reader = Callable[[Row, Context], Place]
MHLW = (
    "医療情報ネット（厚生労働省）",
    "「医療情報ネットのオープンデータ」（厚生労働省）を加工して作成",
    "PDL1.0",
)
GSI = ("国土地理院 指定緊急避難場所・指定避難所データ", "国土地理院 指定緊急避難場所データ", "")
KAIGO = (
    "介護サービス情報公表システム（厚生労働省）",
    "介護サービス情報公表システムのオープンデータを加工して作成",
    "PDL1.0",
)
ISJ = ("国土交通省 位置参照情報", "「位置参照情報」（国土交通省）を加工して作成", "")
GEOLONIA = ("Geolonia 住所データ", "Geolonia 住所データ", "CC BY 4.0")
POST = ("日本郵便 郵便番号データ", "日本郵便株式会社 郵便番号データ", "")
KSJ = ("国土数値情報 鉄道（国土交通省）", "「国土数値情報（鉄道データ）」（国土交通省）を加工して作成", "")
MUNICIPAL = ("", "", "")


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout. `marks`: fields or headers that together tell it; `lacks`: any of these tells it is not.

    `origin`: source, credit and licence where the publisher is always the same; empty for municipalities.
    `read` None: the 診療科・診療時間票, which has no places of its own.
    """

    name: str
    title: str
    marks: tuple[str, ...]
    read: Reader | None
    origin: tuple[str, str, str] = MUNICIPAL
    lacks: tuple[str, ...] = ()

    def fits(self, columns: Columns) -> bool:
        """Return whether a header is of this layout."""
        return columns.has(*self.marks) and not any(columns.has(name) for name in self.lacks)


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "mhlw-hours",
        "医療情報ネット 診療科・診療時間票",
        ("net_id", "speciality", "月_診療開始時間"),
        None,
        MHLW,
    ),
    Layout(
        "mhlw-maternity",
        "医療情報ネット 施設票（助産所）",
        ("net_id", "name", "月_就業時間帯1_開始時間"),
        cast(Reader, mhlw.with_times("maternity", "就業時間帯", 3)),
        MHLW,
    ),
    Layout(
        "mhlw-pharmacy",
        "医療情報ネット 施設票（薬局）",
        ("net_id", "name", "月_開店時間帯1_開始時間"),
        cast(Reader, mhlw.with_times("pharmacy", "開店時間帯", 4)),
        MHLW,
    ),
    Layout("mhlw-facility", "医療情報ネット 施設票", ("net_id", "name", "祝日に休診"), mhlw.facility, MHLW),
    Layout("mhlw-derived", "医療情報ネット（加工済み）", ("mhlw_id", "kind", "name"), mhlw.facility, MHLW),
    Layout(
        "gsi-emergency",
        "国土地理院 指定緊急避難場所",
        ("gsi_id", "name", "flood", "earthquake"),
        gsi.emergency,
        GSI,
    ),
    Layout("gsi-shelter", "国土地理院 指定避難所", ("gsi_id", "name", "also_emergency"), gsi.shelter, GSI),
    Layout(
        "kaigo",
        "介護サービス情報公表システム",
        ("事業所名", "サービスの種類", "事業所番号"),
        care.office,
        KAIGO,
    ),
    Layout(
        "kaigo-derived",
        "介護サービス情報公表システム（加工済み）",
        ("serviceType", "id", "name"),
        care.office,
        KAIGO,
    ),
    Layout(
        "isj", "位置参照情報（大字・町丁目レベル）", ("block", "大字町丁目コード", "lat"), gazetteer.town, ISJ
    ),
    Layout("geolonia", "Geolonia 住所データ", ("block", "koaza", "lat"), gazetteer.town, GEOLONIA),
    Layout("postal", "住所の郵便番号", ("postal", "postal_town", "city"), gazetteer.postal, POST),
    Layout("station", "国土数値情報 鉄道（駅）", ("station", "line", "lat"), gazetteer.station, KSJ),
    Layout("medical", "医療機関一覧", ("name", "医療機関の種類", "診療科目"), standard.medical),
    Layout(
        "shelter-emergency",
        "指定緊急避難場所一覧",
        ("name", "災害種別_洪水", "災害種別_地震"),
        standard.shelter_emergency,
    ),
    Layout("event", "イベント一覧", ("イベント名", "starts"), standard.event),
    Layout("care", "介護サービス事業所一覧", ("name", "実施サービス"), standard.care),
    Layout("toilet", "公衆トイレ一覧", ("name", "men_toilet"), standard.toilet),
    Layout("aed", "AED設置箇所一覧", ("name", "child_pads"), standard.simple("aed", "position", "organiser")),
    Layout(
        "wifi",
        "公衆無線LANアクセスポイント一覧",
        ("name", "ssid"),
        standard.simple("wifi", "ssid", "area", "organiser"),
    ),
    Layout(
        "culture",
        "文化財一覧",
        ("name", "culture_class"),
        standard.simple(
            "culture",
            "culture_class",
            "culture_type",
            "venue",
            "description",
            "organiser",
        ),
    ),
    Layout(
        "childcare",
        "子育て施設一覧",
        ("name", "ages"),
        standard.simple(
            "childcare",
            "childcare_type",
            "ages",
            "capacity",
            "access",
            "parking",
            "organiser",
        ),
    ),
    Layout(
        "sight",
        "観光施設一覧",
        ("name", "fee"),
        standard.simple(
            "sight",
            "description",
            "fee",
            "fee_detail",
            "access",
            "parking",
            "barrier_free",
        ),
    ),
    Layout(
        "facility",
        "公共施設一覧",
        ("name", "owner_code", "days"),
        standard.simple(
            "facility",
            "description",
            "barrier_free",
            "organiser",
        ),
        lacks=("specialities", "service"),
    ),
)

BY_NAME = {layout.name: layout for layout in LAYOUTS}


def detect(columns: Columns) -> Layout | None:
    """Return the first layout that a header fits, the more special ones first."""
    return next((layout for layout in LAYOUTS if layout.fits(columns)), None)
