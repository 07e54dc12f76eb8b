"""Pages 12 to 14: a new verse, the keeper who never sleeps, how it really looks."""

from __future__ import annotations

from .birds import lark, lark_face, notes
from .canvas import LEFT, Canvas, Lettering
from .folk import owl
from .harbour import crane, lighthouse, quay
from .houses import house, singer
from .measure import width
from .sea import glitter, sailboat, sea, waves
from .shapes import circle, ellipse, group, path, rect, stroke
from .sky import clouds, gulls, hills, sky, sun

__all__ = ["keeper", "really", "verse"]


def verse(canvas: Canvas) -> str:
    """A long quay: green houses have come, a blue one still sings, another sails away asleep."""
    horizon = 276
    return (
        sky(canvas, horizon)
        + sun(canvas, 286, 226, 46, lift=96)
        + clouds((300, 100, 150), (560, 74, 170), (60, 120, 110))
        + hills(canvas, horizon, rise=0.8)
        + sea(canvas, horizon, 10)
        + glitter(286, horizon, 76)
        + sailboat(96, 290, 0.24)
        + _ferry(canvas)
        + quay(canvas, 392, 408, 520)
        + singer(canvas, (420, 412), 1.02)
        + singer(canvas, (646, 412), 1.02, tone="verse")
        + notes(516, 316, 0.9)
        + notes(742, 316, 0.9)
        + crane(866, 408, house(canvas, "verse", lark_face("smiles"), hangs=True), reach=284, drop=96, height=322)
        + waves(470, 5, 140, "--sea3", phase=50)
    )


def _ferry(canvas: Canvas) -> str:
    return group(
        group(
            singer(canvas, (-34, -20), 1, mood="asleep"),
            stroke("M-62 -22V-158", "--plank3", 5),
            path("M-68 -152C-110 -120 -122 -80 -124 -40H-68z", fill="--paper"),
            path("M-56 -146L-24 -140L-56 -130z", fill="--brick"),
            path("M-136 -24H92C88 8 74 24 50 24H-92C-118 22 -132 4 -136 -24z", fill="--brick2"),
            path("M-136 -24H92L90 -12H-133z", fill="--paper", opacity=0.9),
            class_="bob",
        ),
        stroke("M-150 26h50M-74 30h84M40 26h64M112 14h30M120 2h18", "--foam", 2.6, opacity=0.85),
        at=(232, 394),
        scale=0.98,
    )


def keeper(canvas: Canvas) -> str:
    """The bakery late in the evening: a second owl, in an apron and with a lantern, looks after oven and dough."""
    horizon = 330
    return (
        sky(canvas, horizon)
        + sun(canvas, 138, 234, 38, lift=124)
        + clouds((196, 136, 120), (56, 176, 100))
        + hills(canvas, horizon, rise=1.1)
        + sea(canvas, horizon, 13)
        + glitter(138, horizon, 44)
        + group(quay(canvas, 0, 0, 190), singer(canvas, (44, 6), mood="asleep"), at=(44, 352), scale=0.66)
        + _bakery(canvas)
        + _floor()
        + owl(330, 470, 1.62, held=_lantern(canvas), apron=True, look=3)
        + _hen()
        + _crock()
    )


def _floor() -> str:
    planks = "".join(f"M{x} 424L{(x - 480) * 1.4 + 480:.0f} 492" for x in range(90, 960, 90))
    return (
        path("M24 424H936V492H24z", fill="--plank")
        + stroke(planks, "--plank2", 2, opacity=0.7)
        + rect(LEFT, 421, 912, 6, fill="--plank2")
    )


def _bakery(canvas: Canvas) -> str:
    fire = canvas.radial("fire", (0, "--amber", 0.9), (0.4, "--amber", 0.3), (1, "--amber", 0))
    loaf = path("M0 0C-4 -26 64 -26 60 0z", fill="--crust") + stroke(
        "M14 -14l6 8M28 -17l6 9M42 -15l5 8", "--lark2", 2.6
    )
    return group(
        rect(428, 138, 508, 290, fill="--paper"),
        path("M392 146L486 52H936V146z", fill="--bread3"),
        path("M392 146L486 52H936V62H494L414 146z", fill="--bread2", opacity=0.6),
        stroke("M470 84H936M444 114H936", "--bread2", 2.4, opacity=0.5),
        rect(444, 160, 492, 262, fill="--owl3"),
        stroke("M444 226H936M444 292H936M444 358H936", "--plank", 2, opacity=0.35),
        circle(800, 330, 230, fill=fire, opacity="--lit"),
        rect(470, 250, 200, 9, rx=3, fill="--plank3"),
        group(loaf, at=(484, 250)) + group(loaf, at=(566, 250), scale=0.9),
        _oven(),
    )


