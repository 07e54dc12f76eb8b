"""Those who work at the harbour and those who come to listen: the harbour master, the owl, people in coats."""

from __future__ import annotations

from .shapes import circle, ellipse, group, path, rect, stroke

__all__ = ["harbour_master", "owl", "person"]


def harbour_master(x: float, y: float, scale: float = 1, *, flip: bool = False) -> str:
    """A pelican with a captain's cap, facing right; her feet stand at (x, y)."""
    return group(
        path("M-58 -46L-96 -30L-88 -44L-98 -52L-60 -74z", fill="--white2"),
        stroke("M-14 -16v14M14 -16v14M-14 -2h-10M-14 -2h10M14 -2h-10M14 -2h10", "--beak", 4),
        path(
            "M-66 -58C-66 -100 -30 -112 -2 -112C6 -128 8 -150 4 -170H42"
            "C52 -140 56 -112 48 -76C44 -36 14 -12 -16 -14C-48 -16 -66 -34 -66 -58z",
            fill="--white",
        ),
        path("M-54 -62C-44 -94 -8 -98 10 -78C6 -44 -30 -32 -62 -46C-58 -50 -56 -56 -54 -62z", fill="--white2"),
        stroke("M-50 -50q22 4 42 -10M-42 -42q20 2 36 -10", "--white", 2.4),
        path("M4 -126C16 -118 36 -118 50 -128L51 -114C38 -104 16 -104 2 -114z", fill="--navy"),
        path("M34 -112L44 -88L54 -94L44 -112z", fill="--navy"),
        circle(24, -172, 25, fill="--white"),
        path("M42 -162C58 -120 92 -126 118 -158L44 -176z", fill="--lark"),
        path("M40 -184C66 -182 96 -172 122 -158C124 -154 120 -152 114 -153L42 -166z", fill="--beak"),
        circle(32, -180, 4.4, fill="--eye") + circle(33.500, -181.500, 1.5, fill="#fff"),
        ellipse(24, -166, 6, 4, fill="--blush", opacity=0.6),
        _cap(),
        at=(x, y),
        scale=scale,
        flip=flip,
    )


def _cap() -> str:
    return group(
        path("M-6 -190C-12 -208 4 -218 22 -218C42 -218 54 -208 48 -192z", fill="--white"),
        path("M-3 -196C12 -202 34 -202 47 -196L46 -186C32 -191 14 -191 -2 -186z", fill="--navy"),
        path("M28 -190C42 -194 56 -190 62 -182C52 -184 40 -184 30 -184z", fill="--steel"),
        circle(26, -205, 4.5, fill="--gold"),
    )


def owl(x: float, y: float, scale: float = 1, *, held: str = "", apron: bool = False, look: float = 0) -> str:
    """The owl who never sleeps, from the front; her feet stand at (x, y). `look` moves her pupils sideways."""
    return group(
        stroke("M-18 -8v7M-26 -1h16M18 -8v7M10 -1h16", "--beak", 5),
        path(
            "M-56 -70C-60 -128 -40 -148 -44 -172C-30 -166 -20 -160 0 -160"
            "S30 -166 44 -172C40 -148 60 -128 56 -70C56 -24 30 -6 0 -6S-56 -24 -56 -70z",
            fill="--owl",
        ),
        path("M-36 -70C-34 -96 34 -96 36 -70C38 -30 20 -10 0 -10S-38 -30 -36 -70z", fill="--owl3"),
        stroke(
            "M-20 -66q6 8 12 0M-4 -66q6 8 12 0M12 -66q6 8 12 0M-12 -50q6 8 12 0M4 -50q6 8 12 0M-4 -34q6 8 12 0",
            "--owl",
            2.4,
        )
        if not apron
        else _apron(),
        path("M-56 -84C-70 -60 -66 -30 -46 -18C-40 -44 -44 -66 -56 -84z", fill="--owl2"),
        path("M56 -84C70 -60 66 -30 46 -18C40 -44 44 -66 56 -84z", fill="--owl2"),
        path(
            "M-44 -172C-34 -160 -18 -152 0 -138C18 -152 34 -160 44 -172"
            "C36 -152 22 -142 0 -126C-22 -142 -36 -152 -44 -172z",
            fill="--owl2",
        ),
        _eyes(look),
        path("M-6 -110h12L0 -96z", fill="--beak"),
        held,
        at=(x, y),
        scale=scale,
    )


def _eyes(look: float) -> str:
    drawn = []
    for side in (-21, 21):
        drawn.append(circle(side, -122, 22, fill="--owl3"))
        drawn.append(circle(side, -122, 14.5, fill="--amber"))
        drawn.append(circle(side + look, -122, 7.6, fill="--eye") + circle(side + look + 2.6, -125, 2.4, fill="#fff"))
    return "".join(drawn)


def _apron() -> str:
    return path("M-26 -78H26L34 -24C20 -8 -20 -8 -34 -24z", fill="--white") + stroke(
        "M-14 -46h28v14q-14 8 -28 0z", "--white2", 2.6
    )


# Who comes to listen: coat, skin, and what is on the head.
_PEOPLE = {
    "ida": ("coat2", "skin1", "cap"),
    "noor": ("coat3", "skin2", "hood"),
    "ruth": ("coat2", "skin1", "bun"),
    "pit": ("coat1", "skin1", "cap"),
    "mei": ("coat4", "skin3", "bun"),
    "pia": ("coat3", "skin1", "cap"),
    "sami": ("coat1", "skin2", "hood"),
    "ana": ("coat3", "skin1", "bun"),
}


def person(x: float, y: float, scale: float, who: str, *, flip: bool = False) -> str:
    """Somebody in a coat, facing right; the feet stand at (x, y)."""
    coat, skin, hat = _PEOPLE[who]
    return group(
        stroke("M-7 -10V0h6M7 -10V0h6", "--hair", 4.5),
        path("M-22 -8C-22 -38 -14 -54 0 -54S22 -38 22 -8Q0 -2 -22 -8z", fill=f"--{coat}"),
        path("M4 -54C16 -50 22 -34 22 -8Q14 -5 8 -5C14 -24 12 -42 4 -54z", fill="--shade", opacity=0.14),
        stroke("M-8 -38Q-10 -26 -4 -20", "--shade", 2.2, opacity=0.25),
        circle(0, -63, 12.5, fill=f"--{skin}"),
        circle(5.5, -64, 1.6, fill="--eye") + circle(11, -63.5, 1.3, fill="--eye"),
        stroke("M5 -58q3 2.6 6 .4", "--eye", 1.5),
        ellipse(3, -59.5, 2.4, 1.7, fill="--blush", opacity=0.7),
        _on_the_head(hat, coat),
        at=(x, y),
        scale=scale,
        flip=flip,
    )


def _on_the_head(hat: str, coat: str) -> str:
    scarf = rect(-12, -54, 25, 8, rx=4, fill="--gold")
    if hat == "hood":
        return path("M-15 -54C-20 -84 10 -88 14 -70C6 -74 -6 -68 -8 -54z", fill=f"--{coat}")
    if hat == "bun":
        hair = path("M-13 -62C-16 -82 14 -84 12 -68C4 -70 -6 -70 -13 -62z", fill="--hair")
        return hair + circle(-10, -78, 6, fill="--hair") + scarf
    return path("M-13 -66C-14 -82 12 -84 13 -68L20 -66H-13z", fill="--brick") + scarf
