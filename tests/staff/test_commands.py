"""The commands for staff, each run as it is typed."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.brain import BrainHolder
from bot.cli import staff
from bot.staff.preview import WIDTH, columns, preview, wrap
from bot.staff.preview_page import preview_page
from bot.staff.scaffold import Draft, add_entry, entry_text, next_review, quoted, target
from bot.staff.shown import CHANNELS, brain_of, reply_of
from bot.storage.engine import migrate, open_database
from bot.storage.tables import SessionRow, Turn
from knowledge.loader import load
from knowledge.models import LANGS
from knowledge.yamlsource import Document, parse
from tests.staff.folder import clean, copy, spoil
from tests.staff.test_checks import git


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A content folder that the commands work on."""
    made = clean(tmp_path / "content")
    monkeypatch.setenv("TOCHIMADO_KNOWLEDGE", str(made))
    monkeypatch.setenv("TOCHIMADO_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return made


def run(command: click.Command, *words: str, typed: str | None = None) -> Result:
    """Run a command; an unexpected exception fails the test."""
    done = CliRunner().invoke(command, list(words), input=typed)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


# --- new ------------------------------------------------------------------------------------------------

NEW = (
    "--title", "窓口は: いつ", "--ask", "窓口は何時まで", "--ask", "# 閉まる時間",
    "--answer", "平日です。\n\n1. 電話", "--owner", "municipality", "--source", "市町公式",
)  # fmt: skip


def test_new_makes_a_valid_entry(root: Path) -> None:
    done = run(staff.new, "mynumber.hours", *NEW, "--url", "https://www.pref.tochigi.lg.jp/")
    assert done.exit_code == 0, done.output
    knowledge, problems = load(root)
    assert problems == []
    entry = knowledge.entries["mynumber.hours"]
    assert (entry.title["ja"], entry.asks["ja"], entry.answer["ja"]) == (
        "窓口は: いつ", ["窓口は何時まで", "# 閉まる時間"], "平日です。\n\n1. 電話",
    )  # fmt: skip
    assert entry.source.url == "https://www.pref.tochigi.lg.jp/"
    assert str(knowledge.where["mynumber.hours"][0]) in done.output


def test_new_asks_for_what_was_not_said(root: Path) -> None:
    typed = "ごみの出し方\nごみはいつ\n粗大ごみ\n\n朝に出します。\n\n\n市町公式\n"
    done = run(staff.new, "living.trash", typed=typed)
    assert done.exit_code == 0, done.output
    entry = load(root)[0].entries["living.trash"]
    assert (entry.asks["ja"], entry.owner, entry.source.name) == (
        ["ごみはいつ", "粗大ごみ"],
        "municipality",
        "市町公式",
    )
    assert (root / "living/trash.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MyNumber.Lost", *NEW), "半角の小文字"),
        (("sports.ball", *NEW), "分野は"),
        (("mynumber.lost", *NEW), "もうあります"),
        (("mynumber.x", *NEW[:-4], "--owner", "nobody", "--source", "x"), "counters.yaml"),
        (("mynumber.x", *NEW, "--answer", "0120-11-2233 へ"), "phones.yaml"),
        (("mynumber.x", *NEW, "--url", "ftp://x"), "http"),
    ],
)
def test_new_refuses_and_changes_nothing(root: Path, words: tuple[str, ...], said: str) -> None:
    before = (root / "mynumber/a.yaml").read_bytes()
    done = run(staff.new, *words)
    assert done.exit_code == 1
    assert said in done.output
    assert (root / "mynumber/a.yaml").read_bytes() == before


def test_a_new_entry_may_join_a_file_that_has_a_mistake_elsewhere(root: Path) -> None:
    draft = Draft("mynumber.x", "題", ["聞き方"], "答え", "municipality", "資料")
    spoil(
        root, "owner: municipality\n  source: {name: 市町公式}", "owner: nobody\n  source: {name: 市町公式}"
    )
    assert add_entry(root, target(root, draft.id), entry_text(draft, date(2026, 11, 21))) == []
    assert "mynumber.x" in load(root)[0].entries


