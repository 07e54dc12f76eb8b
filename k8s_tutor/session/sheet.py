"""Pages to keep and to come back to: a lesson's sheet, and the front page that is alive."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path

from k8s_tutor.course.progress import Progress
from k8s_tutor.course.record import Course, Lesson
from k8s_tutor.course.way import FRONT_PAGE, Outline, Place, find_way, title_of
from k8s_tutor.language import Wording, msg
from k8s_tutor.language.choice import current_language
from k8s_tutor.session.display import Text
from k8s_tutor.session.guide import outline_of
from k8s_tutor.session.learner import who_learns
from k8s_tutor.state import state_dir
from k8s_tutor.version import __version__

__all__ = ["Sheet", "make_sheet", "show_progress", "write_sheet"]

_PICTURES = 4  # as many as one page has room for beside the commands
_LINES = 14  # of a manifest; a longer one is better read in the lesson
_LEFT_OUT = re.compile(
    r"\bt\.(lesson|leave|reset|exercise|check|hint|solution|guess|progress|sheet|watch)\(|^\s*(#|@|def )"
)
_IMAGE = re.compile(r"<img\b[^>]*>|<svg\b.*?</svg>", re.DOTALL)
_CSS = resources.files("k8s_tutor.session").joinpath("sheet.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Sheet:
    """A page that was written: a line of text, and in a notebook the page itself.

    Attributes:
        title: The lesson's.
        file: Where it is, as a learner sees it.
        page: The page, as HTML.
    """

    title: Wording
    file: str
    page: str

    def __str__(self) -> str:
        return str(msg("{title}, on one page, to print or to keep: {file}", title=self.title, file=self.file))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        frame = "border:1px solid #c9d1dc;width:100%;height:640px;background:#fff"
        label = escape(str(self.title), quote=True)
        inner = escape(self.page, quote=True)
        shown = f"<iframe title='{label}' style='{frame}' sandbox='allow-modals' srcdoc=\"{inner}\"></iframe>"
        link = f"<a href='{escape(self.file, quote=True)}'>{escape(self.file)}</a>"
        said = escape(str(self)).replace(escape(self.file), link)
        return {"text/plain": str(self), "text/html": f"<div>{said}</div>{shown}"}


def make_sheet(lesson: Lesson) -> Sheet | Text:
    """A lesson's page, written where the notebook stands."""
    return write_sheet(lesson, outline_of(lesson), Path.cwd())


def write_sheet(lesson: Lesson, outline: Outline, folder: Path) -> Sheet | Text:
    """Writes a lesson's page into a folder; says so where the lesson has no notebook to make it from.

    Args:
        lesson: The lesson.
        outline: Of its notebook, in the reader's language.
        folder: Where to.
    """
    title = msg("Lesson {number}, {title}", number=lesson.number, title=title_of(lesson))
    if not outline.places:
        return Text(str(msg("{title} has no notebook yet that a sheet could be made from.", title=title)))
    learn = lesson.learn.get(current_language(), lesson.learn["en"])
    page = _page(title, msg("You can now {learn}.", learn=learn), f"{''.join(_sections(outline))}{_recap(outline)}")
    path = folder / f"{lesson.stem}-sheet.html"
    path.write_text(page, encoding="utf-8", newline="\n")
    return Sheet(title, path.name, page)


def _page(title: Wording, learn: Wording, inside: str) -> str:
    head = f"<meta charset='utf-8'><title>{escape(str(title))}</title><style>{_CSS}</style>"
    return (
        f"<!doctype html><html lang='{current_language()}'><head>{head}</head><body>"
        f"<h1>{escape(str(title))}</h1><p>{escape(str(learn))}</p><main>{inside}</main></body></html>\n"
    )


