"""What one page is drawn on: it names its gradients with the page's key, and writes no text wider than its room."""

from __future__ import annotations

from dataclasses import dataclass, field

from .measure import width
from .shapes import Attribute, element, number, rect, text

__all__ = ["BOTTOM", "LEFT", "RIGHT", "TOP", "Canvas", "Lettering"]

# The picture's frame on the page of 960 x 640.
LEFT, TOP, RIGHT, BOTTOM = 24, 20, 936, 492

# The widest of the faces with letters of one width: DejaVu Sans Mono.
_MONO_EM = 0.602

Stop = tuple[float, str, float]


@dataclass(frozen=True)
class Lettering:
    """How words in a picture are written.

    Attributes:
        size: Font size.
        room: Width there is.
        fill: Colour.
        turn: Degrees, clockwise round the middle of the baseline.
        mono: In letters of one width, as addresses are.
    """

    size: float
    room: float
    fill: str = "--pencil"
    turn: float = 0
    mono: bool = False


@dataclass
class Canvas:
    """Gradients and words of one page in one language.

    Attributes:
        key: The page's key.
        language: "en" or "zh".
    """

    key: str
    language: str
    _definitions: dict[str, str] = field(default_factory=dict)

    def linear(self, name: str, *stops: Stop, across: bool = False) -> str:
        """A linear gradient, downwards or `across`; stops are (offset, colour variable, opacity). Returns its paint."""
        x2, y2 = (1, 0) if across else (0, 1)
        return self._define(name, "linearGradient", stops, x1=0, y1=0, x2=x2, y2=y2)

    def radial(self, name: str, *stops: Stop) -> str:
        """A radial gradient from the middle outwards. Returns its paint."""
        return self._define(name, "radialGradient", stops)

    @property
    def prefix(self) -> str:
        """What every id of this picture begins with: two languages of a page may stand in one document too."""
        return f"{self.key}-{self.language}"

    def frame(self) -> str:
        """The clip of the picture's frame. Returns the reference to it."""
        shape = rect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, rx=20)
        self._definitions["frame"] = element("clipPath", shape, id=f"{self.prefix}-frame")
        return f"url(#{self.prefix}-frame)"

    def definitions(self) -> str:
        """Everything that was defined, for `<defs>`."""
        return element("defs", *self._definitions.values())

    def say(self, english: str, chinese: str) -> str:
        """The words in the page's language."""
        return chinese if self.language == "zh" else english

    def write(self, words: str, x: float, y: float, lettering: Lettering) -> str:
        """A line of text in the picture, centred on `x`, its baseline at `y`.

        Raises:
            ValueError: If the words are wider than their room, in which case the drawing is wrong.
        """
        wide = len(words) * lettering.size * _MONO_EM if lettering.mono else width(words, lettering.size)
        if wide > lettering.room:
            raise ValueError(f"{self.key}: {words!r} is {wide:.0f} wide and has room for {lettering.room:.0f}")
        extra: dict[str, Attribute] = {"fill": lettering.fill}
        if lettering.turn:
            extra["transform"] = f"rotate({number(lettering.turn)} {number(x)} {number(y)})"
        if lettering.mono:
            extra["font-family"] = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
        return text("text", words, x=x, y=y, font_size=lettering.size, text_anchor="middle", **extra)

    def _define(self, name: str, tag: str, stops: tuple[Stop, ...], **attributes: Attribute) -> str:
        inner = [
            element("stop", offset=offset, stop_color=colour, **({} if opacity == 1 else {"stop_opacity": opacity}))
            for offset, colour, opacity in stops
        ]
        self._definitions[name] = element(tag, *inner, id=f"{self.prefix}-{name}", **attributes)
        return f"url(#{self.prefix}-{name})"
