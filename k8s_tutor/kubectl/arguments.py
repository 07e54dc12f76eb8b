"""The words of a kubectl command line, for the verbs the subset knows."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass, field

from k8s_tutor.kubectl.errors import KubectlError, unsupported

__all__ = ["Command", "parse", "words"]


@dataclass(frozen=True)
class Command:
    """A parsed command line.

    Attributes:
        verb: `get`, `delete`, …
        options: Flags and their values.
        rest: Positional words.
        command: What stands after `--`.
    """

    verb: str
    options: argparse.Namespace
    rest: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse would end the process
        raise KubectlError(f"error: {message}")


def words(line: str) -> list[str]:
    """The line split as a shell does, on every operating system; a leading `kubectl` is dropped.

    Raises:
        KubectlError: a quotation mark is not closed.
    """
    try:
        found = shlex.split(line)
    except ValueError as error:
        raise KubectlError(f"error: {error}", why=f"In: {line}") from error
    return found[1:] if found[:1] == ["kubectl"] else found


def parse(line: str) -> Command:
    """The command of a line.

    Raises:
        KubectlError: a verb or flag that only the real kubectl knows, or a flag without its value.
    """
    all_words = words(line)
    before, command = all_words, []
    if "--" in all_words:
        cut = all_words.index("--")
        before, command = all_words[:cut], all_words[cut + 1 :]
    if not before:
        raise KubectlError("error: which verb?", next_step='For example t.kubectl("get pods").')
    verb = next((word for word in before if word in _FLAGS), "")
    if not verb:
        raise unsupported(f"`kubectl {before[0]}`")
    before.remove(verb)
    options, rest = _parser(verb).parse_known_args(before)
    unknown = [word for word in rest if word.startswith("-") and word != "-" and not _is_removal(verb, word)]
    if unknown:
        raise unsupported(f"`kubectl {verb} {unknown[0]}`")
    return Command(verb, options, rest, command)


def _is_removal(verb: str, word: str) -> bool:
    return verb in ("label", "annotate") and word.endswith("-") and not word.startswith("-")


def _parser(verb: str) -> argparse.ArgumentParser:
    parser = _Parser(prog="kubectl", add_help=False, allow_abbrev=False)
    parser.add_argument("-n", "--namespace", default="")
    for names, kind in _FLAGS[verb]:
        if kind == "switch":
            parser.add_argument(*names, action="store_true")
        elif kind == "boolean":  # --wait, --wait=false
            parser.add_argument(*names, nargs="?", const="true", default="true")
        else:
            parser.add_argument(*names, default="")
    return parser


_SELECTOR = (("-l", "--selector"), "value")
_ALL_NAMESPACES = (("-A", "--all-namespaces"), "switch")
_OUTPUT = (("-o", "--output"), "value")
_CONTAINER = (("-c", "--container"), "value")

_FLAGS: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "get": [
        _OUTPUT,
        _SELECTOR,
        _ALL_NAMESPACES,
        (("--field-selector",), "value"),
        (("--show-labels",), "switch"),
        (("--no-headers",), "switch"),
    ],
    "delete": [
        _SELECTOR,
        (("--all",), "switch"),
        (("--grace-period",), "value"),
        (("--force",), "switch"),
        (("--now",), "switch"),
        (("--ignore-not-found",), "switch"),
        (("--wait",), "boolean"),
    ],
    "logs": [
        _CONTAINER,
        (("-p", "--previous"), "switch"),
        (("--tail",), "value"),
        (("--timestamps",), "switch"),
    ],
    "apply": [(("-f", "--filename"), "value"), (("--server-side",), "switch")],
    "scale": [(("--replicas",), "value")],
    "label": [(("--overwrite",), "switch")],
    "annotate": [(("--overwrite",), "switch")],
    "exec": [_CONTAINER, (("-i", "--stdin"), "switch")],
}
