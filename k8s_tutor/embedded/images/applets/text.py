"""Commands that read text and write text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Generator, Sequence
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import Options, UsageFault, open_path, reading, split
from k8s_tutor.embedded.images.program import Busy, Effect, Join, Main, Program, Read, Sleep, System, instant
from k8s_tutor.embedded.images.shell.printing import echo_text, format_text
from k8s_tutor.embedded.images.shell.streams import read_line

__all__ = ["APPLETS"]


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
        elif (content := open_path(system, path)) is not None:
            system.out(content)
        else:
            status = 1
    return status


def head(system: System) -> Program:
    """`head`: takes no more from its input than it shows."""
    options, paths = split(system, "qv", "nc", number_flag=True)
    count = int(options.value("n") or options.value("c") or "10")
    status = 0
    for path in paths or ["-"]:
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


def _selected(start: Callable[[list[bytes], int], list[bytes]]) -> Main:
    def main(system: System) -> Program:
        options, paths = split(system, "qv", "nc", number_flag=True)
        count = int((options.value("n") or options.value("c") or "10").lstrip("+"))
        status = 0
        for path in paths or ["-"]:
            data = yield from reading(system, path)
            if data is None:
                status = 1
                continue
            if len(paths) > 1:
                system.out(f"==> {path} <==\n")
            if options.value("c"):
                system.out(b"".join(start([data[i : i + 1] for i in range(len(data))], count)))
            else:
                system.out(b"".join(start(data.splitlines(keepends=True), count)))
        return status

    return main


def tail(system: System) -> Program:
    """`tail`; with `-f` it goes on. Of `/dev/zero` it keeps everything, until memory runs out."""
    options, paths = split(system, "fqvF", "nc", number_flag=True)
    if "/dev/zero" in paths:
        while True:
            system.allocate(16 << 20)
            yield Busy(0.01)
    inner = _selected(lambda items, count: items[-count:] if count else [])
    follows = options.has("f") or options.has("F")
    seen = {path: len(open_path(system, path, quiet=True) or b"") for path in paths}
    args = system.args
    system.args = tuple(word for word in args if word not in ("-f", "-F"))
    status = yield from inner(system)
    while follows:
        yield Sleep(1)
        for path in paths:
            content = open_path(system, path, quiet=True) or b""
            system.out(content[seen[path] :])
            seen[path] = len(content)
    return int(status)


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


def grep(system: System) -> Program:
    """`grep`, with Python's notion of a regular expression, which agrees for everything ordinary."""
    options, rest = split(system, "ivnqcEFolxwHhsr", "eABCm")
    patterns = options.values("e") or [rest.pop(0)] if rest or options.values("e") else []
    if not patterns:
        raise UsageFault("missing pattern")
    test = _matcher(options, patterns)
    status, hits = 1, 0
    for path in rest or ["-"]:
        count = 0
        if path == "-":
            number = 0
            while (line := (yield from read_line(system.stdin))) is not None:
                number += 1
                count += _grep_line(system, options, test, line.rstrip("\n"), number, "")
                if options.has("q") and count:
                    return 0
        else:
            content = open_path(system, path, quiet=True)
            if content is None:
                system.err(f"grep: {path}: No such file or directory\n")
                status = 2
                continue
            label = f"{path}:" if len(rest) > 1 else ""
            for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
                count += _grep_line(system, options, test, line, number, label)
        hits += count
        if options.has("c"):
            system.out(f"{path + ':' if len(rest) > 1 else ''}{count}\n")
        if options.has("l") and count:
            system.out(f"{path}\n")
    return 0 if hits else status


def _matcher(options: Options, patterns: Sequence[str]) -> re.Pattern[str]:
    sources = []
    for pattern in patterns:
        source = re.escape(pattern) if options.has("F") else _basic(pattern, extended=options.has("E"))
        source = rf"\b(?:{source})\b" if options.has("w") else source
        sources.append(f"^(?:{source})$" if options.has("x") else source)
    return re.compile("|".join(sources), re.IGNORECASE if options.has("i") else 0)


def _basic(pattern: str, *, extended: bool) -> str:
    """A POSIX regular expression as a Python one."""
    if not extended:
        swapped = {"\\(": "(", "\\)": ")", "\\{": "{", "\\}": "}", "\\|": "|", "\\+": "+", "\\?": "?"}
        pattern = re.sub(r"\\[(){}|+?]|[(){}|+?]", lambda m: swapped.get(m.group(0), "\\" + m.group(0)), pattern)
    for name, members in {"digit": "0-9", "alpha": "a-zA-Z", "alnum": "a-zA-Z0-9", "space": r"\s"}.items():
        pattern = pattern.replace(f"[:{name}:]", members)
    return pattern


