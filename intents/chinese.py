"""Chinese text as characters and pairs of characters, traditional forms folded to simplified ones."""

from __future__ import annotations

_PAIRS = (
    "個个辦办領领證证補补換换遺遗護护醫医療疗國国際际機机構构關关稅税費费務务線线電电話话號号碼码時时間间開开診诊"
    "車车駕驾駛驶執执觀观遊游區区縣县鄉乡邊边應应災灾風风颱台難难避避請请申申網网頁页問问題题樣样麼么嗎吗哪哪裡里裏里"
    "這这從从還还進进過过發发現现實实業业產产農农畜畜學学習习師师員员會会議议錄录録录記记籍籍遷迁轉转戶户口口婚婚離离"
    "嬰婴兒儿童童婦妇產产檢检驗验藥药預预約约種种疫疫傳传染染條条約约險险養养老老殘残障障礙碍補补貼贴資资金金額额減减"
    "繳缴納纳單单據据銀银錢钱價价貴贵買买賣卖館馆園园溫温泉泉寺寺廟庙廠厂場场環环垃垃圾圾處处類类別别備备協协"
    "聯联絡络諮咨詢询語语譯译灣湾門门鐵铁飛飞島岛廣广東东長长萬万億亿與与為为對对將将來来給给讓让見见"
    "說说誰谁幾几兩两無无沒没點点歲岁樓楼層层鄰邻軍军動动物物寵宠貓猫狗狗魚鱼鳥鸟氣气熱热燒烧傷伤腦脑臟脏齒齿"
    "編编丟丢裝装製制複复復复歷历曆历錯错鐘钟鍵键鎖锁閉闭閱阅陽阳陰阴隊队階阶雞鸡雲云霧雾靜静"
    "順顺須须領领頭头頻频顏颜願愿顧顾顯显飯饭飲饮餐餐騎骑騙骗驚惊體体髮发鬆松鮮鲜麗丽麥麦麵面黃黄黨党齊齐齡龄"
    "龍龙龜龟亂乱債债傾倾僅仅儀仪優优儲储冊册凍冻劃划劇剧勝胜卻却厭厌參参啟启喪丧嚴严"
    "圍围圖图團团報报壓压壞坏壽寿夢梦夾夹奪夺孫孙寧宁寫写專专尋寻導导屬属嶺岭幣币幫帮廳厅彈弹強强"
    "徵征後后恆恒悅悦惡恶愛爱態态慣惯憶忆懷怀戀恋拋抛捨舍掃扫揮挥損损搶抢摺折擇择擔担擁拥擊击擋挡數数"
    "斷断於于晝昼暫暂書书榮荣樂乐標标樞枢橋桥橫横檔档歐欧歡欢殺杀漢汉潔洁澤泽濟济濕湿滅灭漁渔漸渐潤润"
    "煙烟燈灯爐炉爭争爾尔牆墙狀状獎奖獨独獲获瑪玛畢毕異异當当癢痒癥症盡尽監监盤盘眾众礦矿"
    "禮礼稱称穩稳穀谷窮穷競竞筆笔節节範范築筑簡简簽签籌筹糧粮紀纪紅红級级純纯紙纸細细終终組组結结絕绝統统絲丝"
    "綠绿維维綜综緊紧練练緩缓績绩織织繞绕繪绘罰罚罷罢聖圣聞闻聲声職职聽听肅肃脫脱腫肿臨临舉举舊旧艙舱艱艰藝艺"
    "蘋苹虛虚蟲虫術术衛卫衝冲襲袭視视覺觉規规訂订計计訊讯討讨訓训訪访設设許许訴诉註注評评詞词試试詩诗該该詳详"
    "誌志認认誤误課课談谈論论諒谅講讲謝谢識识豐丰負负財财貢贡貧贫貨货販贩責责貸贷賀贺賊贼賓宾賞赏賠赔質质賬账"
    "購购贈赠趕赶跡迹踐践軌轨軟软較较載载輔辅輕轻輛辆輪轮輸输轄辖辭辞迴回連连週周運运達达違违遙遥遞递遠远適适"
    "選选郵邮釋释針针鈴铃鉛铅銷销鋪铺銳锐鍋锅鎮镇鏡镜鑰钥閃闪閒闲閣阁関关図图応应拡扩択择挙举権权楽乐"
    "団团円圆駅站図图帰归転转変变県县経经済济労劳働动権权広广壊坏届届児儿厳严険险験验検检査查続续総总覧览観观"
    "気气営营応应鉄铁発发売卖読读単单戦战渋涩浄净満满獣兽画画対对弁弁歯齿処处収收価价"
)
SIMPLIFIED = {
    ord(_PAIRS[i]): _PAIRS[i + 1] for i in range(0, len(_PAIRS) - 1, 2) if _PAIRS[i] != _PAIRS[i + 1]
}
_FAINT = frozenset("的了吗呢吧啊是我你您想要请在哪里怎么什和与有可以能不个去到会这那里儿")


def fold_chinese(text: str) -> str:
    """Return `text` with common traditional (and Japanese) characters as simplified ones."""
    return text.translate(SIMPLIFIED)


def is_han(char: str) -> bool:
    """Return whether `char` is a Han character."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def grams(text: str) -> list[tuple[str, float]]:
    """Return (gram, weight): pairs of neighbouring Han characters, and single ones at a low weight."""
    text = fold_chinese(text)
    found: list[tuple[str, float]] = []
    for index, char in enumerate(text):
        if not is_han(char):
            continue
        faint = char in _FAINT
        found.append((char, 0.03 if faint else 0.25))
        following = text[index + 1 : index + 2]
        if following and is_han(following):
            found.append((char + following, 0.1 if faint and following in _FAINT else 1.0))
    return found
