"""The map of the territory: regions with a wandering coast, the road through the lessons, and islands that lie beyond.

Badges are links: a page that can be clicked lays them over the picture; on paper the picture says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from random import Random

from k8s_tutor.render.text import FONT, MOTION, page_css
from k8s_tutor.render.text import width

from .emblems import EMBLEMS
from .places import BEYOND, OWN_KEYS, PLACES, REGIONS, Island, Place, Region, lesson_of

__all__ = ["CORNERS", "Chart"]

Point = tuple[float, float]

_WIDE, _HIGH = 960, 760
CORNERS: Mapping[str, Point] = {
    "A": (138, 116), "B": (322, 84), "C": (512, 108), "D": (682, 78), "E": (846, 112),
    "F": (90, 252), "G": (318, 254), "H": (512, 262), "I": (690, 262), "J": (898, 262),
    "K": (122, 416), "L": (334, 424), "M": (516, 416), "N": (690, 424), "O": (872, 420),
    "P": (152, 548), "Q": (342, 578), "R": (520, 580), "S": (690, 588), "T": (836, 574),
}  # fmt: skip
_COAST = "ABCDEJOTSRQPKF"
_TITLE = {"en": "The territory", "zh": "疆域图"}
_NAME = {"en": "KUBERNETES, AND THE ROAD THROUGH IT", "zh": "KUBERNETES，以及穿过它的路"}
_BEYOND = {"en": "B E Y O N D :  not taught here, each with its official page", "zh": "地图之外：这里不教，各有官方页面"}
_HARBOUR = (150, 596)
_SCOPE = ".k8s-map"
_RULES = """
{color:var(--ink);max-width:960px;position:relative}
 svg{display:block;width:100%;height:auto}
 .sea{fill:color-mix(in srgb,#3f7fd0 9%,var(--card))}
 .frame{fill:none;stroke:var(--own);stroke-width:1.25}
 .thick{stroke-width:3}
 .ripple{fill:none;stroke:#3f7fd0;stroke-linejoin:round}
 .ground{fill:var(--card)}
 .coast{fill:none;stroke:var(--ink);stroke-width:2;stroke-linejoin:round;opacity:.75}
 .border{fill:none;stroke:var(--ink);stroke-width:1;stroke-dasharray:6 4 1.5 4;opacity:.5}
 .sign{fill:var(--soft);font-size:12.5px;font-weight:600}
 .road{fill:none;stroke:var(--bad);stroke-width:2.5;stroke-linecap:round;stroke-dasharray:.1 7;opacity:.8}
 .badge{fill:var(--card);stroke:var(--ink);stroke-width:1.75}
 .here{fill:var(--bad);stroke:var(--card)}
 .number{fill:var(--ink);font-size:12.5px;font-weight:600;text-anchor:middle}
 .here-number{fill:var(--card)}
 .place{fill:var(--ink);font-size:13px;font-weight:600;text-anchor:middle;paint-order:stroke;stroke:var(--halo);stroke-width:3px;stroke-linejoin:round}
 .kinds{fill:var(--soft);font-size:11px;text-anchor:middle;paint-order:stroke;stroke:var(--halo);stroke-width:3px;stroke-linejoin:round}
 .small{stroke:none}
 .place.small{font-size:12.5px}
 .emblem{fill:none;stroke:var(--ink);stroke-width:1.25;stroke-linejoin:round;stroke-linecap:round;opacity:.5}
 .island{fill:color-mix(in srgb,var(--own) 16%,var(--card));stroke:var(--own);stroke-width:1.5;stroke-dasharray:5 4}
 .wave{fill:none;stroke:#3f7fd0;stroke-width:1.25;opacity:.45;stroke-linecap:round}
 .title{fill:var(--ink);font-size:17px;font-weight:600;text-anchor:middle}
 .note{fill:var(--soft);font-size:12.5px;text-anchor:middle}
 .sail{fill:var(--card);stroke:var(--ink);stroke-width:1.25;stroke-linejoin:round}
 .moving{display:none}
 .go{border-radius:10px;position:absolute}
 .go:hover,.go:focus-visible{outline:2px solid var(--flow);outline-offset:1px}
"""


class Chart:
    """The picture `territory`.

    Attributes:
        key: Its name in the lesson.
        title: By language.
    """

    key = "territory"
    title: Mapping[str, str] = _TITLE

    def draw(self, language: str) -> str:
        """The map, with links over its badges and islands."""
        lang = {"zh": "zh-CN"}.get(language, language)
        motion = MOTION.replace(".moving", f"{_SCOPE} .moving").replace(".still", f"{_SCOPE} .still")
        css = page_css(_SCOPE, _RULES) + _halos() + motion
        head = f"<title>{escape(_TITLE[language])}</title>"
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" role="img"'
            f' font-family="{FONT}">{head}{"".join(_picture(language))}</svg>'
        )
        return f'<div class="k8s-map" lang="{lang}"><style>{css}</style>{svg}{"".join(_links(language))}</div>\n'

    def tell(self, language: str) -> str:
        """The regions with their places, and the islands, in words."""
        zh = language == "zh"
        rows = [_TITLE[language]]
        for region in REGIONS:
            there = [place for place in PLACES if _is_in(place, region)]
            said = [f"{place.lesson} {place.name[language]} ({place.kinds})" for place in there]
            rows.append(f"{region.name[language].title()}{'：' if zh else ': '}{('；' if zh else '; ').join(said)}")
        islands = [f"{one.name[language]} ({one.kinds}; {one.page})" for one in BEYOND]
        rows.append(f"{'地图之外' if zh else 'Beyond'}{'：' if zh else ': '}{('；' if zh else '; ').join(islands)}")
        return "\n".join(rows)


def _halos() -> str:
    """Behind words stands the colour of their ground."""
    return "".join(
        f"{_SCOPE} .in-{one.key}{{--halo:color-mix(in srgb,{one.tint} 20%,var(--card))}}" for one in REGIONS
    ) + f"{_SCOPE} .in-sea{{--halo:color-mix(in srgb,#3f7fd0 9%,var(--card))}}"


# ---- A coast that wanders: each side of a region in the same way for both of its neighbours


def _side(start: str, end: str, coast: bool) -> list[Point]:
    """The points between two corners, the first one included."""
    one, other = sorted((start, end))
    points = [CORNERS[one], CORNERS[other]]
    random, reach = Random(f"{one}{other}"), 0.18 if coast else 0.1
    for _ in range(4):
        wider: list[Point] = []
        for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
            off = (random.random() - 0.5) * 2 * reach
            wider += [(x1, y1), ((x1 + x2) / 2 - (y2 - y1) * off, (y1 + y2) / 2 + (x2 - x1) * off)]
        points, reach = [*wider, points[-1]], reach * 0.8
    return points[:-1] if one == start else points[:0:-1]


def _is_coast(start: str, end: str) -> bool:
    at = _COAST.index(start) if start in _COAST else -1
    return at >= 0 and end in (_COAST[at - 1], _COAST[(at + 1) % len(_COAST)])


def _outline(corners: str) -> str:
    points: list[Point] = []
    for start, end in zip(corners, corners[1:] + corners[0], strict=True):
        points += _side(start, end, _is_coast(start, end))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "z"


def _borders() -> Iterator[str]:
    drawn = set()
    for region in REGIONS:
        for start, end in zip(region.corners, region.corners[1:] + region.corners[0], strict=True):
            pair = tuple(sorted((start, end)))
            if pair not in drawn and not _is_coast(start, end):
                drawn.add(pair)
                points = [*_side(start, end, coast=False), CORNERS[end]]
                yield f'<path class="border" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>'


def _is_in(place: Place, region: Region) -> bool:
    """Whether a place's badge stands inside a region: a ray to the east crosses its sides an odd number of times."""
    x, y = place.at
    corners = [CORNERS[one] for one in region.corners]
    crossed = 0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossed += 1
    return crossed % 2 == 1


# ---- What is drawn, from the bottom to the top


def _picture(language: str) -> Iterator[str]:
    yield f'<rect class="sea" width="{_WIDE}" height="{_HIGH}" rx="14"/>'
    yield from _waves()
    coast = _outline(_COAST)
    for wide, light in ((34, 0.08), (22, 0.12), (11, 0.16)):
        yield f'<path class="ripple" stroke-width="{wide}" opacity="{light}" d="{coast}"/>'
    yield f'<path class="ground" d="{coast}"/>'
    for region in REGIONS:
        yield f'<path fill="{region.tint}" fill-opacity=".2" d="{_outline(region.corners)}"/>'
    yield from _borders()
    yield f'<path class="coast" d="{coast}"/>'
    for region in REGIONS:
        x, y = region.sign
        spacing = "1" if language == "zh" else "2.5"
        yield (
            f'<text class="sign" x="{x:g}" y="{y:g}" text-anchor="middle" letter-spacing="{spacing}">'
            f"{escape(region.name[language])}</text>"
        )
    yield from (f'<path class="emblem" d="{d}"/>' for d in EMBLEMS)
    yield f'<path class="road" d="{_road()}"/>'
    for island in BEYOND:
        yield from _island(island, language)
    for place in PLACES:
        yield from _place(place, language)
    yield from _decoration(language)


def _road() -> str:
    """A smooth way past all badges, in the order of the lessons, from the water to the lookout."""
    points = [_HARBOUR, *(place.at for place in PLACES if place.name["en"] not in ("A request to the API", "One by one"))]
    drawn = [f"M{points[0][0]} {points[0][1]}"]
    for at, ((x1, y1), (x2, y2)) in enumerate(zip(points, points[1:], strict=False)):
        before, after = points[max(at - 1, 0)], points[min(at + 2, len(points) - 1)]
        one = (x1 + (x2 - before[0]) / 7, y1 + (y2 - before[1]) / 7)
        other = (x2 - (after[0] - x1) / 7, y2 - (after[1] - y1) / 7)
        drawn.append(f"C{one[0]:.1f} {one[1]:.1f} {other[0]:.1f} {other[1]:.1f} {x2:g} {y2:g}")
    return "".join(drawn)


def _place(place: Place, language: str) -> Iterator[str]:
    x, y = place.at
    region = next(one for one in REGIONS if _is_in(place, one))
    here = place.lesson == 11
    yield f'<circle class="badge{" here" if here else ""}" cx="{x:g}" cy="{y:g}" r="12"/>'
    yield f'<text class="number{" here-number" if here else ""}" x="{x:g}" y="{y + 4.5:g}">{place.lesson}</text>'
    yield f'<g class="in-{region.key}">'
    yield f'<text class="place" x="{x:g}" y="{y + 28:g}">{escape(place.name[language])}</text>'
    yield f'<text class="kinds" x="{x:g}" y="{y + 43:g}">{escape(place.kinds)}</text></g>'


def _island(island: Island, language: str) -> Iterator[str]:
    x, y = island.at
    random, points = Random(island.kinds), []
    for turn in range(14):
        far = 0.92 + 0.14 * random.random()
        across, down = _CIRCLE[turn]
        points.append(f"{x + 66 * far * across:.1f} {y + 33 * far * down:.1f}")
    yield f'<path class="island" d="M{"L".join(points)}z"/>'
    yield f'<text class="place small" x="{x:g}" y="{y:g}">{escape(island.name[language])}</text>'
    yield f'<text class="kinds small" x="{x:g}" y="{y + 15:g}">{escape(island.kinds)}</text>'


_CIRCLE = (
    (1.0, 0.0), (0.9, 0.43), (0.62, 0.78), (0.22, 0.97), (-0.22, 0.97), (-0.62, 0.78), (-0.9, 0.43),
    (-1.0, 0.0), (-0.9, -0.43), (-0.62, -0.78), (-0.22, -0.97), (0.22, -0.97), (0.62, -0.78), (0.9, -0.43),
)  # fmt: skip
"""Fourteen directions."""


def _waves() -> Iterator[str]:
    random = Random("waves")
    for _ in range(46):
        x, y = 24 + random.random() * (_WIDE - 70), 30 + random.random() * (_HIGH - 60)
        inland = 70 < x < 910 and 76 < y < 600
        if not inland and not (y > 628 and x < 945):
            yield f'<path class="wave" d="M{x:.0f} {y:.0f}q4 -5 8 0t8 0"/>'


def _decoration(language: str) -> Iterator[str]:
    yield f'<rect class="frame thick" x="7" y="7" width="{_WIDE - 14}" height="{_HIGH - 14}" rx="10"/>'
    yield f'<rect class="frame" x="13" y="13" width="{_WIDE - 26}" height="{_HIGH - 26}" rx="7"/>'
    name = _NAME[language]
    yield f'<text class="title" x="480" y="52" letter-spacing="{"2" if language == "zh" else "3"}">{escape(name)}</text>'
    far = width(name, 17, bold=True) / 2 + 3 * len(name) / 2 + 18
    yield f'<path class="frame" d="M{480 - far - 60:.0f} 46h60M{480 + far:.0f} 46h60"/>'
    yield f'<text class="note" x="480" y="620">{escape(_BEYOND[language])}</text>'
    ship = '<path class="sail" d="M-14 4h28l-5 8h-18zM0 3v-20l11 15zM-2 3v-14l-8 12z"/>'
    yield f'<g class="still" transform="translate({_HARBOUR[0] - 34} {_HARBOUR[1]})">{ship}</g>'
    yield (
        f'<g class="moving">{ship}<animateMotion dur="40s" repeatCount="indefinite"'
        f' path="M{_HARBOUR[0] - 34} {_HARBOUR[1]}C50 530 38 420 44 320S52 160 60 110S40 480 {_HARBOUR[0] - 34} {_HARBOUR[1]}"/></g>'
    )


# ---- Links that lie over it


def _links(language: str) -> Iterator[str]:
    for place in PLACES:
        lesson = lesson_of(place.lesson)
        if lesson is not None:
            wide = max(width(place.name[language], 13, bold=True), width(place.kinds, 11), 60) + 10
            title = lesson.titles.get(language, lesson.titles["en"])
            said = f"第 {place.lesson} 课：{title}" if language == "zh" else f"lesson {place.lesson}: {title}"
            x, y = place.at
            yield _link(f"{lesson.stem}.ipynb", said, (x - wide / 2, y - 15, wide, 64))
    for island in BEYOND:
        x, y = island.at
        yield _link(island.page, f"{island.name[language]}: {island.kinds}", (x - 62, y - 30, 124, 60))


def _link(address: str, said: str, place: tuple[float, float, float, float]) -> str:
    left, top, wide, high = place
    where = f"left:{100 * left / _WIDE:.2f}%;top:{100 * top / _HIGH:.2f}%;"
    size = f"width:{100 * wide / _WIDE:.2f}%;height:{100 * high / _HIGH:.2f}%"
    far = ' target="_blank" rel="noopener"' if address.startswith("https:") else ""
    said = escape(said, quote=True)
    return f'<a class="go" href="{address}"{far} {OWN_KEYS} aria-label="{said}" title="{said}" style="{where}{size}"></a>'
