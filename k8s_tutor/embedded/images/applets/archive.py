"""`tar`: what `kubectl cp` runs at the other end. Real archives, over the simulated file system.

A simulated file has no time of its own: archives say now.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import absolute, accounts, reading
from k8s_tutor.embedded.images.files import LARGEST_FILES, DiskFull
from k8s_tutor.embedded.images.permissions import name_of, words_of
from k8s_tutor.embedded.images.program import Effect, Main, Program, Read, System

__all__ = ["APPLETS"]

_USAGE = (
    "BusyBox v1.35.0 multi-call binary.\n\n"
    "Usage: tar c|x|t [-zahmvokO] [-f TARFILE] [-C DIR] [FILE]...\n\n"
    "Create, extract, or list files from a tar file\n"
)
_GZIP = b"\x1f\x8b"
_LETTERS = "cxtvzahmokOp"
_LONG = {
    "--no-same-permissions": "",
    "--no-same-owner": "o",
    "--overwrite": "",
    "--numeric-owner": "",
    "--create": "c",
    "--extract": "x",
    "--list": "t",
    "--verbose": "v",
    "--gzip": "z",
    "--to-stdout": "O",
    "--keep-old": "k",
}
_LONG_VALUED = {"--file": "f", "--directory": "C", "--strip-components": "strip"}


class _Fault(Exception):
    """Cannot go on; says why and exits 1."""


@dataclass(slots=True)
class _Order:
    """What is asked for."""

    letters: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    @property
    def action(self) -> str:
        """`c`, `x` or `t`; empty where it is not one of them."""
        found = self.letters & set("cxt")
        return found.pop() if len(found) == 1 else ""


def tar(system: System) -> Program:
    """`tar` with `c`, `x`, `t`, `-f`, `-C`, `-z`, `-v`, `-O`, `-k`, `--strip-components`."""
    if system.args[1:2] == ("--version",):
        system.out("tar (busybox) 1.35.0\n")
        return 0
    try:
        order = _read(list(system.args[1:]))
        folder = _working_folder(system, order)
        if order.action == "c":
            return _create(system, order, folder)
        data = yield from _archive(system, order.values.get("f", "-"))
        return 1 if data is None else _unpack(system, order, folder, data)
    except _Fault as fault:
        system.err(str(fault))
        return 1


def _working_folder(system: System, order: _Order) -> str:
    folder = absolute(system, order.values.get("C", "."))
    if "C" in order.values and not system.files.is_directory(folder):
        raise _Fault(f"tar: can't change directory to '{order.values['C']}': No such file or directory\n")
    return folder


def _read(words: list[str]) -> _Order:
    order = _Order()
    if words and not words[0].startswith("-"):  # as of old: letters without a dash, their values after them
        words[0] = f"-{words[0]}"
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            _long(order, word, words)
        elif len(word) > 1 and word[0] == "-":
            for letter in word[1:]:
                _letter(order, letter, words)
        else:
            order.names.append(word)
    if not order.action:
        raise _Fault(_USAGE)
    return order


def _letter(order: _Order, letter: str, words: list[str]) -> None:
    if letter in "fC":
        if not words:
            raise _Fault(f"tar: option requires an argument -- '{letter}'\n{_USAGE}")
        order.values[letter] = words.pop(0)
    elif letter in _LETTERS:
        order.letters.add(letter)
    else:
        raise _Fault(f"tar: invalid option -- '{letter}'\n{_USAGE}")


def _long(order: _Order, word: str, words: list[str]) -> None:
    name, given, value = word.partition("=")
    if name in _LONG_VALUED and (given or words):
        order.values[_LONG_VALUED[name]] = value if given else words.pop(0)
    elif name in _LONG:
        order.letters |= set(_LONG[name])
    else:
        raise _Fault(f"tar: unrecognized option '{word}'\n{_USAGE}")


# --- c ----------------------------------------------------------------------------------------------------------------


def _create(system: System, order: _Order, folder: str) -> int:
    target = order.values.get("f", "-")
    say = system.err if target == "-" else system.out
    buffer, status, stripped = io.BytesIO(), 0, False
    with tarfile.open(fileobj=buffer, mode="w:gz" if "z" in order.letters else "w", format=tarfile.GNU_FORMAT) as made:
        for name in order.names:
            full = posixpath.normpath(posixpath.join(folder, name))
            if not system.files.exists(full):
                system.err(f"tar: {name}: No such file or directory\n")
                status = 1
                continue
            if name.startswith("/") and not stripped:
                stripped = True
                system.err("tar: removing leading '/' from member names\n")
            for member, data in _members(system, full, name.lstrip("/").rstrip("/") or "."):
                made.addfile(member, io.BytesIO(data))
                if "v" in order.letters:
                    say(f"{_display_name(member)}\n")
    if target == "-":
        system.out(buffer.getvalue())
    else:
        system.files.write(posixpath.normpath(posixpath.join(system.directory, target)), buffer.getvalue())
    if status:
        system.err("tar: error exit delayed from previous errors\n")
    return status


def _members(system: System, path: str, name: str) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """A file, or a directory and all below it."""
    member = tarfile.TarInfo(name)
    about = system.files.about(path)
    member.mtime, member.mode, member.uid, member.gid = int(system.now()), about.permissions, about.uid, about.gid
    member.uname = name_of(accounts(system, "passwd"), about.uid)
    member.gname = name_of(accounts(system, "group"), about.gid)
    if not system.files.is_directory(path):
        data = system.files.read(path)
        member.size = len(data)
        yield member, data
        return
    member.type = tarfile.DIRTYPE
    yield member, b""
    for inner in system.files.names(path):
        yield from _members(system, posixpath.join(path, inner), posixpath.join(name, inner))


# --- x and t ---------------------------------------------------------------------------------------------------------


def _archive(system: System, name: str) -> Generator[Effect, Any, bytes | None]:
    """The archive's bytes; from standard input only up to its own end, as who sends it may never close that."""
    if name != "-" or system.stdin is None:
        return (yield from reading(system, name))
    data, at = b"", 0
    while at >= 0 and (piece := (yield Read(system.stdin))):
        data += piece
        at = _next_header(data, at)
    return data


