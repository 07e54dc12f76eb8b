"""The whole way of somebody who reads Chinese, in a real browser: no sentence of ours is English on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.pofile import read_po

from k8s_tutor.authoring.catalogues import list_catalogues
from k8s_tutor.authoring.factory import load
from k8s_tutor.authoring.source import dumps
from k8s_tutor.course.catalog import list_exercises
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import Lesson, read_course
from tests import sample
from tests.notebook.conftest import Lab, opened_lab
from tests.notebook.pages import open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600), pytest.mark.xdist_group("browser")]

COURSE = read_course(find_own_course())
FIRST = ("services",)
"""The lessons that each run goes through; `K8S_TUTOR_TEST_ALL=1` goes through all."""
WAY = [one for one in COURSE.lessons if one.name in FIRST or sample.is_whole()]
HINTS = 4
# What is read: words on the page, in pictures (also those of an <img>), and for screen readers.
VISIBLE = """
() => {
  const page = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)");
  const texts = [];
  for (const part of page.querySelectorAll(".jp-RenderedMarkdown, .jp-OutputArea-output")) {
    texts.push(part.innerText || part.textContent);
    for (const one of part.querySelectorAll("svg text, svg title, svg desc, text, title")) texts.push(one.textContent);
    for (const one of part.querySelectorAll("[alt], [title], [aria-label], [placeholder]"))
      for (const name of ["alt", "title", "aria-label", "placeholder"]) texts.push(one.getAttribute(name) || "");
    for (const one of part.querySelectorAll("img[src^='data:image/svg']")) {
      const [head, data] = one.src.split(/,(.*)/s);
      const bytes = head.endsWith("base64") ? Uint8Array.from(atob(data), (c) => c.charCodeAt(0)) : null;
      const drawing = bytes ? new TextDecoder().decode(bytes) : decodeURIComponent(data);
      const parsed = new DOMParser().parseFromString(drawing, "image/svg+xml");
      for (const word of parsed.querySelectorAll("text, title, desc")) texts.push(word.textContent);
    }
  }
  return texts.filter(Boolean);
}
"""


@pytest.fixture(scope="module")
def chinese_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`K8S_TUTOR_LANG=zh k8s-tutor lab`."""
    with opened_lab(tmp_path_factory.mktemp("chinese"), K8S_TUTOR_LANG="zh") as lab:
        yield lab


class _English:
    """Everything we say in English that is said otherwise in Chinese, to look for."""

    def __init__(self) -> None:
        self._sentences: list[tuple[str, re.Pattern[str]]] = []
        for file in list_catalogues(COURSE):
            with file.path.open("rb") as source:
                for message in read_po(source, locale="zh_CN"):
                    english, chinese = str(message.id), str(message.string)
                    if (
                        len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{.*?\}|`.*?`", "", english))) > 2
                        and english != chinese
                    ):
                        self._sentences.append(_finder(english))

    def find_in(self, text: str) -> list[str]:
        """The sentences of ours that stand in a text."""
        found = (pattern.search(text) for longest, pattern in self._sentences if longest in text)
        return [match.group() for match in found if match]


def _finder(english: str) -> tuple[str, re.Pattern[str]]:
    """The longest piece of a message without a placeholder, and what finds it whole."""
    pieces = [piece.replace("{{", "{").replace("}}", "}") for piece in re.split(r"(?<!\{)\{\w[^{}]*\}(?!\})", english)]
    return max(pieces, key=len), re.compile(r"[^\n]{0,300}?".join(map(re.escape, pieces)))


@pytest.fixture(scope="module")
def english() -> _English:
    return _English()


def _as_it_is_gone_through(path: Path, lesson: Lesson) -> str:
    """A lesson with what its reader types: each exercise is asked about at once, hinted at to the end, and solved."""
    exercises = {f't.check("{one.id}")': one for one in list_exercises(lesson)}
    notebook = load(path)
    typed: list[str] = []
    for cell in notebook["cells"]:
        if one := exercises.get(cell["source"].strip()):
            typed += [cell["source"], *[f't.hint("{one.id}")'] * HINTS, one.solution]
        typed.append("")
    cells = iter(notebook["cells"])
    new: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    typed += ["t.progress()", "t"]
    sources = enumerate(typed)
    notebook["cells"] = [{**new, "id": f"typed-{n}", "source": text} if text else next(cells) for n, text in sources]
    return dumps(notebook)


def _seen(page: Page) -> str:
    return "\n".join(page.evaluate(VISIBLE))


def test_the_terminal_and_the_front_page_speak_chinese(
    page: Page, chinese_lab: Lab, english: _English, pictures: Path
) -> None:
    page.goto(chinese_lab.address)
    page.locator(".jp-OutputArea table", has_text="Pod").first.wait_for()
    seen = f"{chinese_lab.said}\n{_seen(page)}"
    page.screenshot(path=pictures / "front-page-zh.png")
    assert english.find_in(seen) == []
    assert re.search(r"[一-鿿]{4}", chinese_lab.said), chinese_lab.said


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda one: one.name)
def test_in_an_english_lesson_english_is_found(english: _English, lesson: Lesson) -> None:
    page = (COURSE.notebooks() / f"{lesson.stem}.ipynb").read_text(encoding="utf-8")
    assert len(english.find_in(page)) > 3


@pytest.mark.parametrize("lesson", WAY, ids=lambda one: one.name)
def test_from_the_first_cell_to_the_last_verdict_no_sentence_of_ours_is_english(
    page: Page, chinese_lab: Lab, english: _English, pictures: Path, lesson: Lesson
) -> None:
    copy = chinese_lab.folder / "zh" / f"{lesson.stem}.ipynb"
    copy.write_text(_as_it_is_gone_through(copy, lesson), encoding="utf-8")
    open_notebook(page, chinese_lab, f"zh/{copy.name}")
    run_all(page, timeout=400)
    seen = _seen(page)
    page.screenshot(path=pictures / f"zh-{lesson.stem}.png")
    (pictures / f"zh-{lesson.stem}.txt").write_text(seen, encoding="utf-8")
    assert seen.count("已完成") >= len(list_exercises(lesson))
    code = "\n".join(cell["source"] for cell in load(copy)["cells"] if cell["cell_type"] == "code")
    assert [one for one in english.find_in(seen) if one.strip() not in code] == []  # code is the same in all languages
    assert english.find_in("\n".join(re.findall(r"# .*", code))) == []  # but for its comments
