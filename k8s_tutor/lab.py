"""Opens the course in JupyterLab: finds the front page, starts the server in this process, says where it is.

JupyterLab's own log lines are kept quiet (errors are shown): what a learner needs is one address.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from k8s_tutor import kubeconfig
from k8s_tutor.course import workspace
from k8s_tutor.course.finding import VARIABLE, choose_course, find_courses, with_course
from k8s_tutor.course.record import Course
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import msg
from k8s_tutor.language.choice import current_language
from k8s_tutor.session.sheet import show_progress

__all__ = ["Desk", "LabOptions", "is_headless", "is_loopback", "make_desk", "run_lab"]

_DEFAULTS = Path(__file__).resolve().parent / "jupyter"
DEFAULT_PORT = 8888
PORTS_TO_TRY = 50


@dataclass(frozen=True)
class LabOptions:
    """How to start JupyterLab.

    Attributes:
        port: 0 means 8888 or the next free one; any other number is taken as given.
        host: The address to listen on.
        browser: Whether to open a browser; None means: if this machine has a screen.
        folder: Where the learner's copies of the lessons are; None means the usual place.
        course: The folder of a course, or the name of one that is installed; None means the first there is: what
            `K8S_TUTOR_COURSE` names, else the one that comes with this library.
    """

    port: int = 0
    host: str = "127.0.0.1"
    browser: bool | None = None
    folder: Path | None = None
    course: str | None = None


@dataclass(frozen=True)
class Desk:
    """Where the learner works.

    Attributes:
        folder: With the copies of all courses.
        front_page: What stands open at first, seen from there.
    """

    folder: Path
    front_page: str


class _EventLoop(Protocol):
    def add_callback(self, callback: Callable[[], None]) -> None: ...


class _Server(Protocol):
    """What is used of jupyter_server's `ServerApp`, which has no complete types."""

    connection_url: str
    default_url: str
    io_loop: _EventLoop

    def start(self) -> None: ...
    def stop(self, from_signal: bool = False) -> None: ...


def run_lab(options: LabOptions) -> None:
    """Runs JupyterLab until it is stopped (Ctrl-C, or a signal to end).

    Raises:
        UsageError: there is no such course, the port is taken or the folder cannot be written.
        ClusterUnavailable: JupyterLab is not installed or does not start.
    """
    desk = make_desk(options)
    token = secrets.token_hex(24)
    server = _server(options, desk, token)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last one is Windows' Ctrl-Break
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: server.stop(from_signal=True))
    # A token the person has set is theirs to know, and not to be printed.
    secret = "" if _own_token() else f"?token={token}"
    if not is_loopback(options.host):
        print(_open_to_others(options.host), file=sys.stderr, flush=True)
    welcome = _welcome(f"{server.connection_url.rstrip('/')}{server.default_url}{secret}", desk.folder)
    server.io_loop.add_callback(lambda: print(welcome, flush=True))  # once it listens: that was put in the queue before
    os.environ.setdefault(
        "PYTHONSTARTUP", str(_DEFAULTS / "new_kernel.py")
    )  # of kernels; terminals are left alone by it
    with kubeconfig.terminals():
        server.start()
    ended = msg("JupyterLab has ended. A kind cluster goes on running: `k8s-tutor down` removes it.")
    print(f"\n{ended}", flush=True)


