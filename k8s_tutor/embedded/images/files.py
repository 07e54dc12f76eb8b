"""A container's file system, in memory: the image's files, what the container wrote over them, mounted volumes."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

__all__ = [
    "LARGEST_CONTAINER",
    "LARGEST_FILES",
    "LARGEST_NODE",
    "DiskFull",
    "Files",
    "Memory",
    "Mount",
    "ReadOnly",
    "Share",
    "Volume",
]


# ---- What simulated programs really keep in this process's memory, and how much of it they may
#
# A container's limit is a number of the simulated world: `limits: {memory: 8Gi}` must not take eight gigabytes of the
# machine that a learner sits at. What a program keeps (variables, gathered input, files) is counted as it grows.

LARGEST_CONTAINER = 64 << 20  # bytes that the programs of one container keep, whatever its limit
LARGEST_NODE = 256 << 20  # bytes that all programs of one node keep
LARGEST_FILES = 64 << 20  # bytes that one container, or one volume, holds in files


class DiskFull(OSError):
    """No space left on device."""


@dataclass(slots=True)
class Memory:
    """Of one node; all of its containers take from it."""

    taken: int = 0


class Share:
    """What the programs of one container keep.

    Args:
        memory: The node's.
        limit: The container's, in bytes; None for none.
    """

    def __init__(self, memory: Memory, limit: int | None) -> None:
        self._memory = memory
        self._limit = min(limit or LARGEST_CONTAINER, LARGEST_CONTAINER)
        self.taken = 0

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more could be kept."""
        return self.taken + size <= self._limit and self._memory.taken + size <= LARGEST_NODE

    def keep(self, size: int) -> None:
        """Keeps so many bytes more, or fewer."""
        self.taken += size
        self._memory.taken += size


# ---- A container's file system, in memory: the image's files, what the container wrote over them, mounted volumes

_DEVICES = ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")
"""Files without content: what is written to them is gone; what the endless ones give, whoever reads them makes."""
_STANDARD = ("/", "/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var")


class ReadOnly(OSError):
    """The file lies on something mounted read-only."""


@dataclass(slots=True)
class Volume:
    """Something that can be mounted; all containers that mount it see the same files.

    Attributes:
        files: Content by path relative to the volume's root.
        read_only: Whether no container may write to it.
        follows: Whether its files are replaced as what they come from changes.
    """

    files: MutableMapping[str, bytes | bytearray] = field(default_factory=dict)
    read_only: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume (or one path inside it) at a path of the container."""

    path: str
    volume: Volume
    read_only: bool = False
    sub_path: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is one file; a part that is not there is a new directory."""
        return bool(self.sub_path) and self.sub_path in self.volume.files


