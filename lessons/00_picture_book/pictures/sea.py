"""Water: the sea with its glints, the path of light under sun or moon, waves, boats."""

from __future__ import annotations

from .canvas import BOTTOM, LEFT, RIGHT, Canvas
from .shapes import group, path, rect, scatter, stroke

__all__ = ["glitter", "sailboat", "sea", "waves"]


def sea(canvas: Canvas, horizon: float, seed: int = 1) -> str:
    """The sea from the horizon to the frame's foot; glints are short and dense far off, long and few near by."""
    paint = canvas.linear("sea", (0, "--sea1", 1), (0.35, "--sea2", 1), (1, "--sea3", 1))
    depth = BOTTOM - horizon
    near: list[str] = []
    far: list[str] = []
    for x, y, z in scatter(44, seed):
        fall = y * y
        line = f"M{LEFT + x * (RIGHT - LEFT):.1f} {horizon + 5 + fall * (depth - 8):.1f}h{6 + fall * 44 + z * 10:.1f}"
        (near if fall > 0.3 else far).append(line)
    return (
        rect(LEFT, horizon, RIGHT - LEFT, depth, fill=paint)
        + group(stroke("".join(far), "--foam", 1.3, opacity=0.5), class_="breathe")
        + group(stroke("".join(near), "--foam", 2.2, opacity=0.34), class_="drift")
    )


def glitter(x: float, horizon: float, spread: float, colour: str = "--sun") -> str:
    """The path of light that sun, moon or a lamp lays on the water."""
    lines = []
    depth = BOTTOM - horizon
    for step, (a, b, _) in enumerate(scatter(17, 4)):
        down = (step + 1) / 18
        half = (5 + spread * down) * (0.45 + b * 0.55)
        lines.append(
            f"M{x - half + (a - 0.5) * spread * down * 0.7:.1f} {horizon + 3 + down * depth * 0.94:.1f}h{2 * half:.1f}"
        )
    return group(stroke("".join(lines), colour, 3, opacity=0.62), class_="breathe")


def waves(y: float, height: float, length: float, colour: str, *, phase: float = 0, opacity: float = 1) -> str:
    """A band of waves from `y` down to the frame's foot, with a light crest."""
    start = LEFT - 120 - phase
    crest = f"M{start} {y}" + f"q{length / 4} {-height} {length / 2} 0t{length / 2} 0" * int(1240 / length + 1)
    return group(
        path(f"{crest}V{BOTTOM + 20}H{start}z", fill=colour),
        stroke(crest, "--foam", 2, opacity=0.5),
        class_="drift",
        opacity=opacity,
    )


def sailboat(x: float, y: float, scale: float, sail: str = "--paper") -> str:
    """A boat with two sails."""
    return group(
        group(
            path("M-2 -6V-74C20 -58 30 -34 34 -6z", fill=sail),
            path("M-7 -8V-60C-22 -44 -30 -26 -32 -8z", fill=sail, opacity=0.82),
            stroke("M-4 -2V-80", "--plank3", 3),
            path("M-40 -3H42C38 12 30 18 20 18H-22C-32 18 -38 10 -40 -3z", fill="--brick"),
            path("M-40 -3H42L40 4H-38z", fill="--paper", opacity=0.85),
            class_="bob",
        ),
        stroke("M-46 19h30M-6 21h34M36 18h16", "--foam", 2.2, opacity=0.8),
        at=(x, y),
        scale=scale,
    )
