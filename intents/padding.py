"""Polite words around a question: they say nothing about what is asked."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"^(?:(?:こんにちは|こんにちわ|こんばんは|おはようございます|おはよう|はじめまして|初めまして|"
    r"お世話になって(?:い|お)ります|お世話になります|お疲れ様です|突然(?:の質問|のご連絡)?(?:で)?すみません|"
    r"(?:お忙しい|ご多忙の)(?:ところ|中)|(?:大変)?(?:恐れ入り|おそれいり|申し訳あり)ます(?:せん)?(?:が)?|"
    r"申し訳ございません(?:が)?|すみません(?:が)?|すいません(?:が)?|失礼します|あの[ーう]*|えっと|えーと|"
    r"(?:ちょっと|少し)?(?:お)?(?:聞き|きき|尋ね|伺い|うかがい|教えてほしい|質問)(?:し)?(?:たい)?"
    r"(?:ん|の)?(?:です|だ)(?:けど|けれど|けれども|が)|(?:一つ|ひとつ)?質問です(?:が)?|"
    r"hello|hi|good (?:morning|afternoon|evening)|excuse me|sorry|olá|oi|bom dia|boa (?:tarde|noite)|hola|"
    r"buenos días|buenas (?:tardes|noches)|disculpe|perdón|com licença|你好|您好|请问|打扰一下)"
    r"[、。,.!?！？\s]*)+"
)
_AFTER = re.compile(
    r"(?:(?:の件)?に(?:ついて|関して)|の(?:こと|件)(?:なん|な|)(?:です|だ)(?:けど|が|けれど)?|"
    r"(?:を|が)?(?:詳しく)?(?:教えて|おしえて|知らせて)(?:ください|下さい|ほしい(?:です)?|欲しい(?:です)?|"
    r"(?:いただ|頂)け(?:ます|ません)(?:でしょう)?か|もらえ(?:ます|ません)か|くれませんか)?|"
    r"(?:どうぞ)?(?:よろしく|宜しく)?お願い(?:いた|致)?します|(?:を|が)知りたい(?:です|の(?:です)?が)?|"
    r"ありがとう(?:ございます)?|please|thank you|thanks|por favor|obrigad[oa]|gracias|谢谢|謝謝)"
    r"[、。,.!?！？\s]*$"
)
_ROUNDS = 4
_LEAST = 2
"""Characters that must be left."""


def unpadded(folded: str) -> str:
    """Return folded text without greetings before and requests after; as it is if nothing would be left."""
    text = folded
    match = _BEFORE.match(text)
    if match and len(text) - match.end() >= _LEAST:
        text = text[match.end() :]
    tail = text[-60:]
    for _ in range(_ROUNDS):
        shorter = _AFTER.sub("", tail).rstrip("、。,.!?！？ \n")
        if shorter == tail:
            break
        tail = shorter
    rest = text[:-60] + tail
    return rest if len(rest) >= _LEAST else text
