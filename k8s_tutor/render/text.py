"""Text in pictures: the one door it comes in by, how wide it is, so that nothing is cut off, and how all of it looks.

The widths are the larger ones of DejaVu Sans and Noto Sans, the two widest among the fonts that `system-ui` means in
practice, as Chromium's `measureText` gives them; Segoe UI, San Francisco and Roboto are narrower. East Asian wide
characters take one em, as in every font that has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from k8s_tutor.language import Message, msg, plain, say

__all__ = [
    "FONT",
    "PLACEMENT",
    "RULES",
    "admit",
    "clipped",
    "kind_word",
    "kinds",
    "live_css",
    "page_css",
    "static_css",
    "width",
    "wrapped",
]

# ---- The door: what a cluster says was written by programs, and a picture is a document that has to stay whole

_LONGEST = 600  # characters of one text; more is no picture any more, and kubectl tells it
_T = TypeVar("_T")


def admit(thing: _T) -> _T:
    """The same, fit to be drawn: every text in it is one line, of some length, and without control characters.

    Args:
        thing: A graph, a time line, runs: any values made of dataclasses, tuples, mappings, messages and text.

    Returns:
        The thing itself where there was nothing to mend.
    """
    return cast("_T", _admitted(thing))


def _admitted(thing: Any) -> Any:
    if isinstance(thing, str):
        text = plain(thing)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if isinstance(thing, tuple | list):
        parts = [_admitted(part) for part in thing]
        if all(new is old for new, old in zip(parts, thing, strict=True)):
            return thing
        return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)  # a named tuple takes each
    if isinstance(thing, Mapping):
        pairs = {_admitted(key): _admitted(value) for key, value in thing.items()}
        return pairs if any(pairs.get(key) is not value for key, value in thing.items()) else thing
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {field.name: getattr(thing, field.name) for field in fields(thing) if field.init}
        changed = {name: new for name, value in values.items() if (new := _admitted(value)) is not value}
        return replace(thing, **changed) if changed else thing
    return thing


# ---- How wide text is

# Thousandths of an em for the characters from space to tilde.
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 551, 838, 318, 361, 318, 372, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 339, 295, 656, 557, 907,
    760, 787, 605, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 372, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 413, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    551, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 545, 838, 380, 415, 380, 413, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 389, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 413, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    551, 712, 838,
)  # fmt: skip
# A wide character with the punctuation that may not begin a line, or what stands between two spaces; each with the
# spaces behind it.
_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_CLOSING = r"，。；：？！、）》”"
_BREAKABLE = re.compile(rf"(?:[（《“]*(?:[{_WIDE}]|[^\s{_WIDE}{_CLOSING}（《“]+)[{_CLOSING}]*|[{_CLOSING}（《“]+)\s*")
_NARROW = {"·": 380, "‘": 380, "’": 380, "–": 500, "“": 657, "”": 657}
_EM = 1000
_ELLIPSIS = "…"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text at a font size, in the unit of the size; an upper bound for the usual fonts."""
    return _units(text, bold) * size / _EM


