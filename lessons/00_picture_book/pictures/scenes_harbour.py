"""Pages 5 to 8: the wish, three of the same, the storm, two is not three."""

from __future__ import annotations

import math

from .birds import lark_face
from .canvas import Canvas, Lettering
from .folk import harbour_master, owl
from .harbour import beam, bollard, crane, lighthouse, quay
from .houses import baker, house, singer
from .sea import glitter, sailboat, sea, waves
from .shapes import circle, ellipse, group, number, path, polygon, rect, stroke
from .sky import clouds, gulls, hills, rain, sky, spray, sun, town

__all__ = ["healing", "storm", "twins", "wish"]


def wish(canvas: Canvas) -> str:
    """The harbour master on her gallery with the big book and a note; behind her the crane lowers a house."""
    horizon = 330
    return (
        sky(canvas, horizon)
        + sun(canvas, 566, 206, 34)
        + clouds((330, 70, 110), (610, 150, 120), (796, 76, 130))
        + hills(canvas, horizon, rise=0.9)
        + town(444, horizon - 8, 0.62, 8)
        + sea(canvas, horizon, 3)
        + glitter(566, horizon, 60)
        + sailboat(452, 350, 0.36)
        + _messenger(canvas, 452, 124)
        + quay(canvas, 618, 408, 292)
        + baker(canvas, (668, 412), 0.92)
        + crane(850, 408, house(canvas, "box", lark_face("smiles"), hangs=True), reach=92, drop=92, height=296)
        + waves(470, 4, 130, "--sea3", phase=20)
        + _gallery(canvas)
    )


def _gallery(canvas: Canvas) -> str:
    lamp = canvas.radial("lens", (0, "--lamp", 0.9), (0.45, "--lamp", 0.32), (1, "--lamp", 0))
    round_ = canvas.linear("round", (0, "--shade", 0), (0.5, "--shade", 0.04), (1, "--shade", 0.36), across=True)
    tower = "M24 330H338Q352 410 372 492H24z"
    return group(
        path(tower, fill="--paper"),
        path("M24 384Q200 398 349 384Q358 432 367 474Q190 492 24 474z", fill="--brick"),
        path(tower, fill=round_),
        rect(176, 410, 34, 46, rx=17, fill="--glow", stroke="--brick2", stroke_width=5)
        + stroke("M193 412V454M178 433H208", "--brick2", 3),
        circle(96, 150, 200, fill=lamp, opacity="--lit"),
        rect(24, 84, 78, 238, fill="--lamp", opacity=0.9),
        stroke("M24 84V322M62 84V322M102 84V322M24 200H102", "--steel", 4),
        path("M24 20H110L116 84H24z", fill="--brick") + rect(24, 78, 98, 10, rx=3, fill="--steel"),
        stroke("M104 252H374M104 286H374M374 250V322M308 252V322M242 252V322M176 252V322M124 252V322", "--steel", 3),
        harbour_master(178, 322, 1.08),
        _desk(),
        rect(24, 320, 366, 15, rx=4, fill="--steel"),
        path("M24 335H339L342 352H24z", fill="--shade", opacity=0.2),
    )


def _desk() -> str:
    return group(
        stroke("M250 320L258 270M352 320L344 270", "--plank3", 7),
        path("M226 258L368 258L376 271H218z", fill="--plank2"),
        path(
            "M234 257C250 240 280 240 294 253C308 240 340 240 356 257"
            "L350 262C334 250 308 252 294 262C280 252 252 250 238 262z",
            fill="--white",
        ),
        stroke("M248 251q18 -7 36 2M304 253q18 -9 36 -2", "--stone", 1.6),
        path("M318 232L352 176Q362 172 360 184L326 236z", fill="--white2")
        + stroke("M318 244L334 212", "--pencil", 2.2),
    )