def _oven() -> str:
    bricks = (
        "M708 236h28M760 228h30M826 232h28M868 254h22M702 280h20M890 300h16M700 330h20M892 352h14M698 388h20M890 398h16"
    )
    return (
        path("M682 424V258Q796 164 912 258V424z", fill="--brick")
        + stroke(bricks, "--brick2", 2.6, opacity=0.8)
        + path("M730 424V330a66 62 0 0 1 132 0V424z", fill="--hair")
        + group(
            path(
                "M750 424C744 384 772 386 770 350C794 366 788 384 798 396"
                "C806 380 804 366 818 354C820 386 848 388 840 424z",
                fill="--beak",
            ),
            path(
                "M768 424C766 402 784 400 784 382C798 394 796 404 802 410"
                "C808 402 812 396 814 390C818 404 830 408 826 424z",
                fill="--amber",
            ),
            path("M786 424C786 412 796 412 798 404C808 412 812 416 810 424z", fill="--lamp"),
            class_="flicker",
        )
        + path("M730 424V330a66 62 0 0 1 132 0V424", fill="none", stroke="--stone3", stroke_width=8)
    )


def _lantern(canvas: Canvas) -> str:
    paint = canvas.radial("lantern", (0, "--lamp", 1), (0.3, "--lamp", 0.45), (1, "--lamp", 0))
    return group(
        circle(-92, -62, 76, fill=paint, opacity=0.9, class_="breathe"),
        path("M-52 -84C-66 -84 -84 -96 -92 -104C-86 -84 -74 -62 -50 -58z", fill="--owl2"),
        stroke("M-92 -104V-88M-102 -84q10 -12 20 0", "--steel", 3),
        rect(-104, -82, 24, 34, rx=5, fill="--lamp", stroke="--steel", stroke_width=3),
        rect(-108, -50, 32, 7, rx=2, fill="--steel"),
    )


def _crock() -> str:
    return group(
        ellipse(0, 2, 58, 7, fill="--shade", opacity=0.16),
        path("M-40 -60H40C52 -36 50 -8 36 0H-36C-50 -8 -52 -36 -40 -60z", fill="--verse"),
        path("M-44 -62C-44 -92 44 -92 44 -62C30 -54 -30 -54 -44 -62z", fill="--white", class_="bob"),
        rect(-46, -66, 92, 12, rx=6, fill="--verse3"),
        stroke("M-22 -34q22 10 44 0", "--foam", 3, opacity=0.7),
        circle(-14, -74, 3, fill="--white2")
        + circle(8, -78, 4, fill="--white2")
        + circle(22, -70, 2.4, fill="--white2"),
        at=(530, 474),
        scale=0.86,
    )


def _hen() -> str:
    """The baker, asleep on a cushion beside her oven."""
    return group(
        ellipse(0, 2, 56, 10, fill="--box"),
        ellipse(0, -3, 50, 9, fill="--box2"),
        path("M-40 -18C-52 -40 -50 -52 -56 -56C-36 -58 -30 -48 -22 -44z", fill="--white2"),
        path("M-44 -8C-44 -44 -10 -46 4 -44C4 -74 44 -74 44 -44C48 -14 30 -4 0 -4S-44 -4 -44 -8z", fill="--white"),
        path("M-30 -18C-24 -34 0 -34 8 -20C2 -10 -18 -8 -30 -18z", fill="--white2"),
        stroke("M22 -46q4 4 8 0", "--eye", 2.4),
        ellipse(20, -38, 4.4, 3, fill="--blush", opacity=0.7),
        path("M42 -46L56 -40L43 -36z", fill="--beak") + path("M40 -34q5 9 -2 12q-5 -5 -2 -12z", fill="--brick"),
        path("M8 -62C-2 -66 2 -80 12 -78C16 -88 34 -88 36 -78C46 -80 48 -66 40 -62L38 -56H10z", fill="--white2"),
        stroke("M11 -59H38", "--stone2", 2, opacity=0.6),
        at=(622, 446),
        scale=0.88,
    )