def _sections(outline: Outline) -> Iterator[str]:
    """Under each heading the commands that were not there before, and the picture that came of them."""
    seen: set[str] = set()
    pictures = _chosen(outline)
    headings = list(dict.fromkeys(place.heading for place in outline.places))
    for heading in headings:
        parts = []
        for place in outline.places:
            if place.heading == heading and place.code and not _LEFT_OUT.search(place.code):
                text = _commands(place.code)
                parts += [f"<pre>{escape(text)}</pre>"] if text and text not in seen else []
                parts += [pictures[place.id]] if place.id in pictures else []
                seen.add(text)
        if parts:
            yield f"<section><h2>{escape(heading.strip('# '))}</h2>{''.join(parts)}</section>"


def _recap(outline: Outline) -> str:
    """What the lesson has said at its end: the list in its last prose that has one."""
    lists = [place for place in outline.places if re.search(r"(?m)^- ", place.text)]
    if not lists or lists[-1] is lists[0]:  # the list at the beginning says what is to come
        return ""
    last = lists[-1]
    items = re.findall(r"(?m)^- (.+(?:\n {2}.+)*)", last.text)
    said = "".join(f"<li>{_plain(item)}</li>" for item in items)
    return f"<section><h2>{escape(last.heading)}</h2><ul>{said}</ul></section>"


def _plain(markdown: str) -> str:
    """A line of prose as HTML: code and bold words; links become their words."""
    text = escape(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(markdown.split())), quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text).replace("*", "")


def _commands(code: str) -> str:
    """What of a cell is worth keeping: without what every cell has, long manifests cut."""
    lines = [line for line in code.strip().splitlines() if line.strip() and not line.startswith(("from ", "import "))]
    lines = [line for line in lines if not re.match(r"t = connect\(", line)]
    return "\n".join([*lines[:_LINES], *(["…"] if len(lines) > _LINES else [])])


def _chosen(outline: Outline) -> dict[str, str]:
    """The pictures the page has room for, from the whole lesson, by cell."""
    found = {place.id: shown for place in outline.places if (shown := _picture(place))}
    step = max(1, len(found) / _PICTURES)
    kept = [list(found)[int(number * step)] for number in range(min(_PICTURES, len(found)))]
    return {name: found[name] for name in kept}


def _picture(place: Place) -> str:
    for output in place.outputs:
        data = output.get("data", {})
        if "image/svg+xml" in data:
            svg = "".join(data["image/svg+xml"]).encode()
            return f"<img alt='' src='data:image/svg+xml;base64,{base64.b64encode(svg).decode()}'>"
        if image := _IMAGE.search("".join(data.get("text/html", ""))):
            return image[0]
    return ""


# ---- The front page shows how far one is also before its kernel runs: its cell is given its output when the lab
# starts

_CALL = "t.progress()"
_STAMP = "k8s-tutor"
"""In the cell's metadata: what its output was made from. To make it, the exercises of all lessons are loaded."""


def show_progress(course: Course, folder: Path) -> None:
    """Writes what the learner has solved below the cell of a front page that says it; other cells stay as they are.

    Args:
        course: The course.
        folder: With the learner's copies of it.
    """
    path = folder / f"{FRONT_PAGE}.ipynb"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # a page that is no notebook stays as it is
        page = json.loads(path.read_text(encoding="utf-8"))
        cell = next((one for one in page["cells"] if "".join(one["source"]).rstrip().endswith(_CALL)), None)
        if cell is None or cell["cell_type"] != "code":
            return
        progress = Progress(state_dir() / "progress", who_learns().label)
        stamp = _stamp(course, progress)
        if cell["outputs"] and cell["metadata"].get(_STAMP) == stamp:
            return
        way = find_way(course, progress)
        cell["metadata"][_STAMP] = stamp
        cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": way._repr_mimebundle_()}]
        path.write_text(f"{json.dumps(page, indent=1, sort_keys=True, ensure_ascii=False)}\n", encoding="utf-8")


def _stamp(course: Course, progress: Progress) -> str:
    """Changes when what is shown may: with the progress, the language, the library and the course."""
    sources = [path for path in course.folder.rglob("*") if path.suffix in (".py", ".po", ".toml")]
    files = sorted((path.as_posix(), path.stat().st_mtime_ns) for path in sources)
    told = [__version__, current_language(), progress.entries(), files]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