def _messenger(canvas: Canvas, x: float, y: float) -> str:
    """A gull on its way to the lighthouse, with a note in its beak."""
    note = canvas.say("1 Lark, please", "请来一只云雀")
    sheet = polygon(
        (x - 88, y + 22),
        (x + 62, y + 10),
        (x + 68, y + 62),
        (x - 82, y + 74),
        fill="--paper",
        stroke="--shade",
        stroke_opacity=0.16,
    )
    bird = group(
        path("M8 -8C20 -40 52 -64 96 -66C84 -40 56 -12 30 -2z", fill="--white2"),
        path("M-30 -2C-24 -16 6 -18 40 -4L66 -8L58 4C30 16 -14 14 -30 -2z", fill="--white"),
        path("M4 -8C-2 -44 18 -76 48 -92C58 -64 50 -30 30 -2z", fill="--white"),
        path("M48 -92C52 -80 53 -72 52 -64C46 -70 42 -78 40 -87z", fill="--steel2"),
        path("M-28 -5L-44 2L-28 4z", fill="--beak"),
        circle(-19, -5, 2.2, fill="--eye"),
        stroke("M-40 2L-30 22", "--pencil", 1.4),
        at=(x + 14, y),
    )
    return group(sheet, bird) + canvas.write(
        note, x - 10, y + 48, Lettering(17 if canvas.language == "en" else 20, 140, turn=-4.6)
    )


def twins(canvas: Canvas) -> str:
    """Three quays, on each a Lark who sings; their notes run together into one song over the town."""
    horizon = 268
    return (
        sky(canvas, horizon)
        + sun(canvas, 480, 222, 46, lift=66)
        + clouds((90, 100, 150), (720, 84, 170), (300, 66, 100))
        + hills(canvas, horizon, rise=1)
        + town(704, horizon - 30, 0.86, 12)
        + sea(canvas, horizon, 11)
        + glitter(480, horizon, 70)
        + _song()
        + group(quay(canvas, 0, 0, 250), singer(canvas, (76, 6), ribbon=True), at=(70, 330), scale=0.84)
        + group(quay(canvas, 0, 0, 250), singer(canvas, (76, 6), ribbon=True), at=(660, 330), scale=0.84)
        + waves(398, 3, 100, "--sea2", opacity=0.35)
        + group(quay(canvas, 0, 0, 250), singer(canvas, (76, 6), ribbon=True), at=(336, 408), scale=1.18)
        + sailboat(244, 420, 0.42)
        + waves(480, 5, 140, "--sea3", phase=70)
    )


def _song() -> str:
    """One long staff that widens and narrows again, and notes that sit on its lines."""
    left, right = 124, 890

    def height(x: float, line: float) -> float:
        t = (x - left) / (right - left)
        return 206 - 128 * t + 30 * math.sin(t * 7.2) + line * 10 * math.sqrt(math.sin(math.pi * t))

    lines = ""
    for string in range(-2, 3):
        points = [f"{x} {number(height(x, string))}" for x in range(left, right, 12)]
        lines += "M" + "L".join(points)
    drawn = []
    for index, line in enumerate((1, 0, -1, 0.5, -0.5, 1, 0, -1, 0.5, -1.5, 0)):
        x = 196 + index * 60
        tail = "q9 2 9 13" if index % 3 else ""
        head = ellipse(0, 0, 7.4, 5.6, transform="rotate(-18)") + stroke(f"M6.4 -2V-29{tail}", "--song", 2.6)
        drawn.append(group(head, at=(x, round(height(x, line), 1))))
    return stroke(lines, "--song2", 1.7, opacity=0.8) + group(*drawn, class_="bob", fill="--song")


def storm(canvas: Canvas) -> str:
    """Storm: the lighthouse searches, two quays answer with their lamps, the third lies broken and dark."""
    horizon = 286
    return (
        sky(canvas, horizon)
        + clouds((30, 96, 330), (300, 84, 360), (600, 102, 400), (180, 142, 240), (720, 150, 260))
        + path("M716 120L676 190L698 186L664 262L726 172L702 176L734 120z", fill="--lamp", opacity=0.95)
        + hills(canvas, horizon, rise=0.9, layers=2)
        + sea(canvas, horizon, 6)
        + lighthouse(canvas, 150, 300, 0.84)
        + beam(canvas, 150, 102, 720, 14, 70)
        + waves(322, 12, 110, "--sea2", phase=20, opacity=0.85)
        + group(quay(canvas, 0, 0, 250), singer(canvas, (62, 6), mood="sings"), at=(300, 344), scale=0.7)
        + waves(384, 13, 130, "--sea2", phase=70)
        + _wreck(canvas)
        + waves(420, 15, 150, "--sea2", phase=60)
        + group(quay(canvas, 0, 0, 250), singer(canvas, (84, 6), mood="sings"), at=(96, 420), scale=0.98)
        + waves(462, 16, 170, "--sea3", phase=10)
        + spray(356, 440)
        + spray(600, 408, 1.1)
        + spray(846, 418, 1.2)
        + rain()
    )


