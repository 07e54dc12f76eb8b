"""Pages 1 to 4: a program without a home, her box, the quays, the drawing in the storehouse."""

from __future__ import annotations

from .birds import finch_face, lark, lark_face, notes
from .canvas import BOTTOM, LEFT, RIGHT, TOP, Canvas, Lettering
from .harbour import bollard, lamp_post, lighthouse, quay
from .houses import baker, singer
from .sea import glitter, sailboat, sea, waves
from .shapes import circle, ellipse, group, number, path, polygon, rect, stroke
from .sky import clouds, gulls, hills, sky, sun, town

__all__ = ["alone", "archive", "home", "quays"]


def alone(canvas: Canvas) -> str:
    """Lark on a mooring post with her suitcase, far from the lights of the town."""
    horizon = 318
    return (
        sky(canvas, horizon)
        + sun(canvas, 640, 236, 46, lift=84)
        + clouds((70, 124, 190), (470, 92, 130), (716, 152, 200), (400, 190, 84))
        + hills(canvas, horizon, rise=0.8, layers=2)
        + town(742, horizon - 18, 0.78, 9)
        + sea(canvas, horizon, 2)
        + glitter(640, horizon, 70)
        + sailboat(410, 336, 0.34)
        + gulls((250, 176, 14), (286, 196, 10), (540, 120, 11))
        + waves(438, 5, 120, "--sea3", phase=40, opacity=0.7)
        + bollard(352, 384, 1.0)
        + _suitcase(352, 390)
        + bollard(230, 352, 1.35)
        + lark(246, 358, 1.18, sad=True)
        + waves(474, 6, 150, "--sea3")
    )


def _suitcase(x: float, y: float) -> str:
    return group(
        stroke("M-34 -32v-7q0 -4 4 -4h10q4 0 4 4v7", "--plank3", 4),
        rect(-52, -33, 52, 33, rx=5, fill="--brick"),
        rect(-52, -33, 52, 8, rx=4, fill="--brick2"),
        stroke("M-42 -32v31M-11 -32v31", "--gold", 3),
        at=(x + 23, y),
        scale=0.9,
    )


def home(canvas: Canvas) -> str:
    """A house cut open: an address over the door, a blue box in it, and all she needs in the box."""
    horizon = 372
    return (
        sky(canvas, horizon)
        + sun(canvas, 150, 150, 40)
        + clouds((640, 110, 170), (760, 190, 130), (60, 236, 110))
        + hills(canvas, horizon, rise=0.9, layers=2)
        + sea(canvas, horizon, 5)
        + glitter(150, horizon, 50)
        + sailboat(118, 392, 0.5, "--paper")
        + group(quay(canvas, 0, 0, 640, lamp=False), at=(170, 428), scale=1)
        + _open_house(canvas)
        + group(lamp_post(canvas, 0, 0, 84), at=(780, 432))
    )


def _open_house(canvas: Canvas) -> str:
    light = canvas.radial("room", (0, "--lamp", 0.95), (0.55, "--lamp", 0.3), (1, "--lamp", 0))
    return group(
        rect(590, 46, 34, 62, rx=3, fill="--stone2") + rect(584, 40, 46, 12, rx=4, fill="--stone"),
        rect(262, 176, 436, 252, rx=6, fill="--paper"),
        rect(276, 190, 408, 232, rx=4, fill="--owl3"),
        stroke("M276 250H684M276 310H684M276 370H684", "--plank", 2, opacity=0.35),
        path(
            "M226 182L318 92Q322 88 328 88H632Q638 88 642 92L734 182Q740 190 730 190H230Q220 190 226 182z",
            fill="--box3",
        ),
        path("M226 182L318 92Q322 88 328 88H632L626 100H334L250 182z", fill="--box2", opacity=0.6),
        stroke("M316 120H652M292 144H676M268 168H700", "--box2", 2.4, opacity=0.5),
        circle(420, 280, 230, fill=light, opacity="--lit"),
        _address(canvas),
        _pane(canvas),
        _box_inside(canvas),
        _neighbour(),
        rect(262, 418, 436, 12, rx=4, fill="--plank2"),
    )


