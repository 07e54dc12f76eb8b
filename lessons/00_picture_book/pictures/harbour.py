"""What stands in the harbour: quays, the lighthouse, the crane, mooring posts."""

from __future__ import annotations

from .canvas import Canvas
from .shapes import circle, ellipse, group, number, path, rect, stroke

__all__ = ["beam", "bollard", "crane", "lighthouse", "quay"]


def quay(canvas: Canvas, x: float, y: float, width: float, *, lamp: bool = True) -> str:
    """A quay whose deck is `width` wide; houses stand at `y`. A lamp at its end says that it is there."""
    planks = "".join(
        f"M{number(20 + step * (width - 40) / 12)} 0L{number(step * width / 12)} 16" for step in range(1, 12)
    )
    posts = [24, width * 0.36, width * 0.66, width - 24]
    shade = canvas.linear("post", (0, "--plank3", 1), (0.55, "--plank3", 0.9), (1, "--plank3", 0.12))
    return group(
        ellipse(width / 2, 74, width * 0.52, 13, fill="--shade", opacity=0.14),
        _shimmer(width - 14) if lamp else "",
        *(rect(post - 8, 26, 16, 80, rx=5, fill=shade) for post in posts),
        stroke(f"M{posts[0]} 42H{posts[3]}", "--plank3", 5, opacity=0.8),
        path(f"M20 -6H{width - 20}L{width} 16H0z", fill="--plank"),
        stroke(planks, "--plank2", 1.6, opacity=0.7),
        rect(0, 16, width, 15, rx=3, fill="--plank2"),
        rect(0, 16, width, 4, rx=2, fill="--plank", opacity=0.7),
        *(stroke(f"M{post - 15} 66q7 -5 15 0t15 0", "--foam", 2.2, opacity=0.75) for post in posts),
        lamp_post(canvas, width - 14, 4) if lamp else "",
        at=(x, y),
    )


def _shimmer(x: float) -> str:
    """What a lamp lays on the water under it, by night."""
    lines = "".join(f"M{number(x - 5 - step % 2 * 6)} {80 + step * 9}h{14 + step % 3 * 7}" for step in range(6))
    return group(stroke(lines, "--lamp", 2.6, opacity=0.6, class_="breathe"), opacity="--lit")


def lamp_post(canvas: Canvas, x: float, y: float, height: float = 52) -> str:
    """A lamp on a post; its light breathes."""
    paint = canvas.radial("lantern", (0, "--lamp", 0.95), (0.3, "--lamp", 0.4), (1, "--lamp", 0))
    light = group(group(circle(x, y - height - 8, 38, fill=paint), class_="breathe"), opacity="--lit")
    return (
        light
        + stroke(f"M{x} {y}V{y - height}", "--steel", 4)
        + rect(x - 6, y - height - 16, 12, 16, rx=3, fill="--lamp", stroke="--steel", stroke_width=2.4)
        + path(f"M{x - 9} {y - height - 15}L{x} {y - height - 24}L{x + 9} {y - height - 15}z", fill="--steel")
    )


def bollard(x: float, y: float, scale: float = 1) -> str:
    """A mooring post of old wood, with a rope round it; its top is at (x, y)."""
    return group(
        path("M-26 6C-26 0 26 0 26 6L30 190H-30z", fill="--plank3"),
        path("M6 3C20 3 26 4 26 6L30 190H10z", fill="--shade", opacity=0.22),
        ellipse(0, 6, 26, 7, fill="--plank"),
        ellipse(0, 6, 15, 3.6, fill="none", stroke="--plank2", stroke_width=1.6),
        stroke("M-28 58q28 12 56 0M-28 68q28 12 57 0M-28 78q28 12 57 0", "--owl3", 6),
        stroke("M-14 30v18M8 100v34M-12 112v20", "--shade", 2, opacity=0.3),
        at=(x, y),
        scale=scale,
    )


