"""The versions of a definition: their names, their schemas, and what else they may have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from k8s_tutor.embedded.apiserver.fielderrors import (
    FieldError,
    duplicate,
    internal,
    invalid,
    required,
    too_many,
    unsupported,
)
from k8s_tutor.embedded.apiserver.rules.checks import name_problems
from k8s_tutor.embedded.apiserver.rules.definitions.keywords import Demands, check_keywords, schema_of
from k8s_tutor.embedded.apiserver.rules.definitions.structure import check_defaults, check_structure
from k8s_tutor.embedded.apiserver.structural_rules import environments, speaks_of_old, step_names
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

if TYPE_CHECKING:
    from k8s_tutor.embedded.apiserver.cel import Environment

__all__ = ["check_rules", "check_versions", "schema_problems", "stored_version"]


# ---- `x-kubernetes-validations` in a definition: rules that compile, speak only of what they can see, and say why

_KEY = "x-kubernetes-validations"
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_UNCORRELATED = "oldSelf cannot be used on the uncorrelatable portion of the schema within"
_NO_TYPE = (
    "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert "
    "structural schema to CEL declarations"
)


def check_rules(schema: Obj, path: str, *, root: bool = True, lost: str = "") -> Iterator[FieldError]:
    """What is wrong with the rules of a schema and all in it.

    Args:
        schema: The schema.
        path: Where it is in the definition.
        root: It describes whole objects.
        lost: The list around it whose items nobody can tell from those before; `""` for none.
    """
    if rules := schema.get(_KEY):
        yield from _check_own(schema, rules, f"{path}.{_KEY}", root, lost)
    for key, inner in (schema.get("properties") or {}).items():
        yield from check_rules(inner, f"{path}.properties[{key}]", root=False, lost=lost)
    if isinstance(schema.get("additionalProperties"), dict):
        inner = schema["additionalProperties"]
        yield from check_rules(inner, f"{path}.additionalProperties", root=False, lost=lost)
    if isinstance(schema.get("items"), dict):
        keyed = schema.get("x-kubernetes-list-type") == "map"
        yield from check_rules(schema["items"], f"{path}.items", root=False, lost=lost or ("" if keyed else path))


def _check_own(schema: Obj, rules: list[Obj], path: str, root: bool, lost: str) -> Iterator[FieldError]:
    written = [
        problem for index, rule in enumerate(rules) for problem in _check_written(schema, rule, f"{path}[{index}]")
    ]
    yield from written
    if written:
        return
    if not schema.get("type") and not schema.get("x-kubernetes-int-or-string"):
        yield internal(path, _NO_TYPE)
        return
    compilers = environments(schema, root=root)
    for index, rule in enumerate(rules):
        yield from _check_compiled(rule, f"{path}[{index}]", compilers(bool(rule.get("optionalOldSelf"))), lost)


def _check_written(schema: Obj, rule: Obj, path: str) -> Iterator[FieldError]:
    text, message = rule.get("rule", ""), rule.get("message")
    if not text.strip():
        yield required(f"{path}.rule", "rule is not specified")
    elif "\n" in text.strip() and not message and not rule.get("messageExpression"):
        yield required(f"{path}.message", "message must be specified if rule contains line breaks")
    if message and not message.strip():
        yield invalid(f"{path}.message", message, "must be non-empty if specified")
    elif message and "\n" in message.strip():
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    expression = rule.get("messageExpression")
    if expression and not expression.strip():
        yield required(f"{path}.messageExpression", "messageExpression must be non-empty if specified")
    reason = rule.get("reason")
    if reason and reason not in _REASONS:
        yield unsupported(f"{path}.reason", reason, _REASONS)
    yield from _check_field_path(schema, rule.get("fieldPath", ""), f"{path}.fieldPath")


def _check_field_path(schema: Obj, text: str, path: str) -> Iterator[FieldError]:
    if not text:
        return
    if not text.strip():
        yield invalid(path, text, "must be non-empty if specified")
    steps = step_names(text)
    level: Obj | None = schema
    for name in steps or ():
        properties = (level or {}).get("properties") or {}
        extra = (level or {}).get("additionalProperties")
        level = properties.get(name, extra if isinstance(extra, dict) else None)
    if not steps or level is None:
        yield invalid(path, text, "must be a valid path")


def _check_compiled(rule: Obj, path: str, environment: Environment, lost: str) -> Iterator[FieldError]:
    from k8s_tutor.embedded.apiserver.cel import CompileError  # noqa: PLC0415 — with the first rule

    try:
        environment.compile(rule["rule"], returns="bool")
    except CompileError as error:
        why = (
            f"compilation failed: {error}"
            if str(error).startswith("ERROR")
            else "cel expression must evaluate to a bool"
        )
        yield FieldError(f"{path}.rule", "FieldValueInvalid", f"Invalid value: {_go(rule)}: {why}")
        return
    old = speaks_of_old(rule["rule"]) and environment.has("oldSelf", rule["rule"])
    if old and lost:
        yield invalid(f"{path}.rule", rule["rule"], f"{_UNCORRELATED} {lost}")
    if rule.get("optionalOldSelf") is not None and not old:
        words = "may not be set if oldSelf is not used in rule"
        yield invalid(f"{path}.optionalOldSelf", rule["optionalOldSelf"], words)
    if not rule.get("messageExpression"):
        return
    try:
        environment.compile(rule["messageExpression"], returns="string")
    except CompileError as error:
        failed = str(error).startswith("ERROR")
        why = (
            f"messageExpression compilation failed: {error}"
            if failed
            else "messageExpression must evaluate to a string"
        )
        yield FieldError(f"{path}.messageExpression", "FieldValueInvalid", f"Invalid value: {_go(rule)}: {why}")


def _go(rule: Obj) -> str:
    """A rule as Go's encoder writes the server's struct for it."""
    printed = {
        "Rule": rule["rule"],
        "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""),
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""),
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
    text = json.dumps(printed, separators=(",", ":"), ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


# ---- The versions of a definition: their names, their schemas, and what else they may have

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_MOST_FIELDS = 8
_LONGEST_WARNING = 256
_SELECTABLE = ("string", "boolean", "integer")


def stored_version(versions: Sequence[Obj]) -> str | None:
    """The first version that says it is the stored one; None where none does."""
    return next((row["name"] for row in versions if row.get("storage")), None)


def check_versions(spec: Obj, demands: Demands) -> Iterator[FieldError]:
    """What is wrong with a definition's versions."""
    versions: list[Obj] = spec.get("versions") or []
    yield from _check_set(versions, _versions_go(versions) if versions else json.dumps(spec.get("versions")))
    keeps = bool(spec.get("preserveUnknownFields"))
    for index, row in enumerate(versions):
        yield from _check_version(row, f"spec.versions[{index}]", demands, keeps=keeps)
    if versions and versions[0]["name"]:
        yield from name_problems(versions[0]["name"], "spec.version", metadata.dns1035_label(versions[0]["name"]))
    yield from _check_parts(versions, demands.of(spec))


