"""Where a container's files lie: in its image, over it, in mounted volumes; and whose they are. Nobody is refused here.

Whose a file is, and what its mode says, is noted only where it is not root's 0644: the files of images cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes

__all__ = ["DEVICES", "FILE", "FOLDER", "Mount", "Tree", "Volume"]

DEVICES = ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")
"""Files without content: what is written to them is gone; what the endless ones give, whoever reads them makes."""
FILE, FOLDER = Attributes(), Attributes(mode=DIRECTORY | 0o755)
_PROCESSES = "/proc/"
_STANDARD = {
    **dict.fromkeys(["/", "/bin", "/dev", "/etc", "/lib", "/lib64", "/run", "/sbin", "/usr", "/var"], FOLDER),
    **dict.fromkeys(("/proc", "/sys"), Attributes(mode=DIRECTORY | 0o555)),
    "/tmp": Attributes(mode=DIRECTORY | 0o1777),
    **dict.fromkeys(DEVICES, Attributes(mode=0o666)),
}


@dataclass(slots=True)
class Volume:
    """Something that can be mounted; all containers that mount it see the same files.

    Attributes:
        files: Content by path relative to the volume's root.
        read_only: Whether no container may write to it.
        follows: Whether its files are replaced as what they come from changes.
        about: Whose files and directories are, by the same paths, where they are not root's 0644; the root's is `""`.
    """

    files: MutableMapping[str, bytes | bytearray] = field(default_factory=dict)
    read_only: bool = False
    follows: bool = False
    about: MutableMapping[str, Attributes] = field(default_factory=dict)


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


class Tree:
    """Files by absolute path. Directories exist by being made or by holding something.

    Args:
        image: What the image holds.
        mounts: What lies over it.
        about: Whose files and directories of the image are, where they are not root's 0644 or 0755.

    Attributes:
        kernel: Gives the files under `/proc`.
    """

    def __init__(
        self,
        image: Mapping[str, bytes],
        mounts: tuple[Mount, ...] = (),
        about: Mapping[str, Attributes] | None = None,
    ) -> None:
        self._image = image
        self._own: dict[str, bytes | bytearray | None] = {}
        self._about: dict[str, Attributes] = {**_STANDARD, **(about or {})}
        # The longest mount path first: a mount may lie inside another.
        self._mounts = sorted(mounts, key=lambda mount: -len(mount.path))
        self.kernel: Callable[[], Mapping[str, bytes]] = dict

    def exists(self, path: str) -> bool:
        """Whether there is a file or a directory."""
        return self.is_file(path) or self.is_directory(path)

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return self._content(path) is not None

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory."""
        if path == "/" or any(mount.path == path and not mount.is_file for mount in self._mounts):
            return True
        if (known := self._known(path)) is not None:
            return bool(known.mode & DIRECTORY)
        inside = path.rstrip("/") + "/"
        return any(name.startswith(inside) for name in self._everything(path))

    def _inside(self, path: str) -> list[str]:
        """The names in a directory, sorted."""
        inside = path.rstrip("/") + "/"
        everything = [*self._everything(path), *self._folders()]
        found = {name[len(inside) :].partition("/")[0] for name in everything if name.startswith(inside)}
        return sorted(found - {""})

    def _everything(self, path: str) -> list[str]:
        """All that may make a directory of `path`."""
        held = [*self._paths(), *(mount.path for mount in self._mounts)]
        return [*held, *self.kernel()] if path.startswith("/proc") else held

    def _content(self, path: str) -> bytes | bytearray | None:
        mount, inner = self._mounted(path)
        if mount is not None:
            return mount.volume.files.get(inner)
        if path in self._own:
            return self._own[path]
        if path.startswith(_PROCESSES):
            return self.kernel().get(path)
        return b"" if path in DEVICES else self._image.get(path)

    def _mounted(self, path: str) -> tuple[Mount | None, str]:
        for mount in self._mounts:
            if path == mount.path:
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

    def _known(self, path: str) -> Attributes | None:
        """What is noted about a path: not about every one that there is."""
        mount, inner = self._mounted(path)
        return self._about.get(path) if mount is None else mount.volume.about.get(inner)

    def _note(self, path: str, about: Attributes) -> None:
        mount, inner = self._mounted(path)
        noted, key = (self._about, path) if mount is None else (mount.volume.about, inner)
        if about != FILE or key in noted:
            noted[key] = about

    def _forget(self, path: str) -> None:
        mount, inner = self._mounted(path)
        if mount is None:
            self._about.pop(path, None)
        else:
            mount.volume.about.pop(inner, None)

    def _folders(self) -> Iterator[str]:
        """Directories that were made."""
        yield from [path for path, about in self._about.items() if about.mode & DIRECTORY]
        for mount in self._mounts:
            prefix, root = mount.sub_path + "/" if mount.sub_path else "", mount.path.rstrip("/")
            made = [name for name, about in mount.volume.about.items() if about.mode & DIRECTORY]
            yield from [f"{root}/{name[len(prefix) :]}" for name in made if name and name.startswith(prefix)]
