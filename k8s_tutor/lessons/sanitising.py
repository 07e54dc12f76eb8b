"""What of an output is worth keeping: what a reader sees without a kernel; and what must never be in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from k8s_tutor.lessons.notebooks import Notebook

__all__ = ["banners", "sanitised"]

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
    return {**cell, "metadata": metadata, "outputs": [_output(output) for output in _joined(cell["outputs"])]}


def _output(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return dict(output)
    data = {mime: value for mime, value in output["data"].items() if mime != _WIDGET}
    return {**output, "data": data, "metadata": {}}


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring texts of one stream in one piece: how they were cut depends on the machine's speed."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("output_type") == "stream" and last["name"] == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined


def banners(built: Notebook) -> Iterator[str]:
    """What no output may hold, each with its cell: errors, tracebacks, warnings, paths of the machine."""
    own = str(Path.cwd())
    for cell in built["cells"]:
        if cell["cell_type"] != "code":
            continue
        expected = "raises-exception" in cell["metadata"].get("tags", ())
        where = f"cell {cell['id']} ({_text(cell['source']).partition(chr(10))[0]!r})"
        if cell.get("execution_count") is None:
            yield f"{where} was never run"
        for output in cell["outputs"]:
            if output["output_type"] == "error" and not expected:
                yield f"{where} ended in an error: {output.get('evalue', '')}"
            for text in _texts(output):
                yield from (
                    f"{where} shows {what}" for pattern, what in _BANNERS if pattern.search(text) and not expected
                )
                if len(own) > 3 and own in text:
                    yield f"{where} shows a machine path"


def _texts(output: dict[str, Any]) -> Iterator[str]:
    yield _text(output.get("text", ""))
    for value in output.get("data", {}).values():
        if isinstance(value, (str, list)):
            yield _text(value)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
