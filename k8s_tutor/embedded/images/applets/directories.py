"""Commands about files and directories; `dd`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import UsageFault, absolute, reading, split
from k8s_tutor.embedded.images.files import LARGEST_FILES, DiskFull
from k8s_tutor.embedded.images.program import Effect, Main, System, instant
from k8s_tutor.embedded.images.shell.streams import ENDLESS, sample

__all__ = ["APPLETS"]


@instant
def ls(system: System) -> int:
    """`ls`, with `-l`, `-a`, `-1`, `-d`."""
    options, paths = split(system, "la1AhdRtrFis")
    status = 0
    found: list[tuple[str, list[str]]] = []
    for path in paths or ["."]:
        full = absolute(system, path)
        if not system.files.exists(full):
            system.err(f"ls: {path}: No such file or directory\n")
            status = 1
        elif system.files.is_directory(full) and not options.has("d"):
            hidden = options.has("a") or options.has("A")
            names = [name for name in system.files.names(full) if hidden or not name.startswith(".")]
            found.append((path, names))
        else:
            found.append(("", [path]))
    for number, (folder, names) in enumerate(found):
        if len(paths) > 1 and folder:
            system.out(f"{chr(10) if number else ''}{folder}:\n")
        if options.has("l"):
            system.out("total 0\n" if folder else "")
        for name in names:
            full = absolute(system, posixpath.join(folder, name))
            system.out((_long(system, full) if options.has("l") else "") + f"{name}\n")
    return status


def _long(system: System, path: str) -> str:
    directory = system.files.is_directory(path)
    size = 4096 if directory else len(system.files.read(path))
    moment = datetime.fromtimestamp(int(system.now()), UTC)
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.month - 1]
    kind, links = ("drwxr-xr-x", 2) if directory else ("-rw-r--r--", 1)
    return f"{kind}    {links} root     0        {size:9d} {month} {moment:%d %H:%M} "


@instant
def touch(system: System) -> int:
    """`touch`."""
    _, paths = split(system, "c", "t")
    return _each(system, paths, lambda path: system.files.write(path, b"", append=True))


@instant
def mkdir(system: System) -> int:
    """`mkdir`, with `-p`."""
    options, paths = split(system, "p", "m")
    status = 0
    for path in paths:
        full = absolute(system, path)
        if system.files.exists(full) and not options.has("p"):
            system.err(f"mkdir: can't create directory '{path}': File exists\n")
            status = 1
        elif not options.has("p") and not system.files.is_directory(posixpath.dirname(full)):
            system.err(f"mkdir: can't create directory '{path}': No such file or directory\n")
            status = 1
        else:
            system.files.make_directory(full)
    return status


@instant
def rm(system: System) -> int:
    """`rm`, with `-r` and `-f`."""
    options, paths = split(system, "rfRi")
    status = 0
    for path in paths:
        full = absolute(system, path)
        if system.files.is_directory(full) and (options.has("r") or options.has("R")):
            system.files.remove_tree(full)
        elif system.files.is_directory(full):
            system.err(f"rm: '{path}' is a directory\n")
            status = 1
        elif system.files.is_file(full):
            status |= _each(system, [path], system.files.remove)
        elif not options.has("f"):
            system.err(f"rm: can't remove '{path}': No such file or directory\n")
            status = 1
    return status


@instant
def copy(system: System) -> int:
    """`cp` of files."""
    _, paths = split(system, "rfapRL")
    return _transfer(system, paths, remove=False)


@instant
def move(system: System) -> int:
    """`mv` of files."""
    _, paths = split(system, "f")
    return _transfer(system, paths, remove=True)


def _transfer(system: System, paths: list[str], *, remove: bool) -> int:
    target = absolute(system, paths[-1])
    status = 0
    for path in paths[:-1]:
        full = absolute(system, path)
        if not system.files.is_file(full):
            verb = "rename" if remove else "stat"
            system.err(f"{system.args[0]}: can't {verb} '{path}': No such file or directory\n")
            status = 1
            continue
        destination = posixpath.join(target, posixpath.basename(full)) if system.files.is_directory(target) else target
        content = system.files.read(full)
        status |= _each(system, [destination], partial(system.files.write, data=content))
        if remove:
            system.files.remove(full)
    return status


def _each(system: System, paths: list[str], act: Callable[[str], None]) -> int:
    status = 0
    for path in paths:
        try:
            act(absolute(system, path))
        except OSError as error:
            words = {"FileNotFoundError": "No such file or directory", "ReadOnly": "Read-only file system"}
            reason = words.get(type(error).__name__, "Is a directory")
            system.err(f"{system.args[0]}: {path}: {reason}\n")
            status = 1
    return status


@instant
def pwd(system: System) -> int:
    """`pwd`."""
    system.out(f"{system.directory}\n")
    return 0


@instant
def basename(system: System) -> int:
    """`basename`."""
    name = posixpath.basename(system.args[1].rstrip("/"))
    suffix = system.args[2] if len(system.args) > 2 else ""
    system.out(name.removesuffix(suffix) + "\n")
    return 0


@instant
def dirname(system: System) -> int:
    """`dirname`."""
    system.out((posixpath.dirname(system.args[1].rstrip("/")) or ".") + "\n")
    return 0


@instant
def nothing(_: System) -> int:
    """`chmod`, `chown`, `sync`: nothing of it can be seen in a simulated container."""
    return 0


# ---- `dd`: copies by blocks, also from `/dev/zero` and `/dev/random`


_SUFFIXES = {
    "": 1,
    "c": 1,
    "w": 2,
    "b": 512,
    "kB": 1000,
    "k": 1 << 10,
    "K": 1 << 10,
    "MB": 10**6,
    "M": 1 << 20,
    "GB": 10**9,
    "G": 1 << 30,
}
_NUMBERS = {"bs": 512, "ibs": 0, "obs": 0, "count": -1, "skip": 0, "seek": 0}


@dataclass(frozen=True, slots=True)
class _Order:
    """The command line: words and numbers by name."""

    words: dict[str, str]
    numbers: dict[str, int]

    @property
    def read_size(self) -> int:
        return self.numbers["ibs"] or self.numbers["bs"]

    @property
    def write_size(self) -> int:
        return self.numbers["obs"] or self.numbers["bs"]


def dd(system: System) -> Generator[Effect, Any, int]:
    """`dd` with `if of bs ibs obs count skip seek conv=notrunc status`."""
    order = _read(system.args[1:])
    source = order.words.get("if", "")
    target = order.words.get("of", "")
    if source in ENDLESS:
        data: bytes | None = _device(system, source, order, to_nowhere=target == "/dev/null")
    else:
        data = yield from reading(system, source or "-")
    if data is None:
        return 1
    if source not in ENDLESS:
        start = order.numbers["skip"] * order.read_size
        count = order.numbers["count"]
        data = data[start : None if count < 0 else start + count * order.read_size]
    failed = _write(system, order, target, data)
    if failed:
        system.err(failed)
        return 1
    if order.words.get("status") != "none":
        system.err(f"{_records(len(data), order.read_size)} in\n{_records(len(data), order.write_size)} out\n")
    return 0


def _read(words: tuple[str, ...]) -> _Order:
    given, numbers = {}, dict(_NUMBERS)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in ("if", "of", "conv", "status", "iflag", "oflag", *numbers):
            raise UsageFault(f"unrecognized operand '{word}'")
        given[name] = value
        if name in numbers:
            found = re.fullmatch(r"(\d+)([A-Za-z]*)", value)
            if not found or found.group(2) not in _SUFFIXES:
                raise UsageFault(f"invalid number '{value}'")
            numbers[name] = int(found.group(1)) * _SUFFIXES[found.group(2)]
    return _Order(given, numbers)


def _device(system: System, source: str, order: _Order, *, to_nowhere: bool) -> bytes | None:
    """What an endless device gives; None, after saying so, where that is more than there is room for."""
    size = order.numbers["count"] * order.read_size
    if size < 0 or size > LARGEST_FILES:
        where = "/dev/null" if to_nowhere else order.words.get("of", "standard output")
        system.err(f"dd: error writing '{where}': No space left on device\n")
        return None
    return sample(system, source, size)


def _write(system: System, order: _Order, target: str, data: bytes) -> str:
    """Puts the data where it belongs; what went wrong, or nothing."""
    if not target:
        system.out(data)
        return ""
    path = absolute(system, target)
    before = system.files.read(path) if system.files.is_file(path) else b""
    start = order.numbers["seek"] * order.write_size
    after = before[start + len(data) :] if "notrunc" in order.words.get("conv", "") else b""
    try:
        system.files.write(path, before[:start].ljust(start, b"\0") + data + after)
    except DiskFull:
        return f"dd: error writing '{target}': No space left on device\n"
    except OSError:
        return f"dd: can't open '{target}': No such file or directory\n"
    return ""


def _records(size: int, block: int) -> str:
    return f"{size // block}+{1 if size % block else 0} records"


APPLETS: dict[str, Main] = {
    "ls": ls,
    "touch": touch,
    "mkdir": mkdir,
    "rm": rm,
    "cp": copy,
    "dd": dd,
    "mv": move,
    "pwd": pwd,
    "basename": basename,
    "dirname": dirname,
    "chmod": nothing,
    "chown": nothing,
    "sync": nothing,
}