def really(canvas: Canvas) -> str:
    """The harbour again, and over it a sheet that rolls open: the same things as engineers draw them."""
    horizon = 272
    return (
        sky(canvas, horizon)
        + sun(canvas, 120, 122, 32)
        + clouds((160, 84, 120), (60, 190, 90))
        + gulls((610, 72, 12), (644, 88, 9), (790, 62, 10))
        + hills(canvas, horizon, rise=0.9)
        + sea(canvas, horizon, 14)
        + lighthouse(canvas, 262, 296, 0.6)
        + group(quay(canvas, 0, 0, 300), singer(canvas, (40, 6)), at=(44, 352), scale=0.66)
        + group(quay(canvas, 0, 0, 320, lamp=False), singer(canvas, (70, 6)), at=(40, 440), scale=1.0)
        + _sheet(canvas)
        + lark(352, 112, 0.72, sings=True)
        + notes(412, 78, 0.9)
    )


def _sheet(canvas: Canvas) -> str:
    roll = canvas.linear("roll", (0, "--stone3", 1), (0.35, "--white", 1), (1, "--stone3", 1), across=True)
    fold = canvas.linear("fold", (0, "--shade", 0), (1, "--shade", 0.34), across=True)
    return (
        rect(296, 112, 40, 380, fill=fold)
        + path("M348 116H936V492H348z", fill="--paper")
        + rect(326, 108, 44, 400, rx=20, fill=roll, stroke="--shade", stroke_opacity=0.12)
        + ellipse(348, 117, 21, 8, fill="--white", stroke="--stone3", stroke_width=1.6)
        + stroke("M340 117a8 3 0 1 0 8 -3", "--stone", 1.6)
        + _wires()
        + _card(canvas, (408, 152), 140, "Deployment", "lark", "--box3")
        + _card(canvas, (408, 248), 140, "ReplicaSet", "lark-54746d8d87", "--box3")
        + _card(canvas, (408, 390), 140, "Service", "lark", "--verse3")
        + "".join(_node(canvas, 648, 134 + index * 116, index) for index in range(3))
    )


def _wires() -> str:
    owns = (
        "M478 208V248M548 270C606 268 604 194 664 194M548 276C606 276 604 310 664 310M548 282C606 284 604 426 664 426"
    )
    routes = "M548 410C624 408 612 214 664 210M548 418C616 418 612 330 664 326M548 426C600 428 620 442 664 442"
    return stroke(owns, "--box2", 2.2) + stroke(routes, "--verse", 2.2, stroke_dasharray="2 7")


def _card(canvas: Canvas, at: tuple[float, float], wide: float, kind: str, called: str, colour: str) -> str:
    """A card: the kind small, the name below it, as large as there is room for."""
    x, y = at
    size = next(size for size in (16, 14, 12) if width(called, size) <= wide - 12)
    return (
        rect(x, y, wide, 56, rx=8, fill="--white", stroke=colour, stroke_width=2.2)
        + canvas.write(kind, x + wide / 2, y + 21, Lettering(13, wide - 12, colour))
        + canvas.write(called, x + wide / 2, y + 43, Lettering(size, wide - 12))
    )


def _node(canvas: Canvas, x: float, y: float, index: int) -> str:
    box = rect(x, y, 262, 102, rx=10, fill="none", stroke="--stone2", stroke_width=2.2)
    words = canvas.say(f"node {index + 1}", f"节点 {index + 1}")
    label = canvas.write(words, x + 226, y + 26, Lettering(14, 66))
    name = f"lark-54746d8d87-{('d2675', 's9vtq', 't8tqw')[index]}"
    pod = _card(canvas, (x + 16, y + 34), 172, "Pod", name, "--box3")
    ring = circle(0, 0, 19, fill="none", stroke="--box", stroke_width=3)
    face = group(circle(0, 0, 19, fill="--lamp"), lark_face("sings"), ring, at=(x + 226, y + 63))
    return box + label + pod + face
