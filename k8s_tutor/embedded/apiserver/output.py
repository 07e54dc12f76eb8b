"""Answers in the form the client asked for: objects, lists, Tables, bare metadata."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.listing import Page
from k8s_tutor.embedded.apiserver.negotiation import Form, Wanted, wanted
from k8s_tutor.embedded.apiserver.versions import from_storage
from k8s_tutor.embedded.apiserver.watching import Shaper
from k8s_tutor.embedded.encoding import as_bare, as_item
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["object_answer", "page_answer", "watch_shaper"]

_META = "meta.k8s.io/v1"


def object_answer(call: Call, obj: Obj, kind: Kind, code: int = 200) -> Response:
    """One object, in the asked version and form.

    Raises:
        StatusError: 400 or 406.
    """
    seen = from_storage(obj, kind)
    asked = wanted(call.request.accept)
    form = asked.form
    if form is Form.TABLE:
        metadata = {"resourceVersion": seen["metadata"].get("resourceVersion", "")}
        body = _table(call, kind, [seen], metadata)
    elif form is Form.METADATA:
        body = as_bare(seen)
    elif form is Form.METADATA_LIST:
        raise errors.not_acceptable(
            f"you requested PartialObjectMetadataList, but the requested object is not a list (*{_go_name(kind)})"
        )
    else:
        body = seen
    return Response(code, _dated(body, asked), warnings=tuple(call.warnings))


def page_answer(call: Call, page: Page, kind: Kind) -> Response:
    """A list, in the asked form.

    Raises:
        StatusError: 400 or 406.
    """
    asked = wanted(call.request.accept, streams=True)
    form = asked.form
    if form is Form.TABLE:
        body = _table(call, kind, page.items, page.metadata)
    elif form is Form.METADATA_LIST:
        body = {
            "kind": "PartialObjectMetadataList",
            "apiVersion": _META,
            "metadata": page.metadata,
            "items": [as_bare(obj) for obj in page.items],
        }
    elif form is Form.METADATA:
        raise errors.not_acceptable(
            f"you requested PartialObjectMetadata, but the requested object is a list (*{_go_name(kind)}List)"
        )
    else:
        # items of a built-in list carry no kind and apiVersion: the list tells both
        items = page.items if call.ground.custom.has(kind) else [as_item(obj) for obj in page.items]
        body = {
            "kind": call.ground.custom.list_kind(kind) or f"{kind.kind}List",
            "apiVersion": kind.api_version,
            "metadata": page.metadata,
            "items": items,
        }
    return Response(200, _dated(body, asked), warnings=tuple(call.warnings))


def watch_shaper(call: Call) -> Shaper:
    """From an object to what a watch sends of it.

    Raises:
        StatusError: 400 or 406.
    """
    asked = wanted(call.request.accept, streams=True)
    if asked.form is Form.OBJECT:
        return lambda obj: obj
    if asked.form is not Form.TABLE:
        return as_bare if asked.version == "v1" else lambda obj: _dated(as_bare(obj), asked)
    include = _include(call)
    first = True

    def as_table(obj: Obj) -> Obj:
        nonlocal first
        metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        bookmark = "name" not in obj["metadata"]
        table = _table(call, call.kind, [] if bookmark else [obj], metadata, with_columns=first)
        if bookmark and include != "None":  # its row says where the initial events end
            table["rows"] = [{"cells": [""], "object": as_bare(obj)}]
        first = False
        return _dated(table, asked)

    return as_table


def _table(call: Call, kind: Kind, objects: Sequence[Obj], metadata: Obj, *, with_columns: bool = True) -> Obj:
    from k8s_tutor.embedded.apiserver import tables  # noqa: PLC0415  # late: tables know all kinds' columns

    return tables.table(
        kind,
        objects,
        call.ground.now(),
        include_object=_include(call),
        list_metadata=metadata,
        printer_columns=call.ground.custom.printer_columns(kind),
        with_columns=with_columns,
    )


def _dated(body: Obj, asked: Wanted) -> Obj:
    """A Table or metadata in the version of `meta.k8s.io` that was asked for."""
    if asked.version == "v1" or asked.form is Form.OBJECT:
        return body
    dated = {**body, "apiVersion": f"meta.k8s.io/{asked.version}"}
    if "rows" in body:
        dated["rows"] = [
            {**row, "object": {**row["object"], "apiVersion": dated["apiVersion"]}}
            if (row.get("object") or {}).get("kind") == "PartialObjectMetadata"
            else row
            for row in body["rows"]
        ]
    if "items" in body:
        dated["items"] = [{**item, "apiVersion": dated["apiVersion"]} for item in body["items"]]
    return dated


def _include(call: Call) -> str:
    include = call.request.param("includeObject") or "Metadata"
    if include not in ("Metadata", "Object", "None"):
        raise errors.bad_request(
            f'Unable to convert to Table as requested: includeObject: Invalid value: "{include}": must be '
            "'Metadata', 'Object', 'None', or empty"
        )
    return include


def _go_name(kind: Kind) -> str:
    return f"{kind.group.partition('.')[0] or 'core'}.{kind.kind}"