def _wreck(canvas: Canvas) -> str:
    plank = rect(0, 0, 92, 12, rx=3, fill="--plank2")
    return group(
        group(rect(-8, -60, 16, 150, rx=4, fill="--plank3"), at=(44, 20), turn=-9),
        group(rect(-8, -40, 16, 130, rx=4, fill="--plank3"), at=(232, 24), turn=12),
        group(
            path("M0 0H128L118 14L134 22L112 34L0 30z", fill="--plank"),
            rect(0, 18, 112, 14, fill="--plank2"),
            at=(6, -4),
            turn=11,
        ),
        group(
            path("M16 0H120V30H8L22 20L0 14z", fill="--plank"),
            rect(10, 18, 110, 13, fill="--plank2"),
            at=(170, 34),
            turn=-17,
        ),
        group(house(canvas, "box", "", lit=False), at=(112, 66), turn=15, scale=1.02),
        group(
            stroke("M0 0V-58", "--steel", 4),
            rect(-6, -74, 12, 16, rx=3, fill="--stone2", stroke="--steel", stroke_width=2.4),
            at=(268, -2),
            turn=24,
        ),
        group(plank, at=(318, 66), turn=-8),
        group(plank, at=(-86, 74), turn=6, scale=0.8),
        at=(590, 330),
        scale=1.02,
    )


def healing(canvas: Canvas) -> str:
    """The morning after: the owl with her slate counts; the crane sets a new house down on the second quay."""
    horizon = 300
    return (
        sky(canvas, horizon)
        + sun(canvas, 520, 262, 52, lift=60)
        + clouds((470, 120, 150), (700, 80, 190), (330, 176, 110))
        + hills(canvas, horizon, rise=0.75)
        + sea(canvas, horizon, 9)
        + glitter(520, horizon, 84)
        + _stumps()
        + group(quay(canvas, 0, 0, 250), singer(canvas, (64, 6)), at=(404, 344), scale=0.62)
        + quay(canvas, 600, 424, 306)
        + singer(canvas, (624, 428), 0.92)
        + crane(874, 424, house(canvas, "box", lark_face("smiles"), hangs=True), reach=106, drop=92, height=316)
        + gulls((560, 170, 13), (596, 190, 10))
        + bollard(196, 372, 1.5)
        + owl(196, 382, 1.34, look=3.4)
        + _slate(canvas)
        + waves(474, 5, 140, "--sea3", phase=30)
    )


def _stumps() -> str:
    return group(
        *(rect(x, 320 + index % 2 * 7, 10, 38, rx=4, fill="--plank3") for index, x in enumerate((690, 722, 752))),
        stroke("M680 354q8 -5 16 0t16 0M714 358q8 -5 16 0M746 354q8 -5 16 0", "--foam", 2),
        group(rect(0, 0, 60, 8, rx=3, fill="--plank2"), at=(640, 366), turn=-7, scale=0.8),
    )


def _slate(canvas: Canvas) -> str:
    lines = stroke("M0 0V30M16 0V30", "--lark2", 5) + stroke(
        "M32 0V30", "--lark2", 5, stroke_dasharray="1 9", opacity=0.8
    )
    book = stroke("M0 0V30M16 0V30M32 0V30", "--lark2", 5)
    return (
        group(
            rect(-6, -6, 152, 116, rx=8, fill="--plank2"),
            rect(4, 4, 132, 96, rx=4, fill="--navy"),
            stroke("M70 12V92", "--steel2", 2),
            group(book, at=(20, 48)),
            group(lines, at=(88, 48)),
            at=(292, 244),
        )
        + path("M238 264C262 270 290 286 302 304C308 314 298 322 288 318C262 312 242 298 234 280z", fill="--owl2")
        + canvas.write(canvas.say("wish", "要"), 329, 276, Lettering(17, 60, "--white"))
        + canvas.write(canvas.say("here", "有"), 395, 276, Lettering(17, 60, "--white"))
    )
