"""CEL as a real API server answers it: values, errors and refusals, recorded (`recorded.json`)."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.embedded.apiserver.cel import CompileError, Environment, EvaluationError, declared

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))

# Found out when evaluated, by a real server already when the rule is written: literals that are none.
LATER = {
    "string(int('x'))",
    "string(uint('-1'))",
    "string(double('x'))",
    "string(timestamp('x'))",
    "string(duration('x'))",
    "string(self.b.matches('('))",
    "'%d'.format(['a'])",
    "'%s'.format([])",
    "'abc'.find('(')",
}
# The same outcome, the package's own words.
OTHER_WORDS = {
    "'hello'.reverse()",
    "string(quantity('-1').sign())",
    "string(dyn(self.b).foo)",
    "'hello'.substring(9)",
    "'hello'.charAt(9)",
    "'hello'.substring(3, 1)",
}
OTHERWISE = {
    "'%s'.format([{'a': 1}])": "{a: 1}",
    "'%e'.format([1234.5])": "1.234500e+03",
    "string(self.set == ['b', 'a'])": "false",
    "string(timestamp('2020-01-01T01:02:03.5Z'))": "2020-01-01T01:02:03.500Z",
    "string(timestamp('2020-01-01T01:02:03+02:00'))": "2019-12-31T23:02:03Z",
    "string(duration('1.5s'))": "1.500s",
    # The server's image has no time zones; ours are those of the machine.
    "string(timestamp('2020-01-01T23:00:00Z').getHours('Europe/Berlin'))": "0",
}
RULES_OTHERWISE = {
    "self.spec.ll[0][0] == 'x'": None,  # lists of lists are checked when evaluated
    "authorizer.path('/x')": "undeclared reference to 'authorizer'",
}


@cache
def environment() -> Environment:
    return Environment({"self": declared(RECORDED["schema"])})


@cache
def whole() -> Environment:
    found = declared(RECORDED["rootSchema"], root=True)
    return Environment({"self": found, "oldSelf": found})


def answer(expression: str) -> dict[str, Any]:
    try:
        environment().compile(f"({expression}) == '\\u0001'", returns="bool")
        ready = environment().compile(expression, returns="string")
    except CompileError as error:
        return {"compile": re.sub(r"selfType\d+", "selfType", str(error))}
    try:
        return {"value": ready.evaluate({"self": RECORDED["self"]})}
    except EvaluationError as error:
        return {"error": str(error)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [row for row in RECORDED["answers"].items() if row[0] not in {*LATER, *OTHER_WORDS, *OTHERWISE}],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_comes_to_what_it_comes_to_on_a_real_server(expression: str, expected: dict[str, str]) -> None:
    assert answer(expression) == expected


@pytest.mark.parametrize("expression", sorted(LATER | OTHER_WORDS))
def test_what_fails_there_fails_here(expression: str) -> None:
    assert "value" not in RECORDED["answers"][expression]
    assert "value" not in answer(expression)


@pytest.mark.parametrize(("expression", "value"), OTHERWISE.items())
def test_where_values_differ_is_known(expression: str, value: str) -> None:
    assert answer(expression) == {"value": value}
    assert RECORDED["answers"][expression] != {"value": value}


@pytest.mark.parametrize(("rule", "refusal"), RECORDED["rules"].items(), ids=lambda value: value or "accepted")
def test_rules_are_refused_in_the_compilers_words(rule: str, refusal: str | None) -> None:
    words = None
    try:
        whole().compile(rule, returns="bool")
    except CompileError as error:
        words = re.sub(r"selfType\d+", "selfType", str(error))
    if rule in RULES_OTHERWISE:
        assert (RULES_OTHERWISE[rule] or "") in (words or "")
    elif refusal == "cel expression must evaluate to a bool":
        assert words == "int"
    else:
        assert words == refusal
