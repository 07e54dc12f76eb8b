"""Catalogues of translations: made from the code by Babel, kept in step with it, and checked.

The library's is `k8s_tutor/locale/zh_CN/LC_MESSAGES/k8s_tutor.po`; a lesson's stands beside it, `zh_CN.po`. Both are
written by `make translations`, which leaves what is translated; a person (or an editor of `.po` files) fills in the
rest.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from k8s_tutor.authoring.source import list_words, read_source
from k8s_tutor.authoring.translation import compare
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import Course, Lesson, location
from k8s_tutor.language.message import LOCALES, OWN

__all__ = [
    "CatalogueFile",
    "extract_messages",
    "find_complaints",
    "list_catalogues",
    "list_lesson_catalogues",
    "update_catalogue",
]

_KEYWORDS = ("msg", "msg_n", "msg_template")
_MAKES_ANY = re.compile(r"\bmsg(_n|_template)?\(")
_HEADER = "# What {name} says, in {locale}. Kept in step by `make translations`; see CONTRIBUTING.md.\n#"


@dataclass(frozen=True)
class CatalogueFile:
    """One catalogue, and the Python files whose messages it translates.

    Attributes:
        path: Where it is.
        language: `zh`.
        name: Whose words it holds: `k8s_tutor`, `lesson pods`.
        sources: The Python files.
        root: The folder that they are told from.
        lesson: The source of a lesson, whose words in code are translated with them.
    """

    path: Path
    language: str
    name: str
    sources: tuple[Path, ...]
    root: Path
    lesson: Path | None = None

    @cached_property
    def template(self) -> Catalog:
        """What there is to translate."""
        found = extract_messages(self.sources, self.root)
        if self.lesson is not None and self.lesson.exists():
            place = self.lesson.relative_to(self.root).as_posix()
            for said in list_words(read_source(self.lesson, self.name)):
                found.add(said, locations=[(place, 0)])
        return found

    def update(self) -> bool:
        """Brings it in step with the code; whether anything changed."""
        return update_catalogue(self.path, self.template, LOCALES[self.language], self.name)

    def complaints(self) -> list[str]:
        """What is wrong with it, each with its file."""
        return [f"{location(self.path)}: {said}" for said in find_complaints(self.path, self.template, self.language)]


def list_catalogues(course: Course) -> list[CatalogueFile]:
    """The catalogues of a course: one a lesson with exercises and a language; of our own course the library's, too."""
    found = []
    if course.folder.resolve() == find_own_course().resolve():
        package = OWN.parent
        for language, locale in LOCALES.items():
            path = OWN / locale / "LC_MESSAGES" / "k8s_tutor.po"
            sources = tuple(one for one in package.rglob("*.py") if package / "course" / "lessons" not in one.parents)
            found.append(CatalogueFile(path, language, "k8s_tutor", sources, package.parent))
    for lesson in course.lessons:
        found += list_lesson_catalogues(course, lesson)
    if course.clinic is not None:
        found += _catalogues_in(course, course.clinic, tuple(sorted(course.clinic.rglob("*.py"))), "the clinic")
    return found


def list_lesson_catalogues(course: Course, lesson: Lesson) -> list[CatalogueFile]:
    """Those of one lesson: what its exercises, guesses, pictures and code say; none where they say nothing."""
    files = tuple(path for path in sorted(lesson.folder.rglob("*.py")) if path != lesson.source)
    return _catalogues_in(course, lesson.folder, files, f"lesson {lesson.name}", lesson.source)


def _catalogues_in(
    course: Course, folder: Path, files: tuple[Path, ...], name: str, lesson: Path | None = None
) -> list[CatalogueFile]:
    found = []
    for language in course.languages:
        if language in LOCALES:
            path = folder / f"{LOCALES[language]}.po"
            file = CatalogueFile(path, language, name, files, course.folder, lesson)
            if len(file.template) or path.exists():
                found.append(file)
    return found


def extract_messages(files: Iterable[Path], root: Path) -> Catalog:
    """Every `msg(…)`, `msg_n(…)` and `msg_template(…)` of Python files, with the files they stand in.

    Read from the syntax tree: Babel's own extraction passes over what stands in an f-string. A comment above that
    begins with `# zh:` is handed to the translator.

    Args:
        files: The Python files.
        root: The folder that locations are told from.
    """
    found = Catalog()
    for path in sorted(files):
        source = path.read_text(encoding="utf-8")
        lines, place = source.splitlines(), path.relative_to(root).as_posix()
        for call in _calls(ast.parse(source)) if _MAKES_ANY.search(source) else ():
            words = tuple(str(one.value) for one in call.args if isinstance(one, ast.Constant))
            said = words[:2] if ast.unparse(call.func) == "msg_n" else words[0]
            above = lines[call.lineno - 2].strip() if call.lineno > 1 else ""
            comments = [above.removeprefix("# ")] if above.startswith("# zh:") else []
            found.add(said, locations=[(place, 0)], auto_comments=comments)
    return found