def _next_header(data: bytes, at: int) -> int:
    """Where the first member's header begins that has not come yet; -1 after the end of the archive."""
    while data[:2] != _GZIP and len(data) >= at + 2 * tarfile.BLOCKSIZE:
        block = data[at : at + tarfile.BLOCKSIZE]
        if not any(block):
            return -1
        try:
            size = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape").size
        except tarfile.TarError:
            return -1
        at += tarfile.BLOCKSIZE * (1 + -(-size // tarfile.BLOCKSIZE))
    return at


def _unpack(system: System, order: _Order, folder: str, data: bytes) -> int:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            members = list(_unpacked(archive))
    except (tarfile.TarError, EOFError, OSError):
        raise _Fault("tar: short read\n" if len(data) < tarfile.BLOCKSIZE else "tar: invalid tar magic\n") from None
    wanted = {name.rstrip("/") for name in order.names}
    seen: set[str] = set()
    status = 0
    for member, content in members:
        ways = {name for name in wanted if member.name == name or member.name.startswith(f"{name}/")}
        seen |= ways
        if wanted and not ways:
            continue
        if order.action == "t":
            system.out(f"{_long_line(member) if 'v' in order.letters else _display_name(member)}\n")
        else:
            status |= _extract(system, order, folder, member, content)
    for name in sorted(wanted - seen):
        raise _Fault(f"tar: {name}: not found in archive\n")
    return status


def _unpacked(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Members and what is in them; a packed archive may stand for far more than there is room for."""
    left = LARGEST_FILES
    for member in archive:
        left -= member.size
        if left < 0:
            raise _Fault("tar: write error: No space left on device\n")
        yield member, _content(archive, member)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member) if member.isfile() else None
    return opened.read() if opened is not None else b""


def _extract(system: System, order: _Order, folder: str, member: tarfile.TarInfo, content: bytes) -> int:
    parts = [part for part in member.name.split("/") if part not in ("", ".", "..")]
    parts = parts[int(order.values.get("strip", "0")) :]
    if not parts:
        return 0
    path = posixpath.join(folder, *parts)
    if "O" in order.letters:
        system.out(content)
        return 0
    if member.issym() or member.islnk():
        system.err(f"tar: {member.name}: links are not simulated on the embedded cluster\n")
        return 1
    if "v" in order.letters:
        system.out(f"{_display_name(member)}\n")
    if member.isdir() or "k" not in order.letters or not system.files.exists(path):
        _put(system, order, path, member, content)
    return 0


def _put(system: System, order: _Order, path: str, member: tarfile.TarInfo, content: bytes) -> None:
    """Makes what a member stands for, with its mode and, if it may, its owner."""
    folder = path if member.isdir() else posixpath.dirname(path)
    try:
        system.files.make_directory(folder)
    except OSError as error:
        raise _Fault(f"tar: can't make dir {member.name}: {words_of(error)}\n") from error
    try:
        if not member.isdir():
            system.files.write(path, content)
    except DiskFull:
        raise
    except OSError as error:
        raise _Fault(f"tar: can't open '{member.name}': {words_of(error)}\n") from error
    with suppress(PermissionError):  # as BusyBox tries it, and says nothing
        if "o" not in order.letters:
            system.files.change_owner(path, member.uid, member.gid)
    with suppress(PermissionError):
        system.files.change_mode(path, member.mode)


def _display_name(member: tarfile.TarInfo) -> str:
    return f"{member.name}/" if member.isdir() else member.name


def _long_line(member: tarfile.TarInfo) -> str:
    moment = datetime.fromtimestamp(int(member.mtime), UTC)
    kind = "d" if member.isdir() else "-"
    bits = "".join(letter if member.mode >> (8 - number) & 1 else "-" for number, letter in enumerate("rwxrwxrwx"))
    owner = f"{member.uname or member.uid}/{member.gname or member.gid}"
    return f"{kind}{bits} {owner} {member.size:9d} {moment:%Y-%m-%d %H:%M:%S} {_display_name(member)}"


APPLETS: dict[str, Main] = {"tar": tar}
