"""What residents ask in the load bench: own sentences, in the mix of an ordinary and of a bad day."""

from __future__ import annotations

import random

ORDINARY = """\
パスポートを作りたい
パスポートの更新に何が必要ですか
旅券の受け取りは日曜でもできますか
マイナンバーカードをなくした
マイナンバーカードの暗証番号を忘れました
引っ越しの手続きを教えて
転出届はどこに出せばいいですか
運転免許の更新はどこでできる？
免許証の住所変更をしたい
自動車税の納付書が届かない
自動車税をコンビニで払えますか
不動産取得税っていつ来るの
県営住宅に申し込みたい
県営住宅の抽選はいつですか
子どもが熱を出した 夜にみてくれる病院は
休日当番医を知りたい
小児救急の電話番号
近くの内科
宇都宮市の休日診療所
小山市で夜やっている歯医者
児童手当の申請
ひとり親の手当について
保育園の入り方
高校の入試の日程
県立高校の転入学
奨学金を借りたい
ごみの出し方がわからない
野良犬がいます どこに連絡？
猫をひきとってほしい
消費者相談 ネット通販でだまされた
点検商法の業者が来た
クーリングオフしたい
障害者手帳の申請方法
療育手帳の更新
介護の認定を受けたい
親の介護で困っている どこに相談
生活に困っている
仕事をやめたので相談したい
ハローワークの場所
就職の相談 若者
農業を始めたい 補助金
鳥獣被害の相談
狩猟免許の試験はいつ
熊が出たらどこに電話
建築確認の窓口
河川の占用許可
道路に穴があいている
県道の街灯が切れています
水道の水が濁っている
日光に行きたい 観光案内
温泉のおすすめ
県庁の開いている時間
県庁舎の展望ロビー 何時まで
議会の傍聴
情報公開請求をしたい
外国人の相談窓口
やさしい日本語
献血できる場所
不妊治療の助成
予防接種をなくした 記録
こころの相談をしたい
依存症の相談先
民生委員さんに会いたい
選挙の投票はいつ
ふるさと納税したい
How do I renew my residence card?
Where can I see a doctor at night?
I lost my My Number card
lost passport
在留卡丢了怎么办
我想找会说中文的医院
Como faço para renovar o passaporte?
Onde tem hospital aberto hoje?
¿Dónde puedo pagar el impuesto del coche?
ありがとう
ヘルプ
こんにちは
""".splitlines()
DISASTER = """\
避難所はどこですか
近くの避難所を教えて
今あいている避難所
避難したほうがいい？
警戒レベル4ってなに
川の水位を見たい
ハザードマップはどこで見られる
停電しています いつ直りますか
断水 給水車はどこ
道路の通行止めの情報
電車は動いていますか
罹災証明書をとりたい
床下浸水したときの消毒
災害ごみはどこに出す
避難所にペットを連れて行けますか
安否確認の伝言ダイヤル
ボランティアに行きたい
土砂災害の危険な場所
Where is the nearest shelter?
最近的避难所在哪里
Onde fica o abrigo?
¿Dónde está el refugio?
""".splitlines()
DANGER = """\
水が家に入ってきて逃げられない
閉じ込められて動けない
屋根の上に取り残された 助けて
川があふれて車が流されそう
胸が苦しくて息ができない
母が倒れて意識がない
家が燃えている
もう生きていたくない
""".splitlines()
BEFORE = ("", "", "", "すみません、", "教えてください。", "至急 ", "おはようございます。", "あの、")
AFTER = (
    "",
    "",
    "",
    "？",
    "。",
    " お願いします",
    " 教えて",
    "（栃木市）",
    " 宇都宮です",
    "\nよろしくお願いします。",
)


def ask(chance: random.Random, disaster: bool) -> str:
    """Return one question. `disaster`: most ask about that."""
    asked = chance.choice(DISASTER if disaster and chance.random() < 0.7 else ORDINARY)
    return chance.choice(BEFORE) + asked + chance.choice(AFTER)
