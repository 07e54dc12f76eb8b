"""Building all notebooks from their sources, and saying when one is not in step with its source."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from k8s_tutor.authoring.catalogues import list_lesson_catalogues
from k8s_tutor.authoring.outputs import banners, sanitised
from k8s_tutor.authoring.proving import EMBEDDED, CellFailed, Stage, execute
from k8s_tutor.authoring.source import (
    LessonError,
    Notebook,
    Source,
    dumps,
    learners_cells,
    notebook,
    read_source,
    with_words,
)
from k8s_tutor.course.catalog import list_exercises
from k8s_tutor.course.finding import VARIABLE, with_course
from k8s_tutor.course.record import RECORD, Course, CourseError, Lesson, location
from k8s_tutor.course.way import FRONT_PAGE, PLAYGROUND, find_neighbours, has_front_page
from k8s_tutor.language import msg

__all__ = ["FRONT_PAGE", "CourseBuilder", "complaints", "front_page", "load", "write"]


# ---- The table of lessons, made from the course's record: on the front page, and in READMEs that ask for it
#
# A README asks with two lines, and the table goes between them. They name the course, so that a README above several
# courses may hold a table of each:
#
#     <!-- lessons of kubernetes -->
#     <!-- end of lessons -->

_HEAD = {"en": ("lesson", "you learn to"), "zh": ("课程", "你会学到")}
_MORE = {"en": ("exercises", "minutes"), "zh": ("练习", "分钟")}  # on the front page
_README = re.compile(r"README(?:\.(?P<language>[a-z]{2}))?\.md")


def front_page(course: Course, language: str) -> str:
    """The front page's table, in Markdown; links lead to the notebooks beside it."""
    head, line, *rows = _table(course, language, "").split("\n")
    below = [f"{row} {_count(one)} | {one.minutes} |" for row, one in zip(rows, course.lessons, strict=True)]
    return "\n".join([f"{head} {' | '.join(_MORE.get(language, _MORE['en']))} |", f"{line}---:|---:|", *below])


def _count(lesson: Lesson) -> int:
    """Of exercises that cannot be loaded there are none; the check of exercises says why."""
    with suppress(CourseError):
        return len(list_exercises(lesson))
    return 0


