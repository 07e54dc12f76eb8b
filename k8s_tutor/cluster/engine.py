"""Container engines: which are installed, whether they answer, and what they hold."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.language import Wording, join_words, msg
from k8s_tutor.objects.types import Json

__all__ = [
    "ALLOW_USER",
    "ENGINES",
    "INSTALL_ENGINE",
    "INSTALL_KIND",
    "PROVIDER",
    "START_ENGINE",
    "Advice",
    "Container",
    "Engine",
    "EngineFacts",
    "advise",
    "find_engine",
    "find_kind",
    "find_systems",
    "list_engines",
    "look_inside",
    "parse_number",
    "read_info",
    "require_engine",
    "require_kind",
    "run",
    "spell_architecture",
]

PROVIDER = "KIND_EXPERIMENTAL_PROVIDER"
"""kind's own environment variable: the one engine to use."""
_PATIENCE = 5.0  # seconds for an engine to answer a question
_LISTED = 60.0  # seconds for it to say which containers there are, on a busy machine
# How each engine is asked for its server; with a client alone these fail.
_QUESTIONS = {
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "nerdctl": ("version", "--format", "{{.Server}}"),
}
ENGINES = tuple(_QUESTIONS)
"""The programs of the engines that kind knows, in the order in which they are tried."""


def spell_architecture(architecture: str) -> str:
    """An architecture as Go and images call it: `amd64` for `x86_64`."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(architecture.lower(), architecture.lower())


Advice = Mapping[str, Wording]
"""What to type, by system (see `find_systems`); `linux` is for those that are not named."""
_RELEASE = "0.33.0"
INSTALL_KIND: Advice = {
    "darwin": "`brew install kind`",
    "win32": "`winget install Kubernetes.kind`",
    "linux": (
        f"`curl -fLo kind https://kind.sigs.k8s.io/dl/v{_RELEASE}/kind-linux-{spell_architecture(platform.machine())}"
        " && sudo install kind /usr/local/bin/kind`"
    ),
}
START_ENGINE: Advice = {
    "darwin": msg("start Docker Desktop (or `colima start`, `podman machine start`)"),
    "win32": msg("start Docker Desktop (or `podman machine start`)"),
    "wsl": msg("start Docker Desktop in Windows, or an engine of this distribution: `sudo service docker start`"),
    "alpine": "`sudo service docker start`",
    "linux": "`sudo systemctl start docker`",
}
INSTALL_ENGINE: Advice = {
    "darwin": msg("install Docker Desktop (docs.docker.com/desktop) or `brew install colima docker`"),
    "win32": msg("`winget install Docker.DockerDesktop`, then start it"),
    "wsl": msg(
        "in Windows `winget install Docker.DockerDesktop`, then switch on its integration with this WSL distribution"
    ),
    "debian": "`sudo apt-get update && sudo apt-get install -y docker.io`",
    "fedora": "`sudo dnf install -y moby-engine && sudo systemctl enable --now docker`",
    "rhel": "`sudo dnf install -y podman`",
    "suse": "`sudo zypper install -y docker && sudo systemctl enable --now docker`",
    "arch": "`sudo pacman -S --needed docker && sudo systemctl enable --now docker`",
    "alpine": "`sudo apk add docker && sudo rc-update add docker && sudo service docker start`",
    "linux": msg("install Docker (docs.docker.com/engine/install) or podman from your distribution"),
}
ALLOW_USER: Advice = {
    "darwin": msg("start Docker Desktop as the user you are, and wait until it says that it runs"),
    "win32": msg("as an administrator `net localgroup docker-users $Env:USERNAME /add`, then sign out and in again"),
    "wsl": msg("`sudo usermod -aG docker $USER`, then in Windows `wsl --shutdown`, and open this distribution again"),
    "alpine": msg("`sudo addgroup $USER docker`, then log out and in again"),
    "linux": msg("`sudo usermod -aG docker $USER`, then log out and in again"),
}
_ELSE = msg('`k8s-tutor doctor` looks at all that kind needs; connect("embedded") needs no container engine')


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
        return dict(os.environ) | {PROVIDER: self.name}

    def run(self, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the engine's program; its exit code is the caller's to look at.

        Raises:
            subprocess.TimeoutExpired: no answer in `timeout` seconds.
        """
        return run([self.path, *arguments], timeout=timeout)

    def containers(self, label: str) -> list[Container]:
        """Containers with this label, running or not, by name."""
        form = "{{.ID}}\t{{.Names}}\t{{.Status}}"
        what = msg("{name} cannot list its containers", name=self.name)
        try:
            listed = self.run("ps", "-a", "--no-trunc", "--filter", f"label={label}", "--format", form, timeout=_LISTED)
        except subprocess.TimeoutExpired as error:
            raise ClusterUnavailable(what, msg("no answer within {seconds:.0f} s", seconds=_LISTED)) from error
        if listed.returncode:
            raise ClusterUnavailable(what, why=listed.stderr.strip())
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
    return next((engine for engine, problem in list_engines() if not problem), None)


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
        next_step=msg("{advice}; {otherwise}", advice=advise(INSTALL_KIND), otherwise=_ELSE),
    )


