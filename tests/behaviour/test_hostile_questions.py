"""Patterns, selectors, numbers and names of a size that nobody needs: answered in time, and as a real server does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError
from tests.behaviour.test_definitions import API, PLURAL, definition

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Json, Obj
    from tests.behaviour.conftest import Environment

NINES = "9" * 5000
FAR = f'failed to parse int from {NINES}: strconv.Atoi: parsing "{NINES}": value out of range'
WILD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wilds.questions.tutor.example}
spec:
  group: questions.tutor.example
  scope: Namespaced
  names: {kind: Wild, plural: wilds}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          switch: {type: string, pattern: '^(?i)(on|off)$'}
          letters: {type: string, pattern: '^\\pL+$'}
          slow: {type: string, pattern: '^(a+)+$'}
          host: {type: string, format: hostname}
          word:
            type: string
            maxLength: 100
            x-kubernetes-validations:
            - {rule: "self.matches('^(?i)([a-z]+)+$')", message: letters only}
            - {rule: "self.find('(b+)+$') != 'b'", message: no b at the end}
"""


def schema_with(pattern: str) -> Obj:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return definition(versions=[version])


def try_definition(env: Environment, pattern: str) -> str:
    try:
        env.client.raw("POST", f"{API}/v1/{PLURAL}", schema_with(pattern), dryRun="All")
    except StatusError as refused:
        return str(refused.status["message"]).rpartition("error parsing regexp: ")[2]
    return ""


@pytest.mark.parametrize(
    "pattern",
    [r"^(?i)(on|off)$", r"^\pL+$", "(?P<n>a)", "(?<n>a)", r"\Qa.b\E", r"a\z", "(?U)a+", r"\p{Greek}", "(a+)+b"],
)
def test_a_pattern_is_one_of_go(env: Environment, pattern: str) -> None:
    assert try_definition(env, pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("x{1001}", "invalid repeat count: `{1001}`"),
        ("(x{100}){100}", "invalid repeat count: `{100}`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\Z", r"invalid escape sequence: `\Z`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<=a)b", "invalid named capture: `(?<=a)b`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ],
)
def test_a_pattern_that_is_none_is_refused_in_go_s_words(env: Environment, pattern: str, words: str) -> None:
    assert try_definition(env, pattern) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"switch": "OFF", "letters": "größe", "slow": "a" * 90, "word": "Ab" + "c" * 90}, ""),
        ({"switch": "of"}, "switch in body should match '^(?i)(on|off)$'"),
        ({"switch": "on\n"}, "switch in body should match '^(?i)(on|off)$'"),
        ({"letters": "a1"}, r"letters in body should match '^\pL+$'"),
        ({"slow": "a" * 5000 + "!"}, "slow in body should match '^(a+)+$'"),
        ({"word": "a" * 99 + "!"}, "letters only"),
        ({"word": "ab"}, "no b at the end"),
        ({"host": "a" * 100 + "_"}, "host in body must be of type hostname"),
    ],
    ids=range(8),
)
def test_no_text_takes_a_pattern_long(env: Environment, fields: Obj, words: str) -> None:
    with env.defined(WILD):
        path = f"/apis/questions.tutor.example/v1/namespaces/{env.namespace}/wilds"
        kind = {"apiVersion": "questions.tutor.example/v1", "kind": "Wild"}
        answer = try_to_make(env, path, {**kind, "metadata": {"name": "a"}, **fields})
    assert words in answer
    assert bool(words) == bool(answer)


def try_to_make(env: Environment, path: str, body: Obj) -> str:
    try:
        env.client.raw("POST", path, body, dryRun="All")
    except StatusError as refused:
        return str(refused.status["message"])
    return ""


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (f"{NINES} * * * *", FAR),
        (f"*/{NINES} * * * *", FAR),
        (f"@every {NINES}h", f'failed to parse duration @every {NINES}h: time: invalid duration "{NINES}h"'),
        ("@every 2562048h", 'failed to parse duration @every 2562048h: time: invalid duration "2562048h"'),
    ],
    ids=["minute", "step", "every", "292-years"],
)
def test_a_number_in_a_schedule_has_an_end(env: Environment, schedule: str, why: str) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1.35"}]}}
    body = {"metadata": {"name": "a"}, "spec": {"schedule": schedule, "jobTemplate": {"spec": {"template": template}}}}
    assert try_to_make(env, f"/apis/batch/v1/namespaces/{env.namespace}/cronjobs", body).endswith(why)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"labels": {"a": "x" * 63}}, ""),
        ({"labels": {"a": "x" * 64}}, "must be no more than 63 bytes"),
        ({"labels": {"a" * 64: "x"}}, "name part must be no more than 63 bytes"),
        ({"labels": {f"k{number}": "v" for number in range(5000)}}, ""),
        ({"annotations": {"a": "x" * (256 * 1024)}}, "Too long: may not be more than 262144 bytes"),
        ({"annotations": {"a": "x" * (256 * 1024 - 1)}}, ""),
    ],
    ids=["label", "long-label", "long-key", "many-labels", "too-much-annotation", "much-annotation"],
)
def test_labels_are_short_and_annotations_end(env: Environment, metadata: Obj, words: str) -> None:
    body: Json = {"metadata": {"name": "a", **metadata}}
    answer = try_to_make(env, f"/api/v1/namespaces/{env.namespace}/configmaps", body)
    assert answer.endswith(words)
    assert bool(words) == bool(answer)


@pytest.mark.parametrize(
    "query",
    [
        {"labelSelector": ",".join(f"k{number}=v" for number in range(20_000))},
        {"labelSelector": f"k in ({','.join(f'v{number}' for number in range(50_000))})"},
        {"fieldSelector": ",".join(["metadata.name=a"] * 20_000)},
    ],
    ids=["labels", "values", "fields"],
)
def test_a_selector_is_as_long_as_a_request(env: Environment, query: dict[str, str]) -> None:
    found = env.client.raw("GET", f"/api/v1/namespaces/{env.namespace}/pods", None, **query).body
    assert isinstance(found, dict)
    assert found["items"] == []