@pytest.mark.parametrize("file", ["../../x.yaml", "/tmp/x.yaml", "x"])
def test_a_new_entry_stays_in_the_folder_of_its_area(tmp_path: Path, file: str) -> None:
    assert target(tmp_path, "living.trash", Path(file)) == tmp_path / "living/x.yaml"


@pytest.mark.parametrize(
    "text", ["no", "a: b", "#x", "- x", "'", '"', "a #b", "[x]", "&a", "*a", "1.0", "x:", "\\", "普通"]
)
def test_what_is_quoted_is_read_as_typed(text: str) -> None:
    document = parse(f"a: {quoted(text)}\n".encode(), Document(Path("x.yaml")))
    assert (document.problems, document.data) == ([], {"a": text})


@pytest.mark.parametrize(
    ("today", "review"),
    [("2026-11-21", "2028-03-31"), ("2026-04-01", "2027-03-31"), ("2027-01-10", "2028-03-31")],
)
def test_review_is_at_the_end_of_a_fiscal_year(today: str, review: str) -> None:
    assert next_review(date.fromisoformat(today)).isoformat() == review


# --- preview --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
def test_preview_shows_what_the_channel_gets(root: Path, channel: str) -> None:
    done = run(staff.preview, "mynumber.lost", "--channel", channel)
    assert done.exit_code == 0
    for part in ("まず電話で止めます。", "0120-95-0178", "出典", "メッセージ", "総合サイト", "役に立った"):
        assert part in done.output, part


@pytest.mark.parametrize("lang", LANGS)
def test_preview_speaks_every_language(root: Path, lang: str) -> None:
    entry = load(root)[0].entries["mynumber.lost"]
    done = run(staff.preview, "mynumber.lost", "--lang", lang, "--channel", "web")
    assert entry.answer[lang].splitlines()[0] in done.output  # type: ignore[index]


def test_preview_of_an_unknown_entry_suggests(root: Path) -> None:
    done = run(staff.preview, "mynumber.lots")
    assert (done.exit_code, "「mynumber.lost」" in done.output) == (1, True)


def test_preview_as_a_page_escapes_everything(root: Path, tmp_path: Path) -> None:
    spoil(root, "まず電話で", "<script>alert(1)</script>電話で")
    done = run(staff.preview, "mynumber.lost", "--html", str(tmp_path / "p.html"))
    assert done.exit_code == 0, done.output
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=", page)


def test_frames_are_straight_and_lose_no_word(holder: BrainHolder) -> None:
    brain = holder.brain
    for key in list(brain.knowledge.entries)[::20]:
        for lang in LANGS:
            reply = reply_of(brain, key, lang)
            for channel in CHANNELS:
                framed = [line for line in preview(reply, channel).splitlines() if line.startswith("│")]
                assert {columns(line) for line in framed} <= {WIDTH + 4}
                assert preview_page(reply, channel, key).count("</p>") > 0
    text = "日本語とEnglish words, https://www.pref.tochigi.lg.jp/" + "x" * 200
    assert "".join(wrap(text)) == text
    assert max(map(columns, wrap(text))) <= WIDTH


# --- replay ---------------------------------------------------------------------------------------------


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    # Word for word as the entries have them: surely answered, whatever the ranking's thresholds are.
    rows = "mynumber.lost:\n  - カードを落とした\nmynumber.office:\n  - 市役所の窓口はどこですか\n"
    (folder / "mynumber.yaml").write_text(rows, encoding="utf-8")
    return folder


def test_replay_of_the_same_version_changes_nothing(root: Path, gold: Path) -> None:
    done = run(staff.replay, str(root), "--gold", str(gold))
    assert done.output.endswith(
        "質問 2 件のうち、答えが変わるもの 0 件（別の項目になる 0 件、文章などが変わる 0 件）\n"
    )


def test_replay_shows_which_answers_change(root: Path, gold: Path, tmp_path: Path) -> None:
    old = copy(root, tmp_path / "old")
    spoil(root, "      - カードを落とした  # よく聞かれる\n", "")
    spoil(root, "[市役所の窓口はどこですか]", "[市役所の窓口はどこですか, カードを落とした]")
    spoil(root, "{ja: 市役所です。", "{ja: 町役場です。")
    done = run(staff.replay, str(old), str(root), "--gold", str(gold), "--text")
    assert "■ カードを落とした" in done.output
    assert "前: answer mynumber.lost" in done.output
    assert "後: answer mynumber.office" in done.output
    assert "    -市役所です。" in done.output
    assert "    +町役場です。" in done.output
    assert "答えが変わるもの 2 件（別の項目になる 1 件、文章などが変わる 1 件）" in done.output


