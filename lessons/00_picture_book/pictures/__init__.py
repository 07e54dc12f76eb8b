"""The picture book of lesson 00: a story in a harbour, fourteen pages, drawn in code.

Only the standard library; no page knows a cluster. `PAGES` are in the order of the story; `page.draw("en")` gives a
whole SVG. By day in the light theme, by night in the dark one; still for readers who asked for reduced motion.
"""

from __future__ import annotations

from collections.abc import Callable

from .canvas import Canvas
from .measure import width
from .page import Page, Words
from .scenes_change import keeper, really, verse
from .scenes_harbour import healing, storm, twins, wish
from .scenes_home import alone, archive, home, quays
from .scenes_street import gate, name, unready
from .words_home import WORDS as _FIRST
from .words_town import WORDS as _SECOND

__all__ = ["LANGUAGES", "PAGES", "PICTURES", "Page", "Words", "width"]

LANGUAGES = ("en", "zh")

# The story: what each page's air is like, and who draws it. A page's key is its scene's name.
_STORY: tuple[tuple[str, Callable[[Canvas], str]], ...] = (
    ("dusk", alone),
    ("day", home),
    ("noon", quays),
    ("indoors", archive),
    ("day", wish),
    ("dawn", twins),
    ("storm", storm),
    ("dawn", healing),
    ("noon", name),
    ("day", unready),
    ("noon", gate),
    ("dusk", verse),
    ("dusk", keeper),
    ("day", really),
)
_WORDS = _FIRST | _SECOND

PAGES: tuple[Page, ...] = tuple(
    Page(scene.__name__, mood, _WORDS[scene.__name__], scene, number, len(_STORY))
    for number, (mood, scene) in enumerate(_STORY, 1)
)

PICTURES = PAGES
"""What `t.picture` shows."""