def schema_problems(spec: Obj) -> Iterator[FieldError]:
    """What keeps the schemas of a definition's versions from being structural."""
    for index, row in enumerate(spec.get("versions") or ()):
        if (schema := schema_of(row)) is not None:
            yield from check_structure(schema, f"spec.versions[{index}].schema.openAPIV3Schema")


def _check_set(versions: list[Obj], printed: str) -> Iterator[FieldError]:
    if len([row for row in versions if row.get("storage")]) != 1:
        yield _said("spec.versions", printed, "must have exactly one version marked as storage version")
    if len({row["name"] for row in versions}) < len(versions):
        yield _said("spec.versions", printed, "must contain unique version names")


def _check_version(version: Obj, path: str, demands: Demands, *, keeps: bool) -> Iterator[FieldError]:
    yield from name_problems(version["name"], f"{path}.name", metadata.dns1035_label(version["name"]))
    yield from _check_deprecation(version, path)
    if schema_of(version) is not None:
        return
    if demands.schemas:
        yield required(f"{path}.schema.openAPIV3Schema")
    elif version.get("served") and not keeps:
        yield required(f"{path}.schema.openAPIV3Schema", "because otherwise all fields are pruned")


def _check_parts(versions: list[Obj], demands: Demands) -> Iterator[FieldError]:
    for path, version in _with_paths(versions, "schema", "validation"):
        if (schema := schema_of(version)) is not None:
            yield from _check_schema(schema, f"{path}.openAPIV3Schema", demands)
    for path, version in _with_paths(versions, "subresources"):
        yield from _check_scale((version.get("subresources") or {}).get("scale"), f"{path}.scale")
    for path, version in _with_paths(versions, "additionalPrinterColumns"):
        for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
            yield from _check_column(column, f"{path}[{index}]")
    for path, version in _with_paths(versions, "selectableFields"):
        yield from _check_selectable(version.get("selectableFields") or [], schema_of(version) or {}, path)


def _with_paths(versions: list[Obj], key: str, shared: str = "") -> Iterator[tuple[str, Obj]]:
    """Where errors of a part are said to be: under `spec` when all versions have it alike."""
    if versions and all(row.get(key) == versions[0].get(key) for row in versions):
        yield f"spec.{shared or key}", versions[0]
        return
    for index, row in enumerate(versions):
        yield f"spec.versions[{index}].{key}", row


def _said(field: str, value: str, words: str) -> FieldError:
    return FieldError(field, "FieldValueInvalid", f"Invalid value: {value}: {words}")


