"""Printing the server's Tables as kubectl does: column widths, wide columns, several kinds below each other."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Layout", "render"]

_GAP = "   "


@dataclass(frozen=True)
class Layout:
    """How to print a Table.

    Attributes:
        wide: Also the columns of lower priority.
        namespaces: A first column with the namespace.
        labels: A last column with the labels.
        headers: The row of column names.
        prefix: Before each name: `pod/` where several kinds are printed.
    """

    wide: bool = False
    namespaces: bool = False
    labels: bool = False
    headers: bool = True
    prefix: str = ""


def render(table: Obj, layout: Layout) -> str:
    """The Table's text, without a newline at its end."""
    columns = table.get("columnDefinitions") or []
    shown = [index for index, column in enumerate(columns) if layout.wide or not column.get("priority")]
    lines = [_header(columns, shown, layout)] if layout.headers else []
    lines += [_line(row, shown, layout) for row in table.get("rows") or []]
    if not lines:
        return ""
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    return "\n".join(_padded(line, widths) for line in lines)


def _header(columns: list[Obj], shown: list[int], layout: Layout) -> list[str]:
    names = [str(columns[index]["name"]).upper() for index in shown]
    return [*(["NAMESPACE"] if layout.namespaces else []), *names, *(["LABELS"] if layout.labels else [])]


def _line(row: Obj, shown: list[int], layout: Layout) -> list[str]:
    cells = [_cell(row["cells"][index]) for index in shown]
    if layout.prefix and cells:
        cells[0] = layout.prefix + cells[0]
    obj = row.get("object") or {}
    if layout.namespaces:
        cells.insert(0, metadata.namespace(obj))
    if layout.labels:
        labels = metadata.labels(obj)
        cells.append(",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>")
    return cells


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)  # kubectl prints nothing where a custom column finds nothing


def _padded(line: list[str], widths: list[int]) -> str:
    *cells, last = line
    return "".join(cell.ljust(width) + _GAP for cell, width in zip(cells, widths, strict=False)) + last