def require_engine() -> Engine:
    """The first engine that answers.

    Raises:
        ClusterUnavailable: none does; the message says why and what to do here.
    """
    problems = []
    for engine, problem in list_engines():
        if not problem:
            return engine
        problems.append(f"{engine.name}: {problem}")
    if not problems:
        raise _no_engine(os.environ.get(PROVIDER, ""))
    why = "; ".join(problems)
    if "permission denied" in why.lower():
        what = msg("this user may not talk to the container engine")
        next_step = advise(ALLOW_USER)
    else:
        what, next_step = msg("the container engine does not answer"), advise(START_ENGINE)
    raise ClusterUnavailable(what, why=why, next_step=msg("{advice}; {otherwise}", advice=next_step, otherwise=_ELSE))


def _no_engine(wanted: str) -> ClusterUnavailable:
    """The error where no engine is installed, or not the one that kind was told to use."""
    if wanted:
        return ClusterUnavailable(
            msg('{variable} is "{name}", and no such container engine is on your PATH', variable=PROVIDER, name=wanted),
            why=msg("kind knows {engines}, and was told to use no other than that one", engines=join_words(ENGINES)),
            next_step=msg("take {variable} out of your environment; {otherwise}", variable=PROVIDER, otherwise=_ELSE),
        )
    return ClusterUnavailable(
        msg("no container engine was found"),
        why=msg("kind runs Kubernetes in containers; neither docker, podman nor nerdctl is on your PATH"),
        next_step=msg("{advice}; {otherwise}", advice=advise(INSTALL_ENGINE), otherwise=_ELSE),
    )


def list_engines(patience: float = _PATIENCE) -> Iterator[tuple[Engine, str]]:
    """Installed engines, each with its problem (`""`: it answers in time); no other than the one `PROVIDER` names."""
    wanted = os.environ.get(PROVIDER, "")
    for name, question in _QUESTIONS.items():
        path = shutil.which(name)
        if path and wanted in ("", name):
            yield Engine(name, path), _problem(path, question, patience)


def _problem(path: str, question: tuple[str, ...], patience: float) -> str:
    try:
        answer = run([path, *question], timeout=patience)
    except subprocess.TimeoutExpired:
        return str(msg("no answer within {seconds:.0f} s", seconds=patience))
    except OSError as error:
        return str(error)
    if answer.returncode == 0 and answer.stdout.strip():
        return ""
    said = answer.stderr.strip() or answer.stdout.strip()  # Docker Desktop's stand-in in WSL speaks on stdout
    lines = [line for line in said.splitlines() if not line.startswith("WARNING:")]
    return lines[0] if lines else str(msg("exit code {code}", code=answer.returncode))


# ---- What to type on this system

_FAMILIES = {name: name for name in ("debian", "fedora", "rhel", "suse", "arch", "alpine")} | {"ubuntu": "debian"}


def find_systems() -> tuple[str, ...]:
    """What this system goes by, the most telling first: `darwin`; `win32`; of a Linux `wsl`, its family, `linux`."""
    if sys.platform != "linux":
        return (sys.platform,)
    wsl = ["wsl"] if "microsoft" in platform.release().lower() else []
    return (*wsl, *_find_family(), "linux")


