"""The time line: a strip of dots by date, and a card for the one that is chosen. It needs no kernel and no script.

Each dot is a radio button: Tab reaches the strip, the arrow keys walk through time. Where a page takes styles and
buttons away, or on paper, all cards stand one below the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from k8s_tutor.render.text import FONT, page_css

from .history import BANDS, ENTRIES, Entry
from .places import OWN_KEYS, lesson_link

__all__ = ["Timeline"]

_WIDE, _BAND, _TOP, _FOOT = 960, 56, 8, 30
_DOWN, _APART = 32, 27  # of a dot in its band; between two dots
_FIRST, _LAST = 2014.2, 2027.3
_HIGH = _TOP + _BAND * len(BANDS) + _FOOT
_TITLE = {"en": "How Kubernetes' territory grew", "zh": "Kubernetes 的地盘是怎样长大的"}
_HOW = {
    "en": "Choose a dot, or walk through time with the arrow keys.",
    "zh": "点一个圆点，或者用方向键在时间里走。",
}
_SOURCE = {"en": "official source", "zh": "官方出处"}
_MONTHS = "January February March April May June July August September October November December".split()
_SCOPE = ".k8s-timeline"
_RULES = """
{color:var(--ink);font:14px/1.55 FONT;max-width:960px;position:relative}
 .strip{border:1px solid var(--line);border-radius:12px;overflow:hidden;position:relative;background:var(--card)}
 .strip svg{display:block;width:100%;height:auto}
 .band{fill:var(--lane)}
 .axis{stroke:var(--line);stroke-width:1}
 .thread{stroke:var(--own);stroke-width:1.5;opacity:.5}
 .year{fill:var(--soft);font-size:12px}
 .tag{fill:var(--soft);font-size:10px;text-anchor:middle}
 .about{fill:var(--soft);font-size:12px;font-weight:600}
 .dot{fill:var(--card);stroke:var(--flow);stroke-width:2.5}
 .stop{position:absolute;width:26px;height:26px;margin:-13px 0 0 -13px;border-radius:50%;cursor:pointer}
 .stop input{position:absolute;inset:0;opacity:0;width:100%;height:100%;margin:0;cursor:pointer}
 .stop i{position:absolute;inset:4px;border-radius:50%;border:2px solid transparent;box-sizing:border-box}
 .stop:hover i{border-color:var(--flow)}
 .stop input:checked~i{background:var(--flow);border-color:var(--card);box-shadow:0 0 0 3px var(--flow)}
 .stop input:focus-visible~i{outline:3px solid var(--ink);outline-offset:3px}
 .stop b{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
 .cards{border:1px solid var(--line);border-left:4px solid var(--flow);border-radius:10px;margin:10px 0 2px;padding:8px 16px;min-height:118px;background:var(--card)}
 .cards section{display:none}
 .cards p{margin:2px 0}
 .when{color:var(--soft);font-size:13px}
 .what{font-size:17px;font-weight:600}
 .more{font-size:13px;overflow-wrap:anywhere}
 .how{color:var(--soft);font-size:13px;margin:6px 2px 0}
 a{color:var(--flow)}
"""
_MOTION = (
    "@media(prefers-reduced-motion:no-preference){"
    f"{_SCOPE} .stop i{{transition:background .15s,box-shadow .25s}}"
    f"{_SCOPE} .cards section{{animation:k8s-timeline-in .25s ease-out}}"
    "@keyframes k8s-timeline-in{from{opacity:0;transform:translateX(8px)}}}"
    f"@media print{{{_SCOPE} .cards section{{display:block!important;margin-bottom:8px}}}}"
)


class Timeline:
    """The picture `timeline`: entries that open.

    Attributes:
        key: Its name in the lesson.
        title: By language.
    """

    key = "timeline"
    title: Mapping[str, str] = _TITLE

    def draw(self, language: str) -> str:
        """HTML with an SVG inside; the first entry is open."""
        placed = zip(ENTRIES, _places(), strict=True)
        stops = "".join(_stop(index, entry, place, language) for index, (entry, place) in enumerate(placed, 1))
        cards = "".join(_card(entry, language) for entry in ENTRIES)
        lang = {"zh": "zh-CN"}.get(language, language)
        return (
            f'<div class="k8s-timeline" lang="{lang}"><style>{_css()}</style>'
            f'<div class="strip" role="radiogroup" aria-label="{escape(_TITLE[language])}">{_strip(language)}{stops}</div>'
            f'<div class="cards" aria-live="polite">{cards}</div><p class="how">{_HOW[language]}</p></div>\n'
        )

    def tell(self, language: str) -> str:
        """Every entry in words, with its source."""
        rows = [
            f"{entry.date.ljust(10)}  {entry.title[language]}{'。' if language == 'zh' else '. '}{entry.text[language]} "
            f"({' '.join(filter(None, (entry.source, entry.also)))})"
            for entry in ENTRIES
        ]
        return "\n".join([_TITLE[language], *rows])


def _css() -> str:
    chosen = "".join(
        f'{_SCOPE}:has(input[value="{index}"]:checked) .cards section:nth-child({index}){{display:block}}'
        for index in range(1, len(ENTRIES) + 1)
    )
    return page_css(_SCOPE, _RULES.replace("FONT", FONT)) + chosen + _MOTION


def _year(date: str) -> float:
    year, month, *day = (int(part) for part in date.split("-"))
    return year + (month - 1) / 12 + ((day[0] if day else 15) - 1) / 365


def _x(year: float) -> float:
    return round(_WIDE * (year - _FIRST) / (_LAST - _FIRST), 1)


def _places() -> list[tuple[float, float]]:
    """Where each entry's dot stands: by its date, and far enough behind the one before it to be told from it."""
    last, places = dict.fromkeys(BANDS, 0.0), []
    for entry in ENTRIES:
        last[entry.band] = x = max(_x(_year(entry.date)), last[entry.band] + _APART)
        places.append((x, _TOP + _BAND * list(BANDS).index(entry.band) + _DOWN))
    return places


def _strip(language: str) -> str:
    """The strip without its buttons: bands, years, and a dot for each entry."""
    drawn, places = [], _places()
    for index, (band, name) in enumerate(BANDS.items()):
        top = _TOP + _BAND * index
        if index % 2 == 0:
            drawn.append(f'<rect class="band" x="0" y="{top}" width="{_WIDE}" height="{_BAND}"/>')
        there = [x for entry, (x, _) in zip(ENTRIES, places, strict=True) if entry.band == band]
        drawn.append(f'<path class="thread" d="M{min(there):g} {top + _DOWN}H{max(there):g}"/>')
        drawn.append(f'<text class="about" x="10" y="{top + 15}">{escape(name[language])}</text>')
    floor = _HIGH - _FOOT
    drawn.append(f'<path class="axis" d="M0 {floor}H{_WIDE}"/>')
    for year in range(2015, 2027):
        drawn.append(f'<path class="axis" d="M{_x(year):g} {floor}v6"/>')
        drawn.append(f'<text class="year" x="{_x(year + 0.5):g}" y="{floor + 20}" text-anchor="middle">{year}</text>')
    for entry, (x, y) in zip(ENTRIES, places, strict=True):
        drawn.append(f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="5"/>')
        drawn.append(f'<text class="tag" x="{x:g}" y="{y + 19:g}">{escape(entry.tag)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true"'
        f' font-family="{FONT}">{"".join(drawn)}</svg>'
    )


def _stop(index: int, entry: Entry, place: tuple[float, float], language: str) -> str:
    x, y = place
    where = f"left:{100 * x / _WIDE:.2f}%;top:{100 * y / _HIGH:.2f}%"
    checked = " checked" if index == 1 else ""
    said = f"{_when(entry.date, language)}: {entry.title[language]}"
    return (
        f'<label class="stop" style="{where}" title="{escape(said)}"><input type="radio" name="k8s-timeline"'
        f' value="{index}"{checked} {OWN_KEYS}><i></i><b>{escape(said)}</b></label>'
    )


def _card(entry: Entry, language: str) -> str:
    when = f"{_when(entry.date, language)} · {BANDS[entry.band][language]}"
    colon = "：" if language == "zh" else ": "
    more = _SOURCE[language] + colon + " · ".join(_page(one) for one in (entry.source, entry.also) if one)
    if link := lesson_link(entry.lesson, language):
        more += f" · {link}"
    return (
        f'<section><p class="when">{escape(when)}</p><p class="what">{escape(entry.title[language])}</p>'
        f'<p>{escape(entry.text[language])}</p><p class="more">{more}</p></section>'
    )


def _when(date: str, language: str) -> str:
    year, month, *day = (int(part) for part in date.split("-"))
    if language == "zh":
        return f"{year} 年 {month} 月" + (f" {day[0]} 日" if day else "")
    return f"{f'{day[0]} ' if day else ''}{_MONTHS[month - 1]} {year}"


def _page(address: str) -> str:
    shown = escape(address.removeprefix("https://").removesuffix("/"))
    return f'<a href="{escape(address)}" target="_blank" rel="noopener" {OWN_KEYS}>{shown}</a>'
