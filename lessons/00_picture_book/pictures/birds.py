"""Lark and the others who look out of windows: small birds, in full and as faces."""

from __future__ import annotations

from .shapes import circle, ellipse, group, path, stroke

__all__ = ["baker_face", "finch_face", "lark", "lark_face", "notes"]


def lark(x: float, y: float, scale: float = 1, *, sings: bool = False, sad: bool = False) -> str:
    """Lark in full, facing right; her feet stand at (x, y), and she is 118 high."""
    body = "M-48 -40C-48 -70 -24 -84 0 -92C0 -118 44 -120 48 -90C54 -52 40 -12 -2 -12C-30 -12 -48 -22 -48 -40z"
    return group(
        path("M-40 -36L-78 -22C-82 -30 -78 -40 -70 -42L-42 -54z", fill="--lark3"),
        stroke("M-6 -14v12M8 -15v13M-6 -2h-6M-6 -2h6M8 -2h-6M8 -2h6", "--beak", 3),
        path(body, fill="--lark"),
        path("M48 -84C52 -50 38 -13 0 -12C22 -24 32 -44 30 -70C36 -72 44 -76 48 -84z", fill="--lark2"),
        path("M-40 -44C-32 -70 0 -72 10 -52C8 -28 -24 -20 -46 -34C-44 -38 -42 -40 -40 -44z", fill="--lark3"),
        stroke("M-34 -36q18 2 32 -8M-26 -30q16 0 26 -10", "--lark", 2.2),
        stroke("M14 -108q-2 -12 6 -18M22 -110q2 -10 10 -14M8 -105q-6 -8 -4 -16", "--lark3", 3),
        _head(sings, sad),
        at=(x, y),
        scale=scale,
    )


def _head(sings: bool, sad: bool) -> str:
    if sings:
        beak = path("M45 -96L66 -108L52 -90z", fill="--beak") + path(
            "M45 -86L62 -76L52 -92z", fill="--beak", opacity=0.85
        )
    else:
        beak = path("M46 -95L64 -86L46 -80C49 -85 49 -90 46 -95z", fill="--beak")
    brow = stroke("M24 -104q6 -4 10 0", "--lark3", 2.2) if sad else ""
    eye = (
        stroke("M27 -94q5 -6 10 0", "--eye", 2.6)
        if sings
        else circle(32, -94, 3.8, fill="--eye") + circle(33.3, -95.4, 1.3, fill="#fff")
    )
    return ellipse(28, -82, 5.4, 3.6, fill="--blush", opacity=0.75) + eye + brow + beak


def lark_face(mood: str = "sings") -> str:
    """Lark in a round window of radius 17, seen from the front: "sings", "smiles", "asleep" or "drinks"."""
    return group(
        stroke("M-3 -10q-1 -6 -5 -8M0 -11v-8M3 -10q1 -6 5 -8", "--lark3", 2),
        circle(0, 3, 13, fill="--lark"),
        path("M-9 12C-6 2 6 2 9 12C5 17 -5 17 -9 12z", fill="--lark2"),
        _face(mood),
    )


def _face(mood: str) -> str:
    cheeks = group(ellipse(-8, 4.4, 2.6, 1.8), ellipse(8, 4.4, 2.6, 1.8), fill="--blush", opacity=0.8)
    if mood == "asleep":
        return (
            cheeks
            + stroke("M-7.5 0q2.5 2.6 5 0M2.5 0q2.5 2.6 5 0", "--eye", 1.7)
            + path("M-2.6 2.6h5.2L0 6.4z", fill="--beak")
        )
    if mood == "sings":
        return (
            cheeks
            + stroke("M-7.5 .4q2.5 -3 5 0M2.5 .4q2.5 -3 5 0", "--eye", 1.7)
            + ellipse(0, 6, 3.4, 4.2, fill="--beak")
            + ellipse(0, 6.6, 1.7, 2.4, fill="--eye", opacity=0.75)
        )
    eyes = circle(-5, 0, 1.9, fill="--eye") + circle(5, 0, 1.9, fill="--eye")
    return cheeks + group(eyes, class_="blink") + path("M-3 2.6h6L0 7z", fill="--beak")


def baker_face() -> str:
    """The baker, a white hen with her tall hat, in the same window."""
    return group(
        circle(0, 4, 12, fill="--white"),
        path("M-8 -6C-14 -8 -11 -16 -5 -14C-3 -18.500 4 -18.500 5 -14C11 -16 14 -8 8 -6L7 -2H-7z", fill="--white2"),
        stroke("M-7 -4.500h14", "--stone2", 1.2, opacity=0.6),
        circle(-4.6, 3, 1.8, fill="--eye"),
        circle(4.6, 3, 1.8, fill="--eye"),
        path("M-3 5.600h6L0 10z", fill="--beak"),
        path("M-1.500 10.500q1.500 5 3 0z", fill="--brick"),
        ellipse(-7.6, 7, 2.4, 1.6, fill="--blush", opacity=0.7),
        ellipse(7.6, 7, 2.4, 1.6, fill="--blush", opacity=0.7),
    )


def finch_face() -> str:
    """A small green bird with spectacles, who writes things down."""
    return group(
        circle(0, 3, 13, fill="--finch"),
        path("M-9 12C-6 3 6 3 9 12C5 17 -5 17 -9 12z", fill="--lark2"),
        circle(-5, 0, 1.7, fill="--eye"),
        circle(5, 0, 1.7, fill="--eye"),
        stroke("M-5 -4.200a4.200 4.200 0 1 0 .1 0zM5 -4.200a4.200 4.200 0 1 0 .1 0zM-1 -.500h2", "--pencil", 1.3),
        path("M-2.800 3.600h5.600L0 7.600z", fill="--beak"),
    )


def notes(x: float, y: float, scale: float = 1, colour: str = "--song", count: int = 3) -> str:
    """Musical notes that rise from (x, y) to the right."""
    places = [(0, 0, 0), (24, -24, 1), (52, -40, 0), (82, -50, 1)][:count]
    drawn = []
    for index, (dx, dy, pair) in enumerate(places):
        s = 1 - index * 0.06
        single = ellipse(0, 0, 5.4, 4.2, transform="rotate(-18)") + stroke("M4.600 -2V-22q8 2 8 10", colour, 2.4)
        double = ellipse(0, 0, 5.2, 4, transform="rotate(-18)") + ellipse(17, -3, 5.2, 4, transform="rotate(-18 17 -3)")
        double += stroke("M4.600 -2V-23L21.500 -26V-5", colour, 2.4) + stroke("M4.600 -19L21.500 -22", colour, 3)
        drawn.append(group(double if pair else single, at=(dx, dy), scale=s, opacity=1 - index * 0.17))
    return group(group(*drawn, class_="float", fill=colour), at=(x, y), scale=scale)
