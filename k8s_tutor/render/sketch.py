"""A sketch: boxes, arrows and words that a lesson draws to explain something, in the look of the other pictures.

A lesson's `pictures.py` holds `PICTURES`; each is a `Sketch`. What is drawn is a function of a `Sheet`:

>>> def drawn(sheet):
...     sheet.box((16, 16, 120, 48), sheet.say("a list", "列表"))
...     sheet.arrow((136, 40), (190, 40))
>>> sketch = Sketch("list", 200, 80, drawn, {"en": "A list", "zh": "列表"}, {"en": "A box.", "zh": "一个方框。"})
>>> sketch.draw("en").startswith("<svg"), sketch.tell("zh")
(True, '列表\\n一个方框。')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from k8s_tutor.render.text import FONT, MOTION, page_css, width

__all__ = ["Place", "Point", "Sheet", "Sketch"]

Point: TypeAlias = tuple[float, float]
Place: TypeAlias = tuple[float, float, float, float]

_TONES = ("ink", "soft", "line", "own", "flow", "ok", "warn", "bad")
_RULES = "\n".join(
    [
        *(f" .fill-{tone}{{fill:var(--{tone})}}" for tone in _TONES),
        *(f" .draw-{tone}{{fill:none;stroke:var(--{tone});stroke-width:1.75}}" for tone in _TONES),
        " .gap{stroke-dasharray:5 4}",
        " .strong{stroke-width:3;stroke-linejoin:round}",
        " .bold{font-weight:600}",
        " .mono{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace}",
        " .moving{display:none}",
    ]
)
_MONO = 0.602  # of an em: the widest of the faces with letters of one width


@dataclass(frozen=True)
class Sketch:
    """One drawing of a lesson.

    Attributes:
        key: Its name in the lesson; what `t.picture` takes.
        width: Of the whole.
        height: Of the whole.
        paint: Draws it on a sheet.
        title: What it is, by language.
        told: What is to be seen, by language: its text twin.
    """

    key: str
    width: int
    height: int
    paint: Callable[[Sheet], None]
    title: Mapping[str, str]
    told: Mapping[str, str]

    def draw(self, language: str) -> str:
        """A whole `<svg>` for a page: it takes the page's theme, and stands still where motion is not wanted."""
        sheet = Sheet(self.key, language)
        self.paint(sheet)
        scope = f"svg.sketch-{self.key}"
        motion = MOTION.replace(".moving", f"{scope} .moving").replace(".still", f"{scope} .still")
        head = f"<title>{escape(self.title[language])}</title><desc>{escape(self.told[language])}</desc>"
        lang = {"zh": "zh-CN"}.get(language, language)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="sketch-{self.key}" lang="{lang}" role="img"'
            f' viewBox="0 0 {self.width} {self.height}" style="max-width:{self.width}px;width:100%;height:auto"'
            f' font-family="{FONT}">{head}<style>{page_css(scope, _RULES)}{motion}</style>{sheet.drawn}</svg>\n'
        )

    def tell(self, language: str) -> str:
        """Its title, and what is to be seen."""
        return f"{self.title[language]}\n{self.told[language]}"


