"""Taking files over: idempotent, with differences shown, corrections kept, closings believed with care."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from bot.places.codec import from_json, name_key, to_json
from bot.places.imports import apply, apply_corrections, plan
from bot.places.rows import Corrections, read_corrections, read_shipped, spans
from bot.places.search import Search, Wanted
from bot.places.shipped import ensure_shipped
from bot.places.store import PlaceStore
from bot.places.tables import PlaceRow, PlaceTerm
from knowledge.place import Place, Span
from knowledge.problems import KnowledgeError

TODAY = date(2026, 11, 21)
FULL = Place(
    "f:1", "clinic", "医院", municipality="092088", address="栃木県小山市", lat=36.3, lng=139.8,
    phone="0285-00-0001", url="https://example.jp/", kana="イイン", note="注",
    spans=(Span(frozenset({"mon"}), 1, 2, frozenset({1}), "内科"),),
    hours_known=True, hours_text="月", closed=("12/29-01/03",), specialities=frozenset({"内科"}),
    hazards=frozenset({"flood"}), attributes=frozenset({"parking"}), starts=TODAY, ends=TODAY, source="源",
    checked=TODAY, licence="CC BY 4.0", credit="市", extra={"english": "Clinic"},
)  # fmt: skip


def clinics(count: int = 30, town: str = "092088") -> list[Place]:
    return [
        Place(f"{town}:{n}", "clinic", f"医院{n}", municipality=town, lat=36.3 + n / 1000, lng=139.8)
        for n in range(count)
    ]


def take(
    store: PlaceStore, places: list[Place], corrections: Corrections | None = None, dataset: str = "set"
) -> dict[str, int]:
    made = plan(store, places, dataset, corrections)
    apply(store, made, corrections)
    return made.counts()


def dump(engine: Engine) -> list[object]:
    with engine.connect() as db:
        places = db.execute(text("SELECT * FROM places ORDER BY id")).all()
        return [*places, *db.execute(text("SELECT * FROM place_terms ORDER BY term, cell, place_id")).all()]


def test_the_migration_makes_the_tables(engine: Engine) -> None:
    found = inspect(engine)
    for model in (PlaceRow, PlaceTerm):
        table = model.__table__
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        names = {i["name"] for i in found.get_indexes(table.name) if not i.get("duplicates_constraint")}
        assert names == {index.name for index in table.indexes}  # type: ignore[attr-defined]


def test_a_place_comes_back_as_it_went_in(store: PlaceStore) -> None:
    assert from_json(to_json(FULL)) == FULL
    assert from_json(to_json(FULL)).extra == FULL.extra
    list(store.put([FULL], "set"))
    stored = store.get(["f:1", "nobody:1"])
    assert stored.keys() == {"f:1"}
    assert stored["f:1"].place == FULL


def test_importing_again_changes_nothing(store: PlaceStore, engine: Engine) -> None:
    assert take(store, clinics())["added"] == 30
    before = dump(engine)
    again = take(store, clinics())
    assert again.pop("same") == 30
    assert set(again.values()) == {0}
    assert dump(engine) == before


@pytest.mark.parametrize("newer_first", [True, False])
def test_of_two_files_with_one_place_the_newer_tells_it(
    store: PlaceStore, engine: Engine, newer_first: bool
) -> None:
    newer = [replace(FULL, note="新", checked=date(2026, 6, 1))]
    older = [replace(FULL, note="旧", checked=None)]
    sets = [("newer", newer), ("older", older)]
    for name, places in sets if newer_first else sets[::-1]:
        take(store, places, dataset=name)
    assert store.get(["f:1"])["f:1"].place.note == "新"
    before = dump(engine)
    assert take(store, newer, dataset="newer")["same"] == 1
    again = take(store, older, dataset="older")
    assert (again["older"], again["changed"], again["same"]) == (1, 0, 0)
    assert dump(engine) == before, "a second run of both changes nothing"


def test_a_later_edition_of_one_dataset_counts_whatever_its_date(store: PlaceStore) -> None:
    take(store, [replace(FULL, note="旧")])
    assert take(store, [replace(FULL, note="新", checked=None)])["changed"] == 1
    assert take(store, [replace(FULL, note="別", checked=None)], dataset="other")["changed"] == 1


def test_a_difference_is_shown_before_it_is_made(store: PlaceStore, engine: Engine) -> None:
    take(store, clinics())
    before = dump(engine)
    places = clinics(31)[1:]
    places[0] = replace(places[0], phone="0285-11-1111")
    made = plan(store, places, "set")
    assert [place.name for place in made.added] == ["医院30"]
    assert [(change.name, dict(change.fields)) for change in made.changed] == [
        ("医院1", {"phone": (None, "0285-11-1111")})
    ]
    assert [row.place.name for row in made.close] == ["医院0"]
    assert dump(engine) == before
    apply(store, made)
    assert store.counts() == {"clinic": 30}
    assert store.get(["092088:0"])["092088:0"].gone


def test_what_is_gone_is_kept_but_not_found_and_may_come_back(store: PlaceStore, engine: Engine) -> None:
    take(store, clinics(10))
    take(store, clinics(10)[1:])
    near = Wanted(("clinic",), near=(36.3, 139.8), limit=20)
    assert "092088:0" not in [found.place.key for found in Search(engine).find(near).items]
    assert take(store, clinics(10))["added"] == 1
    assert "092088:0" in [found.place.key for found in Search(engine).find(near).items]


def test_half_a_file_closes_nothing(store: PlaceStore) -> None:
    take(store, clinics(30))
    counts = take(store, clinics(10))
    assert (counts["closed"], counts["doubtful"]) == (0, 20)
    assert store.counts() == {"clinic": 30}
    made = plan(store, clinics(10), "set")
    apply(store, made, close_doubtful=True)
    assert store.counts() == {"clinic": 10}


def test_a_municipality_s_file_closes_only_its_own_places(store: PlaceStore) -> None:
    take(store, [*clinics(10), *clinics(10, "092011")])
    assert take(store, clinics(9))["closed"] == 1
    assert store.counts() == {"clinic": 19}


def corrections(path: Path, body: str, today: date = TODAY) -> Corrections:
    path.write_text(body, encoding="utf-8")
    return read_corrections(path, today)


CORRECTED = """
"092088:1":
  until: 2026-12-31
  reason: 電話で確認
  phone: "0285-99-9999"
  open: ["mon-fri 09:00-12:00", "sat 09:00-11:00 #1,3"]
