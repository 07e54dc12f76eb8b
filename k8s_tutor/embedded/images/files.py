"""A container's file system, in memory: the image's files, what the container wrote over them, mounted volumes."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

__all__ = ["Files", "Mount", "ReadOnly", "Volume"]


_STANDARD = ("/", "/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var")


class ReadOnly(OSError):
    """The file lies on something mounted read-only."""


@dataclass(slots=True)
class Volume:
    """Something that can be mounted; all containers that mount it see the same files.

    Attributes:
        files: Content by path relative to the volume's root.
        read_only: Whether no container may write to it.
    """

    files: MutableMapping[str, bytes] = field(default_factory=dict)
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume (or one path inside it) at a path of the container."""

    path: str
    volume: Volume
    read_only: bool = False
    sub_path: str = ""


class Files:
    """Files by absolute path. Directories exist by being made or by holding something.

    Standard `OSError`s are raised as a real system raises them.
    """

    def __init__(self, image: Mapping[str, bytes], mounts: tuple[Mount, ...] = ()) -> None:
        self._image = image
        self._own: dict[str, bytes | None] = {}
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
        """
        if path == "/dev/null":
            return
        if self.is_directory(path):
            raise IsADirectoryError(path)
        if not self.is_directory(posixpath.dirname(path)):
            raise FileNotFoundError(path)
        if append:
            data = (self._find(path) or b"") + data
        mount, inner = self._mounted(path)
        if mount is None:
            self._own[path] = data
        elif mount.read_only:
            raise ReadOnly(path)
        else:
            mount.volume.files[inner] = data

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
        if path in self._directories or any(mount.path == path and not mount.sub_path for mount in self._mounts):
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
        mount, inner = self._mounted(path)
        if mount is not None:
            return mount.volume.files.get(inner)
        if path in self._own:
            return self._own[path]
        return b"" if path == "/dev/null" else self._image.get(path)

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
