"""Environments: which variables an expression may speak of, and that nothing is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.embedded.apiserver.cel import DYN, CompileError, Environment, EvaluationError, declared

SCHEMA = {
    "type": "object",
    "properties": {
        "size": {"type": "integer"},
        "names": {"type": "array", "items": {"type": "string"}},
        "limits": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
        "when": {"type": "string", "format": "date-time"},
    },
}


def test_it_knows_whether_an_expression_speaks_of_a_variable() -> None:
    environment = Environment({"self": declared(SCHEMA), "oldSelf": declared(SCHEMA)})
    assert environment.has("oldSelf", "self.size >= oldSelf.size")
    assert not environment.has("oldSelf", "self.size >= 1")


def test_variables_without_a_type_are_checked_when_evaluated() -> None:
    environment = Environment({"object": DYN, "request": DYN})
    rule = environment.compile("object.spec.replicas <= 5 && request.operation == 'CREATE'", returns="bool")
    assert rule.evaluate({"object": {"spec": {"replicas": 3}}, "request": {"operation": "CREATE"}}) is True
    with pytest.raises(EvaluationError, match="no such key: spec"):
        rule.evaluate({"object": {}, "request": {"operation": "CREATE"}})


def test_a_result_of_another_type_is_named() -> None:
    with pytest.raises(CompileError, match=r"^int$"):
        Environment({"self": declared(SCHEMA)}).compile("self.size", returns="bool")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    value=JSON,
    rule=st.sampled_from(
        [
            "self.size > 3",
            "self.names.all(x, x.startsWith('a'))",
            "self.limits.all(k, self.limits[k].sum() > 2)",
            "self.when < timestamp('2030-01-01T00:00:00Z')",
            "quantity(self.names[0]).isGreaterThan(quantity('1'))",
            "self.?size.orValue(1) == 1",
        ]
    ),
)
def test_evaluation_comes_to_a_result_or_says_why_not(value: object, rule: str) -> None:
    expression = Environment({"self": declared(SCHEMA)}).compile(rule, returns="bool")
    try:
        found = expression.evaluate({"self": value})
    except EvaluationError as error:
        found = bool(str(error))
    assert found in (True, False)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="self.size[]()+-*/'\"?:&|!=<>1 \\\n\0é日", max_size=20))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    try:
        outcome = Environment({"self": declared(SCHEMA)}).compile(text).source
    except CompileError as error:
        outcome = str(error)
    assert outcome


def test_the_compiler_is_loaded_with_the_first_expression_only() -> None:
    code = "import sys, k8s_tutor.embedded.apiserver.cel; sys.exit('cel_expr_python' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_where_the_compiler_does_not_load_a_rule_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    with pytest.raises(CompileError, match=r"^ERROR: the embedded cluster has no CEL compiler on this computer"):
        Environment({}).compile("true")
