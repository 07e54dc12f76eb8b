"""A node's own files: directories that outlive the pods which mount them. A fresh node has none."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from k8s_tutor.embedded.images.files import Volume

__all__ = ["Disk"]


class Disk:
    """Files by absolute path; a mounted directory is a view of those below it."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._made: dict[str, None] = {}

    def directory(self, path: str, *, read_only: bool = False) -> Volume:
        """A directory of the node, made where it is not there yet."""
        self._made[path.rstrip("/")] = None
        return Volume(_Directory(self._files, path), read_only)

    def holds(self, path: str) -> bool:
        """Whether there is such a directory, made by itself or by something in it."""
        path, inside = path.rstrip("/"), path.rstrip("/") + "/"
        return path in self._made or any(name.startswith(inside) for name in (*self._made, *self._files))

    def remove(self, path: str) -> None:
        """Removes a directory and all in it, if it is there."""
        path, inside = path.rstrip("/"), path.rstrip("/") + "/"
        for name in [name for name in self._files if name.startswith(inside)]:
            del self._files[name]
        for name in [name for name in self._made if name == path or name.startswith(inside)]:
            del self._made[name]


class _Directory(MutableMapping[str, bytes]):
    """The files below one path, by their paths relative to it."""

    def __init__(self, files: dict[str, bytes], path: str) -> None:
        self._files = files
        self._prefix = path.rstrip("/") + "/"

    def __getitem__(self, name: str) -> bytes:
        return self._files[self._prefix + name]

    def __setitem__(self, name: str, content: bytes) -> None:
        self._files[self._prefix + name] = content

    def __delitem__(self, name: str) -> None:
        del self._files[self._prefix + name]

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return iter([name[start:] for name in self._files if name.startswith(self._prefix)])

    def __len__(self) -> int:
        return sum(1 for _ in self)