def _grep_line(system: System, options: Options, test: re.Pattern[str], line: str, number: int, label: str) -> int:
    match = test.search(line)
    if bool(match) == options.has("v"):
        return 0
    if not (options.has("q") or options.has("c") or options.has("l")):
        shown = match.group(0) if options.has("o") and match else line
        system.out(f"{label}{f'{number}:' if options.has('n') else ''}{shown}\n")
    return 1


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
    target = _characters(sets[1]) if len(sets) > 1 else ""
    table = {ord(c): (None if options.has("d") else target[min(i, len(target) - 1)]) for i, c in enumerate(source)}
    while data := (yield Read()):
        system.out(data.decode(errors="replace").translate(table))
    return 0


def _characters(text: str) -> str:
    text = text.replace("[:upper:]", "A-Z").replace("[:lower:]", "a-z").replace("[:digit:]", "0-9")
    text = text.replace("\\n", "\n").replace("\\t", "\t").replace("[:space:]", " \t\n")
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m.group(1)), ord(m.group(2)) + 1))), text)


def sed(system: System) -> Program:
    """`sed` with `s`, `p`, `d`, on all lines, a line number or a pattern; the rest is not simulated."""
    options, rest = split(system, "nEri", "e")
    commands = [
        _sed_command(text, extended=options.has("E") or options.has("r"))
        for text in options.values("e") or [rest.pop(0)]
    ]
    data = yield from reading(system, rest[0] if rest else "-")
    output = []
    for number, line in enumerate((data or b"").decode(errors="replace").splitlines(), 1):
        shown, kept = line, True
        for applies, change, letter in commands:
            if not applies(number, shown):
                continue
            shown = change(shown)
            kept = kept and letter != "d"
            if letter == "p":
                output.append(shown)
        if kept and not options.has("n"):
            output.append(shown)
    text = "".join(f"{line}\n" for line in output)
    if options.has("i") and rest:
        system.files.write(rest[0], text.encode())
    else:
        system.out(text)
    return 0


_SedCommand = tuple[Callable[[int, str], bool], Callable[[str], str], str]


def _sed_command(text: str, *, extended: bool) -> _SedCommand:
    match = re.fullmatch(r"\s*(?:(\d+)|/((?:[^/\\]|\\.)*)/)?\s*([spd])(.*)", text.strip(), re.DOTALL)
    if match is None:
        raise UsageFault(f"this command is not simulated on the embedded cluster: {text}")
    line, pattern, letter, rest = match.groups()
    test = re.compile(_basic(pattern, extended=extended)) if pattern else None

    def applies(number: int, content: str) -> bool:
        return (line is None or int(line) == number) and (test is None or bool(test.search(content)))

    if letter != "s":
        return applies, lambda content: content, letter
    parts = re.split(rf"(?<!\\){re.escape(rest[0])}", rest[1:])
    find = re.compile(_basic(parts[0], extended=extended), re.IGNORECASE if "i" in parts[-1] else 0)
    put = re.sub(r"(?<!\\)&", r"\\g<0>", parts[1].replace("\\" + rest[0], rest[0]))
    times = 0 if "g" in parts[-1] else 1
    return applies, lambda content: find.sub(put, content, count=times), "p" if "p" in parts[-1] else "s"


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


@instant
def seq(system: System) -> int:
    """`seq`."""
    numbers = [int(word) for word in system.args[1:] if re.fullmatch(r"-?\d+", word)]
    first, step, last = {1: (1, 1, *numbers), 2: (numbers[0], 1, numbers[-1]), 3: tuple(numbers)}[len(numbers)]
    system.out("".join(f"{n}\n" for n in range(first, last + (1 if step > 0 else -1), step)))
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


def encode64(system: System) -> Generator[Effect, Any, int]:
    """`base64`, with `-d`."""
    options, paths = split(system, "d", "w")
    data = yield from reading(system, paths[0] if paths else "-")
    if data is None:
        return 1
    if options.has("d"):
        system.out(base64.b64decode(data))
    else:
        text = base64.b64encode(data).decode()
        system.out("".join(f"{text[i : i + 76]}\n" for i in range(0, len(text), 76)))
    return 0


APPLETS: dict[str, Main] = {
    "echo": echo,
    "printf": printf,
    "cat": cat,
    "head": head,
    "tail": tail,
    "wc": wc,
    "grep": grep,
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "sed": sed,
    "tee": tee,
    "seq": seq,
    "yes": yes,
    "xargs": xargs,
    "md5sum": _digest("md5"),
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "base64": encode64,
}