def lighthouse(canvas: Canvas, x: float, y: float, scale: float = 1) -> str:
    """The lighthouse on its rock; its foot is at (x, y), and it is 300 high."""
    shade = canvas.linear("tower", (0, "--shade", 0), (0.55, "--shade", 0.05), (1, "--shade", 0.34), across=True)
    glass = canvas.radial("lens", (0, "--lamp", 1), (0.4, "--lamp", 0.4), (1, "--lamp", 0))
    return group(
        path("M-92 24C-84 -14 -58 -30 -34 -28C-14 -40 30 -40 44 -24C72 -22 92 0 96 24z", fill="--stone"),
        path("M4 -36C28 -38 36 -30 44 -24C72 -22 92 0 96 24H40C48 6 30 -10 4 -36z", fill="--stone2"),
        path("M-38 -26L-25 -206H25L38 -26z", fill="--paper"),
        path("M-35.200 -66H35.200L32.300 -106H-32.300zM-29.400 -146H29.400L26.500 -186H-26.500z", fill="--brick"),
        path("M-38 -26L-25 -206H25L38 -26z", fill=shade),
        path("M-10 -26V-48a10 10 0 0 1 20 0V-26z", fill="--plank3"),
        rect(-6, -136, 12, 18, rx=6, fill="--glow", stroke="--stone2", stroke_width=2),
        circle(0, -236, 96, fill=glass, opacity="--lit"),
        rect(-18, -256, 36, 44, fill="--lamp"),
        stroke("M-18 -256V-212M-6 -256V-212M6 -256V-212M18 -256V-212", "--steel", 2.2),
        rect(-38, -212, 76, 9, rx=3, fill="--steel"),
        stroke("M-36 -230H36M-36 -230V-212M-24 -230V-212M24 -230V-212M36 -230V-212", "--steel", 2.2),
        path("M-26 -254C-22 -286 22 -286 26 -254z", fill="--brick"),
        path("M4 -277C18 -274 25 -264 26 -254H10z", fill="--brick2"),
        stroke("M0 -278V-294", "--steel", 2.6) + circle(0, -296, 3.4, fill="--gold"),
        at=(x, y),
        scale=scale,
    )


def beam(canvas: Canvas, x: float, y: float, length: float, turn: float = 0, spread: float = 46) -> str:
    """The lighthouse's beam, to the right from (x, y)."""
    paint = canvas.linear("beam", (0, "--lamp", 0.85), (1, "--lamp", 0), across=True)
    cone = path(f"M0 -4L{length} {-spread}V{spread}L0 4z", fill=paint)
    return group(group(cone, class_="turn", opacity="--lit"), at=(x, y), turn=turn)


def crane(x: float, y: float, load: str, *, reach: float, drop: float, height: int) -> str:
    """A crane whose mast stands at (x, y).

    Args:
        x: Of the mast.
        y: Of the mast's foot.
        load: A house, drawn at the origin, that hangs from the hook.
        reach: How far to the left of the mast the load hangs.
        drop: How far below the jib.
        height: Of the jib above the foot.
    """
    top = -height
    return group(
        stroke(_mast(top) + _jib(top, reach), "--steel", 2.6),
        stroke(f"M0 {top - 52}L{number(-reach)} {top - 4}M0 {top - 52}L84 {top}", "--steel", 2),
        stroke(f"M-9 {top}L0 {top - 54}L9 {top}M9 {top}H92", "--steel", 3.4),
        rect(70, top - 4, 34, 34, rx=4, fill="--stone2"),
        _cabin(top),
        _hook(-reach, top, drop, load),
        rect(-26, -10, 52, 14, rx=4, fill="--steel"),
        at=(x, y),
    )


def _mast(top: int) -> str:
    crosses = [f"M-9 {y}L9 {y + 24}M9 {y}L-9 {y + 24}" for y in range(top + 12, -24, 24)]
    return f"M-9 0V{top}M9 0V{top}" + "".join(crosses)


def _jib(top: int, reach: float) -> str:
    """The arm: a lower boom, an upper one that comes down to its tip, and ties between them."""
    tip = -reach - 40

    def upper(x: float) -> str:
        return f"{number(x)} {number(top - 2 - 14 * (x - tip) / (-12 - tip))}"

    ties = [f"M{upper(x)}L{number(x - 11)} {top}L{upper(max(x - 22, tip))}" for x in range(-20, int(tip) + 12, -22)]
    return f"M-12 {top}H{number(tip)}M{upper(-12)}L{upper(tip)}" + "".join(ties)


def _cabin(top: float) -> str:
    return group(
        rect(-24, 4, 48, 46, rx=7, fill="--gold"),
        rect(-18, 10, 30, 24, rx=4, fill="--glow"),
        circle(-4, 26, 8.5, fill="--finch")
        + circle(-8, 24, 1.700, fill="--eye")
        + path("M-12 26l-7 3l7 2z", fill="--beak"),
        path("M-13 19q9 -9 18 0z", fill="--navy"),
        at=(0, top),
    )


def _hook(x: float, top: float, drop: float, load: str) -> str:
    hang = stroke(f"M0 4V{drop - 28}", "--steel", 2.4) + stroke(
        f"M0 {drop - 28}L-26 {drop + 2}M0 {drop - 28}L26 {drop + 2}", "--steel", 2.4
    )
    swing = group(hang, circle(0, drop - 28, 4.5, fill="--gold"), group(load, at=(-42, drop + 88)), class_="sway")
    return group(rect(-13, -4, 26, 9, rx=3, fill="--steel"), swing, at=(x, top))
