"""Pages 9 to 11: a name on the door, not just yet, a gate to the street."""

from __future__ import annotations

from .birds import lark_face, notes
from .canvas import LEFT, Canvas, Lettering
from .folk import person
from .harbour import lamp_post, lighthouse, quay
from .houses import baker, house, singer
from .sea import glitter, sailboat, sea
from .shapes import circle, ellipse, group, number, path, rect, scatter, stroke
from .sky import clouds, hills, sky, sun

__all__ = ["gate", "name", "unready"]


def name(canvas: Canvas) -> str:
    """A door with Lark's name; blue ribbons lead from it up the terraces to every house with a blue pennant."""
    horizon = 262
    return (
        sky(canvas, horizon)
        + sun(canvas, 316, 160, 34)
        + clouds((380, 96, 130), (700, 78, 150), (60, 130, 110))
        + hills(canvas, horizon, rise=0.9)
        + sea(canvas, horizon, 4)
        + glitter(316, horizon, 50)
        + sailboat(420, 282, 0.34)
        + _terraces(canvas)
        + singer(canvas, (574, 216), 0.72, ribbon=True)
        + baker(canvas, (800, 216), 0.72, ribbon=True)
        + singer(canvas, (730, 316), 0.9, ribbon=True, mood="smiles")
        + singer(canvas, (568, 428), 1.06, ribbon=True)
        + _ribbons()
        + _street()
        + _door(canvas)
        + person(330, 452, 1.24, "ida", flip=True)
        + person(388, 466, 1.0, "noor", flip=True)
        + group(lamp_post(canvas, 0, 0, 96), at=(872, 446))
    )


def _terraces(canvas: Canvas) -> str:
    steps = []
    for index, (left, top) in enumerate(((520, 216), (486, 316), (452, 424))):
        face = canvas.linear(f"terrace{index}", (0, "--stone3", 1), (1, "--stone", 1))
        steps.append(path(f"M{left} {top}H936V{top + 110}H{left - 14}z", fill=face))
        bricks = "".join(
            f"M{left + 20 + x * 400:.0f} {top + 24 + y * 66:.0f}h{16 + z * 14:.0f}"
            for x, y, z in scatter(15, index + 2)
        )
        steps.append(stroke(bricks, "--stone", 2.2, opacity=0.75))
        steps.append(rect(left - 6, top - 3, 450, 9, rx=3, fill="--plank"))
        steps.append(rect(left - 6, top + 6, 450, 4, fill="--shade", opacity=0.12))
    green = bush(664, 216, 1.0) + bush(512, 316, 0.9) + bush(880, 316, 1.25) + bush(700, 424, 1.0) + bush(486, 424, 0.8)
    return "".join(steps) + _stairs() + green


def _stairs() -> str:
    """A flight of steps from the street to the first terrace, and one from there to the top."""
    flights = []
    for x, y, width in ((786, 424, 84), (636, 316, 74)):
        shape, treads = f"M{x} {y}", ""
        for step in range(6):
            shape += f"v-17h{width / 6:.1f}"
            treads += f"M{x + step * width / 6:.1f} {y - 17 - step * 17}h{width / 6:.1f}"
        flights.append(path(f"{shape}V{y}z", fill="--stone2") + stroke(treads, "--paper", 4))
    return "".join(flights)


def bush(x: float, y: float, scale: float) -> str:
    """A round bush with a few blossoms."""
    leaves = circle(-13, -9, 11) + circle(2, -14, 14) + circle(16, -8, 10)
    blossoms = circle(-12, -12, 2.6) + circle(0, -20, 2.6) + circle(8, -9, 2.6) + circle(17, -11, 2.6)
    return group(group(leaves, fill="--leaf"), group(blossoms, fill="--bread2"), at=(x, y), scale=scale)


def _ribbons() -> str:
    """Strings of little blue flags, from the door to every house that wears the same blue."""
    ends = (
        ((270, 268), (470, 300), (578, 176)),
        ((272, 300), (520, 366), (734, 264)),
        ((272, 338), (430, 424), (572, 366)),
    )
    strings, flags = "", []
    for (x0, y0), (xm, ym), (x1, y1) in ends:
        strings += f"M{x0} {y0}Q{xm} {ym} {x1} {y1}"
        count = int((x1 - x0) / 25)
        for step in range(1, count):
            t = step / count
            x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * xm + t * t * x1
            y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * ym + t * t * y1
            flags.append(path(f"M{x - 7:.1f} {y:.1f}h14l-7 15z", fill="--box2" if step % 2 else "--box"))
    return stroke(strings, "--box2", 2.2) + "".join(flags)


