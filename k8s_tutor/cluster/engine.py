"""Container engines: which are installed, whether they answer, and what they hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from k8s_tutor.errors import ClusterUnavailable

__all__ = ["Container", "Engine", "find_engine", "find_kind", "require_engine", "require_kind"]

_PATIENCE = 5.0  # seconds for an engine to answer a question
# How each engine is asked for its server; with a client alone these fail.
_QUESTIONS = {
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "nerdctl": ("version", "--format", "{{.Server}}"),
}
_INSTALL_KIND = {
    "darwin": "brew install kind",
    "win32": "winget install Kubernetes.kind",
    "linux": "see kind.sigs.k8s.io/docs/user/quick-start#installation (one file to download)",
}
_START_ENGINE = {
    "darwin": "start Docker Desktop (or `colima start`, `podman machine start`)",
    "win32": "start Docker Desktop (or `podman machine start`)",
    "linux": "`sudo systemctl start docker`",
}
_INSTALL_ENGINE = {
    "darwin": "install Docker Desktop (docs.docker.com/desktop) or `brew install colima docker`",
    "win32": "install Docker Desktop (docs.docker.com/desktop)",
    "linux": "install Docker (docs.docker.com/engine/install) or podman from your distribution",
}
_EMBEDDED = 'connect("embedded") needs no container engine'


@dataclass(frozen=True, slots=True)
class Container:
    """A container as `ps` lists it."""

    id: str
    name: str
    running: bool


@dataclass(frozen=True)
class Engine:
    """A container engine's command line.

    Attributes:
        name: `docker`, `podman` or `nerdctl`.
        path: The program.
    """

    name: str
    path: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Our environment, with kind told to use this engine."""
        return dict(os.environ) | {"KIND_EXPERIMENTAL_PROVIDER": self.name}

    def run(self, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the engine's program; its exit code is the caller's to look at.

        Raises:
            subprocess.TimeoutExpired: no answer in `timeout` seconds.
        """
        return run([self.path, *arguments], timeout=timeout)

    def containers(self, label: str) -> list[Container]:
        """Containers with this label, running or not, by name."""
        form = "{{.ID}}\t{{.Names}}\t{{.Status}}"
        listed = self.run("ps", "-a", "--no-trunc", "--filter", f"label={label}", "--format", form)
        if listed.returncode:
            raise ClusterUnavailable(f"{self.name} cannot list its containers", why=listed.stderr.strip())
        rows = (line.split("\t") for line in listed.stdout.splitlines() if line.count("\t") == 2)
        found = [Container(id_, name, running=status.startswith("Up")) for id_, name, status in rows]
        return sorted(found, key=lambda container: container.name)

    def images(self) -> dict[str, str]:
        """References of local images (as the engine writes them) and their ids."""
        listed = self.run("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}}\t{{.ID}}")
        rows = (line.split("\t") for line in listed.stdout.splitlines() if line.count("\t") == 1)
        return {reference: id_ for reference, id_ in rows if "<none>" not in reference}


def run(command: Sequence[str], timeout: float | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs a program and keeps what it prints, as UTF-8."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        list(command),
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        **options,
    )


def find_engine() -> Engine | None:
    """The first engine that answers: docker, podman, nerdctl, or the one kind was told to use."""
    return next((engine for engine, problem in _engines() if not problem), None)


def find_kind() -> str | None:
    """The path of the `kind` program."""
    return shutil.which("kind")


def require_kind() -> str:
    """The path of the `kind` program.

    Raises:
        ClusterUnavailable: it is not installed; the message says how to install it here.
    """
    if path := find_kind():
        return path
    raise ClusterUnavailable(
        "the program `kind` was not found",
        why="kind creates Kubernetes clusters out of containers; it is not on your PATH",
        next_step=f"{_here(_INSTALL_KIND)}; or {_EMBEDDED}",
    )


def require_engine() -> Engine:
    """The first engine that answers.

    Raises:
        ClusterUnavailable: none does; the message says why and what to do here.
    """
    problems = []
    for engine, problem in _engines():
        if not problem:
            return engine
        problems.append(f"{engine.name}: {problem}")
    if not problems:
        raise ClusterUnavailable(
            "no container engine was found",
            why="kind runs Kubernetes in containers; neither docker, podman nor nerdctl is on your PATH",
            next_step=f"{_here(_INSTALL_ENGINE)}; or {_EMBEDDED}",
        )
    why = "; ".join(problems)
    if "permission denied" in why.lower():
        what, next_step = (
            "this user may not talk to the container engine",
            "`sudo usermod -aG docker $USER`, then log out and in again",
        )
    else:
        what, next_step = "the container engine does not answer", _here(_START_ENGINE)
    raise ClusterUnavailable(what, why=why, next_step=f"{next_step}; or {_EMBEDDED}")


def _engines() -> Iterator[tuple[Engine, str]]:
    """Installed engines, each with its problem (`""`: it answers)."""
    wanted = os.environ.get("KIND_EXPERIMENTAL_PROVIDER", "")
    for name, question in _QUESTIONS.items():
        path = shutil.which(name)
        if path and wanted in ("", name):
            yield Engine(name, path), _problem(path, question)


def _problem(path: str, question: tuple[str, ...]) -> str:
    try:
        answer = run([path, *question], timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        return f"no answer within {_PATIENCE:.0f} s"
    except OSError as error:
        return str(error)
    if answer.returncode == 0 and answer.stdout.strip():
        return ""
    lines = answer.stderr.strip().splitlines()
    return lines[0] if lines else f"exit code {answer.returncode}"


def _here(advice: dict[str, str]) -> str:
    return advice.get(sys.platform, advice["linux"])
