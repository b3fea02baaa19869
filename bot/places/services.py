"""What care and childcare places are, in the words of the vocabulary's attributes (通所介護 → day_care)."""

from __future__ import annotations

import re

from knowledge.place import Place

CARE = {
    "day_care": "通所介護|通所リハ|通所型|デイサービス|デイケア",
    "home_care": "訪問介護|訪問看護|訪問入浴|訪問リハ|訪問型",
    "short_stay": "短期入所|ショートステイ",
    "nursing_home": "老人福祉施設|老人保健施設|特定施設|介護医療院|老人ホーム",
    "group_home": "共同生活介護|グループホーム",
    "care_manager": "居宅介護支援|介護予防支援|ケアマネ",
    "care_goods": "福祉用具",
}
CHILDCARE = {
    "nursery": "保育所|保育園|こども園|小規模保育|家庭的保育|事業所内保育",
    "kindergarten": "幼稚園|こども園",
    "after_school": "放課後|学童|児童クラブ",
    "child_center": "児童館|児童センター|子育て支援センター|支援拠点|つどいの広場",
    "sick_child": "病児|病後児",
}
SERVICES = frozenset((*CARE, *CHILDCARE))
_PATTERNS = {
    "care": {name: re.compile(words) for name, words in CARE.items()},
    "childcare": {name: re.compile(words) for name, words in CHILDCARE.items()},
}


def services(place: Place) -> frozenset[str]:
    """Return the services of a place by its official kind of service, by its name where that is not given."""
    told = place.extra.get("service") or place.extra.get("childcare_type") or place.name
    return frozenset(name for name, words in _PATTERNS.get(place.kind, {}).items() if words.search(told))
