"""What a course says of itself: `course.toml`, one record a lesson."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, Wording, msg, msg_template
from k8s_tutor.language.choice import current_language
from k8s_tutor.objects.reference import nearest

__all__ = [
    "NAME_RULE",
    "RECORD",
    "SOURCE",
    "Course",
    "CourseError",
    "Lesson",
    "TomlLines",
    "find_literal",
    "folder_name",
    "is_name",
    "location",
    "read_course",
]


# ---- Where in a pack's files something stands, as messages name it: `lessons/course.toml, line 12`

_HEAD = re.compile(r"\s*\[+\s*(?P<name>[\w.\"' -]+?)\s*\]+\s*(?:#.*)?$")


def location(path: Path, line: int = 0) -> str:
    """A file as one would type it here, and a line in it, counted from 1; 0 where no line is known."""
    try:
        shown = path.absolute().relative_to(Path.cwd())
    except ValueError:
        shown = path
    return f"{shown}, line {line}" if line else str(shown)


def find_literal(files: Iterable[Path], text: str) -> str:
    """The location of a string literal in Python files (an exercise's id, the name of a mistake), or `""`.

    A text that is put together (an f-string) has no literal; files that are no Python are passed over.
    """
    for path in files:
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue
        lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == text]
        if lines:
            return location(path, min(lines))
    return ""


class TomlLines:
    """Knows in which line of a TOML file a table or a key stands: `tomllib` does not tell.

    Args:
        text: The file, valid TOML. A table written inline (`lesson = [{…}]`) counts as its key's line.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        found = [(number, _HEAD.match(line)) for number, line in enumerate(self._lines, 1)]
        self._heads = [(number, match["name"].replace(" ", "")) for number, match in found if match]

    def table(self, name: str, index: int = 0) -> int:
        """The line of the index-th table of a name; of a key of that name at the top; else 1."""
        lines = [number for number, head in self._heads if head == name]
        return lines[index] if index < len(lines) else self._key(name, 0) or 1

    def key(self, name: str, index: int, key: str) -> int:
        """The line of a key in the index-th table of a name, or of its own table `[name.key]`; else the table's."""
        start = self.table(name, index)
        return self._key(key, start) or self._subtable(f"{name}.{key}", name, start) or start

    def with_text(self, text: str) -> int:
        """The first line that holds a text; 0 where none does."""
        return next((number for number, line in enumerate(self._lines, 1) if text in line), 0)

    def _key(self, key: str, start: int) -> int:
        for number, line in enumerate(self._lines[start:], start + 1):
            if _HEAD.match(line):
                break
            if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
                return number
        return 0

    def _subtable(self, wanted: str, name: str, start: int) -> int:
        for number, head in self._heads:
            if number > start and head == name:
                break
            if number > start and head == wanted:
                return number
        return 0


# ---- What a course says of itself: `course.toml`, one record a lesson

RECORD = "course.toml"
SOURCE = "lesson.py"
NAME_RULE = msg("It becomes part of names on the cluster: lower-case letters and digits, with `-` between them.")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40  # a namespace has 63 letters, and carries more than the lesson's name
_COURSE_KEYS = {"name": str, "title": dict, "languages": list, "images": list, "clinic": str}
_LESSON_KEYS = {
    "number": int, "name": str, "title": dict, "learn": dict, "minutes": int, "needs": list, "definitions": list,
    "load_balancers": bool,
}  # fmt: skip
_MUST = {"course": ("name", "title"), "lesson": ("number", "name", "title", "learn", "minutes")}
_WRITTEN = {"course": "[course]", "lesson": "[[lesson]]"}
_KINDS: dict[type, Message] = {
    str: msg("a text"),
    dict: msg("a text by language"),
    list: msg("a list"),
    int: msg("a whole number"),
    bool: msg("true or false"),
}
_EXAMPLE: dict[type, Message] = {
    dict: msg_template('It is written as {key}.en = "…"'),
    list: msg_template('It is written as {key} = ["…"]'),
}
_SMALLEST = {"number": msg("Lessons count from 0."), "minutes": msg("It takes a minute at least.")}


class CourseError(UsageError):
    """A course that is not as it should be; says in which file and line."""


@dataclass(frozen=True)
class Lesson:
    """One lesson of a course.

    Attributes:
        course: The name of its course.
        folder: Where its files are: `lessons/01_pods`.
        number: Its place in the course.
        name: `pods`; its exercises are `pods-1`, `pods-2`, …
        titles: By language.
        learn: What one learns, by language: half a sentence after "you learn to".
        minutes: How long it takes.
        needs: The lessons that come before it, by name.
        definitions: CustomResourceDefinitions it makes, by name; they belong to the whole cluster.
        load_balancers: Whether it needs somebody who gives Services addresses.
    """

    course: str
    folder: Path
    number: int
    name: str
    titles: dict[str, str]
    learn: dict[str, str]
    minutes: int
    needs: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    load_balancers: bool = False

    @property
    def title(self) -> str:
        """For people, in the reader's language, where it is written in that."""
        return self.titles.get(current_language(), self.titles["en"])

    @property
    def namespace(self) -> str:
        """Where it plays on a cluster that is one person's."""
        return f"lesson-{self.name}"

    @property
    def stem(self) -> str:
        """The name of its folder and of its notebooks, `01_pods`."""
        return self.folder.name

    @property
    def source(self) -> Path:
        """The file it is written in."""
        return self.folder / SOURCE


@dataclass(frozen=True)
class Course:
    """A course.

    Attributes:
        folder: Where it is.
        name: `kubernetes`.
        titles: By language.
        languages: Those it is written in; English is the original.
        lessons: In order.
        images: What its lessons run, as their manifests name it; nodes that we make have them before anybody waits.
        clinic: The folder of its clinic; None for a course without.
    """

    folder: Path
    name: str
    titles: dict[str, str]
    languages: tuple[str, ...] = ("en",)
    lessons: tuple[Lesson, ...] = field(default=())
    images: tuple[str, ...] = ()
    clinic: Path | None = None

    @property
    def title(self) -> str:
        """For people, in the reader's language, where it is written in that."""
        return self.titles.get(current_language(), self.titles["en"])

    def notebooks(self, language: str = "en") -> Path:
        """The folder with its notebooks in a language."""
        return self.folder / language


def is_name(text: str) -> bool:
    """Whether a course or a lesson may be called so."""
    return _NAME.fullmatch(text) is not None and len(text) <= _LONGEST


def folder_name(number: int, name: str) -> str:
    """What a lesson's folder and its notebooks are called: `01_pods`, `00_picture_book` for `picture-book`."""
    return f"{number:02}_{name.replace('-', '_')}"


def read_course(folder: Path) -> Course:
    """The course in a folder.

    Raises:
        CourseError: there is none, or its record is faulty; with file and line.
    """
    path = folder / RECORD
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise CourseError(
            msg("There is no course in {folder}.", folder=folder),
            msg("A course is a folder with a file {record}.", record=RECORD),
            msg("k8s-tutor lesson new NAME makes one."),
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(msg("{location} cannot be read.", location=location(path)), str(error)) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(at[1]) if at else len(text.splitlines())  # else it says: at end of document
        raise CourseError(msg("{location}: this is no TOML.", location=location(path, line)), str(error)) from error
    return _Reader(path, TomlLines(text)).course(data)


@dataclass(frozen=True)
class _Reader:
    """Reads one record, and says of each fault in which line it stands."""

    path: Path
    lines: TomlLines

    def course(self, data: dict[str, Any]) -> Course:
        if unknown := next((key for key in data if key not in ("course", "lesson")), ""):
            raise self._wrong(
                msg("`{unknown}` is nothing a record has.", unknown=unknown),
                self.lines.table(unknown),
                _meant(unknown, _MUST),
            )
        if "course" not in data:
            raise self._wrong(msg("The record has no [course]."), 1, msg("It begins with one: its name and its title."))
        head, rows = self._table(data["course"], "course", 0), data.get("lesson", [])
        if not isinstance(rows, list):
            raise self._wrong(msg("Lessons are written as [[lesson]], with two brackets."), self.lines.table("lesson"))
        self._check_languages(head)
        lessons = [self._lesson(self._table(row, "lesson", index), index, head) for index, row in enumerate(rows)]
        self._check_together(lessons)
        in_order = tuple(sorted(lessons, key=lambda one: one.number))
        languages, images = tuple(head.get("languages", ["en"])), tuple(head.get("images", ()))
        clinic = self._clinic(head)
        return Course(self.path.parent, head["name"], head["title"], languages, in_order, images, clinic)

    def _clinic(self, head: dict[str, Any]) -> Path | None:
        if "clinic" not in head:
            return None
        folder: Path = self.path.parent / head["clinic"]
        if not folder.is_dir():
            line = self.lines.key("course", 0, "clinic")
            why = msg("It would be {location}.", location=location(folder))
            raise self._wrong(msg("The clinic has no folder."), line, why)
        return folder

    def _lesson(self, row: dict[str, Any], index: int, head: dict[str, Any]) -> Lesson:
        number, name = row["number"], row["name"]
        folder = self.path.parent / folder_name(number, name)
        if number < 0 or row["minutes"] < 1:
            key = "number" if number < 0 else "minutes"
            raise self._wrong(
                msg("`{key}` is {value}.", key=key, value=row[key]),
                self.lines.key("lesson", index, key),
                _SMALLEST[key],
            )
        if not (folder / SOURCE).is_file():
            what = msg("its folder has no {source}", source=SOURCE) if folder.is_dir() else msg("it has no folder")
            why = msg("It would be {location}.", location=location(folder / SOURCE))
            raise self._wrong(
                msg("Lesson {name}: {what}.", name=name, what=what), self.lines.table("lesson", index), why
            )
        return Lesson(
            head["name"], folder, number, name, row["title"], row["learn"], row["minutes"],
            tuple(row.get("needs", ())), tuple(row.get("definitions", ())), row.get("load_balancers", False),
        )  # fmt: skip

    def _table(self, table: object, what: str, index: int) -> dict[str, Any]:
        """A table of the record with the right keys, each of the right kind."""
        if not isinstance(table, dict):
            raise self._wrong(
                msg("`{what}` is no table.", what=what),
                self.lines.table(what, index),
                msg("It is written as {written}.", written=_WRITTEN[what]),
            )
        keys = _COURSE_KEYS if what == "course" else _LESSON_KEYS
        for key, value in table.items():
            line = self.lines.key(what, index, key)
            if key not in keys:
                raise self._wrong(msg("`{key}` is nothing a {what} has.", key=key, what=what), line, _meant(key, keys))
            if fault := _fault(key, value, keys[key]):
                raise self._wrong(fault, line, _EXAMPLE[keys[key]].fill(key=key) if keys[key] in _EXAMPLE else "")
        for key in _MUST[what]:
            if key not in table:
                raise self._wrong(msg("A {what} needs `{key}`.", what=what, key=key), self.lines.table(what, index))
        if not is_name(table["name"]):
            line = self.lines.key(what, index, "name")
            raise self._wrong(
                msg("`{name}` cannot be the name of a {what}.", name=table["name"], what=what), line, NAME_RULE
            )
        return table

    def _check_languages(self, head: dict[str, Any]) -> None:
        languages = head.get("languages", ["en"])
        if languages[:1] != ["en"] or len(set(languages)) < len(languages):
            line = self.lines.key("course", 0, "languages")
            raise self._wrong(
                msg("`languages` does not begin with en, or names one twice."), line, msg("English is the original.")
            )

    def _check_together(self, lessons: list[Lesson]) -> None:
        for index, lesson in enumerate(lessons):
            for key, value in (("name", lesson.name), ("number", lesson.number)):
                if value in [getattr(other, key) for other in lessons[:index]]:
                    line = self.lines.key("lesson", index, key)
                    raise self._wrong(
                        msg("There are two lessons with the {key} `{value}`.", key=key, value=value), line
                    )
            before = {other.name for other in lessons if other.number < lesson.number}
            if missing := next((need for need in lesson.needs if need not in before), ""):
                there = missing in [other.name for other in lessons]
                why = msg("{missing} does not come before it.", missing=missing) if there else _meant(missing, before)
                what = (
                    msg("Lesson {name} needs `{missing}`.", name=lesson.name, missing=missing)
                    if there
                    else msg("Lesson {name} needs `{missing}`, which is no lesson.", name=lesson.name, missing=missing)
                )
                raise self._wrong(what, self.lines.key("lesson", index, "needs"), why)

    def _wrong(self, what: Wording, line: int, why: Wording = "") -> CourseError:
        return CourseError(msg("{where}: {what}", where=location(self.path, line), what=what), why)


def _fault(key: str, value: object, kind: type) -> Wording:
    """What is wrong with a value; empty if nothing is."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return msg("`{key}` is not {kinds}.", key=key, kinds=_KINDS[kind])
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not all(isinstance(item, str) and item.strip() for item in inside):
        return msg("`{key}` holds something that is no text.", key=key)
    return msg("`{key}` has no English text.", key=key) if isinstance(value, dict) and "en" not in value else ""


def _meant(word: str, known: Iterable[str]) -> Wording:
    near = nearest(word, known)
    return msg("Did you mean `{near}`?", near=near) if near else ""