def _pane(canvas: Canvas) -> str:
    air = canvas.linear("pane", (0, "--sky1", 1), (0.62, "--sky3", 1), (0.63, "--sea1", 1), (1, "--sea2", 1))
    return group(
        rect(0, 0, 78, 84, rx=4, fill=air),
        sailboat(50, 62, 0.2),
        stroke("M39 0V84M0 42H78", "--paper", 4),
        rect(0, 0, 78, 84, rx=4, fill="none", stroke="--paper", stroke_width=6),
        path("M-4 -4H28C26 24 14 44 -4 52zM82 -4H50C52 24 64 44 82 52z", fill="--bread2", opacity=0.85),
        rect(-10, -8, 98, 7, rx=3, fill="--plank3"),
        at=(580, 216),
    )


def _address(canvas: Canvas) -> str:
    plate = rect(404, 142, 152, 38, rx=8, fill="--paper", stroke="--gold", stroke_width=3)
    return plate + canvas.write("10.244.1.2", 480, 167, Lettering(19, 136, mono=True))


def _box_inside(canvas: Canvas) -> str:
    floor = canvas.linear("floor", (0, "--glow", 1), (1, "--lamp", 1))
    return group(
        rect(0, 0, 252, 206, rx=8, fill="--box"),
        rect(0, 0, 252, 20, rx=8, fill="--box2"),
        rect(14, 22, 224, 172, rx=5, fill=floor),
        stroke("M126 22V46", "--steel", 2.4),
        circle(126, 62, 7, fill="--white") + path("M106 62C108 38 144 38 146 62z", fill="--brick"),
        _shelf(),
        stroke("M206 194L192 118M172 194L192 118M192 194V118", "--plank3", 4),
        stroke("M168 154H216", "--plank3", 6),
        _score(),
        lark(92, 190, 0.84, sings=True),
        notes(158, 92, 0.72, "--box3"),
        at=(298, 212),
    )


def _shelf() -> str:
    loaf = path("M0 0C-2 -16 40 -16 38 0z", fill="--crust") + stroke("M10 -10l4 6M20 -11l4 6", "--lark2", 2)
    jar = rect(0, -20, 15, 20, rx=4, fill="--sea2", opacity=0.8) + rect(1, -24, 13, 5, rx=2, fill="--brick")
    return (
        rect(22, 92, 50, 5, rx=2, fill="--plank3")
        + group(loaf, at=(26, 92), scale=0.72)
        + group(jar, at=(57, 92), scale=0.8)
    )


def _score() -> str:
    return group(
        path("M0 0H44V56H0z", fill="--white", stroke="--stone", stroke_width=1.4),
        stroke("M6 14H38M6 20H38M6 26H38M6 38H38M6 44H38M6 50H38", "--stone", 1.1),
        group(
            ellipse(12, 24, 3.4, 2.6),
            ellipse(24, 18, 3.4, 2.6),
            ellipse(33, 21, 3.4, 2.6),
            ellipse(14, 47, 3.4, 2.6),
            ellipse(28, 42, 3.4, 2.6),
        ),
        at=(169, 98),
        fill="--pencil",
        turn=3,
    )


def _neighbour() -> str:
    return group(
        rect(0, 0, 96, 96, rx=6, fill="--verse"),
        rect(0, 0, 96, 12, rx=6, fill="--verse2"),
        stroke("M10 18V88M86 18V88", "--verse3", 2, opacity=0.5),
        group(
            circle(0, 0, 19, fill="--glow"),
            finch_face(),
            circle(0, 0, 19, fill="none", stroke="--paper", stroke_width=4),
            at=(48, 52),
            scale=1.35,
        ),
        at=(570, 322),
    )


def quays(canvas: Canvas) -> str:
    """The harbour: three quays one behind the other, houses on them, the lighthouse, boats."""
    horizon = 250
    return (
        sky(canvas, horizon)
        + sun(canvas, 196, 120, 36)
        + clouds((330, 96, 150), (560, 74, 150), (470, 150, 90), (52, 84, 90))
        + hills(canvas, horizon, rise=1.15)
        + town(470, horizon - 34, 0.72, 13)
        + sea(canvas, horizon, 8)
        + glitter(196, horizon, 60)
        + sailboat(330, 268, 0.36)
        + sailboat(452, 256, 0.2, "--lark2")
        + lighthouse(canvas, 836, 286, 0.66)
        + gulls((700, 110, 13), (736, 132, 10), (120, 236, 9))
        + _pier(canvas, 512, 294, 0.46, ("baker", "singer"))
        + _pier(canvas, 150, 336, 0.72, ("singer", "baker"))
        + waves(404, 3, 90, "--sea2", phase=30, opacity=0.4)
        + _pier(canvas, 492, 426, 1.14, ("singer", "baker"))
        + sailboat(250, 440, 0.62, "--paper")
        + waves(482, 5, 150, "--sea3", phase=60)
    )