"092088:2":
  until: 2026-12-31
  gone: true
"""


def test_corrections_win_over_imports_and_end(store: PlaceStore, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "corrections.yaml"
    held = corrections(path, CORRECTED)
    take(store, clinics())
    assert apply_corrections(store, held) == (2, [])
    files = clinics()
    files[1] = replace(files[1], phone="0285-22-2222")
    counts = take(store, files, held)
    assert (counts["kept"], counts["changed"]) == (1, 0)
    stored = store.get(["092088:1", "092088:2"])
    assert stored["092088:1"].place.phone == "0285-99-9999"
    assert stored["092088:1"].official.phone == "0285-22-2222"
    assert stored["092088:1"].place.spans[-1] == Span(frozenset({"sat"}), 540, 660, frozenset({1, 3}))
    assert stored["092088:2"].gone
    before = dump(engine)
    assert apply_corrections(store, held) == (0, [])
    assert take(store, files, held)["same"] == 30
    assert dump(engine) == before

    expired = corrections(path, CORRECTED, date(2027, 1, 1))
    assert [(p.code, p.severity) for p in expired.problems] == [("expired", "warning")] * 2
    assert expired.problems[0].line == 3
    apply_corrections(store, expired)
    stored = store.get(["092088:1", "092088:2"])
    assert stored["092088:1"].place.phone == "0285-22-2222"
    assert not stored["092088:2"].gone
    assert store.counts() == {"clinic": 30}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("phone: abc", "bad-value"),
        ("until: 2027-02-30", "date"),
        ('open: ["月曜"]', "bad-value"),
        ("fone: x", "unknown-key"),
        ("lat: 95", "bad-value"),
    ],
)
def test_a_wrong_correction_is_named_and_left_out(tmp_path: Path, row: str, code: str) -> None:
    until = "" if row.startswith("until") else "  until: 2027-03-31\n"
    found = corrections(
        tmp_path / "c.yaml", f"a:1:\n{until}  {row}\nb:2:\n  until: 2027-03-31\n  name: 新しい名前\n"
    )
    assert found.rows.keys() == {"b:2"}
    assert len(found.problems) == 1
    assert found.problems[0].severity == "error"


def test_no_corrections_without_a_file(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "none.yaml", TODAY) == Corrections()


def test_what_ships_is_readable_and_comes_in_once(store: PlaceStore, tmp_path: Path) -> None:
    assert ensure_shipped(store, tmp_path, TODAY) == len(read_shipped())
    assert ensure_shipped(store, tmp_path, TODAY) == 0
    assert store.counts()["hospital"] == 42
    assert all(place.source and place.checked for place in read_shipped())


def test_a_broken_shipped_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.yaml"
    path.write_text("- key: a:1\n  kind: clinic\n  name: 医院\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as refused:
        read_shipped(path)
    assert {problem.code for problem in refused.value.problems} == {"missing"}


def test_rules_of_hours() -> None:
    assert spans("sat 09:00-12:00 #2,4 @小児科") == [
        Span(frozenset({"sat"}), 540, 720, frozenset({2, 4}), "小児科")
    ]
    assert spans("always")[0].end == 1440
    with pytest.raises(ValueError, match="形で書いて"):
        spans("sat 9-12")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("日本赤十字社　那須赤十字病院", "日本赤十字社那須赤十字病院"),
        ("医療法人社団友志会 リハビリテーション花の舎病院", "リハビリテーション花の舎病院"),
        ("ＪＡ　病院", "ja病院"),
    ],
)
def test_names_of_one_place_are_equal(one: str, two: str) -> None:
    assert name_key(one) == name_key(two)
