"""Commands about files and directories; `dd`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import (
    Options,
    UsageFault,
    absolute,
    accounts,
    reading,
    split,
)
from k8s_tutor.embedded.images.files import LARGEST_FILES, DiskFull
from k8s_tutor.embedded.images.permissions import (
    DIRECTORY,
    NotEmpty,
    changed_mode,
    name_of,
    number_of,
    words_of,
)
from k8s_tutor.embedded.images.program import Effect, Main, System, instant
from k8s_tutor.embedded.images.shell.streams import ENDLESS, sample

__all__ = ["APPLETS"]


@instant
def ls(system: System) -> int:
    """`ls`, with `-l`, `-n`, `-a`, `-1`, `-d`."""
    options, paths = split(system, "la1AhdRtrFisn")
    long, numeric = options.has("l") or options.has("n"), options.has("n")
    status = 0
    found: list[tuple[str, list[str]]] = []
    for path in paths or ["."]:
        full = absolute(system, path)
        try:
            folder = bool(system.files.about(full).mode & DIRECTORY) and not options.has("d")
        except OSError as error:
            system.err(f"ls: {path}: {words_of(error)}\n")
            status = 1
            continue
        try:
            found.append((path, _listed(system, full, options)) if folder else ("", [path]))
        except OSError as error:
            system.err(f"ls: can't open '{path}': {words_of(error)}\n")
            status = 1
    for number, (folder_name, names) in enumerate(found):
        if len(paths) > 1 and folder_name:
            system.out(f"{chr(10) if number else ''}{folder_name}:\n")
        lines = [_long(system, absolute(system, posixpath.join(folder_name, name)), numeric) for name in names if long]
        if long and folder_name:
            system.out(f"total {sum(blocks for blocks, _ in lines)}\n")
        for place, name in enumerate(names):
            system.out((lines[place][1] if long else "") + f"{name}\n")
    return status


def _listed(system: System, folder: str, options: Options) -> list[str]:
    names = system.files.names(folder)
    if options.has("a"):
        return [".", "..", *names]
    return names if options.has("A") else [name for name in names if not name.startswith(".")]


def _long(system: System, path: str, numeric: bool) -> tuple[int, str]:
    """A file's size in blocks, and its line without the name."""
    about, size = system.files.about(path), system.files.size(path)
    moment = datetime.fromtimestamp(int(system.now()), UTC)
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.month - 1]
    user = _owner(system, "passwd", about.uid, numeric)
    group = _owner(system, "group", about.gid, numeric)
    links = 2 if about.mode & DIRECTORY else 1
    line = f"{about.text}    {links} {user:<8.8} {group:<8.8} {size:9d} {month} {moment.day:2d} {moment:%H:%M} "
    return -(-size // 4096) * 4, line


def _owner(system: System, table: str, number: int, numeric: bool) -> str:
    return str(number) if numeric else name_of(accounts(system, table), number) or str(number)


@instant
def status(system: System) -> int:
    """`stat -c FORMAT`."""
    options, paths = split(system, "Lt", "c")
    form = options.value("c")
    if form is None:
        system.err("stat: without -c it is not simulated on the embedded cluster (a kind cluster runs it)\n")
        return 127

    def show(name: str, path: str) -> None:
        about = system.files.about(path)
        facts = {
            "a": f"{about.permissions:o}",
            "A": about.text,
            "F": "directory" if about.mode & DIRECTORY else "regular file",
            "g": str(about.gid),
            "G": name_of(accounts(system, "group"), about.gid) or "UNKNOWN",
            "n": name,
            "s": str(system.files.size(path)),
            "u": str(about.uid),
            "U": name_of(accounts(system, "passwd"), about.uid) or "UNKNOWN",
        }
        system.out(re.sub("%([a-zA-Z])", lambda found: facts.get(found[1], found[0]), form) + "\n")

    return max((_each(system, [path], partial(show, path), "stat: can't stat '{}': {}") for path in paths), default=0)


@instant
def touch(system: System) -> int:
    """`touch`."""
    _, paths = split(system, "c", "t")
    return _each(system, paths, lambda path: system.files.write(path, b"", append=True))


@instant
def mkdir(system: System) -> int:
    """`mkdir`, with `-p` and `-m`."""
    options, paths = split(system, "p", "m")
    mode = changed_mode(options.value("m") or "777", 0o777, system.files.umask)
    if mode is None:
        system.err(f"mkdir: invalid mode '{options.value('m')}'\n")
        return 1

    def make(path: str) -> None:
        if system.files.exists(path) and not options.has("p"):
            raise FileExistsError(path)
        if not options.has("p") and not system.files.is_directory(posixpath.dirname(path)):
            raise FileNotFoundError(path)
        system.files.make_directory(path)
        if options.has("m"):
            system.files.change_mode(path, mode)

    return _each(system, paths, make, "mkdir: can't create directory '{}': {}")


@instant
def rm(system: System) -> int:
    """`rm`, with `-r` and `-f`."""
    options, paths = split(system, "rfRi")
    status = 0
    for path in paths:
        full = absolute(system, path)
        if system.files.is_directory(full) and not (options.has("r") or options.has("R")):
            system.err(f"rm: '{path}' is a directory\n")
            status = 1
        elif system.files.exists(full) or not options.has("f"):
            remove = system.files.remove_tree if system.files.is_directory(full) else system.files.remove
            status |= _each(system, [path], remove, "rm: can't remove '{}': {}")
    return status


@instant
def rmdir(system: System) -> int:
    """`rmdir`."""
    _, paths = split(system)

    def remove(path: str) -> None:
        if system.files.names(path):
            raise NotEmpty(path)
        system.files.remove_tree(path)

    return _each(system, paths, remove, "rmdir: '{}': {}")


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
    target, files, name = absolute(system, paths[-1]), system.files, system.args[0]
    status = 0
    for path in paths[:-1]:
        full = absolute(system, path)
        verb = "rename" if remove else "open" if files.is_file(full) else "stat"
        destination = posixpath.join(target, posixpath.basename(full)) if files.is_directory(target) else target
        content: bytes | None = None
        try:
            if not files.is_file(full):
                raise FileNotFoundError(path)
            content = files.moved(full, destination) if remove else files.read(full)
        except OSError as error:
            system.err(f"{name}: can't {verb} '{path}': {words_of(error)}\n")
            status = 1
        if content is not None and not remove:
            write = partial(files.write, data=content, mode=files.about(full).permissions)
            status |= _each(system, [destination], write, f"{name}: can't create '{{}}': {{}}")
    return status


# ---- Whose files are, and who may


@instant
def chmod(system: System) -> int:
    """`chmod MODE FILE…`, with `-R`."""
    words = list(system.args[1:])
    recursive = words[:1] == ["-R"]
    if len(words) < 2 + recursive:
        raise UsageFault("missing operand")
    text, paths = words[recursive], words[1 + recursive :]
    if changed_mode(text, 0, 0) is None:
        system.err(f"chmod: invalid mode '{text}'\n")
        return 1

    def change(path: str) -> None:
        mode = changed_mode(text, system.files.about(path).mode, system.files.umask)
        assert mode is not None
        system.files.change_mode(path, mode)

    return _each(system, _all_below(system, paths) if recursive else paths, change)


@instant
def chown(system: System) -> int:
    """`chown [USER][:GROUP] FILE…` and `chgrp GROUP FILE…`, with `-R`."""
    options, words = split(system, "Rfhv")
    if len(words) < 2:
        raise UsageFault("missing operand")
    by_group = system.args[0].endswith("chgrp")
    user, _, group = ("", "", words[0]) if by_group else words[0].replace(".", ":").partition(":")
    uid, gid = number_of(accounts(system, "passwd"), user), number_of(accounts(system, "group"), group)
    for name, number, what in ((user, uid, "user"), (group, gid, "group")):
        if name and number is None:
            system.err(f"{system.args[0]}: unknown {what} {name}\n")
            return 1
    paths = _all_below(system, words[1:]) if options.has("R") else words[1:]
    return _each(system, paths, lambda path: system.files.change_owner(path, uid, gid))


def _all_below(system: System, paths: list[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        full = absolute(system, path)
        inside = system.files.names(full) if system.files.is_directory(full) else []
        found += [path, *_all_below(system, [posixpath.join(path, name) for name in inside])]
    return found


def _each(system: System, paths: list[str], act: Callable[[str], None], words: str = "") -> int:
    status = 0
    for path in paths:
        try:
            act(absolute(system, path))
        except OSError as error:
            system.err((words or f"{system.args[0]}: {{}}: {{}}").format(path, words_of(error)) + "\n")
            status = 1
    return status


@instant
def sync(_: System) -> int:
    """`sync`: what is written is written."""
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
    except OSError as error:
        return f"dd: can't open '{target}': {words_of(error)}\n"
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
    "chmod": chmod,
    "chown": chown,
    "chgrp": chown,
    "stat": status,
    "rmdir": rmdir,
    "sync": sync,
}
