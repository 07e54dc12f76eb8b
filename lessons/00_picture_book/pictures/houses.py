"""The little houses on the quays: a box under a roof, with somebody at the round window."""

from __future__ import annotations

from .birds import baker_face, lark_face
from .canvas import Canvas
from .shapes import circle, ellipse, group, path, rect, stroke

__all__ = ["HOUSE", "baker", "house", "pennant", "singer"]

# Width and height of a house's box; it stands on y = 0, its left edge at x = 0.
HOUSE = (84, 60)


def house(canvas: Canvas, tone: str, face: str, *, lit: bool = True, hangs: bool = False, extra: str = "") -> str:
    """A house in a tone of three shades, with a face in its window; its lower left corner is at the origin."""
    return group(
        _light(canvas) if lit else "",
        "" if hangs else ellipse(42, 1, 50, 5, fill="--shade", opacity=0.16),
        rect(0, -60, 84, 60, rx=4, fill=f"--{tone}"),
        path("M70 -60H80a4 4 0 0 1 4 4V-4a4 4 0 0 1 -4 4H70z", fill=f"--{tone}3", opacity=0.55),
        stroke("M9 -50V-8M17 -50V-8M67 -50V-8M75 -50V-8", f"--{tone}3", 1.8, opacity=0.5),
        _roof(tone),
        _window(face, lit),
        rect(0, -6, 84, 6, rx=2, fill=f"--{tone}3"),
        extra,
    )


def _light(canvas: Canvas) -> str:
    paint = canvas.radial("window", (0, "--lamp", 0.75), (0.5, "--lamp", 0.22), (1, "--lamp", 0))
    return group(circle(42, -30, 78, fill=paint), opacity="--lit")


def _roof(tone: str) -> str:
    return (
        rect(60, -92, 9, 20, rx=1.5, fill="--stone2")
        + rect(58, -94, 13, 5, rx=2, fill="--stone")
        + path(
            "M-8 -57L14 -86Q16 -88 19 -88H65Q68 -88 70 -86L92 -57Q93 -54 90 -54H-6Q-9 -54 -8 -57z", fill=f"--{tone}3"
        )
        + path("M-8 -57L14 -86Q16 -88 19 -88H65L63 -83H21L2 -57z", fill=f"--{tone}2", opacity=0.7)
        + stroke("M18 -75H66M9 -65H75", f"--{tone}2", 1.6, opacity=0.5)
    )


def _window(face: str, lit: bool) -> str:
    pane = "--glow" if lit else "--stone2"
    return (
        circle(42, -29, 19, fill=pane)
        + group(face, at=(42, -29))
        + circle(42, -29, 19, fill="none", stroke="--paper", stroke_width=4)
        + rect(20, -10, 44, 5, rx=2.5, fill="--paper")
    )


def singer(
    canvas: Canvas,
    at: tuple[float, float],
    scale: float = 1,
    *,
    mood: str = "sings",
    tone: str = "box",
    ribbon: bool = False,
) -> str:
    """Lark's house; its lower left corner stands at `at`."""
    return group(house(canvas, tone, lark_face(mood), extra=pennant() if ribbon else ""), at=at, scale=scale)


def baker(canvas: Canvas, at: tuple[float, float], scale: float = 1, *, ribbon: bool = False) -> str:
    """The baker's house, with smoke from its chimney."""
    flag = pennant("--bread2") if ribbon else ""
    return group(smoke(64, -98), house(canvas, "bread", baker_face(), extra=flag), at=at, scale=scale)


def smoke(x: float, y: float) -> str:
    """Smoke that curls up from a chimney."""
    return group(stroke(f"M{x} {y}q-8 -8 0 -16t0 -16q-6 -8 2 -14", "--white2", 4, opacity=0.6), class_="breathe")


def pennant(colour: str = "--box2") -> str:
    """A ribbon on the roof: the label a house wears."""
    cloth = path("M0 -8C10 -13 16 -2 28 -7L22 1L28 9C16 13 10 3 0 7z", fill=colour, class_="sway")
    return stroke("M12 -84V-116", "--steel2", 2.4) + group(cloth, at=(12, -108))
