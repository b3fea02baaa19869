"""Closed lists of words: those of asking and politeness, function words, endings."""

from __future__ import annotations


def _split(text: str) -> list[str]:
    return text.split()


ASKING = frozenset(
    _split("""
    教える 知る 下さる くださる 頂く 戴く いただく 願う 御願い お願い 思う 為る する
    有る ある 居る いる 出来る できる 良い いい よい 言う 成る なる 場合 どう 何 何の
    なに どの 此の 其の こと 事 物 もの の 為 様 よう 方 ほう 時 とき 訳 はず 所
    ところ どちら どれ どなた 誰 それ これ あれ そこ ここ 私 わたし 僕 俺 自分 御座る
    ござる 致す 聞く 伺う 尋ねる 質問 問い合わせる そう こう ああ どんな 如何 いかが
    何か 等 など 又 欲しい 貰う 呉れる 見る 置く 仕舞う 来る 行く 無い ない 御 お ご
    ちょっと すこし 今日は こんにちは 有り難う 済む すみません すいません 丸 的 さん 君
    ちゃん 達 さ
    """)
)
"""Japanese words of asking and politeness: they say that something is wanted, not what."""

FUNCTION_WORDS = frozenset(
    _split("""
    a an the to of in on at for and or is are am be do does did i my me you your we it this that how
    what where when which who can could would should will want need get have has with from please
    about there any if not no yes hello hi thanks thank os as um uma de da das dos em na nas nos
    para por com que qual quais como onde quando eu meu minha é ser ter tem preciso quero posso o e
    ou se meus el la los las un una del al en y mi mis su es son cual cuál qué cómo dónde cuándo
    donde quiero necesito puedo tengo hay lo le más favor
    """)
)
"""Function words of English, Portuguese and Spanish."""

ENDINGS = tuple(
    _split("""
    ations ation ções ção ciones cion coes cao ments ment mente ings ing ied ies idades idade idad
    ados adas ado ada idos idas ido ida ed es os as s e a o y
    """)
)
"""Endings of English, Portuguese and Spanish words, longest first where one ends another."""