def _find_family() -> Iterator[str]:
    with suppress(OSError):
        rows = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
        said = {key: value.strip("\"'") for key, _, value in (row.partition("=") for row in rows)}
        words = f"{said.get('ID', '')} {said.get('ID_LIKE', '')}".replace("opensuse", "suse").replace("-", " ").split()
        yield from (_FAMILIES[word] for word in words if word in _FAMILIES)


def advise(table: Advice, systems: Sequence[str] = ()) -> Wording:
    """What to type here.

    Args:
        table: What to type, by system.
        systems: Of `find_systems`; this one's by default.
    """
    return next((table[system] for system in systems or find_systems() if system in table), table["linux"])


# ---- What an engine says of itself


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine that answers says of itself.

    Attributes:
        os: What its containers are: `linux` or `windows`.
        architecture: Of its kernel, in Go's words.
        cgroups: 1 or 2; 0 where it does not say.
        rootless: Whether it runs without root's rights.
        delegated: Whether it may limit memory, processes and CPU of its containers.
        memory: Bytes that its kernel has.
        title: Its operating system's name: `Docker Desktop` for a virtual machine's.
        runtime: What starts its containers; `runc` as a rule.
        proxied: Whether it pulls through a proxy.
        kernel: Its kernel's release.
        folder: Where it keeps images and containers.
    """

    name: str
    os: str = "linux"
    architecture: str = ""
    cgroups: int = 0
    rootless: bool = False
    delegated: bool = True
    memory: int = 0
    title: str = ""
    runtime: str = ""
    proxied: bool = False
    kernel: str = ""
    folder: str = ""


def read_info(name: str, info: Mapping[str, Json]) -> EngineFacts:
    """The facts in what `docker info`, `nerdctl info` or `podman info` prints as JSON."""
    if name == "podman":
        return _read_podman(info)
    limits = all(info.get(key) is not False for key in ("MemoryLimit", "PidsLimit", "CPUShares"))
    return EngineFacts(
        name,
        os=str(info.get("OSType") or "linux"),
        architecture=spell_architecture(str(info.get("Architecture") or "")),
        cgroups=parse_number(info.get("CgroupVersion")),
        rootless="name=rootless" in str(info.get("SecurityOptions")),
        delegated=limits and info.get("CgroupDriver") != "none",
        memory=parse_number(info.get("MemTotal")),
        title=str(info.get("OperatingSystem") or ""),
        runtime=str(info.get("DefaultRuntime") or ""),
        proxied=bool(info.get("HttpProxy") or info.get("HttpsProxy")),
        kernel=str(info.get("KernelVersion") or ""),
        folder=str(info.get("DockerRootDir") or ""),
    )


def _read_podman(info: Mapping[str, Json]) -> EngineFacts:
    host, store = look_inside(info, "host"), look_inside(info, "store")
    controllers = host.get("cgroupControllers")
    known = isinstance(controllers, list)  # since podman 4
    return EngineFacts(
        "podman",
        os=str(host.get("os") or "linux"),
        architecture=spell_architecture(str(host.get("arch") or "")),
        cgroups=parse_number(str(host.get("cgroupVersion") or "").removeprefix("v")),
        rootless=look_inside(host, "security").get("rootless") is True,
        delegated=not known or {"cpu", "memory", "pids"} <= {str(one) for one in controllers or ()},
        memory=parse_number(host.get("memTotal")),
        title=str(look_inside(host, "distribution").get("distribution") or ""),
        runtime=str(look_inside(host, "ociRuntime").get("name") or ""),
        proxied=True,  # no daemon: it is our own environment that counts
        kernel=str(host.get("kernel") or ""),
        folder=str(store.get("graphRoot") or ""),
    )


def parse_number(value: object) -> int:
    """A number that may be written as text; 0 for anything else."""
    return int(str(value)) if str(value).isdigit() else 0


def look_inside(body: object, key: str) -> Mapping[str, Json]:
    """The object in an object's field; empty where there is none."""
    value = body.get(key) if isinstance(body, dict) else None
    return value if isinstance(value, dict) else {}
