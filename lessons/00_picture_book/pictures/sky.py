"""Air and land far away: sky, sun or moon, stars, clouds, gulls, hills, the town on the hill."""

from __future__ import annotations

import math

from .canvas import BOTTOM, LEFT, RIGHT, TOP, Canvas
from .shapes import circle, element, group, number, path, rect, scatter, stroke

__all__ = ["clouds", "gulls", "hills", "rain", "sky", "spray", "sun", "town"]


def sky(canvas: Canvas, horizon: float) -> str:
    """The sky from the frame's upper edge to the horizon, with stars by night."""
    paint = canvas.linear("sky", (0, "--sky1", 1), (0.55, "--sky2", 1), (1, "--sky3", 1))
    stars = [
        circle(
            LEFT + x * (RIGHT - LEFT), TOP + y * y * (horizon - TOP - 40), 0.7 + size * 1.1, opacity=0.45 + size * 0.55
        )
        for x, y, size in scatter(46, 3)
    ]
    return rect(LEFT, TOP, RIGHT - LEFT, horizon - TOP + 2, fill=paint) + group(
        group(*stars[::2], class_="breathe"), *stars[1::2], fill="--star", opacity="--night"
    )


def sun(canvas: Canvas, x: float, y: float, radius: float, *, lift: float = 0) -> str:
    """The sun by day, a crescent moon by night (`lift` higher, where the sun is setting), with its halo."""
    halo = canvas.radial("halo", (0, "--halo", 0.75), (0.35, "--halo", 0.32), (1, "--halo", 0))
    r, up = radius, y - lift
    crescent = (
        f"M{number(x + r * 0.3)} {number(up - r * 0.9)}A{r} {r} 0 1 0 {number(x + r * 0.9)} {number(up + r * 0.42)}"
        f"A{number(r * 0.82)} {number(r * 0.82)} 0 1 1 {number(x + r * 0.3)} {number(up - r * 0.9)}z"
    )
    return group(circle(x, y, r * 4.2, fill=halo), circle(x, y, r, fill="--sun"), opacity="--day") + group(
        circle(x, up, r * 4.2, fill=halo), path(crescent, fill="--sun"), opacity="--night"
    )


# Three clouds, each with a flat foot and 100 wide.
_CLOUDS = (
    "M0 0C-12 0 -14 -16 2 -17C4 -35 28 -39 36 -25C46 -37 68 -31 68 -16C86 -18 90 0 74 0z",
    "M0 0C-10 -1 -10 -12 4 -13C8 -26 26 -26 32 -16C38 -40 66 -40 70 -20C84 -26 94 -14 90 -9C100 -8 98 0 90 0z",
    "M0 0C-8 0 -8 -9 6 -9C20 -14 30 -18 44 -12C56 -22 78 -18 80 -8C94 -9 98 0 88 0z",
)


def clouds(*places: tuple[float, float, float]) -> str:
    """Clouds that drift slowly: x, y of the left foot, and width."""
    drawn = [_cloud(index, *place) for index, place in enumerate(places)]
    return group(group(*drawn[::2], class_="drift"), *drawn[1::2], fill="--cloud", opacity="--cloudy")


def _cloud(kind: int, x: float, y: float, wide: float) -> str:
    streak = rect(30, 5, 50, 3, rx=1.5, opacity=0.6) if wide < 220 else ""
    return group(path(_CLOUDS[kind % len(_CLOUDS)]), streak, at=(x, y), scale=wide / 100)


def gulls(*places: tuple[float, float, float]) -> str:
    """Gulls far off: x, y and span."""
    wings = [
        stroke(f"M{x - s} {y}q{s * 0.5} {-s * 0.6} {s} 0q{s * 0.5} {-s * 0.6} {s} 0", "--steel", 2.2, opacity=0.7)
        for x, y, s in places
    ]
    return group(*wings, class_="bob")


