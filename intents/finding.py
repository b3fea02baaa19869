"""What place a resident looks for, where and when: slots of an utterance.

Only a search is one: 「一番近い避難所」 yes, 「避難所とは」 or 「小児科の救急電話」 no.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from intents.finding_spots import read_spots
from intents.finding_when import When, read_when, without_when
from intents.finding_words import SECTIONS, Hit, Section, Vocabulary, load_words, plain
from intents.normalize import clean
from intents.places import Places
from knowledge.loader import CONTENT
from knowledge.models import Lang, Municipality
from knowledge.yamlsource import read

_NEAR = re.compile(
    r"近く|ちかく|近い|ちかい|近所|きんじょ|最寄|もより|ここから|この辺|このへん|この周辺|周辺|付近|そばの|そばに|身近"
    r"|(?<![a-z])(?:near(?:by|est)?|closest|close to (?:me|here)|around (?:me|here)|in my area)(?![a-z])"
    r"|附近|最近的|离我|就近|周围"
    r"|(?<![a-z])(?:pert(?:o|inho)|mais proxim[oa]s?|proxim[oa]s? (?:de mim|daqui)|por aqui"
    r"|cerca(?:n[oa]s?)?|mas cercan[oa]s?|proxim[oa]s?)(?![a-z])"
)
_WHERE = re.compile(
    r"どこ|何処|探し|さがし|探す|さがす|探して|見つけ|ありますか|ある\?|あるかな|知りたい$|一覧|教えて|行きたい|行ける"
    r"|(?<![a-z])(?:where|find|looking for|search|list of|show me|is there|are there)(?![a-z])"
    r"|在哪|哪里|哪儿|哪有|有没有|找|想去"
    r"|(?<![a-z])(?:onde|procur\w+|encontr\w+|tem algum\w*|ha algum\w*|lista de|busco|donde"
    r"|buscar|hay algun\w*)(?![a-z])"
)
_INFORMATION = re.compile(
    r"とは|って何|ってなに|何ですか|なんですか|意味|違い|ちがい|電話番号|電話相談|救急電話|相談電話|電話は|番号は|番号を"
    r"|料金|費用|値段|いくら|無料ですか|持ち物|持って行|持っていく|持っていけば|何を持|予約|申請|申し込|申込|届け|手続|登録|なり方|資格"
    r"|紹介状|どうして|なぜ|いつから|何時から|何時まで|営業時間|開館時間|診療時間は|休館日|開設|ルール|ペット|助成|補助|医療費|受給|名簿"
    r"|保育料|入り方|使い方|使えますか|借り|撮影|ロケ|求人|働き|仕事|苦情|給付|制度|更新|紛失|なくし|失くし|救急車|定員|混雑|待機|許可|アプリ|ホームページ"
    r"|サイト|連絡先|案内所|協会|に相談|証明|保険証|カード|割引|安く|検索|控え|載って|書類|同意|方法"
    r"|どうしたら|どうすれば|どう選|貸して|手帳|期限|情報|捨て|当番医が|オフィシャル|地図|ほうがいい|方がいい|ほうがよい|送っても|送ってほし|空き状況"
    r"|(?<![a-z])(?:what (?:is|are|does|do)|meaning|difference|how much|how do i|how can i"
    r"|cost|fee|price|phone number"
    r"|hotline|reserv\w+|register|apply|application|subsid\w+|why|opening hours|lost|renew\w*"
    r"|ambulance|rules?)(?![a-z])"
    r"|什么是|是什么|意思|区别|电话|热线|多少钱|费用|预约|申请|登记|手续|为什么|几点|救护车|丢"
    r"|(?<![a-z])(?:o que e|que e|que es|quanto custa|quanto|cuanto|telefone|telefono|numero"
    r"|preco|precio|taxa|reserv\w+"
    r"|registr\w+|inscri\w+|solicit\w+|por que|diferenca|diferencia|horario|perdi|renov\w+"
    r"|ambulancia)(?![a-z])"
)
_INSTITUTION = re.compile(r"県庁|市役所|町役場|役所|窓口|病院代|博物館の何|大学|学校")
_SMALL = re.compile(
    r"[\s…、。,.!?・()「」〒\d-]|[はがをにでのともや]|から|なら|だと|では|近く|付近|周辺|ところ|場所|どう|です|ですか|ほか|他"
    r"|(?<![a-z])(?:and|or|in|on|at|the|a|for|what|about|how|near|e|em|no|na|o|os|as|y|en|el|la|los|las|de)(?![a-z])"
    r"|呢|的|在|那|吗"
)
LEFT_OVER, SHORT = 6, 40
"""Characters besides slots that a change of a search may have (a town's name), and characters in all."""
_PLACES = ("kinds", "specialities", "names")
_SHELTERS = ("shelter_emergency", "shelter")


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """What is looked for. Every field may be empty; `topic` names it: (section, key) of the vocabulary.

    `kinds`: of `knowledge.place.Kind`. `speciality`, `hazard`: at most one. `attributes`: all wanted.
    `named`: parts of names, one of them. `municipality`: six digits. `near`: nearest to the resident.
    `spots`: names within a municipality that may be meant, as keys of the index of places.
    """

    topic: tuple[str, str] | None = None
    kinds: tuple[str, ...] = ()
    speciality: str = ""
    hazard: str = ""
    attributes: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    municipality: str | None = None
    near: bool = False
    when: When | None = None
    spots: tuple[str, ...] = ()

    @property
    def is_shelter(self) -> bool:
        """Whether places of refuge are looked for: these have no opening hours."""
        return bool(self.kinds) and set(self.kinds) <= set(_SHELTERS)

    @property
    def is_located(self) -> bool:
        """Whether the text itself says where: a municipality, a station, a postal code, near the resident."""
        surely = any(not spot.startswith("town/") for spot in self.spots)
        return self.near or self.municipality is not None or surely

    @property
    def is_medical(self) -> bool:
        """Whether a doctor is looked for."""
        return bool({"clinic", "hospital", "night_clinic", "dental"} & set(self.kinds))

    def changed(self, by: PlaceQuery) -> PlaceQuery:
        """Return this query with the slots that `by` names: what is not named stays."""
        made = self
        if by.topic and (by.kinds or by.hazard or by.speciality):
            made = replace(
                made,
                topic=by.topic,
                kinds=by.kinds or made.kinds,
                speciality=by.speciality,
                hazard=by.hazard,
                named=by.named,
                attributes=by.attributes or (made.attributes if by.kinds == made.kinds else ()),
            )
        elif by.attributes:
            made = replace(made, attributes=tuple(dict.fromkeys((*made.attributes, *by.attributes))))
        if by.is_located:
            kept = made.spots if by.municipality and not made.municipality else ()
            made = replace(made, municipality=by.municipality, near=by.near, spots=by.spots or kept)
        return replace(made, when=by.when) if by.when else made

    def as_json(self) -> dict[str, Any]:
        """Return the query for a session."""
        return asdict(self)

    @classmethod
    def from_json(cls, made: dict[str, Any]) -> PlaceQuery:
        """Return the query of `as_json`. Raises KeyError, TypeError, ValueError for anything else."""
        topic, when = made["topic"], made["when"]
        return cls(
            topic=(str(topic[0]), str(topic[1])) if topic else None,
            kinds=tuple(map(str, made["kinds"])),
            speciality=str(made["speciality"]),
            hazard=str(made["hazard"]),
            attributes=tuple(map(str, made["attributes"])),
            named=tuple(map(str, made["named"])),
            municipality=None if made["municipality"] is None else str(made["municipality"]),
            near=made["near"] is True,
            when=When(str(when["day"]), int(when["start"]), int(when["end"])) if when else None,
            spots=tuple(map(str, made.get("spots", ()))),
        )


def find_slots(text: str, lang: Lang = "ja", places: Places | None = None) -> PlaceQuery | None:
    """Return what place `text` looks for, None where it looks for none."""
    query, asks = _read(text, places or _places())
    if not query.kinds or not asks:
        return None
    return query


def read_slots(text: str, lang: Lang = "ja", places: Places | None = None) -> PlaceQuery | None:
    """Return the slots that `text` names, for changing a search under way; None if it asks something else."""
    folded = plain(clean(text))
    if _INFORMATION.search(folded) or _INSTITUTION.search(folded):
        return None
    return _read(text, places or _places())[0]


def only_slots(text: str, places: Places | None = None) -> bool:
    """Return whether `text` is little more than slots: 「明日の朝は？」「内科は？」「小山市では」."""
    folded = plain(clean(text))
    rest = (places or _places()).without(_without(folded, load_words().hits(folded)))
    return len(_SMALL.sub("", without_when(rest))) <= LEFT_OVER and len(folded) <= SHORT


def _read(text: str, places: Places) -> tuple[PlaceQuery, bool]:
    cleaned = clean(text)
    folded = plain(cleaned)
    words = load_words()
    hits = words.hits(folded)
    query = _what(hits, words, folded)
    town = places.find(cleaned)
    near = bool(_NEAR.search(folded))
    rest = _without(folded, hits)
    when = None if query.is_shelter else read_when(rest)
    spots = read_spots(cleaned, folded, without_when(places.without(rest)))
    query = replace(query, municipality=town, near=near, when=when, spots=spots)
    if _INFORMATION.search(folded) or _INSTITUTION.search(folded):
        return query, False
    said = any(hit.role == "asks" for hit in hits)
    if said or near or _WHERE.search(folded):
        return query, True
    placed = any(hit.role == "words" and _is_place(hit, words) for hit in hits)
    bare = not query.is_shelter and not _SMALL.sub("", rest)
    return query, placed and (query.is_located or bool(when) or bare)


def _is_place(hit: Hit, words: Vocabulary) -> bool:
    """Return whether a word names a kind of place: 保育園 does, 車いす does not."""
    return hit.section in _PLACES or (
        hit.section == "attributes" and bool(words.topics["attributes"][hit.key].kinds)
    )


def _without(text: str, hits: list[Hit]) -> str:
    """Return `text` with the words found blotted out: 「休日診療所」 is no time."""
    for hit in hits:
        text = text[: hit.start] + "\N{HORIZONTAL ELLIPSIS}" * (hit.end - hit.start) + text[hit.end :]
    return text


def _what(hits: list[Hit], words: Vocabulary, text: str) -> PlaceQuery:
    """Return the query of the words found: the first of each section, specialities with their own kinds."""
    first: dict[Section, str] = {}
    for section in SECTIONS:
        keys = [hit.key for hit in hits if hit.section == section]
        if keys:
            first[section] = keys[0]
    attributes = tuple(dict.fromkeys(hit.key for hit in hits if hit.section == "attributes"))
    kinds: tuple[str, ...] = ()
    topic: tuple[str, str] | None = None
    named: tuple[str, ...] = ()
    for section in ("hazards", "attributes", "kinds", "names", "specialities"):
        key = first.get(section)
        if key is None:
            continue
        row = words.topics[section][key]
        topic = (section, key)
        if row.kinds:
            kinds = tuple(kind for kind in row.kinds if kind in kinds) or tuple(row.kinds)
        if section == "names":
            named = tuple(row.named)
    hazard = first.get("hazards", "")
    if hazard and kinds and not set(kinds) <= set(_SHELTERS):
        hazard = ""
    if hazard and kinds:
        kinds, topic = ("shelter_emergency",), ("hazards", hazard)
    if kinds and topic and topic[0] == "attributes" and "kinds" in first:
        topic = ("kinds", first["kinds"])
    return PlaceQuery(topic, kinds, first.get("specialities", ""), hazard, attributes, named)


@lru_cache(maxsize=1)
def _places() -> Places:
    rows = read(CONTENT / "municipalities.yaml").data
    return Places([Municipality.model_validate(row) for row in rows])
