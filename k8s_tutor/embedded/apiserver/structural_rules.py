"""`x-kubernetes-validations`: the rules of a schema in CEL, compiled once, and which of them a value breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from k8s_tutor.embedded.apiserver.fielderrors import (
    OMITTED,
    FieldError,
    duplicate,
    forbidden,
    invalid,
    required,
)
from k8s_tutor.objects.types import Json, Obj

if TYPE_CHECKING:
    from k8s_tutor.embedded.apiserver.cel import Environment, Expression

__all__ = [
    "ABSENT",
    "Absent",
    "RuleTree",
    "broken_rules",
    "environments",
    "has_rules",
    "member",
    "old_item",
    "rule_tree",
    "same",
    "speaks_of_old",
    "step_names",
]


# ---- Which part of the old object a part of the new one was: by field, by key, by the keys of a list of type map


class Absent:
    """There was no old value here, or nobody can tell which it was."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = Absent()


def member(old: Any, key: str) -> Any:
    """What an old object or map had under a key."""
    return old.get(key, ABSENT) if isinstance(old, dict) else ABSENT


def old_item(old: Any, item: Json, schema: Obj) -> Any:
    """What an item of a list was before: told by its keys, where the list is of type map."""
    if not isinstance(old, list) or not isinstance(item, dict) or schema.get("x-kubernetes-list-type") != "map":
        return ABSENT
    keys = schema.get("x-kubernetes-list-map-keys", ())
    identity = [item.get(key) for key in keys]
    for one in old:
        if isinstance(one, dict) and [one.get(key) for key in keys] == identity:
            return one
    return ABSENT


def same(value: Json, old: Any) -> bool:
    """Whether nothing changed: what was stored once may stay, whatever the schema says now."""
    return old is not ABSENT and type(value) is type(old) and bool(value == old)


# ---- `x-kubernetes-validations`: the rules of a schema in CEL, compiled once, and which of them a value breaks

_OLD = re.compile(r"\boldSelf\b")
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']*)'\]")
BLOCKING = (
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
    "FieldValueNotSupported",
)
"""Reasons after which rules are not judged: the value may be of another type than they expect."""


@dataclass(slots=True)
class _Rule:
    source: Obj
    program: Expression
    message: Expression | None
    transition: bool
    optional: bool


@dataclass(slots=True)
class RuleTree:
    """The rules of one schema and of all below it.

    Attributes:
        schema: The schema.
        rules: Its own.
        properties: The trees of its fields, `items` and `values` those of its items.
    """

    schema: Obj
    rules: list[_Rule] = field(default_factory=list)
    properties: dict[str, RuleTree] = field(default_factory=dict)
    items: RuleTree | None = None
    values: RuleTree | None = None

    def __bool__(self) -> bool:
        return bool(self.rules or self.properties or self.items or self.values)


def has_rules(schema: Json) -> bool:
    """Whether a schema has rules anywhere: nothing of CEL is loaded for those that have none."""
    if isinstance(schema, dict):
        return bool(schema.get("x-kubernetes-validations")) or any(
            has_rules(inner) for key, inner in schema.items() if key not in ("default", "enum", "example")
        )
    return isinstance(schema, list) and any(has_rules(inner) for inner in schema)


def speaks_of_old(rule: str) -> bool:
    """Whether a rule may speak of the value before; `Environment.has` knows for sure."""
    return _OLD.search(rule) is not None


def _variables(schema: Obj, *, root: bool, optional: bool) -> dict[str, Any]:
    """The variables of a schema's rules with their types."""
    from k8s_tutor.embedded.apiserver.cel import declared, optional_of  # noqa: PLC0415 — with the first rule

    own = declared(schema, root=root)
    return {"self": own, "oldSelf": optional_of(own) if optional else own}


def environments(schema: Obj, *, root: bool) -> Callable[[bool], Environment]:
    """Compilers for a schema's rules, each made once: with `oldSelf` optional, or not."""

    @cache
    def made(optional: bool) -> Environment:
        from k8s_tutor.embedded.apiserver.cel import Environment  # noqa: PLC0415 — with the first rule

        return Environment(_variables(schema, root=root, optional=optional))

    return made


def rule_tree(schema: Obj, *, root: bool = False) -> RuleTree:
    """All rules of a schema, which is known to be valid, compiled."""
    tree = RuleTree(schema)
    if not has_rules(schema):
        return tree
    compilers = environments(schema, root=root)
    tree.rules = [_compiled(rule, compilers) for rule in schema.get("x-kubernetes-validations", ())]
    below = {key: rule_tree(inner) for key, inner in (schema.get("properties") or {}).items()}
    tree.properties = {key: inner for key, inner in below.items() if inner}
    if isinstance(schema.get("items"), dict):
        tree.items = rule_tree(schema["items"]) or None
    if isinstance(schema.get("additionalProperties"), dict):
        tree.values = rule_tree(schema["additionalProperties"]) or None
    return tree


