"""Outputs of cells: what of them is worth keeping, and what differs from cluster to cluster taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from k8s_tutor.authoring.source import Notebook

__all__ = ["EMBEDDED_ONLY", "banners", "differences", "normalised", "sanitised", "texts"]


# ---- Outputs without what differs from cluster to cluster: names, addresses, ages, uids, times, durations, nodes
#
# For comparing a notebook run on real Kubernetes with the one made on the embedded cluster. Pictures are compared by
# their text twins only.

_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")
"""A progress line that was written over."""
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), by)
    for pattern, by in (
        (_OVERWRITTEN.pattern, ""),
        (r"^(Connected to|已连接到).*$", r"\1 CLUSTER"),
        (r"^.* \d+/\d+ \[\d\d:\d\d\].*\n?", ""),  # a progress bar: what one cluster has to do, another need not
        (r"(gets an address) of .*$", r"\1 of RANGE, from GIVER"),
        (r"会从.*得到.*中的(一个地址)", r"会从 GIVER 得到 RANGE 中的\1"),
        (r"\x1b\[[0-9;]*m", ""),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
        (r"\S+@sha256:[0-9a-f]{64}\b", "DIGEST"),  # of an image that was loaded from a file, its name is another
        (r"\b[0-9a-f]{15,16}\b", "ID"),  # of a member of etcd
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?", "TIME"),
        (r"\b\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3}\b", "TIME"),  # as redis logs it
        (r"\b\d\.\d{3} seconds\b", "N seconds"),
        (r"\b[\w-]*-(?:control-plane|worker\d*)\b", "NODE"),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "IP"),
        (r"(-[a-z0-9]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-SUFFIX"),
        (
            r"((?:ReplicaSet|replica set|ownerReferences\[\d+\]\.name =) [\w-]+?)-[b-df-hj-np-tv-xz2456789]{8,10}\b",
            r"\1-HASH",
        ),
        (r"((?i:node ?port) |节点端口 |\d:)3[0-2]\d{3}\b", r"\1NODEPORT"),
        (r"(Failed to pull image \"[^\"]+\"): .*$", r"\1: CAUSE"),
        (r"^(How long|各持续多久).*$", r"\1"),  # a time line's durations
        (r"^( +Pod \S+(?:: |：))\d+ (requests?|个请求)$", r"\1N requests"),  # kube-proxy chooses at random
        (r"\b(?:ErrImagePull|ImagePullBackOff)\b", "PULL FAILS"),  # one after the other, for ever
        (r"\b\d+ restarts?\b", "N restarts"),  # of what crashes again and again, when we looked
        (r"重启 \d+ 次", "N restarts"),
        (r"after \d+(?:\.\d+)? s\b", "after N s"),
        (r"\d+(?:\.\d+)? 秒", "N 秒"),
        (r"\b\d+ (?:bytes|B)\b", "N bytes"),
        (r"\((?:\d+[dhms])+ ago\)", "(AGE ago)"),
        (r"(?<![\w.])(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s(?!\w)|(?<![\w.])\d+(?:\.\d+)? s\b", "AGE"),
        (r"(?<=\s)\d{1,4}[mhdy](?:\d{1,3}[mhd])?(?=\s|$)", "AGE"),  # in a table, of what is older than two minutes
        (r"(?<=\s)x\d+(?=\s)", ""),  # how often an event was repeated when we looked
        (r"[ \t]{2,}", "  "),  # columns are as wide as what stands in them
        (r"[ \t]+$", ""),
    )
)
_LOGS = "t.logs("
"""A program's two streams reach its log on two ways: on a busy node in either order."""
_SKIPPED = ("text/html", "image/svg+xml", "image/png")
EMBEDDED_ONLY = "embedded-only"
"""The tag of a cell that shows what no other cluster tells, and elsewhere says so."""


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
    """A text twin with what is of one kind sorted: it stands by age, which is told in whole seconds."""
    blocks = groupby(_blocks(twin.splitlines()), key=lambda block: block[0].partition(" ")[0])
    return "\n".join(line for _, of_kind in blocks for line in _sorted([line for block in of_kind for line in block]))


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
    """Where the outputs of two runs of a notebook differ, cell by cell; those tagged `embedded-only` may.

    Args:
        one: The reference.
        other: The other run; cells that only it has do not count.
        ignoring: Cells whose source begins so (`t.check`) do not count either.
    """
    others = {cell["id"]: cell for cell in other["cells"]}
    found = []
    for cell in one["cells"]:
        source = _joined(cell["source"])
        alone = EMBEDDED_ONLY in cell.get("metadata", {}).get("tags", ())
        if cell["cell_type"] != "code" or source.startswith(ignoring) or alone:
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


