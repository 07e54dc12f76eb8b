"""Messages whose JSON is not the object of their fields: times, quantities, free-form JSON, this or that.

Each function takes the decoded fields and answers what Go writes for them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from k8s_tutor.objects.protobuf.wire import Malformed
from k8s_tutor.objects.quantity import QuantityError, canonical
from k8s_tutor.objects.types import Json, Obj

__all__ = ["SPECIAL"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_TIME = datetime(1, 1, 1, tzinfo=UTC)  # Go's: written as null


def _time(fields: Obj) -> Json:
    when = _moment(fields)
    return when and f"{when:%Y-%m-%dT%H:%M:%S}Z".zfill(20)


def _micro_time(fields: Obj) -> Json:
    when = _moment(fields)
    return when and f"{when + timedelta(microseconds=_micros(fields)):%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27)


def _moment(fields: Obj) -> datetime | None:
    if not fields:
        return None
    try:
        when = _EPOCH + timedelta(seconds=fields.get("seconds", 0))
        when + timedelta(microseconds=_micros(fields))
    except OverflowError:  # Go writes years beyond 9999, which no client reads again
        raise Malformed("Time.MarshalJSON: year outside of range [0,9999]") from None
    return None if when == _ZERO_TIME else when


def _micros(fields: Obj) -> int:
    return int(fields.get("nanos", 0) / 1000)  # towards zero, as Go truncates


def _quantity(fields: Obj) -> Json:
    if "string" not in fields:
        return "0"
    try:
        return canonical(fields["string"])
    except QuantityError as error:
        raise Malformed(str(error)) from None


def _int_or_string(fields: Obj) -> Json:
    kind = fields.get("type", 0)
    if kind == 0:
        return fields.get("intVal", 0)
    if kind == 1:
        return fields.get("strVal", "")
    raise Malformed("impossible IntOrString.Type")


def _free_form(fields: Obj) -> Json:
    text = base64.b64decode(fields.get("raw", ""))
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise Malformed(f"json: error calling MarshalJSON for type runtime.RawExtension: {error}") from None


def _owned_fields(fields: Obj) -> Json:
    """Who owns what; a server takes ownership that it cannot read for none at all."""
    try:
        return _free_form({"raw": fields.get("Raw", "")})
    except Malformed:
        return None


def _schema_or_bool(fields: Obj) -> Json:
    return fields["schema"] if "schema" in fields else fields.get("allows", False)


def _schema_or_schemas(fields: Obj) -> Json:
    return fields.get("jSONSchemas") or fields.get("schema")


def _schema_or_strings(fields: Obj) -> Json:
    return fields.get("property") or fields.get("schema")


_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"

SPECIAL: dict[str, Callable[[Obj], Json]] = {
    f"{_META}.Time": _time,
    f"{_META}.MicroTime": _micro_time,
    f"{_META}.FieldsV1": _owned_fields,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": _free_form,
    f"{_EXTENSIONS}.JSON": _free_form,
    f"{_EXTENSIONS}.JSONSchemaPropsOrBool": _schema_or_bool,
    f"{_EXTENSIONS}.JSONSchemaPropsOrArray": _schema_or_schemas,
    f"{_EXTENSIONS}.JSONSchemaPropsOrStringArray": _schema_or_strings,
}
"""By OpenAPI name."""
