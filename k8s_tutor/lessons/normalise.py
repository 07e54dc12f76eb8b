"""Outputs without what differs from cluster to cluster: names, addresses, ages, uids, times, durations, nodes.

For comparing a notebook run on real Kubernetes with the one made on the embedded cluster. Pictures are compared by
their text twins only.
"""

from __future__ import annotations

import re
from typing import Any

from k8s_tutor.lessons.notebooks import Notebook

__all__ = ["differences", "normalised", "texts"]

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), by)
    for pattern, by in (
        (r"[^\n]*\r(?!\n)", ""),  # a progress line that was written over
        (r"^Connected to .*$", "Connected to CLUSTER"),
        (r"^.* \d+/\d+ \[\d\d:\d\d\].*\n?", ""),  # a progress bar: what one cluster has to do, another need not
        (r"(gets an address) of .*$", r"\1 of RANGE, from GIVER"),
        (r"\x1b\[[0-9;]*m", ""),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
        (r"\b[0-9a-f]{15,16}\b", "ID"),  # of a member of etcd
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?", "TIME"),
        (r"\b[\w-]*-(?:control-plane|worker\d*)\b", "NODE"),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "IP"),
        (r"(-[a-z0-9]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-SUFFIX"),
        (r"(ReplicaSet [\w-]+?)-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b", r"\1-HASH"),
        (r"((?i:node ?port) |\d:)3[0-2]\d{3}\b", r"\1NODEPORT"),
        (r"(Failed to pull image \"[^\"]+\"): .*$", r"\1: CAUSE"),
        (r"^How long.*$", "How long"),  # a time line's durations
        (r"^( +Pod \S+): \d+ requests?$", r"\1: N requests"),  # kube-proxy chooses at random
        (r"after \d+(?:\.\d+)? s\b", "after N s"),
        (r"\b\d+ (?:bytes|B)\b", "N bytes"),
        (r"\((?:\d+[dhms])+ ago\)", "(AGE ago)"),
        (r"(?<![\w.])(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s(?!\w)|(?<![\w.])\d+(?:\.\d+)? s\b", "AGE"),
        (r"(?<=\s)x\d+(?=\s)", ""),  # how often an event was repeated when we looked
        (r"[ \t]{2,}", "  "),  # columns are as wide as what stands in them
        (r"[ \t]+$", ""),
    )
)
_LOGS = "t.logs("
"""A program's two streams reach its log on two ways: on a busy node in either order."""
_SKIPPED = ("text/html", "image/svg+xml", "image/png")


def normalised(text: str) -> str:
    """A text with everything that may differ replaced by a word for it."""
    for pattern, by in _RULES:
        text = pattern.sub(by, text)
    return text.strip("\n")


def texts(cell: dict[str, Any]) -> list[str]:
    """The normalised texts of a code cell's outputs, in order."""
    found = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            found.append(normalised(_joined(output["text"])))
        elif output["output_type"] == "error":
            found.append(normalised(f"{output['ename']}: {output['evalue']}"))
        else:
            data = output["data"]
            drawn = any(mime in data for mime in _SKIPPED)
            found += [
                normalised(_in_any_order(_joined(value)) if drawn else _joined(value))
                for mime, value in sorted(data.items())
                if mime not in _SKIPPED and isinstance(value, (str, list))
            ]
    return [text for text in found if text]


def _in_any_order(twin: str) -> str:
    """A text twin with the lines under each line sorted: they stand by age, which is told in whole seconds."""
    lines = twin.splitlines()
    return "\n".join(line for block in _blocks(lines) for line in (block[0], *_sorted(block[1:])))


def _sorted(lines: list[str]) -> list[str]:
    blocks = [[block[0], *_sorted(block[1:])] for block in _blocks(lines)]
    return [line for block in sorted(blocks, key=_without_names) for line in block]


def _without_names(block: list[str]) -> list[str]:
    return [normalised(line) for line in block]


def _blocks(lines: list[str]) -> list[list[str]]:
    """Each line that is indented least, with those under it."""
    indents = [len(line) - len(line.lstrip()) for line in lines]
    blocks: list[list[str]] = []
    for line, indent in zip(lines, indents, strict=True):
        if not blocks or indent <= min(indents):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def differences(one: Notebook, other: Notebook, *, ignoring: tuple[str, ...] = ()) -> list[str]:
    """Where the outputs of two runs of a notebook differ, cell by cell.

    Args:
        one: The reference.
        other: The other run; cells that only it has do not count.
        ignoring: Cells whose source begins so (`t.check`) do not count either.
    """
    others = {cell["id"]: cell for cell in other["cells"]}
    found = []
    for cell in one["cells"]:
        source = _joined(cell["source"])
        if cell["cell_type"] != "code" or source.startswith(ignoring):
            continue
        expected, actual = texts(cell), texts(others[cell["id"]])
        if source.startswith(_LOGS):
            expected, actual = _lines(expected), _lines(actual)
        if expected != actual:
            found.append(f"cell {cell['id']} ({source.partition(chr(10))[0]!r}):\n{_shown(expected, actual)}")
    return found


def _lines(found: list[str]) -> list[str]:
    return sorted(line for text in found for line in text.splitlines())


def _shown(expected: list[str], actual: list[str]) -> str:
    import difflib  # noqa: PLC0415  only where something differs

    left, right = "\n".join(expected).splitlines(), "\n".join(actual).splitlines()
    return "\n".join(difflib.unified_diff(left, right, "notebook", "this run", lineterm=""))


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
