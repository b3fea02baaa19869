"""Names of columns: one field, the headers that it goes by in the editions of the official layouts.

推奨データセット (2021), 自治体標準オープンデータセット (2023 on), 医療情報ネット, 国土地理院,
介護サービス情報公表システム, and the English heads of files that were derived from these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from knowledge.opendata.text import fold

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "名称",
        "正式名称",
        "施設・場所名",
        "イベント名",
        "介護サービス事業所名称",
        "事業所名",
        "施設名",
        "施設名称",
        "name",
    ),
    "short_name": ("略称",),
    "kana": (
        "名称_カナ",
        "正式名称(フリガナ)",
        "イベント名_カナ",
        "介護サービス事業所名称_カナ",
        "事業所名カナ",
        "名称(フリガナ)",
        "フリガナ",
        "kana",
    ),
    "english": (
        "名称_英語",
        "名称_英字",
        "イベント名_英語",
        "イベント名_英字",
        "英語表記(ローマ字表記)",
        "name_en",
    ),
    "other_name": ("名称_通称",),
    "local_id": ("ID", "NO"),
    "gsi_id": ("共通ID",),
    "net_id": ("ID", "mhlw_id", "id_as_stored"),
    "medical_code": ("医療機関コード",),
    "office_id": ("事業所番号", "id"),
    "owner_code": (
        "都道府県コード又は市区町村コード",
        "都道府県コード又は市町村コード",
        "全国地方公共団体コード",
    ),
    "place_code": ("所在地_全国地方公共団体コード", "code6"),
    "city_code": ("市区町村コード",),
    "pref_code": ("都道府県コード",),
    "owner": ("地方公共団体名",),
    "pref": ("所在地_都道府県", "都道府県名"),
    "city": ("所在地_市区町村", "市区町村名", "都道府県名及び市町村名", "city", "municipality"),
    "address": ("所在地_連結表記", "所在地_連結標記", "住所", "所在地", "address"),
    "town": ("所在地_町字",),
    "number": ("所在地_番地以下",),
    "building": ("方書", "建物名等(方書)", "方書(ビル名等)"),
    "lat": ("緯度", "所在地座標(緯度)", "lat"),
    "lng": ("経度", "所在地座標(経度)", "lng"),
    "phone": ("電話番号", "連絡先電話番号", "tel"),
    "extension": ("内線番号", "連絡先内線番号"),
    "url": ("URL", "案内用ホームページアドレス", "薬局のホームページアドレス"),
    "note": ("備考",),
    "postal": ("郵便番号",),
    "postal_town": ("町域名",),
    "block": ("大字町丁目名", "town"),
    "koaza": ("小字・通称名", "koaza"),
    "station": ("N02_005",),
    "line": ("N02_003",),
    "operator": ("N02_004",),
    "days": ("利用可能曜日", "診療曜日", "openDays"),
    "start": ("開始時間", "診療開始時間", "利用開始時間"),
    "end": ("終了時間", "診療終了時間", "利用終了時間"),
    "hours_note": (
        "利用可能日時特記事項",
        "診療日時特記事項",
        "利用可能曜日特記事項",
        "利用可能時間特記事項",
        "開始日時特記事項",
        "openDaysNote",
    ),
    "medical_type": ("医療機関の種類",),
    "kind": ("kind", "機関区分"),
    "specialities": ("診療科目", "departments"),
    "after_hours": ("時間外における対応",),
    "beds": ("病床数", "合計病床数"),
    "service": ("実施サービス", "サービスの種類", "serviceType"),
    "capacity": ("定員", "収容定員", "想定収容人数", "capacity"),
    "barrier_free": ("バリアフリー情報",),
    "parking": ("駐車場情報",),
    "access": ("アクセス方法",),
    "description": ("説明", "概要"),
    "fee": ("料金(基本)",),
    "fee_detail": ("料金(詳細)",),
    "venue": ("場所名称",),
    "organiser": ("主催者", "団体名", "設置者", "所有者等"),
    "starts": ("開始日",),
    "ends": ("終了日",),
    "position": ("設置位置",),
    "area": ("提供エリア",),
    "ssid": ("SSID",),
    "child_pads": ("小児対応設備の有無",),
    "wheelchair_toilet": ("車椅子使用者用トイレ有無",),
    "baby_toilet": ("乳幼児用設備設置トイレ有無",),
    "ostomate_toilet": ("オストメイト設置トイレ有無",),
    "multi_toilet": ("多機能トイレ数", "バリアフリートイレ数"),
    "men_toilet": ("男性トイレ総数",),
    "childcare_type": ("種別",),
    "ages": ("受入年齢",),
    "temporary_care": ("一時預かりの有無",),
    "culture_class": ("文化財分類",),
    "culture_type": ("種類",),
    "flood": ("災害種別_洪水", "洪水"),
    "landslide": ("災害種別_崖崩れ、土石流及び地滑り", "崖崩れ、土石流及び地滑り"),
    "storm_surge": ("災害種別_高潮", "高潮"),
    "earthquake": ("災害種別_地震", "地震"),
    "tsunami": ("災害種別_津波", "津波"),
    "fire": ("災害種別_大規模な火事", "大規模な火事"),
    "inland_flood": ("災害種別_内水氾濫", "内水氾濫"),
    "volcano": ("災害種別_火山現象", "火山現象"),
    "also_shelter": ("指定避難所との重複", "指定避難所との住所同一"),
    "also_emergency": ("指定緊急避難場所との住所同一",),
    "accepts": ("受入対象者",),
    "shelter_note": ("その他市町村長が必要と認める事項",),
    "speciality": ("診療科目名",),
    "slot": ("診療時間帯",),
    "holiday_flag": ("祝日に休診", "祝日に休業", "営業日(祝)"),
    "other_closed": (
        "その他の休診日(gw、お盆等)",
        "その他の休業日(gw、お盆等)",
        "その他の閉店日(gw、お盆等)",
        "other_closed",
    ),
}

_SPACE = re.compile(r"[\s\"']")


@lru_cache(maxsize=4096)
def head(text: str) -> str:
    """Return a header in one spelling: half width, lower case, no spaces or quotes."""
    return _SPACE.sub("", fold(text.lstrip("\ufeff"))).lower()


_HEADS = {name: tuple(head(alias) for alias in aliases) for name, aliases in FIELDS.items()}


class Columns:
    """The header of one file. Of several headers of a field, the first in `FIELDS` comes first."""

    def __init__(self, header: Sequence[str]):
        self.header = tuple(header)
        self.at: dict[str, int] = {}
        for index, text in enumerate(header):
            self.at.setdefault(head(text), index)
        self.fields: dict[str, tuple[int, ...]] = {
            name: found
            for name, heads in _HEADS.items()
            if (found := tuple(self.at[h] for h in heads if h in self.at))
        }

    def has(self, *names: str) -> bool:
        """Return whether all fields, or headers where `FIELDS` has no such name, are there."""
        return all(self.indexes(name) for name in names)

    def indexes(self, name: str) -> tuple[int, ...]:
        """Return the columns of a field, or of a literal header."""
        if name in FIELDS:
            return self.fields.get(name, ())
        index = self.at.get(head(name))
        return () if index is None else (index,)
