"""Container engines: which are installed, whether they answer, and what they hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.language import Wording, msg

__all__ = ["Container", "Engine", "find_engine", "find_kind", "require_engine", "require_kind"]

_PATIENCE = 5.0  # seconds for an engine to answer a question
# How each engine is asked for its server; with a client alone these fail.
_QUESTIONS = {
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "nerdctl": ("version", "--format", "{{.Server}}"),
}
_INSTALL_KIND: dict[str, Wording] = {
    "darwin": "brew install kind",
    "win32": "winget install Kubernetes.kind",
    "linux": msg("see kind.sigs.k8s.io/docs/user/quick-start#installation (one file to download)"),
}
_START_ENGINE: dict[str, Wording] = {
    "darwin": msg("start Docker Desktop (or `colima start`, `podman machine start`)"),
    "win32": msg("start Docker Desktop (or `podman machine start`)"),
    "linux": msg("`sudo systemctl start docker`"),
}
_INSTALL_ENGINE: dict[str, Wording] = {
    "darwin": msg("install Docker Desktop (docs.docker.com/desktop) or `brew install colima docker`"),
    "win32": msg("install Docker Desktop (docs.docker.com/desktop)"),
    "linux": msg("install Docker (docs.docker.com/engine/install) or podman from your distribution"),
}
_EMBEDDED = msg('connect("embedded") needs no container engine')


@dataclass(frozen=True, slots=True)
class Container:
    """A container as `ps` lists it."""

    id: str
    name: str
    running: bool
    paused: bool = False


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
            raise ClusterUnavailable(
                msg("{name} cannot list its containers", name=self.name), why=listed.stderr.strip()
            )
        rows = (line.split("\t") for line in listed.stdout.splitlines() if line.count("\t") == 2)
        found = [Container(id_, name, status.startswith("Up"), "(Paused)" in status) for id_, name, status in rows]
        return sorted(found, key=lambda container: container.name)

    def pause(self, name: str) -> None:
        """Freezes a container with all its processes. Safe to call twice.

        Raises:
            ClusterUnavailable: the engine does not.
        """
        self._set_paused(name, "pause", already="already paused")

    def unpause(self, name: str) -> None:
        """Lets a frozen container go on. Safe to call twice.

        Raises:
            ClusterUnavailable: the engine does not.
        """
        self._set_paused(name, "unpause", already="not paused")

    def _set_paused(self, name: str, verb: str, already: str) -> None:
        done = self.run(verb, name)
        if done.returncode and already not in done.stderr:
            raise ClusterUnavailable(
                msg("{engine} does not {verb} the container {name}", engine=self.name, verb=verb, name=name),
                why=done.stderr.strip(),
            )

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
        msg("the program `kind` was not found"),
        why=msg("kind creates Kubernetes clusters out of containers; it is not on your PATH"),
        next_step=msg("{advice}; or {embedded}", advice=_here(_INSTALL_KIND), embedded=_EMBEDDED),
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
            msg("no container engine was found"),
            why=msg("kind runs Kubernetes in containers; neither docker, podman nor nerdctl is on your PATH"),
            next_step=msg("{advice}; or {embedded}", advice=_here(_INSTALL_ENGINE), embedded=_EMBEDDED),
        )
    why = "; ".join(problems)
    if "permission denied" in why.lower():
        what = msg("this user may not talk to the container engine")
        next_step: Wording = msg("`sudo usermod -aG docker $USER`, then log out and in again")
    else:
        what, next_step = msg("the container engine does not answer"), _here(_START_ENGINE)
    raise ClusterUnavailable(
        what, why=why, next_step=msg("{advice}; or {embedded}", advice=next_step, embedded=_EMBEDDED)
    )


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
        return str(msg("no answer within {seconds:.0f} s", seconds=_PATIENCE))
    except OSError as error:
        return str(error)
    if answer.returncode == 0 and answer.stdout.strip():
        return ""
    lines = answer.stderr.strip().splitlines()
    return lines[0] if lines else str(msg("exit code {code}", code=answer.returncode))


def _here(advice: dict[str, Wording]) -> Wording:
    return advice.get(sys.platform, advice["linux"])
