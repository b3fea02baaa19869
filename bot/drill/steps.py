"""The steps of the exercise: each does harm to the scene, asks as residents do, and notes what held."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot import postbacks
from bot.backup import write_backup
from bot.drill.report import Step
from bot.drill.scene import Asked, Scene
from bot.restore import restore_backup

URGENT_SECONDS = 10.0
"""Within this an emergency must be answered, whatever is broken but LINE itself."""
ORDINARY_SECONDS = 50.0
"""Within this an ordinary question must be answered: LINE's reply token lives for a minute."""
ACKNOWLEDGED_SECONDS = 10.0
BACK_SECONDS = 60.0
EMERGENCY = ("胸が苦しい", True)
EMERGENCY_SAYS = "119"
ORDINARY = tuple(
    (text, False)
    for text in (
        "避難所はどこですか",
        "夜に子どもが熱を出した",
        "マイナンバーカードをなくした",
        "停電しています",
        "川の水位を知りたい",
        "罹災証明書がほしい",
        "ボランティアに行きたい",
        "防災メールの登録",
    )
)


@dataclass(frozen=True)
class Size:
    """How large an exercise is. `few`: messages a step, `burst`: at once, `down`: seconds of a fault."""

    few: int
    burst: int
    down: float
    web_workers: int
    kill_worker: bool


FULL = Size(few=6, burst=300, down=6.0, web_workers=2, kill_worker=True)
QUICK = Size(few=2, burst=30, down=1.0, web_workers=1, kill_worker=False)


def exercise(scene: Scene, size: Size) -> Iterator[Step]:
    """Do all steps, one after the other. Raises `SceneError`."""
    yield start(scene, size)
    yield database_gone(scene, size)
    yield queue_gone(scene, size)
    if size.kill_worker:
        yield worker_gone(scene, size)
    yield line_down(scene, size)
    yield burst(scene, size)
    yield restored(scene, size)


@contextmanager
def _timed(step: Step) -> Iterator[None]:
    began = time.monotonic()
    yield
    step.seconds = time.monotonic() - began