def _pier(canvas: Canvas, x: float, y: float, scale: float, folk: tuple[str, ...]) -> str:
    makers = {"baker": baker, "singer": singer}
    standing = [makers[who](canvas, (34 + index * 106, 6)) for index, who in enumerate(folk)]
    return group(quay(canvas, 0, 0, 352), *standing, at=(x, y), scale=scale)


def archive(canvas: Canvas) -> str:
    """A storehouse with rolled drawings on tall shelves; under the great drawing three equal boxes come rolling out."""
    wall = canvas.linear("wall", (0, "--hill", 1), (1, "--far", 1))
    ray = canvas.linear("ray", (0, "--ray", 0), (0.3, "--ray", 0.5), (1, "--ray", 0))
    return (
        rect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, fill=wall)
        + stroke("M24 96H936M24 172H936M24 248H936M24 324H936", "--near", 2, opacity=0.3)
        + _tall_window(canvas)
        + _rolls(640, 84)
        + rect(LEFT, 420, RIGHT - LEFT, 80, fill="--near")
        + stroke(
            "M24 420H936M60 492L130 420M260 492L306 420M470 492L482 420M690 492L662 420M900 492L838 420",
            "--shade",
            2,
            opacity=0.22,
        )
        + polygon((92, 96), (208, 96), (560, 492), (190, 492), fill=ray)
        + _drawing(canvas)
        + _rails()
        + _cart(150, 434)
        + _cart(306, 434)
        + _cart(462, 434)
        + _ladder()
        + _hanging_lamp(canvas, 604, 150)
    )


def _cart(x: float, y: float) -> str:
    """Lark's box alone, as it comes from the storehouse, on two wheels."""
    wheels = [circle(place, 8, 9, fill="--steel") + circle(place, 8, 3, fill="--gold") for place in (24, 76)]
    ring = circle(0, 0, 19, fill="none", stroke="--paper", stroke_width=4)
    return group(
        ellipse(50, 16, 62, 6, fill="--shade", opacity=0.2),
        *wheels,
        rect(0, -74, 100, 76, rx=6, fill="--box"),
        rect(0, -74, 100, 12, rx=6, fill="--box2"),
        stroke("M10 -56V-8M20 -56V-8M80 -56V-8M90 -56V-8", "--box3", 2, opacity=0.5),
        group(circle(0, 0, 19, fill="--glow"), lark_face("smiles"), ring, at=(50, -30), scale=1.12),
        at=(x, y),
    )


def _tall_window(canvas: Canvas) -> str:
    air = canvas.linear("air", (0, "--sky1", 1), (1, "--sky2", 1))
    return group(
        path("M0 236V60a66 60 0 0 1 132 0V236z", fill=air),
        circle(92, 74, 17, fill="--sun", opacity=0.9),
        stroke("M66 2V236M0 92H132M0 164H132", "--plank3", 5),
        path("M0 236V60a66 60 0 0 1 132 0V236z", fill="none", stroke="--plank3", stroke_width=8),
        rect(-12, 232, 156, 14, rx=4, fill="--plank2"),
        at=(84, 58),
    )


def _rolls(x: float, y: float) -> str:
    drawn = [rect(0, 0, 262, 336, rx=4, fill="--plank3"), rect(10, 10, 242, 318, fill="--shade", opacity=0.3)]
    tones = ("--box2", "--bread2", "--verse2", "--gold")
    for shelf in range(4):
        foot = 84 + shelf * 80
        for bay in range(4):
            kind = (bay + shelf * 3) % 4
            left = 20 + bay * 58
            drawn.append(group(_bay(kind, tones[(bay + shelf * 2) % 4]), at=(left, foot)))
        drawn.append(rect(6, foot, 250, 8, rx=2, fill="--plank2"))
    return group(*drawn, at=(x, y))