class Sheet:
    """What a sketch is drawn on. Tones: `ink`, `soft`, `line`, `own`, `flow`, `ok`, `warn`, `bad`.

    Attributes:
        language: Of the words.
    """

    def __init__(self, key: str, language: str) -> None:
        self.language = language
        self._key = key
        self._drawn: list[str] = []

    @property
    def drawn(self) -> str:
        """Everything so far."""
        return "".join(self._drawn)

    def say(self, english: str, chinese: str) -> str:
        """The words in the sheet's language."""
        return chinese if self.language == "zh" else english

    def box(self, place: Place, title: str = "", *lines: str, tone: str = "line", look: str = "") -> None:
        """A card with a title and lines below it, all in its middle.

        Args:
            place: Left, top, width, height.
            title: In bold.
            *lines: In small letters.
            tone: Of its edge.
            look: Any of `room` (as a room that others stand in), `bare` (nothing behind the words), `gap` (a broken
                edge), `mono` (the lines are code).
        """
        x, y, wide, high = place
        looks = look.split()
        behind = "" if "bare" in looks else f' style="fill:var(--{"lane" if "room" in looks else "card"})"'
        edge = f"draw-{tone}{' gap' if 'gap' in looks else ''}"
        self._add(f'<rect class="{edge}"{behind} x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="9"/>')
        rows = [(row, 14.0, "bold") for row in [title] if row]
        rows += [(row, 12.0, "mono" if "mono" in looks else "") for row in lines]
        top = y + high / 2 - 9 * (len(rows) - 1) + 5
        for index, (row, size, how) in enumerate(rows):
            tint = "ink" if how == "bold" else "soft"
            self.words((x + wide / 2, top + 18 * index), row, size=size, tone=tint, look=how, room=wide - 12)

    def words(
        self, place: Point, text: str, *, size: float = 12.0, tone: str = "soft", look: str = "", room: float = 0.0
    ) -> None:
        """A line of text.

        Args:
            place: Where it is anchored, on its baseline.
            text: The words.
            size: Font size.
            tone: Its colour.
            look: Any of `bold`, `mono`, and `start` or `end` where that is to be at the place, not its middle.
            room: How wide it may be; 0 for any width.

        Raises:
            ValueError: it is wider than its room: the drawing is wrong.
        """
        looks = look.split()
        wide = len(text) * size * _MONO if "mono" in looks else width(text, size, bold="bold" in looks)
        if room and wide > room:
            raise ValueError(f"{self._key}: {text!r} is {wide:.0f} wide and has room for {room:.0f}")
        anchor = next((one for one in looks if one in ("start", "end")), "middle")
        css = " ".join([f"fill-{tone}", *(one for one in looks if one in ("bold", "mono"))])
        self._add(
            f'<text class="{css}" x="{place[0]:g}" y="{place[1]:g}" font-size="{size:g}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )

    def line(self, *points: Point, tone: str = "own", gap: bool = False, strong: bool = False) -> None:
        """A line through points."""
        look = f"draw-{tone}{' gap' if gap else ''}{' strong' if strong else ''}"
        self._add(f'<path class="{look}" d="{_path(points)}"/>')

    def arrow(self, *points: Point, tone: str = "flow", gap: bool = False, moving: bool = False) -> None:
        """A line through points with a tip at its end.

        Args:
            *points: From the start to the end.
            tone: Its colour.
            gap: With gaps.
            moving: Something travels along it.
        """
        self.line(*points, tone=tone, gap=gap)
        (x1, y1), (x2, y2) = points[-2:]
        long = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
        dx, dy = (x2 - x1) / long, (y2 - y1) / long
        left, right = (x2 - 8 * dx - 4 * dy, y2 - 8 * dy + 4 * dx), (x2 - 8 * dx + 4 * dy, y2 - 8 * dy - 4 * dx)
        self._add(f'<path class="fill-{tone}" d="{_path([(x2, y2), left, right])}z"/>')
        if moving:
            self._add(
                f'<circle class="fill-{tone} moving" r="4"><animateMotion dur="2.4s" repeatCount="indefinite"'
                f' path="{_path(points)}"/></circle>'
            )

    def dot(self, x: float, y: float, *, tone: str = "flow", hollow: bool = False) -> None:
        """A dot, or a ring."""
        style = ' style="fill:var(--card)"' if hollow else ""
        self._add(f'<circle class="{"draw" if hollow else "fill"}-{tone}"{style} cx="{x:g}" cy="{y:g}" r="4.5"/>')

    def cross(self, x: float, y: float, *, tone: str = "bad") -> None:
        """A small cross: here it ends, or it is missed."""
        self._add(f'<path class="draw-{tone}" d="M{x - 5:g} {y - 5:g}l10 10m0-10l-10 10"/>')

    def _add(self, piece: str) -> None:
        self._drawn.append(piece)


def _path(points: list[Point] | tuple[Point, ...]) -> str:
    return "M" + "L".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in points)
