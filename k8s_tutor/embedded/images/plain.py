"""Images of which little is simulated: `pause`, `alpine` and `ubuntu` (a shell and the common commands), `python` (its
name); and those that stand in for images of which nothing is.
"""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.images import busybox, web
from k8s_tutor.embedded.images.image import STAND_IN_PROGRAM, Contents
from k8s_tutor.embedded.images.program import Forever, Interrupted, Main, Program, Reply, System, instant

__all__ = ["contents", "pause", "stand_in"]

_NO_PYTHON = "the embedded cluster does not simulate Python inside containers; run this Pod on a kind cluster\n"
_UBUNTU = {
    "14.04": "Trusty Tahr",
    "16.04": "Xenial Xerus",
    "18.04": "Bionic Beaver",
    "20.04": "Focal Fossa",
    "22.04": "Jammy Jellyfish",
    "24.04": "Noble Numbat",
}
_BUSYBOX_IN_ALPINE = {"3.18": "1.36.1", "3.19": "1.36.1", "3.20": "1.36.1", "3.21": "1.37.0", "3.22": "1.37.0"}


@cache
def contents(image: str, version: str = "") -> Contents:
    """What is inside `pause`, `alpine`, `ubuntu` or `python`."""
    match image:
        case "alpine":
            return _alpine(version)
        case "ubuntu":
            return _ubuntu(version)
        case "python":
            return _python()
    return _pause()


def pause(system: System) -> Program:
    """Holds a pod's namespaces open: sleeps until INT or TERM, then exits 0."""
    system.catch("INT", "TERM")
    try:
        yield Forever()
    except Interrupted:
        system.err("Shutting down, got signal: Terminated\n")
    return 0


def _pause() -> Contents:
    return Contents({"/pause": pause})


def _ubuntu(version: str) -> Contents:
    """The commands are BusyBox's here, and so are their errors' words."""
    programs = {path: main for path, main in busybox.programs().items() if not path.endswith(("/busybox", "/ash"))}
    name = _UBUNTU[version]
    code = name.split()[0].lower()
    release = (
        f'PRETTY_NAME="Ubuntu {version} LTS"\nNAME="Ubuntu"\nVERSION_ID="{version}"\n'
        f'VERSION="{version} LTS ({name})"\nVERSION_CODENAME={code}\nID=ubuntu\nID_LIKE=debian\n'
    )
    return Contents(
        {**programs, "/usr/bin/bash": busybox.shell, "/bin/bash": busybox.shell},
        {**busybox.FILES, "/etc/os-release": release.encode()},
    )


def _alpine(version: str) -> Contents:
    release = (
        f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={version}\n'
        f'PRETTY_NAME="Alpine Linux v{version.rpartition(".")[0]}"\nHOME_URL="https://alpinelinux.org/"\n'
    )
    inside = _BUSYBOX_IN_ALPINE.get(version.rpartition(".")[0], "1.35.0")
    return Contents(
        {**busybox.programs(inside), "/sbin/apk": _no_apk},
        {**busybox.FILES, "/etc/os-release": release.encode(), "/etc/alpine-release": f"{version}\n".encode()},
    )


@instant
def _no_apk(system: System) -> int:
    system.err("apk: the embedded cluster has no packages to install; run this Pod on a kind cluster\n")
    return 127


@instant
def _no_python(system: System) -> int:
    system.err(f"{system.args[0]}: {_NO_PYTHON}")
    return 127


def _python() -> Contents:
    names = ("python", "python3", "pip", "pip3")
    return Contents({**busybox.programs(), **{f"/usr/local/bin/{name}": _no_python for name in names}}, busybox.FILES)


# ---- What stands in for an image that there is and that is not simulated


@cache
def stand_in(image: str, ports: tuple[int, ...], *, lasting: bool = False) -> Contents:
    """A shell with the common commands, and a program that takes the place of everything else.

    Args:
        image: What it stands in for.
        ports: Where it listens; without any, it ends when it has said what it is,
        lasting: unless it is to stay.
    """
    shells = dict.fromkeys(("/bin/bash", "/usr/bin/bash"), busybox.shell)
    return Contents(
        {**busybox.programs(), **shells, STAND_IN_PROGRAM: _standing_in(image, ports, lasting)}, busybox.FILES
    )


def _standing_in(image: str, ports: tuple[int, ...], lasting: bool) -> Main:
    def main(system: System) -> Program:
        what = f"{image} is not simulated on the embedded cluster"
        if system.pid != 1:
            name = system.args[0].rpartition("/")[2]
            system.err(f"stand-in: {what}, and {name} did nothing (a kind cluster runs it)\n")
            return 0
        where = f"answers on port {', '.join(map(str, ports))}"
        doing = f"a stand-in {where if ports else 'stays' if lasting else 'says so and ends'}"
        system.out(f"stand-in: {what}; {doing} (a kind cluster runs it)\n")
        body = f"This is a stand-in: {what}.\n"
        about = {"Content-Type": "text/plain; charset=utf-8", "X-Stand-In": image}
        for port in ports:
            system.listen(port, lambda _request, _client: Reply(web.answer(system.now(), 200, body, about)))
        if not ports and not lasting:
            return 0
        system.catch("TERM", "INT", "QUIT")
        try:
            yield Forever()
        except Interrupted:
            system.out("stand-in: asked to stop\n")
        return 0

    return main
