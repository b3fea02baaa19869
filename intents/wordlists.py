"""Closed lists of words: those of asking and politeness, function words, endings."""

from __future__ import annotations


def _split(text: str) -> list[str]:
    return text.split()


ASKING = frozenset(
    _split("""
    教える 知る 下さる くださる 頂く 戴く いただく 願う 御願い お願い 思う 為る する
    有る ある 居る いる 出来る できる 良い いい よい 言う 成る なる 場合 どう 何の
    なに どの 此の 其の こと 事 物 もの の 為 様 よう 方 ほう 時 とき 訳 はず 所
    ところ どちら どれ どなた 誰 それ これ あれ そこ ここ 私 わたし 僕 俺 自分 御座る
    ござる 致す 聞く 伺う 尋ねる 質問 問い合わせる そう こう ああ どんな 如何 いかが
    何か 等 など 又 欲しい 貰う 呉れる 見る 置く 仕舞う 御 お ご
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

ASPECTS = frozenset(
    _split("""
    電話 番号 連絡 先 担当 窓口 問い合わせ 手数 料 料金 費用 値段 金額 幾ら 何 円 金 代金 時間 営業
    受け付け 開く 居る 何時 いつ 期限 締め切り 期間 日 日数 どこ 場所 住所 行く 方 アクセス 駐車 場 地図
    持ち物 必要 物 書類 要る 持つ 方法 遣る 仕方 手順 流れ 手続き 申す 込む 申請 予約 休み 定休 土日
    土曜 日曜 祝日 休日 夜間 オンライン ネット スマホ 郵送 代理 人 本人 条件 対象 誰 ホームページ サイト
    URL メール リンク 詳しい 詳細 もっと 他 注意 写真 印鑑 掛かる 払う 支払い 掛ける phon number
    telephon fee cost pric much tim hour open when wher addres plac loc acces map park docu bring need
    how procedur onlin deadlin until day who counter contact websit link url detail mor reserv telefon
    numer tax valor prec quant cust horari enderec local document ond praz contat preci cuest direc dond
    plaz cuand quand #电话 #电 #话 #号码 #号 #码 #费用 #费 #用 #多少 #多 #少 #少钱 #钱 #手续 #手 #续
    #续费 #时间 #时 #间 #几点 #几 #点 #哪里 #哪 #里 #地址 #地 #址 #地点 #在哪 #在 #材料 #材 #料 #资料
    #资 #预约 #预 #约 #网上 #网 #上 #期限 #期 #限 #截止 #截 #止 #联系 #联 #系 #网站 #站 #怎么 #怎 #么
    #么办 #办
    """)
)
"""Words (as keys) that name an aspect of a matter, and no matter by themselves: fee, hours, place, papers."""

CONTACT = frozenset(
    _split("""
    電話 番号 連絡 先 窓口 担当 問い合わせ どこ 場所 住所 方 何番 phon number telephon wher addres contact
    """)
)
"""Aspects that every entry answers for itself: whom to call, where to go."""
