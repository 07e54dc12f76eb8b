"""Laws of structural schemas: what has been read once is not changed by being read again; validation never fails."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s_tutor.embedded.apiserver.custom_kinds import custom_rules
from k8s_tutor.embedded.apiserver.structural_pruning import fill_defaults, prune_value
from k8s_tutor.embedded.apiserver.structural_validation import validate_value
from tests.unit.custom_resources.conftest import DEFINITIONS, Api, definition, thing

KEYS = st.sampled_from(["a", "b", "c", "x-y", "日"])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
KEEPS = "x-kubernetes-preserve-unknown-fields"
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")}, optional={"default": st.text(max_size=3), "nullable": st.booleans()}
    ),
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"default": st.integers(), "minimum": st.integers()}),
    st.just({"x-kubernetes-int-or-string": True}),
    st.just({KEEPS: True}),
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(KEYS, inner, max_size=3)
    optional = {"required": st.lists(KEYS, max_size=2), KEEPS: st.just(True), "default": st.just({})}
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("object"), "properties": properties}, optional=optional),
        st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner}),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"x-kubernetes-list-type": st.just("set"), "maxItems": st.integers(0, 3)},
        ),
    )


SCHEMAS = st.recursive(LEAVES, _objects, max_leaves=6)


@given(VALUES, SCHEMAS)
def test_pruning_twice_is_pruning_once(value: Any, schema: Any) -> None:
    once = prune_value(value, schema)
    assert prune_value(once, schema) == once


@given(VALUES, SCHEMAS)
def test_defaults_are_filled_in_once(value: Any, schema: Any) -> None:
    once = deepcopy(value)
    fill_defaults(once, schema)
    twice = deepcopy(once)
    fill_defaults(twice, schema)
    assert twice == once


@given(VALUES, SCHEMAS)
def test_every_value_is_judged(value: Any, schema: Any) -> None:
    for problem in validate_value(value, schema, "spec"):
        assert problem.reason
        assert problem.message


@given(VALUES, SCHEMAS)
def test_what_has_not_changed_is_not_judged_again(value: Any, schema: Any) -> None:
    assert list(validate_value(value, schema, "spec", deepcopy(value))) == []


P = "x-kubernetes-"
_WORDS = st.sampled_from(
    ["", "object", "array", "string", "integer", "set", "map", "atomic", "date", "(", "^a$", "nope"]
)
_RULES = st.fixed_dictionaries(
    {"rule": st.sampled_from(["self == 1", "self.a > oldSelf.a", "self.all(x, x)", "has(self.b)", ")", "", "1"])},
    optional={
        "message": _WORDS,
        "messageExpression": st.sampled_from(["'a'", "self", ")"]),
        "reason": _WORDS,
        "fieldPath": st.sampled_from([".a", "a", ".b['c']", "."]),
        "optionalOldSelf": st.booleans(),
    },
)


def _anything(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _WORDS,
            "properties": st.dictionaries(KEYS | st.sampled_from(["metadata", "kind"]), inner, max_size=2),
            "items": inner | several,
            "additionalProperties": inner | st.booleans(),
            "allOf": several,
            "anyOf": several,
            "not": inner,
            "default": VALUES,
            "enum": st.lists(VALUES, max_size=2),
            "pattern": _WORDS,
            "format": _WORDS,
            "nullable": st.booleans(),
            "required": st.lists(KEYS, max_size=2),
            f"{P}preserve-unknown-fields": st.booleans(),
            f"{P}embedded-resource": st.booleans(),
            f"{P}int-or-string": st.booleans(),
            f"{P}list-type": _WORDS,
            f"{P}list-map-keys": st.lists(KEYS, max_size=2),
            f"{P}map-type": _WORDS,
            f"{P}validations": st.lists(_RULES, max_size=2),
        },
    )


@cache
def server() -> Api:
    return Api()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.recursive(_anything(st.just({})), _anything, max_leaves=6), VALUES)
def test_every_definition_is_taken_or_refused_and_then_judges_every_object(schema: Any, value: Any) -> None:
    whole = {"type": "object", "properties": {"spec": schema}}
    answer = server().ask("POST", DEFINITIONS, definition(whole), {"dryRun": "All"})
    assert answer.code in (201, 400, 422)
    if answer.code == 201:
        judged = custom_rules(answer.body["spec"]["versions"][0]["schema"]["openAPIV3Schema"], status=False, scale=None)
        assert all(problem.message for problem in judged.validate(thing(spec=value)))
