"""A page of the book: a picture, two sentences under it, and one small line that says what it is in Kubernetes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .canvas import BOTTOM, LEFT, RIGHT, TOP, Canvas
from .measure import broken, width
from .palette import stylesheet
from .shapes import Attribute, element, group, rect, text

__all__ = ["Page", "Words"]

WIDTH, HEIGHT = 960, 640
_LATIN_FACES = "Georgia, 'Noto Serif', 'DejaVu Serif', serif, 'Noto Serif CJK SC', 'Songti SC', SimSun"
_FACES = {
    "en": _LATIN_FACES,
    "zh": "'Noto Serif CJK SC', 'Noto Serif SC', 'Source Han Serif "
    "SC', 'Songti SC', SimSun, Georgia, 'DejaVu Serif', serif",
}
_ROOM, _SMALL_ROOM = 884, 774
_SAY, _SMALL = {"en": 20.5, "zh": 22.0}, 14.5


@dataclass(frozen=True)
class Words:
    """What a page says in one language.

    Attributes:
        title: Its heading, for the contents and the picture's title.
        sentences: Two, to be read to a child; true for an engineer.
        term: What it is in Kubernetes, in one or two words.
        small: What that is, in one line.
        description: What is to be seen, for those who do not see it.
    """

    title: str
    sentences: tuple[str, str]
    term: str
    small: str
    description: str


@dataclass(frozen=True)
class Page:
    """One page in every language.

    Attributes:
        key: Its name, unique in the book; part of every id in its picture.
        mood: The colours of its air, one of `palette.MOODS`.
        words: By language, "en" and "zh".
        scene: Draws what stands in the frame.
        number: Which page it is, from 1.
        count: How many pages the book has.
    """

    key: str
    mood: str
    words: dict[str, Words]
    scene: Callable[[Canvas], str]
    number: int
    count: int

    @property
    def title(self) -> dict[str, str]:
        """The heading by language."""
        return {language: words.title for language, words in self.words.items()}

    @property
    def sentences(self) -> dict[str, tuple[str, str]]:
        """The two sentences by language."""
        return {language: words.sentences for language, words in self.words.items()}

    @property
    def small(self) -> dict[str, str]:
        """The small line by language."""
        return {language: _small_line(words, language) for language, words in self.words.items()}

    @property
    def description(self) -> dict[str, str]:
        """What is to be seen, by language: the picture's text twin."""
        return {language: words.description for language, words in self.words.items()}

    def tell(self, language: str) -> str:
        """The page in words: its heading, its sentences, its small line, and what is to be seen."""
        first = f"{self.number} / {self.count}  {self.title[language]}"
        return "\n".join((first, *self.sentences[language], self.small[language], f"[{self.description[language]}]"))

    def draw(self, language: str = "en") -> str:
        """The page as a complete SVG document, 960 x 640; the same bytes every time."""
        words = self.words[language]
        canvas = Canvas(self.key, language)
        picture = group(self.scene(canvas), clip_path=canvas.frame())
        edge = rect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, rx=20, fill="none", stroke="--shade", stroke_opacity=0.12)
        body = canvas.definitions() + rect(0, 0, WIDTH, HEIGHT, fill="--page") + picture + edge + self._below(language)
        head = text("title", words.title, id=f"{canvas.prefix}-title") + text(
            "desc", words.description, id=f"{canvas.prefix}-desc"
        )
        style = element("style", stylesheet(self.key, self.mood, body))
        root: dict[str, Attribute] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "class": f"book book-{self.key}",
            "role": "img",
            "lang": {"en": "en", "zh": "zh-CN"}[language],
            "font-family": _FACES[language],
            "aria-labelledby": f"{canvas.prefix}-title {canvas.prefix}-desc",
        }
        return element("svg", head, style, body, **root) + "\n"

    def _below(self, language: str) -> str:
        """The sentences and the small line, under the picture."""
        lines = broken(self.sentences[language], _SAY[language], _ROOM)
        first, step = (538, 33) if len(lines) == 2 else (525, 29)
        place: dict[str, Attribute] = {"font-size": _SAY[language], "text-anchor": "middle", "fill": "--ink"}
        said = [text("text", line, x=WIDTH / 2, y=first + index * step, **place) for index, line in enumerate(lines)]
        return "".join(said) + self._line(language)

    def _line(self, language: str) -> str:
        term, whole = self.words[language].term, self.small[language]
        if width(whole, _SMALL) > _SMALL_ROOM:
            raise ValueError(f"{self.key}: the small line is too long: {whole}")
        place: dict[str, Attribute] = {"y": 616, "font-size": _SMALL, "fill": "--soft"}
        parts = text("tspan", term, fill="--accent") + text("tspan", whole.removeprefix(term))
        page = text("text", f"{self.number} / {self.count}", x=RIGHT - 4, text_anchor="end", **place)
        return element("text", parts, x=WIDTH / 2, text_anchor="middle", **place) + page


def _small_line(words: Words, language: str) -> str:
    return f"{words.term}：{words.small}" if language == "zh" else f"{words.term} – {words.small}"
