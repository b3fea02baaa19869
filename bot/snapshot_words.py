"""What the snapshot page says of itself. Facts come from the knowledge, never from here."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.models import Lang

HTML_LANG: Mapping[Lang, str] = {
    "ja": "ja", "easy": "ja-x-easy", "en": "en", "zh": "zh-Hans", "pt": "pt-BR", "es": "es",
}  # fmt: skip

WORDS: Mapping[str, Mapping[Lang, str]] = {
    "title": {
        "ja": "災害と急病のときの案内（写し）",
        "easy": "災害（さいがい）と 病気（びょうき）の ときの 案内（あんない）",
        "en": "In a disaster, in an emergency: answers (a copy)",
        "zh": "灾害与急病时的指南（副本）",
        "pt": "Em desastres e emergências: respostas (cópia)",
        "es": "En desastres y emergencias: respuestas (copia)",
    },
    "copy": {
        "ja": "このページは、案内ボット「とちまど」の答えを {when} に写したものです。写したあとに変わっ"
        "たことは載っていません。新しい情報は、県や市町の発表、テレビ、ラジオで確かめてください。"
        "このページでは、質問や、近くの場所をさがすことはできません。",
        "easy": "このページは「とちまど」の 答（こた）えの コピーです。{when}に 作（つく）りました。新（"
        "あたら）しい ことは、県（けん）や 市（し）や 町（まち）の ページ、テレビ、ラジオで 見（"
        "み）て ください。このページでは、質問（しつもん）や 場所（ばしょ）を さがす ことは でき"
        "ません。",
        "en": "This page is a copy of answers of the chatbot Tochimado, made on {when}. It does not "
        "know what has changed since. Follow what the prefecture, your city or town, television "
        "and radio say now. You cannot ask questions or look for places on this page.",
        "zh": "本页是聊天机器人“とちまど”回答的副本，制作于{when}。之后的变化未反映。最新信息请看县、"
        "市町的发布、电视和广播。本页不能提问，也不能查找附近的地点。",
        "pt": "Esta página é uma cópia das respostas do chatbot Tochimado, feita em {when}. Ela não "
        "mostra o que mudou depois. Siga os avisos da província, da sua cidade, da TV e do "
        "rádio. Nesta página não é possível fazer perguntas nem procurar lugares.",
        "es": "Esta página es una copia de las respuestas del chatbot Tochimado, hecha el {when}. No "
        "muestra lo que cambió después. Siga los avisos de la prefectura, de su municipio, la "
        "televisión y la radio. En esta página no se puede preguntar ni buscar lugares.",
    },
    "danger": {
        "ja": "命が危ないとき、つらいとき",
        "easy": "あぶない とき、つらい とき",
        "en": "When a life is at risk, when you cannot go on",
        "zh": "有生命危险时、感到痛苦时",
        "pt": "Quando há risco de vida ou muito sofrimento",
        "es": "Cuando peligra la vida o no puede más",
    },
    "contents": {
        "ja": "もくじ（日本語）",
        "easy": "もくじ（やさしい日本語）",
        "en": "Contents (English)",
        "zh": "目录（中文）",
        "pt": "Índice (português)",
        "es": "Índice (español)",
    },
    "towns": {
        "ja": "市町のページ",
        "easy": "市（し）や 町（まち）の ページ",
        "en": "Pages of the cities and towns",
        "zh": "各市町的网页",
        "pt": "Páginas das cidades",
        "es": "Páginas de los municipios",
    },
    "top": {
        "ja": "ページの先頭へ",
        "easy": "上（うえ）へ もどる",
        "en": "Back to the top",
        "zh": "回到页首",
        "pt": "Voltar ao início",
        "es": "Volver al inicio",
    },
}
