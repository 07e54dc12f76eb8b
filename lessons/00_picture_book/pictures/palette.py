"""The book's colours: each by day (light theme) and by night (dark theme), and the moods that tint a page."""

from __future__ import annotations

import re

__all__ = ["MOODS", "stylesheet"]

Colours = dict[str, tuple[str, str]]

COLOURS: Colours = {
    # the page and its words
    "page": ("#fffdf8", "#12161f"), "ink": ("#2b2622", "#ece6da"), "soft": ("#6d625a", "#a9a295"),
    "accent": ("#a4472f", "#f0a87c"),
    # air
    "sky1": ("#bfe0e2", "#0c1226"), "sky2": ("#fbeed6", "#1b2747"), "sky3": ("#fbd8b0", "#35446b"),
    "sun": ("#f6a95b", "#f6efd6"), "halo": ("#ffd9a0", "#a9b6e0"), "cloud": ("#fffdf6", "#3a4870"),
    "cloudy": (".8", ".45"), "ray": ("#fff4c9", "#8fa3dd"), "song": ("#2a56a8", "#ffe08a"),
    "song2": ("#b98a55", "#cfd6f2"), "finch": ("#7f9a6b", "#6f8f66"), "day": ("1", "0"), "night": ("0", "1"),
    "star": ("#ffffff", "#fff8e0"),
    # land, from far to near
    "far": ("#d9c7bf", "#26335a"), "hill": ("#d8b592", "#1e2947"), "near": ("#b9936c", "#172039"),
    "leaf": ("#7f9a6b", "#31574f"),
    # water
    "sea1": ("#a9d6d6", "#2b4367"), "sea2": ("#5f9fb0", "#142238"), "sea3": ("#3f8096", "#0d182b"),
    "foam": ("#f2fbf7", "#7f9cc4"),
    # stone, wood, iron, paper
    "stone": ("#a2968c", "#4a5268"), "stone2": ("#857970", "#363d52"), "stone3": ("#c3b8ab", "#5d6680"),
    "plank": ("#d3a173", "#7a5f4c"), "plank2": ("#b07c52", "#58443a"), "plank3": ("#7d5639", "#382c2b"),
    "steel": ("#3c4652", "#8d9ab0"), "steel2": ("#64707e", "#66738c"), "paper": ("#fffaf0", "#efe6d2"),
    "pencil": ("#3a332d", "#3a332d"), "shade": ("#4a2f1c", "#02040c"),
    # what is baked
    "crust": ("#b8783f", "#a8713f"),
    # light from windows and lamps
    "lamp": ("#fff0b8", "#ffe08a"), "glow": ("#fff6d8", "#ffd977"), "lit": (".25", ".8"),
    # houses: Lark's, the baker's, and Lark's after the second verse
    "box": ("#3f78dc", "#3a66b8"), "box2": ("#6a9bee", "#5685d6"), "box3": ("#2a56a8", "#27467f"),
    "bread": ("#d0705c", "#a8554a"), "bread2": ("#e39580", "#c4756a"), "bread3": ("#9c4a3c", "#713832"),
    "verse": ("#3fa08a", "#34806f"), "verse2": ("#6fc2ae", "#57a390"), "verse3": ("#26705f", "#215548"),
    # feathers
    "lark": ("#f7c84f", "#f2c24f"), "lark2": ("#fde9ae", "#fbe5a6"), "lark3": ("#d99a2b", "#cf9330"),
    "beak": ("#ee7f32", "#ee8740"), "blush": ("#f2937a", "#e88f78"), "eye": ("#2b2622", "#1c1a1c"),
    "white": ("#fffdf8", "#e9e6e4"), "white2": ("#e6dfd6", "#bdbccb"), "owl": ("#a9805a", "#8d6c52"),
    "owl2": ("#7c5a3e", "#5f493d"), "owl3": ("#f0dcbc", "#dcc6a6"), "amber": ("#f5b83d", "#ffc74d"),
    "navy": ("#2c3e63", "#31456f"), "gold": ("#e9b44c", "#e6b455"), "brick": ("#c9675b", "#a5534c"),
    "brick2": ("#a94d43", "#7f3f3c"),
    # coats of people
    "coat1": ("#5b7f95", "#4d6c86"), "coat2": ("#c98a4b", "#a9743f"), "coat3": ("#8f6a9c", "#7a5b8c"),
    "coat4": ("#7c9a62", "#5f7d55"), "skin1": ("#f4cfae", "#dcb496"), "skin2": ("#b98562", "#9c7055"),
    "skin3": ("#e6b48c", "#c99a78"), "hair": ("#4b3629", "#2c2225"),
}  # fmt: skip