def _bay(kind: int, tone: str) -> str:
    """What lies in one bay of a shelf: a pile of rolls, rolls that stand, a box, two rolls."""
    if kind == 2:
        return (
            rect(2, -34, 44, 34, rx=3, fill=tone)
            + rect(2, -34, 44, 9, rx=3, fill="--shade", opacity=0.15)
            + rect(15, -20, 18, 10, rx=2, fill="--paper")
        )
    if kind == 1:
        stand = [
            rect(
                4 + step * 14, -46 + step % 2 * 9, 11, 46 - step % 2 * 9, rx=4, fill="--owl3" if step % 2 else "--paper"
            )
            for step in range(3)
        ]
        bands = [rect(4 + step * 14, -22, 11, 6, fill=tone) for step in range(3)]
        return "".join(stand) + "".join(bands)
    places = ((12, -11), (36, -11), (24, -31)) if kind == 0 else ((14, -11), (38, -11))
    return "".join(
        circle(x, y, 11, fill="--paper") + stroke(f"M{x + 4} {y}a4 4 0 1 1 -4 -4a7 7 0 0 1 7 7", "--stone", 1.6)
        for x, y in places
    )


def _drawing(canvas: Canvas) -> str:
    grid = "".join(f"M{x} 12V238" for x in range(20, 300, 28)) + "".join(f"M10 {y}H290" for y in range(22, 240, 28))
    plan = (
        "M60 96H220V206H60zM60 96L92 66H252L220 96M220 206L252 176V66M140 116a36 36 0 1 0 .1 0"
        "M126 148q5 -5 9 0M146 148q5 -5 9 0M135 158h11l-5.500 7z"
    )
    sheet = group(
        rect(6, 8, 300, 250, rx=4, fill="--shade", opacity=0.2),
        rect(0, 0, 300, 250, rx=4, fill="--box3"),
        stroke(grid, "--box2", 1, opacity=0.3),
        stroke(plan, "--white", 2.4),
        stroke("M60 220H220M60 215v10M220 215v10M44 96V206M39 96h10M39 206h10", "--white", 1.4, opacity=0.8),
        circle(266, 218, 22, fill="--brick") + circle(266, 218, 15, fill="none", stroke="--bread2", stroke_width=2.4),
        path("M259 238l-6 24l13 -7l13 7l-6 -24z", fill="--brick2"),
        stroke("M260 218l5 5l9 -10", "--paper", 3),
        rect(-8, -8, 316, 14, rx=7, fill="--plank2"),
        stroke("M40 -8L150 -40L260 -8", "--plank3", 3),
        at=(282, 92),
    )
    return sheet + canvas.write("lark:1", 432, 136, Lettering(24, 170, "--white"))


def _rails() -> str:
    return rect(60, 452, 620, 7, rx=3, fill="--steel") + stroke(
        "M96 459v12M216 459v12M336 459v12M456 459v12M576 459v12M664 459v12", "--steel2", 6
    )


def _ladder() -> str:
    """A ladder that leans on the shelves: its rungs lie between its rails."""
    foot, head = (716, 474), (772, 92)
    rungs = ""
    for t in (0.1, 0.22, 0.34, 0.46, 0.58, 0.7, 0.82, 0.94):
        x, y = foot[0] + (head[0] - foot[0]) * t, foot[1] + (head[1] - foot[1]) * t
        rungs += f"M{number(x)} {number(y)}h{number(42 - 10 * t)}"
    return stroke(rungs, "--plank", 5) + stroke("M716 474L772 92M758 474L804 92", "--plank", 6)


def _hanging_lamp(canvas: Canvas, x: float, y: float) -> str:
    paint = canvas.radial("hanging", (0, "--lamp", 0.9), (0.35, "--lamp", 0.3), (1, "--lamp", 0))
    return group(
        circle(0, 8, 210, fill=paint, opacity="--lit"),
        stroke("M0 -130V-26", "--steel", 2.4),
        circle(0, 2, 9, fill="--lamp"),
        path("M-34 4C-30 -30 30 -30 34 4z", fill="--verse3"),
        at=(x, y - 60),
    )
