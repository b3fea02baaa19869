"""Notice that an utterance is about another prefecture's or city's matters (横浜市のごみの日)."""

from __future__ import annotations

import re

from intents.latin import strip_accents

_PREFECTURES = """
    北海道 青森 岩手 宮城 秋田 山形 福島 茨城 群馬 埼玉 千葉 東京 神奈川 新潟 富山 石川 福井 山梨
    長野 岐阜 静岡 愛知 三重 滋賀 京都 大阪 兵庫 奈良 和歌山 鳥取 島根 岡山 広島 山口 徳島 香川 愛媛
    高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄
"""
_CITIES = """
    札幌 函館 旭川 仙台 盛岡 郡山 いわき 水戸 つくば 古河 筑西 結城 前橋 高崎 桐生 太田 館林
    さいたま 大宮 川口 川越 越谷 久喜 加須 熊谷 船橋 柏 横浜 川崎 相模原 鎌倉 横須賀 金沢 松本 浜松
    名古屋 豊田 岐阜 堺 神戸 尼崎 姫路 西宮 倉敷 松山 北九州 那覇 世田谷 新宿 渋谷 品川 練馬 江戸川
    足立 八王子
"""
_LATIN = """
    tokyo osaka kyoto yokohama nagoya sapporo kobe fukuoka hiroshima sendai okinawa chiba saitama
    gunma
"""
_CHINESE = """
    东京 大阪 京都 横滨 名古屋 札幌 神户 福冈 冲绳 北京 上海 广州 台北 香港
"""
_SURE = """
    北海道 東京 神奈川 京都 大阪 沖縄 横浜 札幌 名古屋 神戸 仙台 さいたま 福岡 広島 尼崎 埼玉 群馬
    茨城
"""
"""Names that are hardly ever a family name or a word: they need no 市 or 県."""

_HERE = re.compile("栃木|とちぎ|tochigi", re.IGNORECASE)
_ENDS = r"(?:の|で(?!き)|に(?:ある|は|も|あり)|内(?:の|で|に)|在住)"
_NAMES = "|".join(sorted({*_PREFECTURES.split(), *_CITIES.split()}, key=lambda name: (-len(name), name)))
_SURE_NAMES = "|".join(sorted(_SURE.split(), key=lambda name: (-len(name), name)))
_JAPANESE = re.compile(rf"(?:(?:{_NAMES})[都府県市区]|(?:{_SURE_NAMES})){_ENDS}")
_ROMAN = re.compile(rf"\b(?:in|em|en|of|de|at)\s+(?:{'|'.join(_LATIN.split())})\b")
_HAN = re.compile(rf"(?:{'|'.join(_CHINESE.split())})[市省]?(?:的|有|哪|在)")


def is_elsewhere(folded: str) -> bool:
    """Return whether folded text asks about a place outside the prefecture and names none in it."""
    if _HERE.search(folded):
        return False
    plain = strip_accents(folded) if folded.isascii() else folded
    return bool(_JAPANESE.search(folded) or _ROMAN.search(plain) or _HAN.search(folded))