MOODS: dict[str, Colours] = {
    "day": {},
    "dawn": {
        "sun": ("#f58f62", "#f6efd6"), "halo": ("#ffd2a6", "#c3aede"), "cloud": ("#fff4ea", "#5a4a7a"),
        "sky1": ("#cfdcec", "#14183a"), "sky2": ("#fbe3d4", "#3b3360"), "sky3": ("#ffcf9e", "#8a5a72"),
        "sea1": ("#f3cdb4", "#6a5274"), "sea2": ("#8fb0bb", "#263055"), "sea3": ("#5a8a9c", "#141b36"),
        "far": ("#d8bfc4", "#3d3560"), "hill": ("#c9a6a0", "#2b2a50"),
    },
    "dusk": {
        "sun": ("#f3805c", "#f6efd6"), "halo": ("#ffc59a", "#a9a8e6"), "cloud": ("#fde9e2", "#3f3a74"),
        "sky1": ("#c9bfe0", "#0e1030"), "sky2": ("#f6d3cf", "#2a2456"), "sky3": ("#fdc796", "#54406f"),
        "sea1": ("#e9bdae", "#453f72"), "sea2": ("#8a92b4", "#1d2149"), "sea3": ("#5f6c97", "#11142f"),
        "far": ("#c6abbf", "#2f2b5a"), "hill": ("#a98ba3", "#221f45"), "near": ("#86708c", "#1a1836"),
    },
    "noon": {
        "sun": ("#ffe6a0", "#f6efd6"), "halo": ("#fff3cf", "#a9b6e0"), "sky1": ("#8fcfe3", "#08152b"),
        "sky2": ("#cdeaea", "#12304f"), "sky3": ("#fdf3dc", "#245070"), "sea1": ("#a6dcd8", "#255a70"),
        "sea2": ("#55a6b8", "#123349"), "sea3": ("#35839c", "#0a2033"), "far": ("#c3d3c3", "#1c3f55"),
        "hill": ("#a9c092", "#173347"), "near": ("#86a674", "#112736"),
    },
    "storm": {
        "lit": (".75", ".85"), "night": ("0", "0"), "sky1": ("#6f7c8c", "#060913"), "sky2": ("#93a0a8", "#121a2b"),
        "sky3": ("#c9cabd", "#26344a"), "sea1": ("#8aa3a8", "#22364a"), "sea2": ("#56747f", "#101d2c"),
        "sea3": ("#3a5763", "#080f1a"), "far": ("#8d979c", "#18243a"), "hill": ("#7b868b", "#131d30"),
        "near": ("#667177", "#0e1626"), "cloud": ("#59656f", "#1d2738"), "cloudy": (".9", ".9"),
        "foam": ("#eef4f1", "#8fa9c0"),
    },
    "indoors": {
        "sky1": ("#bfe0e2", "#101a38"), "sky2": ("#fbeed6", "#22325c"), "near": ("#a97a52", "#2b2430"),
        "hill": ("#c99a6c", "#3a2f38"), "far": ("#e3bd8f", "#4a3b40"),
    },
}  # fmt: skip

# Slow and small, and only for those who did not ask for stillness. The names are the same on every page.
_MOTION = (
    "@keyframes book-sway{from{transform:rotate(-1.6deg)}to{transform:rotate(1.6deg)}}"
    "@keyframes book-drift{to{transform:translateX(-26px)}}"
    "@keyframes book-bob{to{transform:translateY(-5px)}}"
    "@keyframes book-float{to{transform:translateY(-14px);opacity:.55}}"
    "@keyframes book-breathe{to{opacity:.45}}"
    "@keyframes book-flicker{to{opacity:.8}}"
    "@keyframes book-turn{from{transform:rotate(-5deg)}to{transform:rotate(5deg)}}"
    "@keyframes book-blink{0%,94%,100%{transform:scaleY(1)}97%{transform:scaleY(.08)}}"
)
_MOVES = {
    "sway": "book-sway 5s ease-in-out infinite alternate",
    "drift": "book-drift 9s ease-in-out infinite alternate",
    "bob": "book-bob 4s ease-in-out infinite alternate",
    "float": "book-float 6s ease-in-out infinite alternate",
    "breathe": "book-breathe 3s ease-in-out infinite alternate",
    "flicker": "book-flicker 2s ease-in-out infinite alternate",
    "turn": "book-turn 8s ease-in-out infinite alternate",
    "blink": "book-blink 7s ease-in-out infinite",
}


def stylesheet(key: str, mood: str, drawn: str) -> str:
    """The style of one page: the colours it uses, and the motion it has.

    By day and by night follow the reader's system; a page around it may force either, as JupyterLab does with
    `data-jp-theme-light`. Every rule holds for this one picture only, so that many may stand in one document.

    Args:
        key: The page's key.
        mood: One of `MOODS`.
        drawn: The picture, to see what it uses.
    """
    colours = COLOURS | MOODS[mood]
    used = sorted(set(re.findall(r"var\(--([a-z0-9]+)\)", drawn)))
    day, night = ("".join(f"--{name}:{colours[name][theme]};" for name in used) for theme in (0, 1))
    book = f"svg.book.book-{key}"
    moves = "".join(f"{book} .{name}{{animation:{how}}}" for name, how in _MOVES.items() if name in _classes(drawn))
    rules = [
        f"{book}{{{day}}}",
        f"@media (prefers-color-scheme: dark){{{book}{{{night}}}}}",
        f'[data-jp-theme-light="false"] {book}{{{night}}}',
        f'[data-jp-theme-light="true"] {book}{{{day}}}',
    ]
    if moves:
        rules.append(f"@media (prefers-reduced-motion: no-preference){{{_MOTION}{moves}}}")
    return "\n".join(rules)


def _classes(drawn: str) -> set[str]:
    return {name for names in re.findall(r'class="([^"]*)"', drawn) for name in names.split()}