def _street() -> str:
    stones = "".join(
        f"M{LEFT + x * 912:.0f} {452 + y * 38:.0f}q{8 + z * 8:.0f} -5 {16 + z * 16:.0f} 0" for x, y, z in scatter(40, 9)
    )
    return path("M24 440C260 430 700 436 936 440V492H24z", fill="--stone3") + stroke(
        stones, "--stone2", 2, opacity=0.55
    )


def _door(canvas: Canvas) -> str:
    light = canvas.radial("doorway", (0, "--lamp", 0.9), (0.5, "--lamp", 0.25), (1, "--lamp", 0))
    return group(
        circle(176, 350, 150, fill=light, opacity="--lit"),
        path("M76 462V214Q176 124 276 214V462z", fill="--stone"),
        path("M232 462V186Q256 196 276 214V462z", fill="--shade", opacity=0.12),
        stroke(
            "M88 250h24M84 300h20M88 360h22M84 420h20M246 262h20M250 330h18M244 392h22", "--stone2", 2.4, opacity=0.7
        ),
        path("M116 462V318a60 56 0 0 1 120 0V462z", fill="--glow"),
        path("M116 462V318a60 56 0 0 1 60 -56V462z", fill="--box3"),
        path("M176 262L216 284V470L176 462z", fill="--box") + circle(206, 380, 4.5, fill="--gold"),
        stroke("M146 284V460", "--box2", 2, opacity=0.6),
        path("M116 462V318a60 56 0 0 1 120 0V462", fill="none", stroke="--paper", stroke_width=6),
        rect(98, 188, 156, 52, rx=10, fill="--paper", stroke="--gold", stroke_width=3.4),
        path("M162 250L176 246L190 250L186 274H166z", fill="--stone3"),
        ivy(86, 216, 130, 3) + ivy(266, 200, 84, 5),
        group(lamp_post(canvas, 0, 0, 0), at=(54, 330)),
        stroke("M54 332v8h22", "--steel", 3),
    ) + canvas.write(canvas.say("Lark", "云雀"), 176, 224, Lettering(32, 146))


def unready(canvas: Canvas) -> str:
    """Near by: one Lark drinks tea behind a card; farther on people listen to her sisters."""
    horizon = 300
    return (
        sky(canvas, horizon)
        + sun(canvas, 356, 118, 32)
        + clouds((90, 110, 160), (440, 90, 130), (250, 190, 90))
        + hills(canvas, horizon, rise=0.9)
        + sea(canvas, horizon, 7)
        + glitter(356, horizon, 46)
        + sailboat(470, 320, 0.36)
        + _pavement()
        + singer(canvas, (92, 380), 1.16)
        + singer(canvas, (286, 380), 1.16)
        + notes(196, 272, 0.95)
        + notes(392, 272, 0.95)
        + _listeners()
        + _close_house(canvas)
        + person(474, 482, 1.3, "ruth", flip=True)
        + bush(888, 470, 1.7)
        + bush(906, 476, 1.1)
    )


def _pavement() -> str:
    planks = "".join(f"M{x} 376L{(x - 480) * 1.5 + 480:.0f} 492" for x in range(60, 960, 60))
    return (
        path("M24 376H936V492H24z", fill="--plank")
        + stroke(planks, "--plank2", 2, opacity=0.7)
        + rect(LEFT, 373, 912, 6, fill="--plank2")
    )


def _listeners() -> str:
    return (
        person(96, 446, 1.1, "noor")
        + person(158, 458, 1.24, "pit")
        + person(262, 448, 1.1, "mei")
        + person(356, 456, 0.86, "pia")
    )


def _close_house(canvas: Canvas) -> str:
    cup = group(
        stroke("M0 -13q-4 -5 0 -9t0 -9M8 -13q-4 -5 0 -9", "--white2", 1.6, opacity=0.9, class_="breathe"),
        path("M-7 -11H14C14 0 10 4 4 4H2C-4 4 -7 0 -7 -11z", fill="--paper", stroke="--stone2", stroke_width=1),
        stroke("M14 -8q6 0 5 5t-7 4", "--paper", 2.2),
        at=(7, 16),
        scale=0.72,
    )
    scarf = path("M-12 9Q0 16 12 9L13 14Q0 21 -13 14z", fill="--brick") + path(
        "M-10 13L-14 22L-6 22L-5 15z", fill="--brick2"
    )
    lit = group(house(canvas, "box", lark_face("smiles") + scarf + cup), at=(548, 460), scale=3.5)
    card = group(
        stroke("M640 428L656 416M758 416L774 428", "--stone2", 2.4),
        rect(618, 424, 154, 42, rx=6, fill="--paper", stroke="--shade", stroke_opacity=0.25),
    )
    return lit + card + canvas.write(canvas.say("not yet", "还没好"), 695, 453, Lettering(25, 146))


