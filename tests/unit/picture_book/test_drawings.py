"""What the picture book draws: whole, safe to stand beside others, readable, and still when stillness is asked for."""

from __future__ import annotations

import re
from itertools import combinations
from types import ModuleType
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def test_every_page_is_well_formed_and_names_itself(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        root = ElementTree.fromstring(drawn)
        titles = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
        assert root.get("role") == "img"
        assert root.get("viewBox") == "0 0 960 640"
        assert [titles[key] for key in (root.get("aria-labelledby") or "").split()], name


def test_ids_are_unique_across_pages_and_languages(drawings: dict[str, str]) -> None:
    ids = [found for drawn in drawings.values() for found in re.findall(r' id="([^"]+)"', drawn)]
    assert len(ids) == len(set(ids))


def test_every_reference_stays_within_its_own_picture(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        own = set(re.findall(r' id="([^"]+)"', drawn))
        assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= own, name
        assert all(key.startswith(name) for key in own)


def test_nothing_is_fetched_from_outside(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        inner = drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|data:|href|@import|@font-face|<script|<image|<foreignObject", inner), name


def test_every_rule_holds_for_its_own_picture_only(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        key = name.rsplit("-", 1)[0]
        style = re.sub(r"@keyframes [\w-]+\{(?:[^{}]*\{[^{}]*\})*\}", "", _style(drawn))
        selectors = [selector.strip() for selector in re.findall(r"(?:^|[{}\n])([^{}@\n]+)\{", style)]
        assert selectors
        assert all(f"svg.book.book-{key}" in selector for selector in selectors), (name, selectors)


def test_colours_are_variables_with_a_day_and_a_night(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        body = drawn.replace(_style(drawn), "")
        literal = {colour for colour in re.findall(r'(?:fill|stroke|stop-color)="([^"]+)"', body) if colour[0] == "#"}
        assert literal <= {"#fff"}, name  # the glint in an eye
        used = set(re.findall(r"var\(--(\w+)\)", body))
        rules = re.findall(r"svg\.book\.book-\w+\{((?:--\w+:[^;]+;)+)\}", _style(drawn))
        assert len(rules) == 4
        assert all(set(re.findall(r"--(\w+):", rule)) == used for rule in rules), name
        assert rules[0] == rules[3] != rules[1] == rules[2]


def test_a_page_around_it_can_force_either_theme(drawings: dict[str, str]) -> None:
    for drawn in drawings.values():
        style = _style(drawn)
        assert "@media (prefers-color-scheme: dark)" in style
        assert '[data-jp-theme-light="false"] svg.book' in style
        assert '[data-jp-theme-light="true"] svg.book' in style


def test_nothing_moves_unless_motion_is_welcome(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        style = _style(drawn)
        still, _, moving = style.partition("@media (prefers-reduced-motion: no-preference){")
        assert "animation" in moving, name
        assert moving.count("{") + 1 == moving.count("}")
        assert not re.search(r"animation|@keyframes|transition", still), name
        assert not re.search(r"<animate|<set\b|animation", drawn.replace(style, "")), name


def test_text_stands_where_it_was_measured(drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        for ancestor in ElementTree.fromstring(drawn).iter(f"{SVG}g"):
            if ancestor.get("transform") or ancestor.get("class"):
                assert ancestor.find(f".//{SVG}text") is None, name


def test_no_text_is_cut_off_or_lies_on_another(book: ModuleType, drawings: dict[str, str]) -> None:
    for name, drawn in drawings.items():
        boxes = [_box(book, text) for text in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
        assert len(boxes) >= 4, name
        for left, top, right, bottom, words in boxes:
            assert left >= 24, (name, words)
            assert right <= 936, (name, words)
            assert top >= 20, (name, words)
            assert bottom <= 640, (name, words)
        for one, other in combinations(boxes, 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (name, one[4], other[4])


def test_the_same_page_is_the_same_bytes(book: ModuleType, drawings: dict[str, str]) -> None:
    again = {f"{page.key}-{language}": page.draw(language) for page in book.PAGES for language in book.LANGUAGES}
    assert again == drawings


def _style(drawn: str) -> str:
    return drawn.partition("<style>")[2].partition("</style>")[0]


def _box(book: ModuleType, text: ElementTree.Element) -> tuple[float, float, float, float, str]:
    """Left, top, right and bottom of a line of text, by the book's own measure, and its words."""
    words = "".join(text.itertext())
    size, x, y = (float(text.get(name, "nan")) for name in ("font-size", "x", "y"))
    wide = len(words) * 0.602 * size if "Mono" in text.get("font-family", "") else book.width(words, size)
    left = {"middle": x - wide / 2, "end": x - wide}[text.get("text-anchor", "")]
    return left, y - 0.85 * size, left + wide, y + 0.25 * size, words
