"""A container's file system as its processes see it: what each may read, write and make; how much there may be."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from k8s_tutor.embedded.images.permissions import (
    DIRECTORY,
    EXECUTE,
    READ,
    ROOT,
    WRITE,
    Attributes,
    Identity,
    NotPermitted,
    ReadOnly,
)
from k8s_tutor.embedded.images.tree import DEVICES, FILE, FOLDER, Mount, Tree

__all__ = [
    "LARGEST_CONTAINER",
    "LARGEST_FILES",
    "LARGEST_NODE",
    "DiskFull",
    "Files",
    "Memory",
    "Share",
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


# ---- A container's file system, as a process of somebody sees it

_SETGID, _STICKY = 0o2000, 0o1000
_SEALED = "/sys/"  # mounted read-only into every container


class Files(Tree):
    """Files by absolute path, as one process sees them. Directories exist by being made or by holding something.

    Standard `OSError`s are raised as a real system raises them.

    Attributes:
        umask: Permissions that new files do not get.
    """

    def __init__(
        self,
        image: Mapping[str, bytes],
        mounts: tuple[Mount, ...] = (),
        about: Mapping[str, Attributes] | None = None,
    ) -> None:
        super().__init__(image, mounts, about)
        self._who = ROOT
        self._sealed = False
        self.umask = 0o022

    def seen_by(self, who: Identity, *, sealed: bool = False) -> Files:
        """The same files for a process of somebody.

        Args:
            who: Whose permissions count.
            sealed: Whether the image's files are read-only (`readOnlyRootFilesystem`).
        """
        seen = Files.__new__(Files)
        seen.__dict__.update(self.__dict__)  # `copy.copy` takes five times as long, and every process has its view
        seen._who, seen._sealed = who, sealed
        return seen

    # --- files --------------------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """A file's content.

        Raises:
            FileNotFoundError: there is none.
            IsADirectoryError: it is a directory.
            PermissionError: it is not for this process.
        """
        self._reach(path)
        content = self._content(path)
        if content is None:
            raise IsADirectoryError(path) if self.is_directory(path) else FileNotFoundError(path)
        self._demand(path, READ)
        return bytes(content)

    def write(self, path: str, data: bytes, *, append: bool = False, mode: int = 0o666) -> None:
        """Makes or replaces a file, or adds to its end.

        Args:
            path: Where.
            data: What.
            append: Whether what is there stays.
            mode: Of a new file; the umask is taken from it.

        Raises:
            FileNotFoundError: its directory does not exist.
            IsADirectoryError: it is a directory.
            ReadOnly: it lies on a read-only mount.
            PermissionError: it, or its directory, is not for this process.
            DiskFull: there is no room.
        """
        if path == "/dev/full" and data:
            raise DiskFull
        if path in DEVICES:
            return
        if self.is_directory(path):
            raise IsADirectoryError(path)
        content = self._content(path)
        self._check_change(path, new=content is None)
        mount, inner = self._mounted(path)
        self._make_room(mount, len(data) - (0 if append else len(content or b"")))
        if append and content:
            self._append(path, mount, inner, data)
        elif mount is None:
            self._own[path] = data
        else:
            mount.volume.files[inner] = data
        if content is None:
            self._become_owner(path, mode)

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

    def remove(self, path: str) -> None:
        """Removes a file.

        Raises:
            FileNotFoundError: there is none.
            ReadOnly: it lies on a read-only mount.
            PermissionError: its directory is not for this process; `NotPermitted`: it is somebody else's.
        """
        if self._content(path) is None:
            raise IsADirectoryError(path) if self.is_directory(path) else FileNotFoundError(path)
        self._check_change(path, new=True)
        self._forget(path)
        mount, inner = self._mounted(path)
        if mount is None:
            self._own[path] = None
        else:
            del mount.volume.files[inner]

    def remove_tree(self, path: str) -> None:
        """Removes a directory and all in it.

        Raises:
            As `remove` does, for the first thing that stays.
        """
        inside = path.rstrip("/") + "/"
        for name in sorted({name for name in self._paths() if name.startswith(inside)}):
            self.remove(name)
        folders = [name for name in self._folders() if name == path or name.startswith(inside)]
        for name in sorted(folders, key=len, reverse=True):
            if not any(mount.path == name for mount in self._mounts):
                self._check_change(name, new=True)
                self._forget(name)

    def moved(self, path: str, target: str) -> bytes:
        """Gives a file another place; its owner and mode stay. The result is its content.

        Raises:
            As `write` and `remove` do.
        """
        content, about = bytes(self._content(path) or b""), self.about(path)
        self._check_change(path, new=True)
        self._check_change(target, new=True)
        self.remove(path)
        whole = self.seen_by(ROOT)
        whole.write(target, content)
        whole._note(target, about)
        return content

    def size(self, path: str) -> int:
        """In bytes; a directory's is that of a block."""
        return 4096 if self.is_directory(path) else len(self._content(path) or b"")

    # --- directories --------------------------------------------------------------------------------------------------

    def make_directory(self, path: str, mode: int = 0o777) -> None:
        """Makes a directory and those above it; one that is there stays as it is.

        Raises:
            NotADirectoryError: something above it is a file.
            ReadOnly: it lies on a read-only mount.
            PermissionError: the directory above it is not for this process.
        """
        if self.is_directory(path):
            return
        above = posixpath.dirname(path)
        self.make_directory(above)
        if self.is_file(path):
            raise NotADirectoryError(path)
        self._check_change(path, new=True)
        inherited = (self._known(above) or FOLDER).mode & _SETGID
        self._become_owner(path, DIRECTORY | inherited | mode)

    def names(self, path: str) -> list[str]:
        """What a directory holds, sorted.

        Raises:
            FileNotFoundError: there is none.
            NotADirectoryError: it is a file.
            PermissionError: it is not for this process.
        """
        self._reach(path)
        if not self.is_directory(path):
            raise NotADirectoryError(path) if self.is_file(path) else FileNotFoundError(path)
        self._demand(path, READ)
        return self._inside(path)

    # --- whose they are, and who may ----------------------------------------------------------------------------------

    def about(self, path: str) -> Attributes:
        """To whom a file or directory belongs, and its mode.

        Raises:
            FileNotFoundError: there is none.
            PermissionError: a directory above it may not be searched.
        """
        self._reach(path)
        if (known := self._known(path)) is not None:
            return known
        if self.is_directory(path):
            return FOLDER
        if not self.is_file(path):
            raise FileNotFoundError(path)
        return FILE

    def allows(self, path: str, wanted: int) -> bool:
        """Whether this process may `READ`, `WRITE` or `EXECUTE` something that is there."""
        try:
            if wanted & WRITE:
                self._check_writable(path)
            return self._who.allows(self.about(path), wanted)
        except OSError:
            return False

    def change_mode(self, path: str, mode: int) -> None:
        """`chmod`.

        Raises:
            FileNotFoundError: there is none.
            ReadOnly: it lies on a read-only mount.
            NotPermitted: it is somebody else's.
        """
        about = self.about(path)
        self._check_writable(path)
        if not self._who.owns(about):
            raise NotPermitted(path)
        if not about.mode & DIRECTORY and about.gid not in self._who.groups and not self._who.can("FSETID"):
            mode &= ~_SETGID
        self._note(path, about._replace(mode=(about.mode & DIRECTORY) | mode))

    def change_owner(self, path: str, uid: int | None, gid: int | None) -> None:
        """`chown`; None leaves it as it is.

        Raises:
            FileNotFoundError: there is none.
            ReadOnly: it lies on a read-only mount.
            NotPermitted: it takes CHOWN; an owner may only give it to a group of its own.
        """
        about, who = self.about(path), self._who
        self._check_writable(path)
        own = about.uid == who.uid and uid in (None, who.uid) and gid in (None, about.gid, *who.groups)
        if not own and not who.can("CHOWN"):
            raise NotPermitted(path)
        owned = about._replace(uid=about.uid if uid is None else uid, gid=about.gid if gid is None else gid)
        self._note(path, owned if about.mode & DIRECTORY else owned._replace(mode=about.mode & ~0o6000))

    def _reach(self, path: str) -> None:
        """All directories above may be searched. Root's processes, nearly all of them, are not asked."""
        if self._who.overrides:
            return
        above = posixpath.dirname(path)
        if above != path:
            self._reach(above)
            if not self._who.allows(self._known(above) or FOLDER, EXECUTE):
                raise PermissionError(path)

    def _demand(self, path: str, wanted: int) -> None:
        if not self._who.overrides and not self._who.allows(self.about(path), wanted):
            raise PermissionError(path)

    def _check_writable(self, path: str) -> None:
        mount, _ = self._mounted(path)
        if mount.read_only if mount is not None else path.startswith(_SEALED) or (self._sealed and not _is_apart(path)):
            raise ReadOnly(path)

    def _check_change(self, path: str, *, new: bool) -> None:
        """Raises where a file may not be written or, being `new` or about to go, its directory may not be changed."""
        above = posixpath.dirname(path)
        self._reach(path)
        if not self.is_directory(above):
            raise FileNotFoundError(path)
        self._check_writable(path)
        self._demand(above if new else path, WRITE | EXECUTE if new else WRITE)
        if path.startswith("/proc/"):
            raise PermissionError(path)
        around = self._known(above) or FOLDER
        if not new or not around.mode & _STICKY or not self.exists(path):
            return
        if not self._who.owns(around) and not self._who.owns(self.about(path)):
            raise NotPermitted(path)

    def _become_owner(self, path: str, mode: int) -> None:
        """What is new belongs to whom makes it; the group is that of a directory which says so."""
        around = self._known(posixpath.dirname(path)) or FOLDER
        gid = around.gid if around.mode & _SETGID else self._who.gid
        self._note(path, Attributes(self._who.uid, gid, mode & ~self.umask))


def _is_apart(path: str) -> bool:
    """Whether it lies on something that is no part of the image, which may be read-only."""
    return path.startswith(("/dev/", "/proc/"))
