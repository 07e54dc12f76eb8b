"""A kubectl command line read as kubectl reads it: verbs, flags in all their spellings, what stands after `--`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import TutorError
from k8s_tutor.kubectl.flags import COMMANDS, EVERYWHERE, NAMES, ONLY_REAL, PARENTS
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.reference import distance

__all__ = [
    "INSTALL",
    "Command",
    "KubectlError",
    "Options",
    "parse",
    "refused",
    "split_words",
    "unsupported",
]


# ---- What went wrong, in kubectl's own words, and what to type next

INSTALL = msg("Install kubectl (kubernetes.io/docs/tasks/tools, or `conda install -c conda-forge kubernetes-client`).")


class KubectlError(TutorError):
    """A kubectl command that failed; `what` is what kubectl said.

    Attributes:
        code: The exit code.
    """

    def __init__(self, what: Wording, why: Wording = "", next_step: Wording = "", *, code: int = 1) -> None:
        super().__init__(what, why, next_step)
        self.code = code


def unsupported(what: str, why: Wording = "") -> KubectlError:
    """For what only the real kubectl can do."""
    return KubectlError(
        msg("`{what}` is not in the built-in kubectl.", what=what),
        why=why or msg("No kubectl is installed here; the built-in one knows what lessons and most tutorials type."),
        next_step=msg("{install} After that this very line works.", install=INSTALL),
    )


def refused(error: StatusError) -> KubectlError:
    """An API server's refusal as kubectl words it."""
    return KubectlError(server_said(error))


def server_said(error: StatusError) -> str:
    """A refusal in one line."""
    if error.reason == "Invalid":
        details = error.status.get("details") or {}
        kind = details.get("kind", "")
        kind = f"{kind}.{details['group']}" if details.get("group") and not kind[:1].isupper() else kind
        return f'The {kind} "{details.get("name", "")}" is invalid: {error.what.partition(" is invalid: ")[2]}'
    return f"Error from server ({error.reason}): {error.what}"


# ---- A kubectl command line read as kubectl reads it: verbs, flags in all their spellings, what stands after `--`