def is_headless(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser opened here would be seen by nobody: no screen, or a session over ssh."""
    if "BROWSER" in environment:
        return False
    if "SSH_CONNECTION" in environment:
        return True
    if platform.startswith(("win", "darwin", "cygwin")):
        return False
    return not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def make_desk(options: LabOptions) -> Desk:
    """Copies all courses into one folder; one that is chosen by name or folder goes before all others in kernels.

    Raises:
        UsageError: there is no such course, or the folder cannot be written.
    """
    chosen = choose_course(options.course or "")
    if options.course:
        os.environ[VARIABLE] = with_course(chosen.folder)  # for the kernels, which are started from here
    folder = (options.folder or workspace.default_folder()).absolute()
    copies = _copies(chosen, folder)
    courses = find_courses()
    for course in courses.found:
        if course.name != chosen.name:
            try:
                _copies(course, folder)
            except UsageError as error:  # it leaves the others alone
                print(f"✗ {error}\n", file=sys.stderr)
    for broken in courses.broken:
        print(f"✗ {broken}\n", file=sys.stderr)
    return Desk(folder, _front_page(copies).relative_to(folder).as_posix())


def _copies(course: Course, folder: Path) -> Path:
    language = current_language() if current_language() in course.languages else "en"
    copies = workspace.folder_for(course, folder, language)
    prepared = workspace.prepare(copies, workspace.originals(course, language))
    for name in prepared.kept:
        path = (prepared.folder / name).relative_to(folder).as_posix()
        print(
            msg(
                "There is a newer version of {path}; yours was changed and is kept. To get the new one, rename yours.",
                path=path,
            )
        )
    show_progress(course, prepared.folder)
    return prepared.folder


def _welcome(address: str, folder: Path) -> str:
    copies = msg("Your copies of the lessons: {folder}", folder=folder)
    return f"\n{msg('The course is open at')}\n\n    {address}\n\n{copies}\n{msg('Ctrl-C ends it.')}\n"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host in ("localhost", ""):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name: it may lead anywhere
        return False


def _open_to_others(host: str) -> str:
    """What it means that others can reach the server."""
    try:
        everywhere = ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        everywhere = False
    who = (
        msg("everybody who can reach this machine over any network")
        if everywhere
        else msg("everybody who can reach {host}", host=host)
    )
    lines = (
        msg(
            "--host {host}: {who} can open this server, and whoever has its token can run anything here as you.",
            host=host,
            who=who,
        ),
        msg("It is not encrypted: the token and all you type can be read on the way."),
        msg("Safer: leave out --host, and from the other machine: ssh -L 8888:localhost:8888 THIS-MACHINE"),
    )
    return "\n⚠ " + "\n  ".join(map(str, lines))


def _can_encrypt() -> bool:
    import zmq  # noqa: PLC0415  JupyterLab has imported both by now
    from jupyter_client.manager import KernelManager  # noqa: PLC0415

    return hasattr(KernelManager, "transport_encryption") and bool(zmq.has("curve"))


def _make_jupyterlab_quick_and_quiet() -> None:
    """To be called before JupyterLab is imported."""
    # jsonschema takes this package if it can have it, and does without if not. Its import builds a grammar of
    # international addresses, which nothing here checks: two seconds of the four that JupyterLab takes to start.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes its import fail
    # Defaults of ours for JupyterLab's settings; what the person has set goes before them.
    paths = [os.environ.get("JUPYTER_CONFIG_PATH", ""), str(_DEFAULTS)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path for path in paths if path)


def _own_token() -> str:
    return os.environ.get("JUPYTER_TOKEN", "")


def _server(options: LabOptions, desk: Desk, token: str) -> _Server:
    """A JupyterLab that listens and waits to be started."""
    _make_jupyterlab_quick_and_quiet()
    try:
        from jupyterlab.labapp import LabApp  # noqa: PLC0415  seconds, and only needed here
    except ImportError as error:
        raise ClusterUnavailable(
            msg("JupyterLab is not installed"), why=str(error), next_step="python -m pip install jupyterlab"
        ) from error
    browser = options.browser if options.browser is not None else not is_headless() and _has_browser()
    port = options.port or DEFAULT_PORT
    try:
        server: _Server = LabApp.initialize_server(argv=_arguments(options, desk, token, browser=browser))
    except SystemExit as error:  # jupyter_server exits by itself when it finds no port
        raise UsageError(
            msg("JupyterLab could not listen on {host}:{port}", host=options.host, port=port),
            why=msg("another program uses the port, or this machine has no such address"),
            next_step=msg("choose another: make lab PORT=8890, or k8s-tutor lab --port 8890"),
        ) from error
    return server


def _arguments(options: LabOptions, desk: Desk, token: str, *, browser: bool) -> list[str]:
    """The server's command line, which counts more than the person's own Jupyter configuration."""
    settings: dict[str, object] = {
        "ServerApp.ip": options.host,
        "ServerApp.port": options.port or DEFAULT_PORT,
        "ServerApp.port_retries": 0 if options.port else PORTS_TO_TRY,
        "ServerApp.root_dir": desk.folder,
        "ServerApp.open_browser": browser,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        # In a container everybody is root; the token guards the server either way.
        "ServerApp.allow_root": True,
        # A token that we choose is not announced a second time in JupyterLab's own words.
        "IdentityProvider.token": _own_token() or token,
        "LabApp.default_url": f"/lab/tree/{quote(desk.front_page)}",
        # A layout of tabs of its own, so that the front page is not lost among another project's.
        "LabApp.workspaces_dir": desk.folder / ".jupyterlab-workspaces",
        # Nothing that asks the network: no update check, no extension shop. No news: see _DEFAULTS.
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    if _can_encrypt():
        # Between server and kernel; without it, each kernel warns on this terminal that others might listen in.
        settings["KernelManager.transport_encryption"] = "auto"
    return [f"--{name}={value}" for name, value in settings.items()]


def _front_page(folder: Path) -> Path:
    """The page to open first: `index.ipynb`, else the first lesson."""
    return next(iter(sorted(folder.glob("*.ipynb"), key=lambda path: (path.stem != "index", path.name))))


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