class Files:
    """Files by absolute path. Directories exist by being made or by holding something.

    Standard `OSError`s are raised as a real system raises them.
    """

    def __init__(self, image: Mapping[str, bytes], mounts: tuple[Mount, ...] = ()) -> None:
        self._image = image
        self._own: dict[str, bytes | bytearray | None] = {}
        self._directories: set[str] = set(_STANDARD)
        # The longest mount path first: a mount may lie inside another.
        self._mounts = sorted(mounts, key=lambda mount: -len(mount.path))

    def read(self, path: str) -> bytes:
        """A file's content.

        Raises:
            FileNotFoundError: there is none.
            IsADirectoryError: it is a directory.
        """
        content = self._find(path)
        if content is not None:
            return content
        raise IsADirectoryError(path) if self.is_directory(path) else FileNotFoundError(path)

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """Makes or replaces a file, or adds to its end.

        Raises:
            FileNotFoundError: its directory does not exist.
            IsADirectoryError: it is a directory.
            ReadOnly: it lies on a read-only mount.
            DiskFull: there is no room.
        """
        if path == "/dev/full" and data:
            raise DiskFull
        if path in _DEVICES:
            return
        if self.is_directory(path):
            raise IsADirectoryError(path)
        if not self.is_directory(posixpath.dirname(path)):
            raise FileNotFoundError(path)
        mount, inner = self._mounted(path)
        if mount is not None and mount.read_only:
            raise ReadOnly(path)
        known = self._size(path)
        self._make_room(mount, len(data) - (0 if append else known))
        if append and known:
            self._append(path, mount, inner, data)
        elif mount is None:
            self._own[path] = data
        else:
            mount.volume.files[inner] = data

    def _append(self, path: str, mount: Mount | None, inner: str, data: bytes) -> None:
        """Adds to the end without copying what is there, which a loop of small writes would do again and again."""
        content = self._content(path)
        if not isinstance(content, bytearray):
            content = bytearray(content or b"")
            if mount is None:
                self._own[path] = content
            else:
                mount.volume.files[inner] = content
        content += data

    def _make_room(self, mount: Mount | None, more: int) -> None:
        holds = mount.volume.files.values() if mount is not None else self._own.values()
        if more > 0 and sum(len(content) for content in holds if content) + more > LARGEST_FILES:
            raise DiskFull

    def _size(self, path: str) -> int:
        return len(self._content(path) or b"")

    def remove(self, path: str) -> None:
        """Removes a file.

        Raises:
            FileNotFoundError: there is none.
            ReadOnly: it lies on a read-only mount.
        """
        if self._find(path) is None:
            raise IsADirectoryError(path) if self.is_directory(path) else FileNotFoundError(path)
        mount, inner = self._mounted(path)
        if mount is None:
            self._own[path] = None
        elif mount.read_only:
            raise ReadOnly(path)
        else:
            del mount.volume.files[inner]

    def remove_tree(self, path: str) -> None:
        """Removes a directory and all in it."""
        inside = path.rstrip("/") + "/"
        for name in sorted(set(self._paths())):
            if name.startswith(inside):
                self.remove(name)
        self._directories = {name for name in self._directories if name != path and not name.startswith(inside)}

    def make_directory(self, path: str) -> None:
        """Makes a directory and those above it."""
        while path not in self._directories:
            self._directories.add(path)
            path = posixpath.dirname(path)

    def exists(self, path: str) -> bool:
        """Whether there is a file or a directory."""
        return self.is_file(path) or self.is_directory(path)

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return self._find(path) is not None

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory."""
        if path in self._directories or any(mount.path == path and not mount.is_file for mount in self._mounts):
            return True
        inside = path.rstrip("/") + "/"
        return any(name.startswith(inside) for name in self._paths())

    def names(self, path: str) -> list[str]:
        """What a directory holds, sorted.

        Raises:
            FileNotFoundError: there is none.
            NotADirectoryError: it is a file.
        """
        if not self.is_directory(path):
            raise NotADirectoryError(path) if self.is_file(path) else FileNotFoundError(path)
        inside = path.rstrip("/") + "/"
        everything = [*self._paths(), *self._directories, *(mount.path for mount in self._mounts)]
        found = {name[len(inside) :].partition("/")[0] for name in everything if name.startswith(inside)}
        return sorted(found - {""})

    def _find(self, path: str) -> bytes | None:
        content = self._content(path)
        return bytes(content) if isinstance(content, bytearray) else content

    def _content(self, path: str) -> bytes | bytearray | None:
        mount, inner = self._mounted(path)
        if mount is not None:
            return mount.volume.files.get(inner)
        if path in self._own:
            return self._own[path]
        return b"" if path in _DEVICES else self._image.get(path)

    def _mounted(self, path: str) -> tuple[Mount | None, str]:
        for mount in self._mounts:
            if path == mount.path and mount.sub_path:
                return mount, mount.sub_path
            if path.startswith(mount.path.rstrip("/") + "/"):
                inner = path[len(mount.path.rstrip("/")) + 1 :]
                return mount, f"{mount.sub_path}/{inner}" if mount.sub_path else inner
        return None, ""

    def _paths(self) -> list[str]:
        paths = [path for path in self._image if self._own.get(path, b"") is not None]
        paths += [path for path, data in self._own.items() if data is not None]
        for mount in self._mounts:
            prefix = mount.sub_path + "/" if mount.sub_path else ""
            if mount.sub_path in mount.volume.files:
                paths.append(mount.path)
            root = mount.path.rstrip("/")
            paths += [f"{root}/{name[len(prefix) :]}" for name in mount.volume.files if name.startswith(prefix)]
        return paths