def _compiled(rule: Obj, compilers: Callable[[bool], Environment]) -> _Rule:
    optional = bool(rule.get("optionalOldSelf"))
    environment = compilers(optional)
    message = environment.compile(rule["messageExpression"]) if rule.get("messageExpression") else None
    transition = speaks_of_old(rule["rule"]) and environment.has("oldSelf", rule["rule"])
    return _Rule(rule, environment.compile(rule["rule"]), message, transition, optional)


class _Exhausted(Exception):
    """A rule took too long; the error says so, and no other is asked."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(str(error))
        self.error = error


def broken_rules(tree: RuleTree, value: Json, path: str, old: Any = ABSENT) -> Iterator[FieldError]:
    """What a value does against the rules.

    Args:
        tree: The rules.
        value: The new value.
        path: Where it is; `""` for the whole object.
        old: What was there before.
    """
    try:
        yield from _broken(tree, value, path, old)
    except _Exhausted as exhausted:
        yield exhausted.error


def _broken(tree: RuleTree, value: Json, path: str, old: Any) -> Iterator[FieldError]:
    if value is None:
        return
    unchanged = same(value, old)
    for rule in tree.rules:
        problem = _judged(rule, tree.schema, value, path, old)
        if problem is not None and not (unchanged and not rule.transition):
            yield problem
    if isinstance(value, dict):
        for key, item in value.items():
            below = tree.properties.get(key)
            if below is not None:
                yield from _broken(below, item, f"{path}.{key}" if path else key, member(old, key))
            elif tree.values is not None and key not in (tree.schema.get("properties") or {}):
                yield from _broken(tree.values, item, f"{path}[{key}]", member(old, key))
    elif isinstance(value, list) and tree.items is not None:
        for index, item in enumerate(value):
            before = item if unchanged else old_item(old, item, tree.schema)
            yield from _broken(tree.items, item, f"{path}[{index}]", before)


def _judged(rule: _Rule, schema: Obj, value: Json, path: str, old: Any) -> FieldError | None:
    from k8s_tutor.embedded.apiserver.cel import EvaluationError  # noqa: PLC0415 — with the first rule

    if rule.transition and old is ABSENT and not rule.optional:
        return None
    given = {"self": value}
    if rule.transition:
        given["oldSelf"] = None if old is ABSENT else old
    try:
        if rule.program.evaluate(given) is True:
            return None
    except EvaluationError as error:
        kind = "integer or string" if schema.get("x-kubernetes-int-or-string") else str(schema.get("type", ""))
        found = invalid(path or "<nil>", kind, error.about(rule.source["rule"]))
        if error.exhausted:
            raise _Exhausted(found) from None
        return found
    words = _message(rule, given) or f"failed rule: {rule.source['rule'].strip()}"
    at = path + _suffix(str(rule.source.get("fieldPath", "")), schema)
    return _error(rule.source.get("reason", ""), at.lstrip(".") or "<nil>", value, words)


def _message(rule: _Rule, given: dict[str, Json]) -> str:
    """What the rule itself has to say."""
    from k8s_tutor.embedded.apiserver.cel import EvaluationError  # noqa: PLC0415 — with the first rule

    words: Any = None
    if rule.message is not None:
        try:
            words = rule.message.evaluate(given)
        except EvaluationError:
            words = None
    usable = isinstance(words, str) and words.strip() and "\n" not in words
    return str(words if usable else rule.source.get("message", ""))


def _error(reason: str, path: str, value: Json, words: str) -> FieldError:
    printed = OMITTED if isinstance(value, dict | list) else value
    kinds: dict[str, Callable[[], FieldError]] = {
        "FieldValueRequired": lambda: required(path, words),
        "FieldValueForbidden": lambda: forbidden(path, words),
        "FieldValueDuplicate": lambda: duplicate(path, printed),
    }
    return kinds.get(reason, lambda: invalid(path, printed, words))()


def step_names(field_path: str) -> list[str]:
    """The names in a rule's `fieldPath`; none for one that is not written as it should be."""
    matches = list(_STEP.finditer(field_path))
    if "".join(match[0] for match in matches) != field_path:
        return []
    return [match[1] if match[1] is not None else match[2] for match in matches]


def _suffix(field_path: str, schema: Obj) -> str:
    """A rule's `fieldPath` as errors write it: keys of maps in brackets."""
    found = ""
    for name in step_names(field_path):
        properties = schema.get("properties") or {}
        found += f".{name}" if name in properties else f"[{name}]"
        inner = properties.get(name, schema.get("additionalProperties"))
        schema = inner if isinstance(inner, dict) else {}
    return found
