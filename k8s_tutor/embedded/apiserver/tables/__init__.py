"""What `kubectl get` prints: the server's Tables, with the columns and cells of a real API server.

Law: pure functions of objects and the time. A kind's cells are one small function; its columns are facts
(`objects/facts/columns.json`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources

from k8s_tutor.embedded.apiserver.tables import access, extensions, storage, workloads
from k8s_tutor.embedded.apiserver.tables.words import Cells
from k8s_tutor.embedded.encoding import make_bare
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["table"]


_CELLS: dict[str, Cells] = {
    **access.CELLS,
    **access.CERTIFICATES,
    **extensions.DEVICES,
    **extensions.CELLS,
    **extensions.METRICS,
    **storage.NETWORKING,
    **storage.CELLS,
    **workloads.CELLS,
}

_COMPLETED = {
    "Succeeded": ("Succeeded", "The pod has completed successfully."),
    "Failed": ("Failed", "The pod failed."),
}


def table(  # noqa: PLR0913  (each is a parameter of the request)
    kind: Kind,
    objects: Sequence[Obj],
    now: float,
    *,
    list_metadata: Obj | None = None,
    include_object: str = "Metadata",
    printer_columns: Sequence[Obj] | None = None,
    with_columns: bool = True,
) -> Obj:
    """The Table of some objects of a kind.

    Args:
        kind: Their kind.
        objects: One row each, in this order; not changed, and shared with the result.
        now: Seconds since the epoch, for the ages.
        list_metadata: `resourceVersion`, `continue`, … of the list; None takes a single object's resourceVersion.
        include_object: What each row carries: `Metadata` (the default), the whole `Object`, or `None`.
        printer_columns: `additionalPrinterColumns` of a custom kind; None or empty for Name and Age.
        with_columns: False leaves `columnDefinitions` null, as in all events of a watch but the first.
    """
    if list_metadata is None:
        version = objects[0].get("metadata", {}).get("resourceVersion") if len(objects) == 1 else None
        list_metadata = {"resourceVersion": version} if version else {}
    columns = _columns(kind, printer_columns)
    cells = _cells_of(kind, printer_columns)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_metadata,
        "columnDefinitions": columns if with_columns else None,
        "rows": [_row(kind, obj, cells(obj, now), include_object) for obj in objects],
    }


def _row(kind: Kind, obj: Obj, cells: list[Json], include: str) -> Obj:
    row: Obj = {"cells": cells}
    if kind.group_resource == "pods":
        ended = _COMPLETED.get((obj.get("status") or {}).get("phase", ""))
        if ended:
            row["conditions"] = [{"type": "Completed", "status": "True", "reason": ended[0], "message": ended[1]}]
    if include == "None":
        row["object"] = None
    elif include == "Object":
        row["object"] = obj
    else:
        row["object"] = make_bare(obj)
    return row


def _cells_of(kind: Kind, printer_columns: Sequence[Obj] | None) -> Cells:
    if printer_columns:
        return extensions.cells_for(printer_columns)
    known = _CELLS.get(kind.group_resource)
    if known is not None:
        return known
    return _name_and_creation if _created_at(kind) else _name_and_age


def _columns(kind: Kind, printer_columns: Sequence[Obj] | None) -> list[Obj]:
    if printer_columns:
        return extensions.columns(printer_columns)
    rows = _facts().get(kind.group_resource) or extensions.COLUMNS.get(kind.group_resource)
    if rows is None or (kind.group_resource not in _CELLS and not _created_at(kind)):
        rows = _NAME_AND_AGE
    names = ("name", "type", "format", "priority")
    return [{**dict(zip(names, row, strict=True)), "description": ""} for row in rows]


_NAME_AND_AGE = [["Name", "string", "name", 0], ["Age", "string", "", 0]]


def _created_at(kind: Kind) -> bool:
    rows = _facts().get(kind.group_resource, [])
    return [row[0] for row in rows] == ["Name", "Created At"]


def _name_and_age(obj: Obj, now: float) -> list[Json]:
    return [metadata.name(obj), quantity.age(obj.get("metadata", {}).get("creationTimestamp"), now)]


def _name_and_creation(obj: Obj, _: float) -> list[Json]:
    return [metadata.name(obj), obj.get("metadata", {}).get("creationTimestamp")]


@cache
def _facts() -> dict[str, list[list[Json]]]:
    text = resources.files("k8s_tutor.objects").joinpath("facts/columns.json").read_text(encoding="utf-8")
    columns: dict[str, list[list[Json]]] = json.loads(text)["columns"]
    return columns