class Options:
    """The flags of a line and their values."""

    def __init__(self, values: dict[str, list[str]] | None = None) -> None:
        self._values = values or {}

    def given(self, name: str) -> bool:
        """Whether the line says anything about it."""
        return name in self._values

    def text(self, name: str, default: str = "") -> str:
        """Its value; the last one where it is repeated."""
        return self._values[name][-1] if self._values.get(name) else default

    def on(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        return self.text(name, str(default).lower()) == "true"

    def all(self, name: str) -> list[str]:
        """All its values."""
        return self._values.get(name, [])

    def set(self, name: str, value: str) -> None:
        """Sets a flag as if the line had it."""
        self._values[name] = [value]

    def number(self, name: str, default: int) -> int:
        """Its value as a number."""
        return int(self.text(name, str(default)))


@dataclass(frozen=True)
class Command:
    """A parsed command line.

    Attributes:
        verb: `get`, `create deployment`, …
        options: Flags and their values.
        rest: Positional words.
        command: What stands after `--`.
    """

    verb: str
    options: Options
    rest: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Flag:
    """One flag of a command: `o/output=` in the table of flags (see `flags`)."""

    name: str
    short: str
    shape: str
    alone: str
    only_real: bool

    def label(self) -> str:
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


_SPEC = re.compile(r"(!?)(?:(\w)/)?([\w-]+)(=[*+#]?)?(?:\?(\w+))?")
_TRUTH = {"1": "true", "t": "true", "T": "true", "0": "false", "f": "false", "F": "false"}


def split_words(line: str) -> list[str]:
    """The line split as a shell does, on every operating system; a leading `kubectl` is dropped.

    Raises:
        KubectlError: a quotation mark is not closed, or it has what only a shell understands.
    """
    _refuse_shell(line)
    try:
        found = shlex.split(line)
    except ValueError as error:
        raise KubectlError(f"error: {error}", why=msg("In: {line}", line=line)) from error
    return found[1:] if found[:1] == ["kubectl"] else found


def parse(line: str) -> Command:
    """The command of a line.

    Raises:
        KubectlError: in kubectl's words where the line is none; or a verb or flag that only the real kubectl knows.
    """
    all_words = split_words(line)
    before, command = all_words, []
    if "--" in all_words:
        cut = all_words.index("--")
        before, command = all_words[:cut], all_words[cut + 1 :]
    if not before:
        raise KubectlError(msg("Which verb?"), next_step=msg("For example {example}.", example='t.kubectl("get pods")'))
    verb, before = _verb(before)
    values, rest = _Reader(verb).read(before)
    return Command(verb, Options(values), rest, command)


def _verb(given: list[str]) -> tuple[str, list[str]]:
    """The verb, with its second word where it has one; and the words without them."""
    rest = list(given)
    first = _take_word(rest)
    if first is None:
        raise KubectlError(f"Error: unknown flag: {given[0]}\nSee 'kubectl --help' for usage.")
    if first in ONLY_REAL:
        raise unsupported(f"kubectl {first}", ONLY_REAL[first])
    if first in COMMANDS and first not in PARENTS:
        return first, rest
    if first not in PARENTS:
        near = [name for name in NAMES if distance(first, name) <= 2 or name.startswith(first)]
        hint = "\n\nDid you mean this?\n\t" + "\n\t".join(near) if near else ""
        raise KubectlError(f'Error: unknown command "{first}" for "kubectl"{hint}')
    return _second(first, rest)


def _second(first: str, rest: list[str]) -> tuple[str, list[str]]:
    kept = list(rest)
    path = first
    while path in PARENTS:
        second = _take_word(rest)
        second = PARENTS[path].get(second or "", second)
        longer = f"{path} {second}"
        if second is None or (longer not in COMMANDS and longer not in PARENTS):
            break
        path, kept = longer, list(rest)
    if longer in ONLY_REAL:
        raise unsupported(f"kubectl {longer}", ONLY_REAL[longer])
    if path in COMMANDS:
        return path, kept
    if second is None:
        raise KubectlError(
            f"error: must specify one of: {', '.join(name.split()[-1] for name in COMMANDS if name.startswith(path))}"
        )
    said = " ".join([second, *(word for word in rest if not word.startswith("-"))])
    raise KubectlError(f"error: unknown command \"{said}\"\nSee 'kubectl {path} -h' for help and examples")


def _take_word(rest: list[str]) -> str | None:
    """Takes out the first word that is neither a flag nor a global flag's value."""
    index = 0
    while index < len(rest):
        word = rest[index]
        if not word.startswith("-") or word == "-":
            return rest.pop(index)
        index += 2 if word in ("-n", "--namespace", "--context", "--as", "-v", "-f", "--filename", "-l") else 1
    return None


class _Reader:
    """Reads the flags of one command, as pflag does."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.flags: dict[str, _Flag] = {}
        self.short: dict[str, _Flag] = {}
        for flag in _flags(f"{COMMANDS[verb]} {EVERYWHERE}"):
            self.flags.setdefault(flag.name, flag)
            if flag.short:
                self.short.setdefault(flag.short, flag)
        self.values: dict[str, list[str]] = {}

    def read(self, given: list[str]) -> tuple[dict[str, list[str]], list[str]]:
        rest: list[str] = []
        queue = list(given)
        while queue:
            word = queue.pop(0)
            if word.startswith("--"):
                self._long(word[2:], queue)
            elif word.startswith("-") and word != "-":
                self._letters(word, queue)
            else:
                rest.append(word)
        return self.values, rest

    def _long(self, word: str, queue: list[str]) -> None:
        name, equals, value = word.partition("=")
        flag = self.flags.get(name)
        if flag is None:
            if name == "help":
                raise _no_help(self.verb)
            raise self._usage(f"unknown flag: --{name}")
        if equals:
            self._set(flag, value)
        elif flag.alone:
            self._set(flag, flag.alone)
        elif queue:
            self._set(flag, queue.pop(0))
        else:
            raise self._usage(f"flag needs an argument: --{name}")

    def _letters(self, word: str, queue: list[str]) -> None:
        letters = word[1:]
        while letters:
            flag = self.short.get(letters[0])
            if flag is None:
                if letters[0] == "h":
                    raise _no_help(self.verb)
                raise self._usage(f"unknown shorthand flag: '{letters[0]}' in {word}")
            after = letters[1:]
            if after.startswith("="):
                self._set(flag, after[1:])
            elif flag.alone:
                self._set(flag, flag.alone)
                letters = after
                continue
            elif after or queue:
                self._set(flag, after or queue.pop(0))
            else:
                raise self._usage(f"flag needs an argument: '{letters[0]}' in {word}")
            return

    def _set(self, flag: _Flag, value: str) -> None:
        if flag.only_real:
            raise unsupported(f"kubectl {self.verb} --{flag.name}")
        if flag.shape == "switch":
            value = _TRUTH.get(value, value.lower())
            if value not in ("true", "false"):
                raise self._invalid(flag, value, "ParseBool")
        if flag.shape == "=#" and not re.fullmatch(r"[+-]?\d+", value):
            raise self._invalid(flag, value, "ParseInt")
        found = self.values.setdefault(flag.name, [])
        found += value.split(",") if flag.shape == "=*" else [value]

    def _invalid(self, flag: _Flag, value: str, parser: str) -> KubectlError:
        return self._usage(
            f'invalid argument "{value}" for "{flag.label()}" flag: strconv.{parser}: parsing "{value}": invalid syntax'
        )

    def _usage(self, what: str) -> KubectlError:
        return KubectlError(f"Error: {what}\nSee 'kubectl {self.verb} --help' for usage.")


def _flags(spec: str) -> Iterator[_Flag]:
    for word in spec.split():
        match = _SPEC.fullmatch(word)
        assert match is not None, word
        only_real, short, name, shape, alone = match.groups()
        yield _Flag(name, short or "", shape or "switch", alone or ("" if shape else "true"), bool(only_real))


def _no_help(verb: str) -> KubectlError:
    return KubectlError(
        msg("The built-in kubectl has no --help."),
        next_step=msg("See {address}.", address=f"kubernetes.io/docs/reference/kubectl/generated/kubectl_{verb}/"),
    )


# ---- What only a shell understands: pipes, redirections, lists, substitutions

_SIGN = re.compile(
    r"(?P<pipe>\|(?!\|))|(?P<list>\|\||&&|(?<!\S)&(?!\S)|;(?=\s|$))"
    r"|(?P<errors>(?<!\S)2>\S*)|(?P<output>(?<!\S)1?>>?)|(?P<input>(?<!\S)<<?)"
    r"|(?P<command>\$\(|`)|(?P<variable>\$\{?[A-Za-z_]\w*\}?)"
)


_SPELT = dict.fromkeys(("$(", "`"), "$(…)")


def _refuse_shell(line: str) -> None:
    found = _find_shell(line)
    if found is not None:
        raise KubectlError(
            msg("`{word}` belongs to a shell, and none is at work here.", word=_SPELT.get(found[0], found[0])),
            why=msg("The line goes to kubectl as it stands, so that it means the same on every operating system."),
            next_step=_without_shell(line, found),
        )


def _find_shell(line: str) -> re.Match[str] | None:
    """The first such sign outside of quotes and of braces, whose contents are JSON or a jsonpath."""
    quote, braces, index = "", 0, 0
    while index < len(line):
        char = line[index]
        behind = " -- " in line[:index]  # there a variable may be the container's
        found = _SIGN.match(line, index) if quote != "'" and not braces else None
        if found and ((found.lastgroup in ("command", "variable") and not behind) or not quote):
            return found
        if char == "\\" and quote != "'":
            index += 1
        elif char == quote:
            quote = ""
        elif char in "'\"" and not quote:
            quote = char
        elif not quote:
            braces = max(braces + (char == "{") - (char == "}"), 0)
        index += 1
    return None


def _without_shell(line: str, found: re.Match[str]) -> Wording:
    """How to go about it in a notebook."""
    before, behind = line[: found.start()].rstrip(" \"'").lstrip(), line[found.end() :].strip()
    call = _call(before)
    step: Wording
    match found.lastgroup:
        case "pipe" if "-f -" in behind:
            step = msg('Give it the manifest itself: t.apply("""…"""), or t.kubectl("apply -f -", stdin="…").')
        case "pipe" if behind.startswith("grep ") and (wanted := behind.split()[-1].strip("'\"")):
            command = f'print(*[line for line in {call}.splitlines() if "{wanted}" in line], sep="\\n")'
            step = msg("Choose the lines in Python: {command}", command=command)
        case "pipe":
            step = msg("Go on in Python with the text: {command}; or let -l and -o jsonpath=… choose.",
                       command=f"{call}.splitlines()")  # fmt: skip
        case "list":
            step = msg("Give each command a line of its own, {command} first.", command=call)
        case "errors":
            step = msg("Leave it out: {command}. What goes wrong is shown below the cell.", command=call)
        case "output":
            name = (behind.split() or ["pods.txt"])[0]
            step = msg("Write the text with Python: {command}", command=f'open("{name}", "w").write({call})')
        case "input":
            step = msg('Give it the manifest itself: t.apply("""…"""), or t.kubectl("apply -f -", stdin="…").')
        case "command":
            inner = re.split(r"[)`]", behind)[0]
            command = f"names = {_call(inner)}; {_call(f'{before} {{names}}', formatted=True)}"
            step = msg("Run the inner command first: {command}", command=command)
        case _:
            name = found[0].strip("${}")
            command = _call(f"{before} {{{name}}} {behind}".strip(), formatted=True)
            step = msg("A variable of Python goes in with an f-string: {command}", command=command)
    return step


def _call(line: str, *, formatted: bool = False) -> str:
    line = line.strip().removeprefix("kubectl ").strip().rstrip("\"'")
    mark = "'" if '"' in line else '"'
    return f"t.kubectl({'f' if formatted else ''}{mark}{line}{mark})"
