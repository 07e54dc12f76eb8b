"""Cells of custom kinds: their `additionalPrinterColumns`."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.embedded.apiserver.tables.words import Cells, name, since
from k8s_tutor.objects import jsonpath
from k8s_tutor.objects.types import Json, Obj

__all__ = ["cells_for", "columns"]


def columns(printer_columns: Sequence[Obj]) -> list[Obj]:
    """The column definitions: Name, then the custom ones."""
    first = {"name": "Name", "type": "string", "format": "name", "priority": 0, "description": ""}
    return [first] + [
        {
            "name": row["name"],
            "type": row["type"],
            "format": row.get("format", ""),
            "priority": row.get("priority", 0),
            "description": row.get("description", ""),
        }
        for row in printer_columns
    ]


def cells_for(printer_columns: Sequence[Obj]) -> Cells:
    """The function that fills a row; a cell that finds nothing is null."""

    def cells(obj: Obj, now: float) -> list[Json]:
        return [name(obj), *(_cell(obj, row, now) for row in printer_columns)]

    return cells


def _cell(obj: Obj, column: Obj, now: float) -> Json:
    try:
        found = jsonpath.find(column["jsonPath"], obj)
    except jsonpath.JsonPathError:
        return None
    if not found or found[0] is None:
        return None
    return _typed(found[0], column["type"], now)


def _typed(value: Json, wanted: str, now: float) -> Json:
    """A value of another type than its column's is left out, but for text, which takes anything."""
    match wanted:
        case "string":
            return jsonpath.show(value)
        case "date":
            return _date(value, now)
        case "boolean":
            return value if isinstance(value, bool) else None
        case "integer":
            return int(value) if _is_number(value) else None
        case _:
            return value if _is_number(value) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _date(value: Json, now: float) -> Json:
    if not isinstance(value, str):
        return None
    try:
        return since(value, now)
    except ValueError:
        return "<invalid>"