# ---- What of an output is worth keeping: what a reader sees without a kernel; and what must never be in one

_WIDGET = "application/vnd.jupyter.widget-view+json"  # meaningless without the kernel that made it
_BANNERS = (
    (re.compile(r"Traceback \(most recent call last\)"), "a traceback"),
    (re.compile(r"^\s*✗ (?!\S+-\d+ not yet)", re.MULTILINE), "an error of ours"),
    (re.compile(r"DeprecationWarning|RuntimeWarning|ResourceWarning|UserWarning"), "a Python warning"),
    (
        re.compile(r"(?<![\w/.:-])/(?:home|root|tmp|work|Users|mnt|srv|opt|private|var/folders)/[\w.-]+"),
        "a machine path",
    ),
    (re.compile(r"\b[A-Z]:\\+(?:Users|Windows|Temp)\b"), "a machine path"),
    (re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>"), "the address of a Python object"),
)


def sanitised(executed: Notebook) -> Notebook:
    """The notebook without widget state, widget views, timings and other things of the moment."""
    cells = [_cell(cell) for cell in executed["cells"]]
    metadata = {key: value for key, value in executed["metadata"].items() if key in ("kernelspec", "language_info")}
    info = metadata.get("language_info", {})
    kept = {key: info[key] for key in ("file_extension", "mimetype", "name", "pygments_lexer") if key in info}
    return {**executed, "cells": cells, "metadata": {**metadata, "language_info": kept}}


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in cell["metadata"].items() if key == "tags"}
    if cell["cell_type"] != "code":
        return {**cell, "metadata": metadata}
    return {**cell, "metadata": metadata, "outputs": [_output(output) for output in _join_streams(cell["outputs"])]}


def _output(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return dict(output)
    data = {mime: value for mime, value in output["data"].items() if mime != _WIDGET}
    return {**output, "data": data, "metadata": {}}


def _join_streams(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring texts of one stream in one piece: how they were cut depends on the machine's speed."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("output_type") == "stream" and last["name"] == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    return [kept for output in joined if (kept := _without_overwritten(output))]


def _without_overwritten(output: dict[str, Any]) -> dict[str, Any] | None:
    """Without lines of progress: only a slow machine shows them. None where nothing else was there."""
    if output["output_type"] != "stream":
        return output
    text = _OVERWRITTEN.sub("", output["text"])
    return {**output, "text": text} if text else None


def banners(built: Notebook) -> Iterator[tuple[str, str]]:
    """What no output may hold: errors, tracebacks, warnings, paths of the machine; each after the id of its cell."""
    own = str(Path.cwd())
    for cell in built["cells"]:
        if cell["cell_type"] != "code":
            continue
        expected = "raises-exception" in cell["metadata"].get("tags", ())
        name = str(cell["id"])
        if cell.get("execution_count") is None:
            yield name, "was never run"
        for output in cell["outputs"]:
            if output["output_type"] == "error" and not expected:
                yield name, f"ended in an error: {output.get('evalue', '')}"
            for text in _texts(output):
                shown = [what for pattern, what in _BANNERS if pattern.search(text) and not expected]
                if len(own) > 3 and own in text:
                    shown.append("a machine path")
                yield from ((name, f"shows {what}") for what in dict.fromkeys(shown))


def _texts(output: dict[str, Any]) -> Iterator[str]:
    yield _text(output.get("text", ""))
    for value in output.get("data", {}).values():
        if isinstance(value, (str, list)):
            yield _text(value)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