def hills(canvas: Canvas, foot: float, *, rise: float = 1, layers: int = 3) -> str:
    """Headlands one before the other, each with mist at its foot.

    Args:
        canvas: The page.
        foot: Where the land meets the water.
        rise: How high they are, 1 for as high as usual.
        layers: How many of the three, from the far one.
    """
    shapes = (
        ("far", "M24 0V-46C130 -92 210 -88 330 -50S560 -76 700 -58S860 -104 936 -70V0z"),
        ("hill", "M24 0V-24C110 -64 230 -34 320 -14S470 -4 560 0zM640 0C720 -16 760 -52 850 -50S920 -40 936 -38V0z"),
        ("near", "M700 0C790 -6 820 -26 936 -24V0z"),
    )
    drawn = []
    for name, d in shapes[:layers]:
        mist = canvas.linear(f"mist-{name}", (0, f"--{name}", 1), (1, "--sky3", 0.85))
        drawn.append(path(d, fill=mist))
    return element("g", *drawn, transform=f"translate(0 {number(foot)}) scale(1 {number(rise)})")


def town(x: float, foot: float, scale: float = 1, count: int = 9) -> str:
    """Houses on a hill far away, a church among them: roofs in two tones, and windows that are lit by night."""
    drawn, left = [], 0.0
    whole = count * 17.0
    for index, (a, b, c) in enumerate(scatter(count, 7)):
        wide, high = 14 + a * 10, 15 + b * 16
        rise = -26 * math.sin(math.pi * min((left + wide / 2) / whole, 1))
        drawn.append(group(_far_house(wide, high, c, index), at=(left, rise)))
        left += wide + 1
    slope = number(left * 0.2)
    mound = path(
        f"M-26 8C{slope} 4 {slope} -24 {number(left * 0.5)} -25S{number(left * 0.8)} 4 {number(left + 26)} 8z",
        fill="--hill",
    )
    tower = group(
        rect(0, -58, 13, 60, fill="--stone3"),
        path("M-3 -57L6.5 -86L16 -57z", fill="--brick2"),
        rect(4, -48, 5, 8, rx=2.5, fill="--glow"),
        at=(left * 0.46, -24),
    )
    return group(mound, tower, *drawn, at=(x, foot), scale=scale, opacity=0.9)


def _far_house(wide: float, high: float, gable: float, index: int) -> str:
    wall = ("--stone3", "--paper", "--owl3")[index % 3]
    roof = ("--brick", "--bread2", "--stone")[index % 3]
    peak = 7 + gable * 6
    return (
        rect(0, -high, wide, high + 10, fill=wall, opacity=0.9)
        + path(
            f"M-2 {number(-high)}l{number(wide / 2 + 2)} {number(-peak)}l{number(wide / 2 + 2)} {number(peak)}z",
            fill=roof,
        )
        + rect(wide * 0.28, -high + 6, 3.4, 5, fill="--glow")
        + (rect(wide * 0.62, -high + 6, 3.4, 5, fill="--glow") if gable > 0.4 else "")
    )


def rain(seed: int = 5, count: int = 70) -> str:
    """Slanting rain over the whole frame."""
    lines = [
        f"M{LEFT + x * 960:.0f} {TOP + y * (BOTTOM - TOP):.0f}l{-7 - z * 6:.0f} {20 + z * 16:.0f}"
        for x, y, z in scatter(count, seed)
    ]
    return stroke("".join(lines), "--foam", 1.4, opacity=0.42)


def spray(x: float, y: float, scale: float = 1) -> str:
    """Water thrown up from (x, y): a fan of thin arcs and a few drops."""
    fan = "M-20 0q-5 -13 -16 -17M-10 -4q-3 -17 -11 -27M2 -6q0 -18 2 -30M13 -4q4 -15 13 -24M22 0q6 -10 17 -13"
    drops = circle(-30, -30, 2.4) + circle(-4, -44, 2.8) + circle(19, -39, 2.2) + circle(37, -24, 2.6)
    return group(stroke(fan, "--foam", 3), group(drops, fill="--foam"), at=(x, y), scale=scale, opacity=0.85)
