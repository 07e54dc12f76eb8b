"""`dd`: copies by blocks, also from `/dev/zero` and `/dev/random`."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import UsageFault, absolute, reading
from k8s_tutor.embedded.images.files import LARGEST_FILES, DiskFull
from k8s_tutor.embedded.images.program import Effect, Main, System
from k8s_tutor.embedded.images.shell.streams import ENDLESS, sample

__all__ = ["APPLETS"]

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


APPLETS: dict[str, Main] = {"dd": dd}