def clipped(text: str, size: float, room: float, *, bold: bool = False, middle: bool = False) -> str:
    """The text if it fits into `room`, else shortened with an ellipsis.

    Args:
        text: One line.
        size: Font size.
        room: Width there is.
        bold: In a bold face.
        middle: Leave out the middle instead of the end: the names of pods differ at their ends.
    """
    if width(text, size, bold=bold) <= room:
        return text
    units = room * _EM / size - _units(_ELLIPSIS, bold)
    if not middle:
        return _head(text, units, bold) + _ELLIPSIS
    tail = _head(text[::-1], units / 2, bold)[::-1]
    return _head(text, units - _units(tail, bold), bold) + _ELLIPSIS + tail


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in as many lines as it needs, broken at spaces and between wide characters, as Chinese is.

    What cannot be broken and is too long for a line is shortened.
    """
    lines: list[str] = []
    for piece in _BREAKABLE.findall(" ".join(text.split())):
        longer = f"{lines[-1]}{piece}" if lines else piece
        if lines and width(longer.rstrip(), size, bold=bold) <= room:
            lines[-1] = longer
        elif piece.strip():
            lines.append(piece)
    return [clipped(line.strip(), size, room, bold=bold, middle=True) for line in lines]


def _head(text: str, units: float, bold: bool) -> str:
    for index, character in enumerate(text):
        units -= _character(character, bold)
        if units < 0:
            return text[:index].rstrip()
    return text


@lru_cache(maxsize=4096)
def _units(text: str, bold: bool) -> int:
    return sum(_character(character, bold) for character in text)


def _character(character: str, bold: bool) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return (_BOLD if bold else _REGULAR)[code - 32]
    if character in _NARROW:
        return _NARROW[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    base = unicodedata.normalize("NFD", character)[0]
    return _character(base, bold) if base != character else _EM


# ---- What cards and columns of pictures are called

_HEADS: Mapping[str, Message] = {
    "Client": msg("Client"),
    "Address": msg("Addresses"),
    "Ingress": msg("Ingresses"),
    "LoadBalancer": msg("Load balancers"),
    "NodePort": msg("Node ports"),
}


_NO_OBJECTS: Mapping[str, Message] = {"Client": msg("Client"), "Address": msg("Address")}


def kind_word(kind: str, lang: str = "") -> str:
    """What a card's kind is called: Kubernetes' kinds keep their names, other things have one in each language."""
    return say(_NO_OBJECTS.get(kind, kind), lang)


def kinds(kind: str, lang: str = "") -> str:
    """The head over a column of objects of a kind: `Pods`.

    Kinds keep their names in every language, as in the Kubernetes documentation; only English has a plural of them.
    """
    return say(_HEADS.get(kind) or msg("{kind}s", kind=kind), lang)


# ---- How pictures look: CSS variables, their values in light and dark, and the rules that use them
#
# A picture in an `<img>` sees nothing of the page around it and follows `prefers-color-scheme`; the live widget is part
# of JupyterLab's page and takes its theme variables first.

FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"

_LIGHT = {
    "page": "#ffffff", "card": "#ffffff", "lane": "#f5f7fa", "line": "#c9d1dc", "own": "#8a97a8", "ink": "#1b2533",
    "soft": "#5d6b7e", "flow": "#2f6fde", "ok": "#1f7a4d", "warn": "#9a5b00", "bad": "#b3261e", "wait": "#5d6b7e",
}  # fmt: skip
_DARK = {
    "page": "#12161c", "card": "#1b222c", "lane": "#161c24", "line": "#3a4656", "own": "#7d8b9e", "ink": "#e8edf4",
    "soft": "#9aa8ba", "flow": "#7fb0ff", "ok": "#5ccf94", "warn": "#f0b357", "bad": "#ff8a80", "wait": "#9aa8ba",
}  # fmt: skip
_JUPYTER = {
    "page": "--jp-layout-color0",
    "card": "--jp-layout-color1",
    "line": "--jp-border-color1",
    "ink": "--jp-content-font-color1",
    "soft": "--jp-content-font-color2",
}

RULES = """
.page{fill:var(--page)}.lane{fill:var(--lane)}
.head{fill:var(--soft);font-size:11px;font-weight:600;letter-spacing:.04em}
.card,.behind{fill:var(--card);stroke:var(--line);stroke-width:1.25}.inner{fill:var(--lane);stroke:var(--line)}
.kind,.fact,.note{fill:var(--soft);font-size:11.5px}.kind{font-size:11px}
.name{fill:var(--ink);font-size:14px;font-weight:600}.inner-name{fill:var(--ink);font-size:13px;font-weight:600}
.word{font-size:11.5px;font-weight:600}.mark{stroke:none}
.good>.card{stroke:var(--ok)}.unready>.card{stroke:var(--warn);stroke-width:1.5}
.failing>.card{stroke:var(--bad);stroke-width:2.25}.waiting>.card{stroke:var(--wait);stroke-dasharray:4 3}
.leaving>.card{stroke:var(--wait);stroke-dasharray:1.5 3}.absent>.card{stroke:var(--wait);stroke-dasharray:7 5}
.leaving text,.absent>.name{opacity:.75}.absent>.card{fill:none}
.good>.word{fill:var(--ok)}.unready>.word{fill:var(--warn)}.failing>.word{fill:var(--bad)}
.waiting>.word,.leaving>.word,.absent>.word,.done>.word,.plain>.word{fill:var(--soft)}
.good>.mark{color:var(--ok)}.unready>.mark{color:var(--warn)}.failing>.mark{color:var(--bad)}
.waiting>.mark,.leaving>.mark,.absent>.mark,.done>.mark{color:var(--wait)}
.edge{fill:none;stroke-width:1.75;stroke:var(--flow)}.tip{fill:var(--flow)}.ring{fill:var(--page);stroke:var(--own)}
.owns .edge{stroke:var(--own);stroke-width:1.25}.runs-on .edge{stroke:var(--own);stroke-width:1.25}
.uses .edge{stroke:var(--own);stroke-width:1.25;stroke-dasharray:1.5 3}.runs-on .tip,.uses .tip{fill:var(--own)}
.broken .edge{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:5 4}.broken .tip{fill:var(--warn)}
.wait .edge{stroke:var(--wait);stroke-width:1.5;stroke-dasharray:2 4}.wait .tip{fill:var(--wait)}
.guide{fill:none;stroke:var(--own)}
.tag{fill:var(--page);stroke:var(--line)}.broken .tag{stroke:var(--warn)}.cross{stroke:var(--warn);stroke-width:1.75}
.track{fill:var(--lane);stroke:var(--line);stroke-width:.75}.bar,.dot{fill:var(--flow)}
.count{fill:var(--ink);font-size:12px;font-weight:600}.moving{display:none}.broken .dot{fill:var(--warn)}
.now>.card{stroke:var(--flow);stroke-width:2}.wrong{fill:var(--bad);font-size:11.5px}
.track-line{stroke:var(--line);stroke-width:4;stroke-linecap:round}
.past-line{stroke:var(--flow);stroke-width:4;stroke-linecap:round}
.acted{fill:var(--flow)}.idle{fill:var(--page);stroke:var(--flow);stroke-width:1.75}
.trouble{fill:var(--page);stroke:var(--bad);stroke-width:2}
.tag-text{fill:var(--ink);font-size:11px}
.node:focus{outline:none}.node:focus-visible .card{stroke:var(--flow);stroke-width:3}
"""


PLACEMENT = ".bar.others{fill:var(--own)}.marked{fill:var(--ink);font-size:11.5px}"
"""What pictures of placement have beside."""
MOTION = "@media(prefers-reduced-motion:no-preference){.moving{display:inline}.still{display:none}}"


def static_css(more: str = "") -> str:
    """For a picture that stands alone: both schemes, chosen by `prefers-color-scheme`; with rules of its own."""
    values = f"svg{{{_values(_LIGHT)}}}@media(prefers-color-scheme:dark){{svg{{{_values(_DARK)}}}}}"
    return f"{values}{_compact(RULES)}{more}{MOTION}"


def live_css() -> str:
    """For the widget: JupyterLab's theme variables first; dark where the page says that its theme is dark."""
    scope = ".k8s-tutor-live"
    return f"{_page_values(scope)}{_scoped(scope)}"


