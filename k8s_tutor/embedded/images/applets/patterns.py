"""Commands that look for patterns: `grep` and `sed`, with RE2's notion of a regular expression.

It agrees with POSIX' for everything ordinary, and no pattern keeps it busy for long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from k8s_tutor.embedded.images.applets.arguments import Options, UsageFault, open_path, reading, split
from k8s_tutor.embedded.images.program import Effect, Main, Program, System
from k8s_tutor.embedded.images.shell.streams import read_line
from k8s_tutor.objects import regexps

__all__ = ["APPLETS"]


def grep(system: System) -> Program:
    """`grep`: the lines that match, of files or of standard input as it comes."""
    options, rest = split(system, "ivnqcEFolxwHhsr", "eABCm")
    patterns = options.values("e") or [rest.pop(0)] if rest or options.values("e") else []
    if not patterns:
        raise UsageFault("missing pattern")
    search = _Search(system, options, _matcher(options, patterns))
    status, hits = 1, 0
    for path in rest or ["-"]:
        label = f"{path}:" if len(rest) > 1 else ""
        if path == "-":
            count = yield from search.through_input()
        elif (content := open_path(system, path, quiet=True)) is not None:
            count = search.through_file(content, label)
        else:
            system.err(f"grep: {path}: No such file or directory\n")
            status = 2
            continue
        hits += count
        if options.has("q") and hits:
            return 0
        if options.has("c"):
            system.out(f"{label}{count}\n")
        if options.has("l") and count:
            system.out(f"{path}\n")
    return 0 if hits else status


@dataclass(frozen=True, slots=True)
class _Search:
    """What one `grep` looks for, and how it tells what it finds."""

    system: System
    options: Options
    pattern: str

    def through_input(self) -> Generator[Effect, Any, int]:
        """How many lines of standard input match; with `-q` it reads no more than it must."""
        number = count = 0
        while (line := (yield from read_line(self.system.stdin))) is not None:
            number += 1
            count += self._try(line.rstrip("\n"), number, "")
            if count and self.options.has("q"):
                break
        return count

    def through_file(self, content: bytes, label: str) -> int:
        """How many lines of a file match."""
        lines = content.decode(errors="replace").splitlines()
        return sum(self._try(line, number, label) for number, line in enumerate(lines, 1))

    def _try(self, line: str, number: int, label: str) -> bool:
        matched = regexps.matches(self.pattern, line)
        if matched == self.options.has("v"):
            return False
        if not any(map(self.options.has, "qcl")):
            text = regexps.find_first(self.pattern, line) if self.options.has("o") and matched else line
            self.system.out(f"{label}{f'{number}:' if self.options.has('n') else ''}{text}\n")
        return True


def _matcher(options: Options, patterns: Sequence[str]) -> str:
    sources = []
    for pattern in patterns:
        source = re.escape(pattern) if options.has("F") else _basic(pattern, extended=options.has("E"))
        source = rf"\b(?:{source})\b" if options.has("w") else source
        sources.append(f"^(?:{source})$" if options.has("x") else source)
    return _made("|".join(sources), ignoring_case=options.has("i"))


def _made(pattern: str, *, ignoring_case: bool = False) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*\\[1-9]", pattern):
        raise UsageFault("a pattern that refers back to a group is not simulated on the embedded cluster")
    if problem := regexps.find_problem(pattern):
        raise UsageFault(f"bad regex: {problem}")
    return f"(?i){pattern}" if ignoring_case else pattern


def _basic(pattern: str, *, extended: bool) -> str:
    """A POSIX regular expression as one of RE2."""
    if not extended:
        swapped = {"\\(": "(", "\\)": ")", "\\{": "{", "\\}": "}", "\\|": "|", "\\+": "+", "\\?": "?"}
        pattern = re.sub(r"\\[(){}|+?]|[(){}|+?]", lambda m: swapped.get(m.group(0), "\\" + m.group(0)), pattern)
    for name, members in {"digit": "0-9", "alpha": "a-zA-Z", "alnum": "a-zA-Z0-9", "space": r"\s"}.items():
        pattern = pattern.replace(f"[:{name}:]", members)
    return pattern


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
        text, kept = line, True
        for applies, change, letter in commands:
            if not applies(number, text):
                continue
            text = change(text)
            kept = kept and letter != "d"
            if letter == "p":
                output.append(text)
        if kept and not options.has("n"):
            output.append(text)
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
    test = _made(_basic(pattern, extended=extended)) if pattern else None

    def applies(number: int, content: str) -> bool:
        return (line is None or int(line) == number) and (test is None or regexps.matches(test, content))

    if letter != "s":
        return applies, lambda content: content, letter
    parts = re.split(rf"(?<!\\){re.escape(rest[0])}", rest[1:])
    find = _made(_basic(parts[0], extended=extended), ignoring_case="i" in parts[-1])
    put = _replacement(parts[1].replace("\\" + rest[0], rest[0]))
    times = -1 if "g" in parts[-1] else 1
    return applies, lambda content: regexps.replace(find, content, put, times), "p" if "p" in parts[-1] else "s"


def _replacement(text: str) -> str:
    """What `sed` puts there, in RE2's words: `&` is all of the match, an escaped sign is itself."""

    def meant(match: re.Match[str]) -> str:
        piece = match[0]
        if piece == "&":
            return "\\0"
        sign = piece[1:]
        return piece if sign.isdigit() or sign == "\\" else {"n": "\n", "t": "\t", "": "\\\\"}.get(sign, sign)

    return re.sub(r"&|\\.?", meant, text, flags=re.DOTALL)


APPLETS: dict[str, Main] = {"grep": grep, "sed": sed}