def ivy(x: float, y: float, length: float, seed: int) -> str:
    """Ivy that hangs down a wall: leaves thick above and thin below."""
    leaves = [
        ellipse(
            x + (a - 0.5) * 40 * (1 - b * 0.75),
            y + b * length,
            5 + c * 3.5,
            4 + c * 3,
            fill="--leaf",
            opacity=0.72 + 0.28 * c,
        )
        for a, b, c in scatter(int(length / 4.2), seed)
    ]
    return stroke(f"M{x} {y}q8 {number(length * 0.5)} -2 {number(length * 0.95)}", "--leaf", 2.4) + "".join(leaves)


def gate(canvas: Canvas) -> str:
    """A wall with an open gate: outside the street and its people, inside the harbour."""
    return (
        _through(canvas)
        + _wall(canvas)
        + _arch(canvas)
        + _square()
        + group(lamp_post(canvas, 0, 0, 150), at=(226, 440))
        + group(lamp_post(canvas, 0, 0, 150), at=(734, 440))
        + person(330, 462, 1.28, "ida")
        + person(134, 474, 1.5, "sami")
        + person(82, 476, 1.0, "pia")
        + person(640, 458, 1.24, "mei", flip=True)
        + person(836, 478, 1.5, "ana", flip=True)
        + person(474, 424, 0.82, "pit")
    )


def _through(canvas: Canvas) -> str:
    horizon = 300
    return (
        sky(canvas, horizon)
        + sun(canvas, 522, 206, 24)
        + clouds((392, 232, 80))
        + hills(canvas, horizon, rise=0.7)
        + sea(canvas, horizon, 12)
        + glitter(522, horizon, 34)
        + lighthouse(canvas, 420, 308, 0.4)
        + group(
            quay(canvas, 0, 0, 240, lamp=False),
            singer(canvas, (24, 6)),
            singer(canvas, (128, 6)),
            at=(478, 344),
            scale=0.5,
        )
        + group(quay(canvas, 0, 0, 150, lamp=False), singer(canvas, (36, 6)), at=(398, 366), scale=0.6)
    )


def _wall(canvas: Canvas) -> str:
    hole = "M360 440V262a120 112 0 0 1 240 0V440z"
    merlons = "".join(f"M{x} 128v-26h44v26z" for x in range(34, 930, 74))
    bricks = "".join(
        f"M{LEFT + 14 + x * 880:.0f} {152 + y * 270:.0f}h{20 + z * 20:.0f}"
        for x, y, z in scatter(72, 6)
        if not 320 < LEFT + x * 880 < 616 or y < -0.1
    )
    return (
        path(merlons, fill="--stone3")
        + path(f"M24 124H936V452H24z{hole}", fill="--stone3", fill_rule="evenodd")
        + path(
            f"M24 124H936V452H24z{hole}",
            fill=canvas.linear("wall", (0, "--shade", 0), (1, "--shade", 0.2)),
            fill_rule="evenodd",
        )
        + rect(LEFT, 122, 912, 9, fill="--stone")
        + stroke(bricks, "--stone", 2.6, opacity=0.8)
        + ivy(120, 128, 190, 3)
        + ivy(152, 128, 110, 4)
        + ivy(806, 128, 140, 5)
        + ivy(838, 128, 220, 6)
        + ivy(868, 128, 90, 8)
    )


def _arch(canvas: Canvas) -> str:
    light = canvas.radial("arch", (0, "--lamp", 0.7), (0.6, "--lamp", 0.15), (1, "--lamp", 0))
    leaf = "M0 0V-178L46 -206V18z"
    return (
        path("M360 440V262a120 112 0 0 1 240 0V440", fill="none", stroke="--stone", stroke_width=26)
        + path("M360 440V262a120 112 0 0 1 240 0V440", fill="none", stroke="--stone2", stroke_width=3)
        + group(
            path(leaf, fill="--plank2"),
            stroke("M15 2V-186M30 8V-194M4 -150H42M4 -40H42", "--plank3", 3),
            at=(318, 440),
            flip=True,
            scale=1,
        )
        + group(
            path(leaf, fill="--plank2"), stroke("M15 2V-186M30 8V-194M4 -150H42M4 -40H42", "--plank3", 3), at=(642, 440)
        )
        + circle(480, 320, 150, fill=light, opacity="--lit")
        + rect(384, 60, 192, 62, rx=10, fill="--box3", stroke="--gold", stroke_width=4)
        + canvas.write("203.0.113.1", 480, 98, Lettering(23, 176, "--white", mono=True))
    )


def _square() -> str:
    stones = "".join(
        f"M{LEFT + x * 912:.0f} {446 + y * 44:.0f}q{9 + z * 8:.0f} -6 {18 + z * 16:.0f} 0" for x, y, z in scatter(56, 8)
    )
    return (
        path("M24 436H936V492H24z", fill="--stone")
        + path("M360 436H600L690 492H270z", fill="--stone3")
        + stroke(stones, "--stone2", 2.2, opacity=0.55)
    )
