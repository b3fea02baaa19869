"""Load a content folder into `Knowledge`, with every problem's file and line.

A content folder holds `phones.yaml`, `counters.yaml`, `areas.yaml`, `municipalities.yaml`, perhaps
`opendata.yaml`, and the entries in `<area>/*.yaml`.  Whatever is wrong is a `Problem`; nothing raises for
bad content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from knowledge.explain import problems_of
from knowledge.models import (
    AREAS,
    Area,
    Counter,
    Entry,
    Knowledge,
    Model,
    Municipality,
    OpenData,
    PhoneLine,
)
from knowledge.problems import KnowledgeError, Problem
from knowledge.validate import cross_check
from knowledge.yamlsource import Document, Path_, read

CONTENT = Path(__file__).parent / "content"
M = TypeVar("M", bound=Model)


def content_files(root: Path) -> list[Path]:
    """Return the YAML files of a content folder, sorted; hidden and backup files are not content."""
    return sorted(
        path
        for pattern in ("*.yaml", "*.yml")
        for path in root.rglob(pattern)
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def fingerprint(root: Path) -> str:
    """Return a digest of names, sizes and times: changes whenever a file may have been edited."""
    digest = hashlib.sha256()
    for path in content_files(root):
        try:
            stat = path.stat()
        except OSError:  # removed between listing and looking
            continue
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}\n".encode())
    return digest.hexdigest()


def load(root: Path) -> tuple[Knowledge, list[Problem]]:
    """Load the content folder `root` → (what could be read, all problems sorted by place)."""
    problems: list[Problem] = []
    if not root.is_dir():
        message = "知識のフォルダーがありません。TOCHIMADO_KNOWLEDGE の設定を確かめてください。"
        return Knowledge(), [Problem(root, 1, "no-folder", message)]
    registries: dict[str, dict[str, Any]] = {}
    marks: dict[str, Document] = {}
    for name, model in (("phones", PhoneLine), ("counters", Counter), ("areas", Area)):
        marks[name] = _open(root / f"{name}.yaml", problems)
        registries[name] = dict(_mapping(marks[name], model, problems))
    marks["municipalities"] = _open(root / "municipalities.yaml", problems)
    towns = {m.code: m for _, m in _list(marks["municipalities"], Municipality, problems)}
    opendata = _opendata(root, marks, problems)
    entries: dict[str, Entry] = {}
    where: dict[str, tuple[Path, int]] = {}
    documents: list[tuple[Document, Path_, Entry]] = []
    declared: set[str] = set()
    digest = hashlib.sha256()
    for path in content_files(root):
        if path.parent == root:
            if path.stem not in (*registries, "municipalities", "opendata", "synonyms", "corrections"):
                message = (
                    "この場所のファイルは読まれません。分野のフォルダー（medical など）に移してください。"
                )
                problems.append(Problem(path, 1, "misplaced", message))
            continue
        if not _in_area(path, root, problems):
            continue
        document = _open(path, problems)
        declared |= _declared(document)
        for at, entry in _list(document, Entry, problems):
            line = document.line((*at, "id"))
            if entry.id in where:
                file, number = where[entry.id]
                message = (
                    f"id「{entry.id}」は {file.name}:{number} と重なっています。別の名前にしてください。"
                )
                problems.append(Problem(path, line, "duplicate-id", message))
                continue
            entries[entry.id] = entry
            where[entry.id] = (path, line)
            documents.append((document, at, entry))
    if not entries and not problems:
        problems.append(
            Problem(root, 1, "empty", "項目が 1 つもありません。フォルダーの場所を確かめてください。")
        )
    for path in content_files(root):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    knowledge = Knowledge(
        entries,
        registries["phones"],
        registries["counters"],
        registries["areas"],
        towns,
        opendata,
        where,
        digest.hexdigest(),
    )
    problems += cross_check(knowledge, declared, documents, marks)
    return knowledge, sorted(set(problems))


def _in_area(path: Path, root: Path, problems: list[Problem]) -> bool:
    """Return whether `path` lies directly in the folder of an area; say what to do where it does not."""
    folders = path.relative_to(root).parts[:-1]
    if len(folders) == 1 and folders[0] in AREAS:
        return True
    if folders[0] in AREAS:
        deep = "/".join(folders)
        message = f"フォルダー「{deep}」の中は読まれません。「{folders[0]}」の中に移してください。"
        problems.append(Problem(path, 1, "misplaced", message))
        return False
    near = get_close_matches(folders[0], AREAS, n=1)
    message = (
        f"分野「{folders[0]}」はありません。"
        + (f"「{near[0]}」ではありませんか。" if near else "")
        + f"今ある分野（{'、'.join(AREAS)}）のフォルダーに移してください。"
        "新しい分野は、名前を knowledge/models.py の AREAS に足し、6 言語の題を areas.yaml に書くとできます"
        "（プログラムの担当に頼んでください）。"
    )
    problems.append(Problem(path, 1, "unknown-area", message))
    return False


def _opendata(root: Path, marks: dict[str, Document], problems: list[Problem]) -> OpenData:
    """Return the terms of publishing; the model's own where the folder has no `opendata.yaml`."""
    path = root / "opendata.yaml"
    if not path.exists():
        return OpenData()
    document = _open(path, problems)
    if document.data is None or document.data == "":
        return OpenData()
    for made in _validated(document, (), document.data, OpenData, problems):
        marks["opendata"] = document
        return made
    return OpenData()


def load_valid(root: Path) -> tuple[Knowledge, list[Problem]]:
    """Load `root` and return (knowledge, warnings). Raises `KnowledgeError` if there is any error."""
    knowledge, problems = load(root)
    if any(problem.severity == "error" for problem in problems):
        raise KnowledgeError(problems)
    return knowledge, problems


def _declared(document: Document) -> set[str]:
    """Return the ids that a file names, of invalid entries too: references to those do not dangle."""
    rows = document.data if isinstance(document.data, list) else []
    return {row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}


def _open(path: Path, problems: list[Problem]) -> Document:
    document = read(path)
    problems += document.problems
    return document


def _validated(
    document: Document, at: Path_, raw: Any, model: type[M], problems: list[Problem]
) -> Iterator[M]:
    if not isinstance(raw, dict):
        message = "「項目: 内容」の形で書いてください。"
        problems.append(Problem(document.file, document.line(at), "shape", message))
        return
    try:
        yield model.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(error, document, at, model)


def _list(document: Document, model: type[M], problems: list[Problem]) -> Iterator[tuple[Path_, M]]:
    if document.data is None or document.data == "":
        return
    if not isinstance(document.data, list):
        message = "1 行目から「- id: …」で始まる一覧で書いてください。"
        problems.append(Problem(document.file, document.line(()), "shape", message))
        return
    for index, raw in enumerate(document.data):
        for item in _validated(document, (index,), raw, model, problems):
            yield (index,), item


def _mapping(document: Document, model: type[M], problems: list[Problem]) -> Iterator[tuple[str, M]]:
    if document.data is None or document.data == "":
        return
    if not isinstance(document.data, dict):
        message = "「名前:」で始まる形で書いてください。"
        problems.append(Problem(document.file, document.line(()), "shape", message))
        return
    for key, raw in document.data.items():
        for item in _validated(document, (key,), raw, model, problems):
            yield key, item