def _calls(tree: ast.AST) -> list[ast.Call]:
    """The calls that make messages of literals, from top to bottom."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEYWORDS
    ]
    literal = [call for call in found if call.args and isinstance(call.args[0], ast.Constant)]
    return sorted(literal, key=lambda call: (call.lineno, call.col_offset))


def update_catalogue(path: Path, template: Catalog, locale: str, name: str) -> bool:
    """Adds what is new in the code to a catalogue, drops what is gone; translations stay. Whether anything changed."""
    before = path.read_bytes() if path.exists() else b""
    old = read_po(io.BytesIO(before), locale=locale) if before else Catalog(locale=locale)
    fresh = Catalog(
        locale=locale, header_comment=_HEADER.format(name=name, locale=locale), charset="utf-8", fuzzy=False
    )
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id)
        fresh.add(
            message.id, known.string if known else "", locations=message.locations, auto_comments=message.auto_comments
        )
    after = _written(fresh)
    if after != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after)
    return after != before


def find_complaints(path: Path, template: Catalog, language: str) -> Iterator[str]:
    """What is wrong with a catalogue: missing, left over, untranslated, or saying something else than the English."""
    if not path.exists():
        yield "missing: run `make translations`"
        return
    with path.open("rb") as file:
        known = read_po(file, locale=LOCALES.get(language))
    wanted = {_first(message.id) for message in template if message.id}
    there = {_first(message.id) for message in known if message.id}
    for text in sorted(wanted - there):
        near = difflib.get_close_matches(text, there - wanted, 1)
        before = f"; before, it was {near[0]!r}" if near else ""
        yield f"not in step with the code (run `make translations`): lacks {text!r}{before}"
    for text in sorted(there - wanted):
        yield f"not in step with the code (run `make translations`): nothing says any more {text!r}"
    for message in known:
        if message.id and _first(message.id) in wanted:
            english = _last(message.id)
            for text in [message.string] if isinstance(message.string, str) else message.string or [""]:
                yield from (f"{said}: {english!r}" for said in _faults(english, text, language))


def _faults(english: str, text: str, language: str) -> Iterator[str]:
    if not text:
        yield "not translated"
        return
    lost, added = Counter(_values(english)) - Counter(_values(text)), Counter(_values(text)) - Counter(_values(english))
    if lost or added:
        yield f"{text!r} lacks {' '.join(lost) or 'nothing'} and has {' '.join(added) or 'nothing'} in its stead"
        return
    for complaint in compare(_marked(english), _marked(text), language):
        yield f"{text!r} {complaint}"


_OLD_STYLE = re.compile(r"%(?:\(\w+\))?[sdr]")
# What is typed, or stands for what is (a call, a word in quotes), counts as code.
_TYPED = re.compile(
    r'`[^`]*`|<\w+>|\w+="[^"]*"|[\w.-]+/[\w./#-]+|@?[\w.]+\((?:"[^"()]*"|[^()"\u3400-\u9fff])*\)|"[^"\u3400-\u9fff]*"'
)


def _values(text: str) -> list[str]:
    """The values a template asks for, each as it is to be written: `{seconds:.1f}`."""
    found = _OLD_STYLE.findall(text)
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            found.append(f"{{{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}}}")
    return found


def _marked(text: str) -> str:
    """A message as Markdown: what is typed as code, values without their names, nothing at its edges that counts."""
    plain = re.sub(r"\{[^{}]*\}", "{}", text.strip())
    return _TYPED.sub(lambda typed: f"`{typed[0].strip('`')}`", plain)


def _first(name: str | tuple[str, ...] | list[str]) -> str:
    return name if isinstance(name, str) else name[0]


def _last(name: str | tuple[str, ...] | list[str]) -> str:
    return name if isinstance(name, str) else name[-1]


def _written(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False, sort_by_file=True, omit_header=False, ignore_obsolete=True)
    lines = [
        line
        for line in file.getvalue().split(b"\n")
        if not line.startswith((b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By'))
    ]
    return b"\n".join(lines)
