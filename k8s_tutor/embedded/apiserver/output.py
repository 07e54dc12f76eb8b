"""Answers in the form the client asked for: objects, lists, Tables, bare metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.listing import Page
from k8s_tutor.embedded.apiserver.versions import VersionedKind, from_storage
from k8s_tutor.embedded.apiserver.watching import Shaper
from k8s_tutor.embedded.encoding import make_bare, make_item
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["Form", "Wanted", "deprecation", "idle", "object_answer", "page_answer", "wanted", "watch_shaper"]

# ---- What form a client wants its answer in, from the Accept header

_JSON = ("application/json", "*/*")
_YAML = "application/yaml"
_OFFERED = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_STREAMS = ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


class Form(Enum):
    """The shape of an answer."""

    OBJECT = auto()
    TABLE = auto()
    METADATA = auto()
    METADATA_LIST = auto()


@dataclass(frozen=True, slots=True)
class _Clause:
    media: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return next((value for key, value in self.parameters if key == name), "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to see: a form, and for all but plain objects the version of `meta.k8s.io` it is in."""

    form: Form = Form.OBJECT
    version: str = "v1"


@lru_cache(maxsize=256)
def wanted(accept: str, *, streams: bool = False, watch: bool = False, tables: bool = True) -> Wanted:
    """The first form in the header that the server has.

    Args:
        accept: The header.
        streams: Whether the place can be watched.
        watch: Whether it is being watched: event by event in JSON.
        tables: Whether it can be shown as a Table; reviews, bindings, evictions and tokens cannot.

    Raises:
        StatusError: 406 when there is none.
    """
    if not accept:
        return Wanted()
    known = False
    for clause in map(_parse, accept.split(",")):
        if clause.media not in (*_JSON, _YAML):
            continue
        known = True
        found = None if watch and clause.media == _YAML else _wanted(clause)
        if found and (tables or found.form is not Form.TABLE):
            return found
    if known:
        offered = _STREAMS.removeprefix(", ") if watch else _OFFERED
        raise errors.not_acceptable(f"only the following media types are accepted: {offered}")
    offered = f"{_OFFERED}{_STREAMS if streams else ''}"
    raise errors.not_acceptable(f"406: Not Acceptable\n\nAvailable representations: {offered}")


def _parse(text: str) -> _Clause:
    media, *parameters = text.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return _Clause(media.strip().lower(), tuple((key.strip(), value.strip()) for key, _, value in pairs))


def _wanted(clause: _Clause) -> Wanted | None:
    kind, group, version = clause.get("as"), clause.get("g"), clause.get("v")
    if not kind:
        return Wanted()
    form = _FORMS.get(kind)
    if form is None or group != "meta.k8s.io" or version not in ("v1", "v1beta1"):
        return None
    return Wanted(form, version)


_FORMS = {
    "Table": Form.TABLE,
    "PartialObjectMetadata": Form.METADATA,
    "PartialObjectMetadataList": Form.METADATA_LIST,
}


# ---- Answers in the form the client asked for: objects, lists, Tables, bare metadata

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
        body = make_bare(seen)
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
            "items": [make_bare(obj) for obj in page.items],
        }
    elif form is Form.METADATA:
        raise errors.not_acceptable(
            f"you requested PartialObjectMetadata, but the requested object is a list (*{_go_name(kind)}List)"
        )
    else:
        # items of a built-in list carry no kind and apiVersion: the list tells both
        items = page.items if call.context.custom.has(kind) else [make_item(obj) for obj in page.items]
        body = {
            "kind": call.context.custom.list_kind(kind) or f"{kind.kind}List",
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
        return make_bare if asked.version == "v1" else lambda obj: _dated(make_bare(obj), asked)
    include = _include(call)
    first = True

    def as_table(obj: Obj) -> Obj:
        nonlocal first
        metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        bookmark = "name" not in obj["metadata"]
        table = _table(call, call.kind, [] if bookmark else [obj], metadata, with_columns=first)
        if bookmark and include != "None":  # its row says where the initial events end
            table["rows"] = [{"cells": [""], "object": make_bare(obj)}]
        first = False
        return _dated(table, asked)

    return as_table


def _table(call: Call, kind: Kind, objects: Sequence[Obj], metadata: Obj, *, with_columns: bool = True) -> Obj:
    from k8s_tutor.embedded.apiserver import tables  # noqa: PLC0415  # late: tables know all kinds' columns

    return tables.table(
        kind,
        objects,
        call.context.now(),
        include_object=_include(call),
        list_metadata=metadata,
        printer_columns=call.context.custom.printer_columns(kind),
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


# ---- What the API server says to whoever uses a kind that is on its way out, or one on which nothing acts here

# ---- Kinds that are on their way out, and what the API server says to whoever uses them

_WORDS = {
    ("v1", "ComponentStatus"): "v1 ComponentStatus is deprecated in v1.19+",
    ("v1", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def deprecation(kind: Kind) -> str:
    """The warning for a kind, `""` for those that stay."""
    if isinstance(kind, VersionedKind):
        return kind.deprecated
    return _WORDS.get((kind.api_version, kind.kind), "")


# ---- Kinds that are stored and served, and on which nothing acts: whoever makes one is told so
#
# `docs/limits.md` names them, and what else this cluster is not.

_POLICIES = "are stored, but no request is changed by them"
_IDLE_WORDS = {
    "networkpolicies.networking.k8s.io": "are stored, but keep nobody from talking to anybody",
    "mutatingadmissionpolicies.admissionregistration.k8s.io": _POLICIES,
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": _POLICIES,
    "apiservices.apiregistration.k8s.io": "are stored, but no request is passed on to other API servers",
    "flowschemas.flowcontrol.apiserver.k8s.io": "are stored, but requests do not queue",
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": "are stored, but requests do not queue",
    "resourceclaims.resource.k8s.io": "are stored, but there are no devices to claim",
    "storageversionmigrations.storagemigration.k8s.io": "are stored, but there is nothing to migrate",
    "podcertificaterequests.certificates.k8s.io": "are stored, but nobody issues their certificates",
}


def idle(kind: Kind) -> str:
    """What to say to whoever makes an object of the kind; `""` where something acts on it."""
    words = _IDLE_WORDS.get(kind.group_resource)
    return f"{kind.plural} {words} in the embedded cluster" if words else ""