def _questions(count: int) -> list[tuple[str, bool]]:
    """Return `count` ordinary questions and an emergency in their middle."""
    asked = [ORDINARY[number % len(ORDINARY)] for number in range(count)]
    asked.insert(count // 2, EMERGENCY)
    return asked


def start(scene: Scene, size: Size) -> Step:
    """Start, and answer while nothing is broken."""
    step = Step("平常時")
    with _timed(step):
        seconds = scene.start(size.web_workers)
        step.done.append(f"仮の環境を動かし（{seconds:.1f} 秒）、{size.few + 1} 件を聞いた")
        _answered(step, scene, scene.ask(_questions(size.few)))
    return step


def database_gone(scene: Scene, size: Size) -> Step:
    """Take the database away and bring it back."""
    step = Step("データベースがなくなる")
    with _timed(step):
        put_back = scene.take_away("tochimado.sqlite3")
        began = time.monotonic()
        asked = scene.ask(_questions(size.few))
        _answered(step, scene, asked)
        status = scene.readiness()
        step.check("/readyz が知らせる", status == 503, f"{status}")
        time.sleep(max(0.0, size.down - (time.monotonic() - began)))
        gone = time.monotonic() - began
        put_back()
        back = scene.wait(lambda: scene.readiness() == 200, BACK_SECONDS, "データベースを戻しても動きません")
        step.check("戻すと、何もしなくても元どおり", True, f"{back:.1f} 秒後")
        step.done.append(
            f"データベースを {gone:.1f} 秒取りのけ、その間に {len(asked)} 件を聞いた（記憶なしで答える）"
        )
        _answered(step, scene, scene.ask(_questions(1)), "戻したあとの ")
    return step


def queue_gone(scene: Scene, size: Size) -> Step:
    """Take the queue of periodic work away and bring it back."""
    step = Step("待ち行列（裏方の仕事の知らせ）がなくなる")
    with _timed(step):
        put_back = scene.take_away("queue.sqlite3")
        asked = scene.ask(_questions(size.few))
        _answered(step, scene, asked)
        put_back()
        step.done.append(
            f"待ち行列のファイルを取りのけ、その間に {len(asked)} 件を聞いた（質問は受信箱にある）"
        )
    return step


def worker_gone(scene: Scene, size: Size) -> Step:
    """Kill the worker: only emergencies are answered until another one is there."""
    step = Step("裏方のプロセスが突然止まる")
    with _timed(step):
        scene.kill("worker")
        asked = scene.ask(_questions(size.few))
        urgent = [one for one in asked if one.urgent]
        scene.line.wait_for([one.user for one in urgent], URGENT_SECONDS)
        heard = sum(bool(scene.line.arrived[one.user]) for one in urgent)
        early = sum(bool(scene.line.arrived[one.user]) for one in asked if not one.urgent)
        scene.start_worker()
        _answered(step, scene, asked)
        step.done.append(
            f"裏方を止めて {len(asked)} 件を聞き、動かし直した"
            f"（止まっている間の返事: 命にかかわる質問 {heard}、ほか {early}）"
        )
    return step


def line_down(scene: Scene, size: Size) -> Step:
    """Have LINE answer errors, then nothing, then work again."""
    step = Step("LINE につながらない")
    with _timed(step):
        began = time.monotonic()
        scene.line.mode = "error"
        asked = scene.ask(_questions(size.few))
        time.sleep(size.down)
        scene.line.mode = "silent"
        asked += scene.ask(_questions(size.few))
        time.sleep(size.down)
        meanwhile = sum(bool(scene.line.arrived[one.user]) for one in asked)
        scene.line.mode = "up"
        back = time.monotonic()
        arrived(step, scene, asked, ORDINARY_SECONDS)
        latest = max((scene.line.arrived[one.user][-1].at for one in asked if scene.line.arrived[one.user]),
                     default=back)  # fmt: skip
        step.check("止まっている間も受け取る", all(one.status == 200 for one in asked), f"{len(asked)} 件")
        step.done.append(
            f"LINE を {back - began:.1f} 秒（エラー、ついで無応答）止め、{len(asked)} 件を聞いた"
            f"（その間に届いた返事 {meanwhile} 件）"
        )
        step.done.append(f"LINE が戻ってから {max(0.0, latest - back):.1f} 秒で、すべての返事を送り終えた")
    return step


def burst(scene: Scene, size: Size) -> Step:
    """Send many messages at once, emergencies among them."""
    step = Step("質問が殺到する")
    with _timed(step):
        texts = [
            EMERGENCY if number % 15 == 7 else ORDINARY[number % len(ORDINARY)]
            for number in range(size.burst)
        ]
        began = time.monotonic()
        asked = scene.ask(texts, threads=16)
        posted = time.monotonic() - began
        _answered(step, scene, asked)
        scene.wait(lambda: scene.waiting() == 0, BACK_SECONDS, "たまった仕事が終わりません")
        step.done.append(
            f"{len(asked)} 件を {posted:.1f} 秒で送った（毎秒 {len(asked) / posted:.0f} 件）。"
            f"{time.monotonic() - began:.1f} 秒後に、待つ仕事がなくなった"
        )
    return step


def restored(scene: Scene, size: Size) -> Step:
    """Back up while replies wait, lose the machine, restore on an empty one and go on."""
    step = Step("機械を失い、控えから戻す")
    with _timed(step):
        known = "U" + "0" * 31 + "e"
        scene.press(known, postbacks.data(postbacks.LANG, "en"))
        scene.press(known, postbacks.HELP)
        scene.wait(lambda: len(scene.line.arrived[known]) == 2, ORDINARY_SECONDS, "返事が届きません")
        before = scene.line.arrived[known][-1].text
        scene.line.mode = "error"
        asked = scene.ask([ORDINARY[number % len(ORDINARY)] for number in range(size.few)])
        scene.wait(lambda: scene.waiting() == len(asked), ORDINARY_SECONDS, "返事がたまりません")
        file = scene.folder / "backup.zip"
        made = write_backup(scene.settings, file)
        secret, lost_at = scene.lose_everything(), time.monotonic()
        (scene.data / "secret").write_bytes(secret)
        (scene.data / "secret").chmod(0o600)
        restore_backup(scene.settings, file)
        copied = time.monotonic() - lost_at
        scene.line.mode = "up"
        scene.start(size.web_workers)
        step.done.append(f"動かしたまま控えを取り（{made.rows} 行）、プロセスとデータをすべて消した")
        step.done.append(
            f"空の場所に控えを戻し（{copied:.1f} 秒）、動かした。"
            f"止まっていた時間 {time.monotonic() - lost_at:.1f} 秒"
        )
        arrived(step, scene, asked, ORDINARY_SECONDS)
        scene.press(known, postbacks.HELP)
        scene.line.wait_for([known], ORDINARY_SECONDS, 3)
        after = scene.line.arrived[known][2:]
        same = bool(after) and after[-1].text == before
        step.check("会話の記憶（選んだ言語）", same, "同じ答え" if same else "違う答え、または答えなし")
        _answered(step, scene, scene.ask(_questions(1)), "戻したあとの ")
    return step


def _answered(step: Step, scene: Scene, asked: list[Asked], when: str = "") -> None:
    """Note that messages were acknowledged and answered in time, emergencies first of all."""
    slowest = max(one.acknowledged for one in asked)
    taken = sum(one.status == 200 for one in asked)
    held = taken == len(asked) and slowest <= ACKNOWLEDGED_SECONDS
    step.check(f"{when}受け取り", held, f"{taken}/{len(asked)} 件、最も遅くて {slowest:.2f} 秒")
    arrived(step, scene, asked, ORDINARY_SECONDS, when)
    urgent = [one for one in asked if one.urgent]
    heard = [scene.line.arrived[one.user][0] for one in urgent if scene.line.arrived[one.user]]
    late = max((arrival.at - one.at for one, arrival in zip(urgent, heard, strict=False)), default=0.0)
    told = all(EMERGENCY_SAYS in arrival.text for arrival in heard)
    held = len(heard) == len(urgent) and late <= URGENT_SECONDS and told
    step.check(
        f"{when}命にかかわる質問に {URGENT_SECONDS:.0f} 秒以内に 119 を案内する",
        held,
        f"{len(heard)}/{len(urgent)} 件、最も遅くて {late:.2f} 秒",
    )


def arrived(step: Step, scene: Scene, asked: list[Asked], seconds: float, when: str = "") -> None:
    """Note that every message got its answer, once."""
    scene.line.wait_for([one.user for one in asked], seconds)
    counts = [len(scene.line.arrived[one.user]) for one in asked]
    lost, twice = counts.count(0), sum(count > 1 for count in counts)
    step.sent, step.lost, step.twice = step.sent + len(asked), step.lost + lost, step.twice + twice
    waits = sorted(
        scene.line.arrived[one.user][0].at - one.at for one in asked if scene.line.arrived[one.user]
    )
    middle = waits[len(waits) // 2] if waits else 0.0
    step.check(
        f"{when}すべての質問に、一度ずつ答える",
        not lost and not twice,
        f"{len(asked) - lost}/{len(asked)} 件、二重 {twice} 件"
        f"（中央 {middle:.2f} 秒、最も遅くて {waits[-1] if waits else 0.0:.2f} 秒）",
    )