def test_replay_takes_versions_of_git(root: Path, gold: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "content")
    git(tmp_path, "commit", "-qm", "x")
    spoil(root, "まず電話で", "すぐ電話で")
    assert "答えが変わるもの 1 件" in run(staff.replay, "HEAD", "--gold", str(gold)).output


@pytest.mark.parametrize("name", ["no-such-version", "--output=x", "-h x"])
def test_replay_of_what_is_no_version_is_said(root: Path, gold: Path, name: str) -> None:
    done = run(staff.replay, "--gold", str(gold), "--", name)
    assert (done.exit_code, "Git の版でもありません" in done.output) == (1, True)


def test_replay_of_recorded_questions_shows_no_secret(root: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tochimado.sqlite3'}"
    migrate(url)
    now = datetime.now(UTC)
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(
            SessionRow.__table__.insert().values(
                key="k", channel="web", state={}, created_at=now, updated_at=now
            )
        )
        for number, said in enumerate(
            ["カードをなくした", "カードをなくした 090-1234-5678", "カードをなくした"]
        ):
            row = {"id": f"t{number}", "session_key": "k", "event_id": str(number), "at": now, "lang": "ja"}
            connection.execute(Turn.__table__.insert().values(**row, said=said))
    engine.dispose()
    old = copy(root, tmp_path / "old")
    spoil(root, "まず電話で", "すぐ電話で")
    done = run(staff.replay, str(old), "--recorded")
    assert "質問 2 件" in done.output
    assert "1234" not in done.output


# --- spreadsheets and translations ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_and_import(root: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"all.{kind}"
    assert "2 件を書き出しました" in run(staff.export_entries, str(path)).output
    assert "変えたもの 0 件" in run(staff.import_entries, str(path)).output


def test_import_shows_before_it_writes(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text("id,title.ja\nmynumber.lost,紛失\n", encoding="utf-8")
    before = (root / "mynumber/a.yaml").read_bytes()
    shown = run(staff.import_entries, str(path), "--dry-run").output
    assert re.search(r"(?m)^\+  title: \{ja: 紛失,", shown)
    assert (root / "mynumber/a.yaml").read_bytes() == before
    assert "変えたもの 1 件" in run(staff.import_entries, str(path)).output
    assert load(root)[0].entries["mynumber.lost"].title["ja"] == "紛失"


def test_import_says_what_is_wrong(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text("id,owner\nmynumber.lost,\n", encoding="utf-8")
    done = run(staff.import_entries, str(path))
    assert done.exit_code == 1
    assert "2 行目 owner の列: 「owner」がありません" in done.output
    assert "何も変えていません" in done.output
    done = run(staff.export_entries, str(tmp_path / "all.ods"))
    assert (done.exit_code, ".csv か .xlsx" in done.output) == (1, True)


def test_translated_records(root: Path) -> None:
    spoil(root, "まず電話で", "すぐ電話で")
    assert "1 個の訳" in run(staff.translated, "mynumber.lost", "--lang", "en").output
    assert "10 個の訳" in run(staff.translated, "--all").output
    assert run(staff.translated).exit_code == 2
    assert run(staff.translated, "--all", "mynumber.lost").exit_code == 2
    assert "「mynumber.lost」" in run(staff.translated, "mynumber.lots").output


def test_the_spreadsheet_names_the_file_of_an_entry(root: Path, tmp_path: Path) -> None:
    run(staff.export_entries, str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["mynumber/a.yaml"] * 2


def test_an_answer_is_previewed_as_it_is_now(root: Path) -> None:
    brain = brain_of(root)
    shown = preview(reply_of(brain, "mynumber.lost", "ja", datetime(2027, 4, 1, tzinfo=UTC)), "console")
    assert brain.phrases.say("review-due", "ja")[:12] in shown.replace(" │\n│ ", "")