def _versions_go(versions: list[Obj]) -> str:
    """Versions as Go's encoder writes the server's structs, without what they have alike."""
    rows = [
        {
            "Name": row["name"],
            "Served": bool(row.get("served")),
            "Storage": bool(row.get("storage")),
            "Deprecated": bool(row.get("deprecated")),
            "DeprecationWarning": row.get("deprecationWarning"),
            "Schema": None,
            "Subresources": None,
            "AdditionalPrinterColumns": None,
            "SelectableFields": None,
        }
        for row in versions
    ]
    return json.dumps(rows, separators=(",", ":"))


def _check_schema(schema: Obj, path: str, demands: Demands) -> Iterator[FieldError]:
    if "$schema" in schema or any("$schema" in inner for inner in (schema.get("properties") or {}).values()):
        yield invalid(path, "", "OpenAPIV3Schema 'schema' is not supported")
        return
    found = [*check_keywords(schema, path, demands=demands)]
    if demands.structural:
        found += check_structure(schema, path)
    yield from found
    if found or not demands.structural:
        return
    wrong = list(check_rules(schema, path))
    yield from wrong
    if not wrong:
        yield from check_defaults(schema, path)


def _check_deprecation(version: Obj, path: str) -> Iterator[FieldError]:
    words, field_path = version.get("deprecationWarning"), f"{path}.deprecationWarning"
    if words is None:
        return
    if not version.get("deprecated"):
        yield invalid(field_path, words, "can only be set for deprecated versions")
    if len(words) > _LONGEST_WARNING:
        yield invalid(field_path, words, f"must be <= {_LONGEST_WARNING} characters long")
    if not words:
        yield invalid(field_path, words, "must not be an empty string")
    for index, char in enumerate(words):
        if not char.isprintable():
            why = f"must only contain printable UTF-8 characters; non-printable character found at index {index}"
            yield invalid(field_path, words, why)
            break


def _check_scale(scale: Obj | None, path: str) -> Iterator[FieldError]:
    if scale is None:
        return
    for key, under in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        value = scale.get(key, "")
        if not value:
            yield required(f"{path}.{key}")
        else:
            yield from _check_path(value, (under,), f"should be a json path under {under}", f"{path}.{key}")
    if selector := scale.get("labelSelectorPath"):
        words = "should be a json path under either .spec or .status"
        yield from _check_path(selector, (".spec", ".status"), words, f"{path}.labelSelectorPath")


def _check_path(value: str, under: tuple[str, ...], words: str, path: str) -> Iterator[FieldError]:
    if not value.startswith("."):
        yield invalid(path, value, "must be a simple json path starting with .")
    elif not value.startswith(tuple(f"{one}." for one in under)):
        yield invalid(path, value, words)


def _check_column(column: Obj, path: str) -> Iterator[FieldError]:
    kinds, forms = ",".join(_COLUMN_TYPES), ",".join(_COLUMN_FORMATS)
    if not column.get("name"):
        yield required(f"{path}.name")
    if not column.get("type"):
        yield required(f"{path}.type", f"must be one of {kinds}")
    elif column["type"] not in _COLUMN_TYPES:
        yield invalid(f"{path}.type", column["type"], f"must be one of {kinds}")
    if column.get("format") and column["format"] not in _COLUMN_FORMATS:
        yield invalid(f"{path}.format", column["format"], f"must be one of {forms}")
    if not column.get("jsonPath"):
        yield required(f"{path}.JSONPath")
    elif not column["jsonPath"].startswith("."):
        yield invalid(f"{path}.JSONPath", column["jsonPath"], "must be a simple json path starting with .")


def _check_selectable(fields: list[Obj], schema: Obj, path: str) -> Iterator[FieldError]:
    if len(fields) > _MOST_FIELDS:
        yield too_many(path, len(fields), _MOST_FIELDS)
    seen: list[str] = []
    for index, row in enumerate(fields):
        field_path, text = f"{path}[{index}].jsonPath", row.get("jsonPath", "")
        if not text:
            yield required(field_path)
            continue
        if problem := _path_problem(text, schema):
            yield invalid(field_path, text, problem)
        elif text in seen:
            yield duplicate(field_path, text)
        seen.append(text)


def _path_problem(text: str, schema: Obj) -> str:
    if not text.startswith("."):
        return f"is an invalid path: expected [ or . but got: {re.split(r'[.[]', text)[0]}"
    if "[" in text:
        return "is an invalid path: array notation is not allowed"
    level: Json = schema
    for key in text[1:].split("."):
        level = (level.get("properties") or {}).get(key) if isinstance(level, dict) else None
    if not isinstance(level, dict) or text.startswith(".metadata."):
        return "is an invalid path: does not refer to a valid field"
    if level.get("type") not in _SELECTABLE:
        kinds = "must point to a field of type string, boolean or integer."
        return f"{kinds} Enum string fields and strings with formats are allowed."
    return ""