def page_css(scope: str, rules: str) -> str:
    """For HTML in a page: the same variables, and rules of one's own, a line each, without the scope's name.

    Args:
        scope: The selector of the outermost element, `.k8s-explanation`.
        rules: Each line is what follows the scope's name: ` .name{font-weight:600}`.
    """
    own = "".join(f"{scope}{line}" for line in rules.splitlines() if line)
    return f"{_page_values(scope)}{own}"


def _page_values(scope: str) -> str:
    dark = f'[data-jp-theme-light="false"] {scope},.vscode-dark {scope},html[theme="dark"] {scope}'
    free = f"body:not([data-jp-theme-light]):not(.vscode-light) {scope}"
    alone = f"@media(prefers-color-scheme:dark){{{free}{{{_values(_DARK)}}}}}"
    return f"{scope}{{{_values(_LIGHT, themed=True)}}}{alone}{dark}{{{_values(_DARK, themed=True)}}}"


def _values(colours: dict[str, str], *, themed: bool = False) -> str:
    pairs = []
    for name, colour in colours.items():
        if themed and name == "lane":  # between page and card in either theme; Jupyter has no such colour
            page, grey = f"var(--jp-layout-color0,{colours['page']})", f"var(--jp-layout-color2,{colour})"
            pairs.append(f"--lane:color-mix(in srgb,{grey} 40%,{page})")
            continue
        theme = _JUPYTER.get(name) if themed else None
        pairs.append(f"--{name}:var({theme},{colour})" if theme else f"--{name}:{colour}")
    return ";".join(pairs)


def _compact(css: str) -> str:
    return css.replace("\n", "")


def _scoped(scope: str) -> str:
    rules = [rule.strip() for rule in _compact(RULES + PLACEMENT).split("}") if rule.strip()]
    return "".join(f"{_prefixed(rule.partition('{')[0], scope)}{{{rule.partition('{')[2]}}}" for rule in rules)


def _prefixed(selectors: str, scope: str) -> str:
    return ",".join(f"{scope} {selector.strip()}" for selector in selectors.split(","))
