"""What an image is: its configuration, its files, and the programs behind its commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.permissions import EXECUTE, READ, Attributes
from k8s_tutor.embedded.images.program import Main, Program, System, instant
from k8s_tutor.objects.pods import STAND_IN

__all__ = ["SEARCH_PATH", "STAND_IN_PROGRAM", "Contents", "Image", "InvalidReference", "Reference", "parse"]

STAND_IN_PROGRAM = "/stand-in"
SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is inside an image.

    Attributes:
        programs: What each executable file does, by absolute path.
        files: Other files, by absolute path.
        about: Whose files and directories are, where they are not root's 0644 or 0755; also directories without files.
    """

    programs: Mapping[str, Main]
    files: Mapping[str, bytes] = field(default_factory=dict)
    about: Mapping[str, Attributes] = field(default_factory=dict)


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
        version: What its programs say they are, where that is not the same for all tags; empty for the usual one.
        stand_in: There is such an image, but this is not it: whatever command is asked for, it says so.
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
    version: str = ""
    stand_in: bool = False

    @property
    def id(self) -> str:
        """As `containerStatuses[].imageID` shows it; that of a stand-in says that it is one."""
        mark = f"{STAND_IN}/" if self.stand_in else ""
        return f"{mark}{self.name.rpartition(':')[0]}@{self.digest}"

    @property
    def programs(self) -> Mapping[str, Main]:
        """What each executable file does, by absolute path."""
        return self.load().programs

    @property
    def files(self) -> Mapping[str, bytes]:
        """Other files, by absolute path."""
        return self.load().files

    @property
    def about(self) -> Mapping[str, Attributes]:
        """Whose files and directories are, by absolute path."""
        return self.load().about

    def find(self, command: str, directory: str = "/") -> str | None:
        """The path of an executable, looked up in PATH unless it holds a slash; None where there is none."""
        programs = self.programs
        default = STAND_IN_PROGRAM if self.stand_in else None
        if "/" in command:
            path = command if command.startswith("/") else f"{directory.rstrip('/')}/{command.removeprefix('./')}"
            return path if path in programs else default
        return next((f"{folder}/{command}" for folder in SEARCH_PATH if f"{folder}/{command}" in programs), default)

    def find_main(self, command: str, directory: str, files: Files, by: str = "") -> Main | None:
        """What a command runs: a program of the image, or a script, if its mode lets it; None where there is neither.

        Args:
            command: A path, or a name to be looked up in PATH.
            directory: Where a relative path begins.
            files: As who runs it sees them.
            by: What runs a script that does not say it; without it the kernel refuses such a one.
        """
        if found := self.find(command, directory):
            return self.programs[found]
        path = posixpath.normpath(posixpath.join(directory, command))
        if "/" not in command or not files.is_file(path) or not files.allows(path, READ | EXECUTE):
            return None
        line = files.read(path).partition(b"\n")[0].decode(errors="replace")
        words = line.removeprefix("#!").split(None, 1) if line.startswith("#!") else [by]
        if not words or not words[0]:
            return _refuse_format
        program = self.find(words[0])
        return _script(self.programs[program], words, command) if program else None


def _script(interpreter: Main, words: Sequence[str], path: str) -> Main:
    def main(system: System) -> Program:
        system.args = (*words, path, *system.args[1:])
        return (yield from interpreter(system))

    return main


@instant
def _refuse_format(system: System) -> int:
    system.err(f"exec {system.args[0]}: exec format error\n")
    return 1


# ---- Image names as a container runtime reads them: `nginx` means `docker.io/library/nginx:latest`
#
# The grammar is that of github.com/distribution/reference, the words of its errors too.

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[\w][\w.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")


class InvalidReference(ValueError):
    """Not an image name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image name, complete.

    Attributes:
        registry: `docker.io`, `ghcr.io`.
        repository: `library/nginx`.
        tag: `latest` unless given; empty where only a digest is given.
        digest: `sha256:…`, or empty.
    """

    registry: str
    repository: str
    tag: str
    digest: str = ""

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """Reads an image name as it stands in a Pod.

    Raises:
        InvalidReference: it is none; the message is the kubelet's.
    """
    rest, _, digest = text.partition("@")
    if digest and not _DIGEST.fullmatch(digest):
        raise InvalidReference("invalid reference format")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InvalidReference("invalid reference format")
    registry, repository = _split(head + slash + last)
    if repository != repository.lower():
        raise InvalidReference(f"invalid reference format: repository name ({repository}) must be lowercase")
    if not _REPOSITORY.fullmatch(repository):
        raise InvalidReference("invalid reference format")
    return Reference(registry, repository, tag or ("" if digest else "latest"), digest)


def _split(name: str) -> tuple[str, str]:
    """Registry and repository; a first part without dot, port or `localhost` belongs to Docker Hub."""
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, repository = first, rest
    else:
        registry, repository = "docker.io", name
    if registry == "docker.io" and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository
