"""Commands that read text and write text."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Sequence
from itertools import islice

from k8s_tutor.embedded.images.applets.arguments import UsageFault, absolute, amount, open_path, reading, split
from k8s_tutor.embedded.images.program import Busy, Join, Main, Program, Read, Sleep, System, instant
from k8s_tutor.embedded.images.shell.printing import echo_text, format_text
from k8s_tutor.embedded.images.shell.streams import ENDLESS, read_line, sample

__all__ = ["APPLETS"]

_CHUNK = 16 << 10
_CHUNK64 = 57 * 256  # bytes: whole lines of base64


@instant
def echo(system: System) -> int:
    """`echo`."""
    system.out(echo_text(system.args[1:]))
    return 0


@instant
def printf(system: System) -> int:
    """`printf`."""
    if len(system.args) < 2:
        raise UsageFault("missing operand")
    system.out(format_text(system.args[1], system.args[2:]))
    return 0


def cat(system: System) -> Program:
    """`cat`: files, or standard input as it comes."""
    _, paths = split(system, "nu")
    status = 0
    for path in paths or ["-"]:
        if path == "-":
            while data := (yield Read()):
                system.out(data)
        elif absolute(system, path) in ENDLESS:
            yield from _pour(system, absolute(system, path))
        elif (content := open_path(system, path)) is not None:
            system.out(content)
        else:
            status = 1
    return status


def _pour(system: System, device: str, size: float = math.inf) -> Program:
    """So many bytes of an endless device; whoever reads them may end it sooner."""
    while size > 0:
        chunk = int(min(size, _CHUNK))
        system.out(sample(system, device, chunk))
        size -= chunk
        yield Sleep(0.001)
    return 0


def _first_bytes(system: System, count: int) -> Program:
    """So many bytes of standard input, and no more."""
    while count > 0 and (data := (yield Read())):
        system.out(data[:count])
        if system.stdin is not None:
            system.stdin.put_back(data[count:])
        count -= len(data)
    return 0


def head(system: System) -> Program:
    """`head`: takes no more from its input than it shows."""
    options, paths = split(system, "qv", "nc", number_flag=True)
    count = amount(system, options.value("n") or options.value("c") or "10")
    status = 0
    for path in paths or ["-"]:
        bytewise = options.value("c") and count >= 0
        if bytewise and absolute(system, path) in ENDLESS:
            yield from _pour(system, absolute(system, path), count)
            continue
        if bytewise and path == "-":
            yield from _first_bytes(system, count)
            continue
        if path == "-" and not options.value("c"):
            for _ in range(count):
                line = yield from read_line(system.stdin)
                if line is None:
                    break
                system.out(line)
            continue
        data = yield from reading(system, path)
        if data is None:
            status = 1
            continue
        if len(paths) > 1:
            system.out(f"==> {path} <==\n")
        system.out(data[:count] if options.value("c") else b"".join(data.splitlines(keepends=True)[:count]))
    return status


def tail(system: System) -> Program:
    """`tail`; with `-f` it goes on. Of `/dev/zero` it keeps everything, until memory runs out."""
    options, paths = split(system, "fqvF", "nc", number_flag=True)
    count = amount(system, (options.value("n") or options.value("c") or "10").lstrip("+"))
    seen = {path: len(open_path(system, path, quiet=True) or b"") for path in paths}
    status = 0
    for path in paths or ["-"]:
        data = yield from reading(system, path)
        if data is None:
            status = 1
            continue
        if len(paths) > 1:
            system.out(f"==> {path} <==\n")
        system.out(_last(data, count, bytewise=bool(options.value("c"))))
    while options.has("f") or options.has("F"):
        yield Sleep(1)
        for path in paths:
            content = open_path(system, path, quiet=True) or b""
            system.out(content[seen[path] :])
            seen[path] = len(content)
    return status


def _last(data: bytes, count: int, *, bytewise: bool) -> bytes:
    if not count:
        return b""
    return data[-count:] if bytewise else b"".join(data.splitlines(keepends=True)[-count:])


def wc(system: System) -> Program:
    """`wc`."""
    options, paths = split(system, "lwcm")
    letters = [letter for letter in "lwc" if options.has(letter) or (letter == "c" and options.has("m"))] or list("lwc")
    total = [0, 0, 0]
    status = 0
    for path in paths or ["-"]:
        data = yield from reading(system, path)
        if data is None:
            status = 1
            continue
        counts = [data.count(b"\n"), len(data.split()), len(data)]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        _print_counts(system, letters, counts, path)
    if len(paths) > 1:
        _print_counts(system, letters, total, "total")
    return status


def _print_counts(system: System, letters: Sequence[str], counts: Sequence[int], name: str) -> None:
    chosen = [counts["lwc".index(letter)] for letter in letters]
    columns = [str(chosen[0])] if len(chosen) == 1 else [f"{number:9d}" for number in chosen]
    system.out(" ".join([*columns, *([] if name == "-" else [name])]) + "\n")


def sort(system: System) -> Program:
    """`sort`."""
    options, paths = split(system, "nrufb", "kt")
    lines: list[str] = []
    for path in paths or ["-"]:
        data = yield from reading(system, path)
        lines += (data or b"").decode(errors="replace").splitlines()
    column = int((options.value("k") or "0").split(",")[0].split(".")[0] or 0)

    def key(line: str) -> tuple[float, str]:
        fields = line.split(options.value("t") or None)
        text = " ".join(fields[column - 1 :]) if column else line
        number = re.match(r"\s*-?\d+(\.\d+)?", text)
        return (float(number.group(0)) if number else 0.0, text) if options.has("n") else (0.0, text)

    lines.sort(key=key, reverse=options.has("r"))
    if options.has("u"):
        lines = list(dict.fromkeys(lines))
    system.out("".join(f"{line}\n" for line in lines))
    return 0


def uniq(system: System) -> Program:
    """`uniq`."""
    options, paths = split(system, "cdu")
    data = yield from reading(system, paths[0] if paths else "-")
    runs: list[tuple[str, int]] = []
    for line in (data or b"").decode(errors="replace").splitlines():
        if runs and runs[-1][0] == line:
            runs[-1] = (line, runs[-1][1] + 1)
        else:
            runs.append((line, 1))
    for line, count in runs:
        if (options.has("d") and count < 2) or (options.has("u") and count > 1):
            continue
        system.out(f"{count:7d} {line}\n" if options.has("c") else f"{line}\n")
    return 0


def cut(system: System) -> Program:
    """`cut -d -f` and `-c`."""
    options, paths = split(system, "s", "dfcb")
    data = yield from reading(system, paths[0] if paths else "-")
    wanted = _ranges(options.value("f") or options.value("c") or options.value("b") or "1")
    glue = (options.value("d") or "\t") if options.value("f") else ""
    for line in (data or b"").decode(errors="replace").splitlines():
        if glue and glue not in line:
            system.out("" if options.has("s") else f"{line}\n")
            continue
        fields = line.split(glue) if glue else list(line)
        chosen = [field for number, field in enumerate(fields, 1) if any(a <= number <= b for a, b in wanted)]
        system.out(glue.join(chosen) + "\n")
    return 0


def _ranges(text: str) -> list[tuple[int, int]]:
    found = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        start = int(first or 1)
        found.append((start, int(last or 1 << 30) if dash else start))
    return found


def tr(system: System) -> Program:
    """`tr` with sets, ranges and `-d`."""
    options, sets = split(system, "dsc")
    source = _characters(sets[0])
    if options.has("c"):
        source = "".join(sorted({chr(number) for number in range(256)} - set(source)))
    target = _characters(sets[1]) if len(sets) > 1 else ""
    table = {ord(c): (None if options.has("d") else target[min(i, len(target) - 1)]) for i, c in enumerate(source)}
    while data := (yield Read()):
        # The complement of a set is one of bytes.
        text = data.decode("latin-1" if options.has("c") else "utf-8", errors="replace").translate(table)
        system.out(text.encode("latin-1") if options.has("c") else text)
    return 0


def _characters(text: str) -> str:
    text = text.replace("[:upper:]", "A-Z").replace("[:lower:]", "a-z").replace("[:digit:]", "0-9")
    text = text.replace("\\n", "\n").replace("\\t", "\t").replace("[:space:]", " \t\n")
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m.group(1)), ord(m.group(2)) + 1))), text)


def tee(system: System) -> Program:
    """`tee`."""
    options, paths = split(system, "ai")
    for path in paths:
        system.files.write(path, b"", append=options.has("a"))
    while data := (yield Read()):
        system.out(data)
        for path in paths:
            system.files.write(path, data, append=True)
    return 0


def seq(system: System) -> Program:
    """`seq`, a thousand lines in a millisecond."""
    numbers = [int(word) for word in system.args[1:] if re.fullmatch(r"-?\d+", word)]
    first, step, last = {1: (1, 1, *numbers), 2: (numbers[0], 1, numbers[-1]), 3: tuple(numbers)}[len(numbers)]
    counting = iter(range(first, last + (1 if step > 0 else -1), step))
    while block := list(islice(counting, 1000)):
        system.out("".join(f"{number}\n" for number in block))
        if len(block) == 1000:
            yield Busy(0.001)
    return 0


def yes(system: System) -> Program:
    """`yes`, a thousand lines a second."""
    line = " ".join(system.args[1:]) or "y"
    while True:
        system.out(f"{line}\n")
        yield Sleep(0.001)


def xargs(system: System) -> Program:
    """`xargs`, one run with everything; or one run a line with `-n 1` or `-I`."""
    options, command = split(system, "0rt", "nI", stop_at_word=True)
    data = yield from reading(system, "-")
    words = (data or b"").decode(errors="replace").split()
    command = command or ["echo"]
    marker = options.value("I")
    size = int(options.value("n") or 1 if marker else options.value("n") or len(words) or 1)
    status = 0
    for start in range(0, max(len(words), 1), size):
        chosen = words[start : start + size]
        full = [word.replace(marker, " ".join(chosen)) for word in command] if marker else [*command, *chosen]
        main = system.program(full[0])
        if main is None:
            system.err(f"xargs: {full[0]}: No such file or directory\n")
            return 127
        status = yield Join(system.spawn(main, full))
    return int(status)


def _digest(name: str) -> Main:
    def main(system: System) -> Program:
        _, paths = split(system, "bc")
        for path in paths or ["-"]:
            data = yield from reading(system, path)
            if data is None:
                return 1
            system.out(f"{hashlib.new(name, data, usedforsecurity=False).hexdigest()}  {path}\n")
        return 0

    return main


def encode64(system: System) -> Program:
    """`base64`, with `-d`; it writes as it reads, so that its input may be endless."""
    options, paths = split(system, "d", "w")
    path = paths[0] if paths else "-"
    if options.has("d"):
        data = yield from reading(system, path)
        system.out(base64.b64decode(data or b""))
        return int(data is None)
    if (device := absolute(system, path)) in ENDLESS:
        while True:
            system.out(_lines64(sample(system, device, _CHUNK64)))
            yield Sleep(0.001)
    left = b""
    if path == "-":
        while data := (yield Read()):
            left += data
            whole = len(left) // _CHUNK64 * _CHUNK64
            system.out(_lines64(left[:whole]))
            left = left[whole:]
    elif (content := open_path(system, path)) is not None:
        left = content
    else:
        return 1
    system.out(_lines64(left))
    return 0


def _lines64(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return "".join(f"{text[i : i + 76]}\n" for i in range(0, len(text), 76))


APPLETS: dict[str, Main] = {
    "echo": echo,
    "printf": printf,
    "cat": cat,
    "head": head,
    "tail": tail,
    "wc": wc,
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "tee": tee,
    "seq": seq,
    "yes": yes,
    "xargs": xargs,
    "md5sum": _digest("md5"),
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "base64": encode64,
}