def write(course: Course) -> list[Path]:
    """Writes the tables of READMEs anew; the files that changed."""
    changed = []
    for path, text, _, wanted in _readmes(course):
        if text != wanted:
            path.write_text(wanted, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def complaints(course: Course) -> list[str]:
    """Tables of READMEs that say something else than the record, each with file and line."""
    return [
        f"{location(path, line)}: the table of lessons is not that of course.toml"
        for path, text, line, wanted in _readmes(course)
        if text != wanted
    ]


def _readmes(course: Course) -> Iterator[tuple[Path, str, int, str]]:
    """READMEs with a table of this course: the file, its text, the table's line, the text as it should be."""
    between = re.compile(rf"(<!-- lessons of {course.name} -->\n).*?(<!-- end of lessons -->)", re.DOTALL)
    for folder in (course.folder, course.folder.parent):
        for path in sorted(folder.glob("README*.md")):
            name = _README.fullmatch(path.name)
            text = path.read_text(encoding="utf-8") if name else ""
            if name and (found := between.search(text)):
                table = _table(course, name["language"] or "en", f"{os.path.relpath(course.folder, folder)}/")
                line = text[: found.start()].count("\n") + 1
                yield path, text, line, text[: found.end(1)] + f"\n{table}\n\n" + text[found.start(2) :]


def _table(course: Course, language: str, where: str) -> str:
    """The rows; `where` leads to the course's folder, or is empty on a page that stands among the notebooks."""
    language = language if language in course.languages else "en"
    folder = f"{where}{language}/".removeprefix("./") if where else ""
    rows = [_row(lesson, language, folder) for lesson in course.lessons]
    return "\n".join([f"| | {' | '.join(_HEAD.get(language, _HEAD['en']))} |", "|---|---|---|", *rows])


def _row(lesson: Lesson, language: str, folder: str) -> str:
    said = (texts.get(language, texts["en"]) for texts in (lesson.titles, lesson.learn))
    title, learn = (text.replace("|", "\\|") for text in said)
    return f"| {lesson.number} | [{title}]({folder}{lesson.stem}.ipynb) | {learn} |"


# ---- The first and the last cell of a lesson: links to its neighbours, made from the course's record


def _links(course: Course, lesson: Lesson, language: str) -> tuple[str, str]:
    """What stands above and below a lesson, in Markdown."""
    before, after = find_neighbours(course, lesson)

    def link(other: Lesson) -> str:
        title = msg("lesson {number}, {title}", number=other.number, title=other.titles.get(language, other.title))
        return f"[{title.render(language)}]({other.stem}.ipynb)"

    home = f"[{msg('Front page').render(language)}]({FRONT_PAGE}.ipynb)" if has_front_page(course) else ""
    ends = [f"← {link(before)}" if before else "", home, f"{link(after)} →" if after else ""]
    keep = msg("`t.sheet()` puts the commands and pictures of this lesson on one page, to print or to keep.")
    said = [msg("**Go on:** {lesson}", lesson=link(after)) if after else msg("This is the last lesson."), keep]
    below = [part.render(language) for part in said] + ([home] if home else [])
    return " · ".join(filter(None, ends)), "\n\n".join(below)


_LINKS = ("-above", "-below")  # how the ids of their cells end


def _with_links(built: Notebook, course: Course, lesson: Lesson, language: str) -> Notebook:
    stem, texts = lesson.stem.replace("_", "-"), _links(course, lesson, language)
    above, below = (
        {"cell_type": "markdown", "id": f"{stem}{end}", "metadata": {}, "source": text}
        for end, text in zip(_LINKS, texts, strict=True)
    )
    return {**built, "cells": [*([above] if above["source"] else []), *built["cells"], below]}


# ---- Building all notebooks from their sources, and saying when one is not in step with its source


def load(path: Path) -> Notebook:
    """A notebook file, its texts joined."""
    built: Notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in built["cells"]:
        cell["source"] = "".join(cell["source"])
    return built


@dataclass(frozen=True)
class CourseBuilder:
    """Makes the notebooks of a course: one folder of them for each language.

    Attributes:
        course: The course.
        only: The lessons it is about, by their stems: `01_pods`, and `index`, the front page, and
            `playground`; empty for all.
    """

    course: Course
    only: frozenset[str] = frozenset()

    @property
    def languages(self) -> tuple[str, ...]:
        """Those it is written in."""
        return self.course.languages

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons it is about."""
        return [lesson for lesson in self.course.lessons if not self.only or lesson.stem in self.only]

    def sources(self) -> list[Source]:
        """The sources, the front page first, and the playground after it.

        Raises:
            LessonError: there is none, or one cannot be read.
        """
        if not self.course.lessons:
            raise LessonError(f"{location(self.course.folder / RECORD)}: the course has no lessons.")
        beside = [(self.course.folder / f"{name}.py", name) for name in (FRONT_PAGE, PLAYGROUND)]
        pages = [(path, name) for path, name in beside if path.exists()]
        pages += [(lesson.source, lesson.stem) for lesson in self.course.lessons]
        return [read_source(path, name) for path, name in pages if not self.only or name in self.only]

    def notebook_path(self, source: Source, language: str) -> Path:
        """Where a source's notebook is."""
        return self.course.notebooks(language) / f"{source.name}.ipynb"

    def build(self, say: Callable[[str], None]) -> None:
        """Runs lessons on the embedded cluster and writes their notebooks, and the tables of lessons in READMEs.

        What exercises say anew gets a place in their catalogues.

        Args:
            say: Told about each file.

        Raises:
            LessonError: a source breaks the rules, a cell fails, or an output shows what it must not.
        """
        for path in self.update_catalogues():
            say(f"wrote {location(path)}")
        for source in self.sources():
            _refuse(source.complaints(self.languages))
            for language in self.languages:
                built = self._run(source, language)
                path = self.notebook_path(source, language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dumps(built), encoding="utf-8", newline="\n")
                say(f"wrote {location(path)}")
        for path in self._renew_links():
            say(f"wrote the links to its neighbours in {location(path)}")
        for path in write(self.course):
            say(f"wrote the table of lessons in {location(path)}")

    def _renew_links(self) -> Iterator[Path]:
        """A lesson that came or went is a neighbour of lessons that are not built now: their links alone are made anew.

        The files that changed.
        """
        for language, lesson in product(self.languages, self.course.lessons):
            path = self.course.notebooks(language) / f"{lesson.stem}.ipynb"
            if path.exists():
                built = load(path)
                inner = [cell for cell in built["cells"] if not str(cell.get("id")).endswith(_LINKS)]
                text = dumps(_with_links({**built, "cells": inner}, self.course, lesson, language))
                if text != path.read_text(encoding="utf-8"):
                    path.write_text(text, encoding="utf-8", newline="\n")
                    yield path

    def notebook(self, source: Source, language: str) -> Notebook:
        """A source's notebook, without outputs; what is made from the course's record is filled in."""
        if source.name == FRONT_PAGE:
            return notebook(source, language, {"lessons": front_page(self.course, language)})
        if source.name == PLAYGROUND:
            return notebook(source, language)
        lesson = next(one for one in self.course.lessons if one.stem == source.name)
        return _with_links(
            with_words(notebook(source, language), language, lesson.folder), self.course, lesson, language
        )

    def update_catalogues(self) -> list[Path]:
        """Gives what exercises say anew a place in their lessons' catalogues; the files that changed."""
        files = [file for lesson in self.lessons for file in list_lesson_catalogues(self.course, lesson)]
        return [file.path for file in files if file.update()]

    def drift(self) -> list[str]:
        """Where notebooks and READMEs are not in step with what they are made from; runs nothing."""
        found: list[str] = []
        expected: set[Path] = set()
        for source in self.sources():
            for language in self.languages:
                path = self.notebook_path(source, language)
                expected.add(path)
                found += self._drift(source, path, language)
        if not self.only:
            for language in self.languages:
                strays = sorted(set(self.course.notebooks(language).glob("*.ipynb")) - expected)
                found += [f"{location(path)}: has no source" for path in strays]
            found += [f"{complaint}: {self._remedy}" for complaint in complaints(self.course)]
        return found

    @property
    def _remedy(self) -> str:
        return f"run `k8s-tutor lesson build {location(self.course.folder)}`"

    def _drift(self, source: Source, path: Path, language: str) -> Iterator[str]:
        if not path.exists():
            yield f"{location(path)}: is missing: {self._remedy}"
            return
        built = load(path)
        wanted = self.notebook(source, language)["cells"]
        named = learners_cells(source)
        for new, old in zip(wanted, built["cells"], strict=False):
            if (new["cell_type"], new["source"], new["id"]) != (old["cell_type"], old["source"], old.get("id")):
                own = source.where(named[new["id"]]) if new["id"] in named else location(self.course.folder / RECORD)
                yield f"{own}: {location(path)} has it otherwise: {self._remedy}"
                return
        if len(wanted) != len(built["cells"]):
            counts = f"has {len(built['cells'])} cells, its source {len(wanted)}"
            yield f"{location(path)}: {counts}: {self._remedy}"
            return
        yield from self._shown(source, built)

    def _run(self, source: Source, language: str) -> Notebook:
        variables = {**EMBEDDED.environment, VARIABLE: with_course(self.course.folder)}
        try:
            with TemporaryDirectory(prefix="k8s-tutor-build-") as place:
                folder = Path(place) / language  # its name says in which language the outputs are
                folder.mkdir()
                built = sanitised(execute(self.notebook(source, language), Stage(variables, folder=folder)))
        except CellFailed as error:
            where = source.where(learners_cells(source)[error.cell])
            raise LessonError(f"{where}: did not run through.", error.why) from error
        _refuse(self._shown(source, built))
        return built

    @staticmethod
    def _shown(source: Source, built: Notebook) -> list[str]:
        """What stands in outputs and must not, each with the cell of the source it comes from."""
        named = learners_cells(source)
        return [f"{source.where(named[name])}: {says}" for name, says in banners(built)]


def _refuse(complaints: Iterable[str]) -> None:
    if found := list(complaints):
        raise LessonError("\n".join(found))
