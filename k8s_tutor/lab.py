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
from pathlib import Path
from typing import Protocol

from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.lessons import workspace

__all__ = ["LabOptions", "is_headless", "run_lab"]

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
    """

    port: int = 0
    host: str = "127.0.0.1"
    browser: bool | None = None
    folder: Path | None = None


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
        UsageError: the port is taken or the folder cannot be written.
        ClusterUnavailable: JupyterLab is not installed or does not start.
    """
    prepared = workspace.prepare(options.folder or workspace.default_folder(), workspace.originals())
    for name in prepared.kept:
        print(f"There is a newer version of {name}; yours was changed and is kept. To get the new one, rename yours.")
    token = secrets.token_hex(24)
    server = _server(options, prepared.folder, token)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last one is Windows' Ctrl-Break
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: server.stop(from_signal=True))
    # A token the person has set is theirs to know, and not to be printed.
    secret = "" if _own_token() else f"?token={token}"
    welcome = _welcome(f"{server.connection_url.rstrip('/')}{server.default_url}{secret}", prepared.folder)
    server.io_loop.add_callback(lambda: print(welcome, flush=True))  # once it listens: that was put in the queue before
    server.start()
    print("\nJupyterLab has ended. A kind cluster goes on running: `k8s-tutor down` removes it.", flush=True)


def is_headless(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser opened here would be seen by nobody: no screen, or a session over ssh."""
    if "BROWSER" in environment:
        return False
    if "SSH_CONNECTION" in environment:
        return True
    if platform.startswith(("win", "darwin", "cygwin")):
        return False
    return not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _welcome(address: str, folder: Path) -> str:
    return f"\nThe course is open at\n\n    {address}\n\nYour copies of the lessons: {folder}\nCtrl-C ends it.\n"


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


def _server(options: LabOptions, folder: Path, token: str) -> _Server:
    """A JupyterLab that listens and waits to be started."""
    _make_jupyterlab_quick_and_quiet()
    try:
        from jupyterlab.labapp import LabApp  # noqa: PLC0415  seconds, and only needed here
    except ImportError as error:
        raise ClusterUnavailable(
            "JupyterLab is not installed", why=str(error), next_step="python -m pip install jupyterlab"
        ) from error
    browser = options.browser if options.browser is not None else not is_headless() and _has_browser()
    port = options.port or DEFAULT_PORT
    try:
        server: _Server = LabApp.initialize_server(argv=_arguments(options, folder, token, browser=browser))
    except SystemExit as error:  # jupyter_server exits by itself when it finds no port
        raise UsageError(
            f"JupyterLab could not listen on {options.host}:{port}",
            why="another program uses the port, or this machine has no such address",
            next_step="choose another: make lab PORT=8890, or k8s-tutor lab --port 8890",
        ) from error
    return server


def _arguments(options: LabOptions, folder: Path, token: str, *, browser: bool) -> list[str]:
    """The server's command line, which counts more than the person's own Jupyter configuration."""
    settings: dict[str, object] = {
        "ServerApp.ip": options.host,
        "ServerApp.port": options.port or DEFAULT_PORT,
        "ServerApp.port_retries": 0 if options.port else PORTS_TO_TRY,
        "ServerApp.root_dir": folder,
        "ServerApp.open_browser": browser,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        # In a container everybody is root; the token guards the server either way.
        "ServerApp.allow_root": True,
        # A token that we choose is not announced a second time in JupyterLab's own words.
        "IdentityProvider.token": _own_token() or token,
        "LabApp.default_url": f"/lab/tree/{_front_page(folder)}",
        # A layout of tabs of its own, so that the front page is not lost among another project's.
        "LabApp.workspaces_dir": folder / ".jupyterlab-workspaces",
        # Nothing that asks the network: no update check, no extension shop. No news: see _DEFAULTS.
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    if _can_encrypt():
        # Between server and kernel; without it, each kernel warns on this terminal that others might listen in.
        settings["KernelManager.transport_encryption"] = "auto"
    return [f"--{name}={value}" for name, value in settings.items()]


def _front_page(folder: Path) -> str:
    """The page to open first: `index.ipynb`, else the first lesson."""
    names = sorted(path.name for path in folder.glob("*.ipynb"))
    return next((name for name in names if name.startswith("index")), names[0])


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
