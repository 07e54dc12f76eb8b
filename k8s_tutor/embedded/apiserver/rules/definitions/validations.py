"""`x-kubernetes-validations` in a definition: rules that compile, speak only of what they can see, and say why."""

from __future__ import annotations

import json
from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, internal, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.structural.rules import speaks_of_old, step_names, variables
from k8s_tutor.objects.types import Obj

__all__ = ["check_rules"]

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
    for index, rule in enumerate(rules):
        yield from _check_compiled(schema, rule, f"{path}[{index}]", root, lost)


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


def _check_compiled(schema: Obj, rule: Obj, path: str, root: bool, lost: str) -> Iterator[FieldError]:
    from k8s_tutor.embedded.apiserver.cel import CompileError, Environment  # noqa: PLC0415 — with the first rule

    optional = bool(rule.get("optionalOldSelf"))
    environment = Environment(variables(schema, root=root, optional=optional))
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
    shown = {
        "Rule": rule["rule"],
        "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""),
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""),
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
    text = json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
