"""What an image is: its configuration, its files, and the programs behind its commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from k8s_tutor.embedded.images.program import Main

__all__ = ["SEARCH_PATH", "Contents", "Image"]

SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is inside an image.

    Attributes:
        programs: What each executable file does, by absolute path.
        files: Other files, by absolute path.
    """

    programs: Mapping[str, Main]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """One tag of one image.

    Attributes:
        name: Complete, with tag: `docker.io/library/nginx:1.22`.
        size: In bytes, as the real image's.
        digest: `sha256:…`.
        load: Gives what is inside; called when first needed, as the programs cost time to import.
        entrypoint: ENTRYPOINT of the image.
        cmd: CMD of the image.
        directory: WORKDIR.
        user: Number of the user it runs as.
        stop_signal: What asks it to stop.
        preloaded: On every node from the start, as the course loads it into kind's nodes.
        memory: Bytes its own program keeps in use; measured on a real cluster, as is
        idle: CPU time that program uses while nothing is asked of it, in cores.
    """

    name: str
    size: int
    digest: str
    load: Callable[[], Contents]
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    directory: str = "/"
    user: int = 0
    stop_signal: str = "TERM"
    preloaded: bool = True
    memory: int = 300 << 10
    idle: float = 0.0

    @property
    def id(self) -> str:
        """As `containerStatuses[].imageID` shows it."""
        return f"{self.name.rpartition(':')[0]}@{self.digest}"

    @property
    def programs(self) -> Mapping[str, Main]:
        """What each executable file does, by absolute path."""
        return self.load().programs

    @property
    def files(self) -> Mapping[str, bytes]:
        """Other files, by absolute path."""
        return self.load().files

    def find(self, command: str, directory: str = "/") -> str | None:
        """The path of an executable, looked up in PATH unless it holds a slash; None where there is none."""
        programs = self.programs
        if "/" in command:
            path = command if command.startswith("/") else f"{directory.rstrip('/')}/{command.removeprefix('./')}"
            return path if path in programs else None
        return next((f"{place}/{command}" for place in SEARCH_PATH if f"{place}/{command}" in programs), None)
