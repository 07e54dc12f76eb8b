"""`k8s-tutor lesson new|check|build|translations`, and the same as `python -m k8s_tutor.authoring`.

Each command imports what it needs when it runs: what lessons are made with comes with `k8s-tutor[test]`, and where it
is missing, one line says how to get it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from string import Template

from k8s_tutor.authoring.source import fingerprint
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import NAME_RULE, RECORD, SOURCE, Course, folder_name, is_name, location, read_course
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import msg, msg_n
from k8s_tutor.language.commandline import pad, translate_argparse

__all__ = ["add_lesson", "main", "make_course", "require_packages"]

_PACKAGES = {
    "babel": "babel",
    "jupytext": "jupytext",
    "nbclient": "nbclient",
    "nbformat": "nbformat",
    "markdown_it": "markdown-it-py",
}


def main(arguments: Sequence[str] | None = None, program: str = "python -m k8s_tutor.authoring") -> int:
    """Runs one command; returns the exit code: 0 done and in order, 1 with complaints, 2 wrong usage, 130 Ctrl-C."""
    translate_argparse()
    options = _parser(program).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    # As in lab.py: jsonschema, which jupytext brings, takes this package if it can have it. Its import takes as long as
    # all others of a check together, for a grammar of international addresses that nothing here asks for.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes its import fail
    try:
        require_packages()
        return run(options)
    except TutorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n✗ {msg('Stopped by Ctrl-C. The same command may be run again.')}", file=sys.stderr)
        return 130


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description=str(msg("Make, check and build lessons.")),
        epilog=str(msg("Start with: {program} new my-lesson", program=program)),
    )
    commands = parser.add_subparsers(title=str(msg("commands")), required=True, metavar="COMMAND")
    new = commands.add_parser("new", help=str(msg("begin a lesson that works: in a course, or in a new one")))
    new.add_argument("name", help=str(msg("such as ingress")))
    new.add_argument(
        "--folder", type=Path, default=Path(), help=str(msg("a course, or where to make one (default: here)"))
    )
    new.add_argument("--number", type=int, help=str(msg("the lesson's place in the course (default: the next)")))
    new.set_defaults(run=_new)
    check = commands.add_parser(
        "check", help=str(msg("say with file, cell and line what is wrong, and prove the exercises"))
    )
    _add_folder(check)
    check.add_argument("--build", action="store_true", help=str(msg("write the notebooks first")))
    check.add_argument("--no-proofs", action="store_true", help=str(msg("leave out the proofs, which take longest")))
    check.set_defaults(run=_check)
    build = commands.add_parser("build", help=str(msg("run lessons, and write their notebooks with what they show")))
    _add_folder(build)
    build.set_defaults(run=_build)
    words = commands.add_parser(
        "translations", help=str(msg("bring the catalogues of translations in step with the code"))
    )
    _add_folder(words)
    words.set_defaults(run=_translations)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="*", type=Path, help=str(msg("a course or a lesson of one (default: the course of k8s-tutor)"))
    )


def require_packages(*more: str) -> None:
    """Sees to it that what lessons are made with is there.

    Args:
        more: Names of further packages, called as their modules are.

    Raises:
        UsageError: something is missing; says what to type.
    """
    wanted = {**_PACKAGES, **dict(zip(more, more, strict=True))}
    if missing := [name for module, name in wanted.items() if find_spec(module) is None]:
        raise UsageError(
            msg_n(
                "To make lessons, a package is missing.",
                "To make lessons, these packages are missing.",
                len(missing),
            ),
            next_step=f"python -m pip install {' '.join(missing)}",
        )


def _new(options: argparse.Namespace) -> int:
    from k8s_tutor.authoring.factory import FRONT_PAGE, CourseBuilder  # noqa: PLC0415
    from k8s_tutor.course.record import RECORD, read_course  # noqa: PLC0415

    folder = options.folder.expanduser().absolute()
    if (folder / RECORD).exists():
        lesson = add_lesson(read_course(folder), options.name, options.number)
    else:
        folder = make_course(folder, options.name, 1 if options.number is None else options.number)
        lesson = next(folder.glob("[0-9]*_*"))
    made, record = location(lesson), location(folder / RECORD)
    print(msg("made {lesson}, and its record in {record}", lesson=made, record=record))
    CourseBuilder(read_course(folder), frozenset({lesson.name, FRONT_PAGE})).build(print)
    print(f"\n{pad(msg('Open it:'), 9)} k8s-tutor lab --course {location(folder)}")
    print(f"{pad(msg('Check it:'), 9)} k8s-tutor lesson check {location(lesson)}")
    return 0


def _build(options: argparse.Namespace) -> int:
    from k8s_tutor.authoring.checking import open_course  # noqa: PLC0415

    for folder in options.folder or [find_own_course()]:
        open_course(folder).build(print)
    return 0


def _translations(options: argparse.Namespace) -> int:
    from k8s_tutor.authoring.catalogues import list_catalogues  # noqa: PLC0415

    complaints = []
    for folder in options.folder or [find_own_course()]:
        for file in list_catalogues(read_course(folder.expanduser().absolute())):
            written = file.update()
            found = file.complaints()
            state = msg_n("{n} complaint", "{n} complaints", len(found)) if found else msg("in order")
            where = location(file.path)
            print(msg("{where}: written, {state}", where=where, state=state) if written else f"{where}: {state}")
            complaints += found
    for complaint in complaints:
        print(f"✗ {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def _check(options: argparse.Namespace) -> int:
    from k8s_tutor.authoring.checking import CourseCheck, open_course  # noqa: PLC0415

    complaints = 0
    for folder in options.folder or [find_own_course()]:
        course = open_course(folder)
        if options.build:
            course.build(print)
        done = CourseCheck(course, proofs=not options.no_proofs).run(lambda text: print(text, file=sys.stderr))
        print("\n".join(str(check) for check in done))
        complaints += sum(len(check.complaints) for check in done)
        seconds = sum(check.seconds for check in done)
        total = msg_n("{n} complaint", "{n} complaints", complaints) if complaints else msg("in order")
        where = location(folder.absolute())
        print(f"\n{msg('{where}: {total}, {seconds:.1f} s', where=where, total=total, seconds=seconds)}")
    return 1 if complaints else 0


# ---- Beginning: a lesson that is whole from its first minute, in a course that is there or in a new one
#
# What is made passes its own proofs, so that an author changes something that works, one piece at a time.

_PROSE = re.compile(r"(?m)^# %% \[markdown\]\n(?P<prose>(?:#.*\n?)+)")
_MARK = re.compile(r"(?ms)^#\n# <!-- (?P<language>[a-z]{2}) -->\n(?P<text>.*)")


def make_course(folder: Path, name: str, number: int = 1) -> Path:
    """Makes a course with one lesson, both of one name, in a folder of that name; a package others can install.

    Args:
        folder: In which the new folder is made.
        name: `ingress`.
        number: The lesson's.

    Returns:
        The course's folder.

    Raises:
        UsageError: the name cannot be one, or there is something of that name already.
    """
    _check_name(name)
    course = folder / name
    if course.exists():
        raise _there_already(course)
    values = {"name": name, "title": _title(name), "package": f"k8s_tutor_course_{name.replace('-', '_')}"}
    for file in (RECORD, "index.py", "pyproject.toml", "README.md"):
        _write(course / file, _filled(file, values))
    (course / ".gitignore").write_text("__pycache__/\n.ipynb_checkpoints/\ndist/\n", encoding="utf-8", newline="\n")
    _add(course, name, number, ("en",))
    return course


def add_lesson(course: Course, name: str, number: int | None = None) -> Path:
    """Adds a lesson to a course: a folder, and a record in `course.toml`; nothing else is touched.

    Args:
        course: Where to.
        name: `ingress`.
        number: Its place; by default behind the last.

    Returns:
        The lesson's folder.

    Raises:
        UsageError: the name cannot be one, or the name, the number or the folder is taken.
    """
    _check_name(name)
    number = max([lesson.number for lesson in course.lessons], default=0) + 1 if number is None else number
    for lesson in course.lessons:
        if name == lesson.name or number == lesson.number:
            what = (
                msg("a lesson {name}", name=name)
                if name == lesson.name
                else msg("a lesson with the number {number}", number=number)
            )
            raise UsageError(
                msg("There is {what} already: {path}.", what=what, path=location(lesson.folder)),
                next_step=msg("Choose another."),
            )
    return _add(course.folder, name, number, course.languages)


def _add(course: Path, name: str, number: int, languages: tuple[str, ...]) -> Path:
    if number < 0:
        raise UsageError(msg("A lesson cannot have the number {number}.", number=number), msg("Lessons count from 0."))
    folder = course / folder_name(number, name)
    if folder.exists():
        raise _there_already(folder)
    values = {"name": name, "title": _title(name), "number": str(number)}
    _write(folder / SOURCE, _PROSE.sub(lambda cell: _translated(cell[0], languages), _filled(SOURCE, values)))
    _write(folder / "exercises.py", _filled("exercises.py", values))
    before = (course / RECORD).read_text(encoding="utf-8").rstrip("\n")
    lines = _filled("record.toml", values).splitlines()
    record = [line for line in lines if not (match := re.match(r"\w+\.(\w+) =", line)) or match[1] in languages]
    _write(course / RECORD, "\n".join([before, "", *record, ""]))
    return folder


def _translated(cell: str, languages: tuple[str, ...]) -> str:
    """A prose cell of a template: with its translation's fingerprint, or without what nobody reads here."""
    mark = _MARK.search(cell)
    if mark is None:
        return cell
    if mark["language"] not in languages:
        return cell[: mark.start()]
    english = "\n".join(line.removeprefix("#").removeprefix(" ") for line in cell[: mark.start()].splitlines()[1:])
    return cell.replace(f"<!-- {mark['language']} -->", f"<!-- {mark['language']} {fingerprint(english)} -->")


def _filled(file: str, values: dict[str, str]) -> str:
    template = resources.files("k8s_tutor.authoring") / "templates" / f"{file}.txt"
    return Template(template.read_text(encoding="utf-8")).substitute(values)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(msg("{path} cannot be written.", path=location(path)), str(error)) from error


def _check_name(name: str) -> None:
    ours = {lesson.name for lesson in read_course(find_own_course()).lessons}
    if not is_name(name):
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        remedy = msg("Try {name}.", name=near) if is_name(near) and near not in ours else ""
        raise UsageError(msg("{name!r} cannot be the name of a lesson.", name=name), NAME_RULE, remedy)
    if name in ours:
        raise UsageError(
            msg("There is a lesson {name} in the course that comes with k8s-tutor.", name=name),
            msg('t.lesson("{name}") could mean either.', name=name),
            msg("Choose another name."),
        )


def _there_already(path: Path) -> UsageError:
    return UsageError(
        msg("{path} is there already.", path=location(path)),
        msg("Nothing is overwritten."),
        msg("Choose another name."),
    )


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()
