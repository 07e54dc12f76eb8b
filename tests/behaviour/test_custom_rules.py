"""What a definition can ask of its objects: rules in CEL, lists told by keys, several versions, fields to select by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

GROUP = "rules.tutor.example"
NAME = f"crews.{GROUP}"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DEFINITION = f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {NAME}}}
spec:
  group: {GROUP}
  scope: Namespaced
  names: {{kind: Crew, plural: crews}}
  versions:
  - name: v1
    served: true
    storage: true
    selectableFields: [{{jsonPath: .spec.ship}}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - rule: "!has(self.least) || self.least <= self.most"
              messageExpression: "self.most < 6 ? 'a small crew' : 'a crew of ' + 'more than that'"
              fieldPath: .least
            - rule: "!has(self.window) || duration(self.window) < duration('1h')"
              message: an hour is too long
              reason: FieldValueForbidden
            properties:
              least: {{type: integer}}
              most: {{type: integer, default: 5}}
              window: {{type: string, maxLength: 10}}
              memory:
                type: string
                maxLength: 10
                x-kubernetes-validations:
                - rule: "quantity(self).isLessThan(quantity('1Gi'))"
              ship:
                type: string
                x-kubernetes-validations: [{{rule: self == oldSelf, message: a crew stays with its ship}}]
              members:
                type: array
                maxItems: 10
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties: {{name: {{type: string}}, role: {{type: string}}}}
  - name: v1beta1
    served: true
    storage: false
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {{type: object, properties: {{ship: {{type: string}}, rank: {{type: integer, default: 1}}}}}}
"""


@pytest.fixture
def crews(env: Environment) -> Iterator[Environment]:
    with env.defined(DEFINITION):
        yield env


def crew(name: str = "one", version: str = "v1", **spec: object) -> Obj:
    return {"apiVersion": f"{GROUP}/{version}", "kind": "Crew", "metadata": {"name": name}, "spec": spec}


def path(env: Environment, version: str = "v1", name: str = "") -> str:
    return f"/apis/{GROUP}/{version}/namespaces/{env.namespace}/crews/{name}".rstrip("/")


def refusals(env: Environment, obj: Obj) -> list[tuple[str, str, str]]:
    with pytest.raises(StatusError) as refused:
        env.client.create(obj, env.namespace)
    causes = refused.value.status["details"]["causes"]
    return [(cause["field"], cause["reason"], cause["message"]) for cause in causes]


def test_rules_versions_and_owners(crews: Environment) -> None:
    """One body for all: on a real cluster each definition takes its time."""
    words = "Invalid value: a small crew"
    assert refusals(crews, crew(least=9)) == [("spec.least", "FieldValueInvalid", words)]
    words = "Forbidden: an hour is too long"
    assert refusals(crews, crew(window="2h")) == [("spec", "FieldValueForbidden", words)]
    words = "Invalid value: \"2Gi\": failed rule: quantity(self).isLessThan(quantity('1Gi'))"
    assert refusals(crews, crew(memory="2Gi")) == [("spec.memory", "FieldValueInvalid", words)]

    crews.client.create(crew(ship="Beagle", least=2, window="30m", memory="1G"), crews.namespace)
    with pytest.raises(StatusError, match=r'spec.ship: Invalid value: "Victory": a crew stays with its ship'):
        crews.client.patch("crews", "one", {"spec": {"ship": "Victory"}}, crews.namespace)
    _check_versions(crews)
    _check_owners(crews)


def _check_versions(env: Environment) -> None:
    seen = env.client.raw("GET", path(env, "v1beta1", "one")).body
    assert seen["spec"] == {"ship": "Beagle"}  # type: ignore[index,call-overload]
    env.client.raw("POST", path(env, "v1beta1"), body=crew("two", "v1beta1", ship="Victory"))
    stored = env.client.get("crews", "two", env.namespace)
    assert (stored["apiVersion"], stored["spec"]) == (f"{GROUP}/v1", {"ship": "Victory", "most": 5})
    found = env.client.list("crews", env.namespace, fields="spec.ship=Victory")
    assert [item["metadata"]["name"] for item in found] == ["two"]


def _check_owners(env: Environment) -> None:
    """Items of a list told by keys have owners of their own."""
    for manager, name in (("north", "ann"), ("south", "bob")):
        members = [{"name": name, "role": "cook"}]
        env.client.apply(crew("three", members=members), env.namespace, force=False, field_manager=manager)
    assert _members(env) == ["ann", "bob"]
    other = crew("three", members=[{"name": "ann", "role": "mate"}])
    with pytest.raises(StatusError, match=r'conflict with "north": .spec.members\[name="ann"\].role'):
        env.client.apply(other, env.namespace, force=False, field_manager="south")
    env.client.apply(crew("three", members=[]), env.namespace, force=False, field_manager="north")
    assert _members(env) == ["bob"]


def _members(env: Environment) -> list[str]:
    return [member["name"] for member in env.client.get("crews", "three", env.namespace)["spec"]["members"]]


RULES: dict[str, tuple[Any, str]] = {
    "a field that is not there": ({"rule": "self.nope == 1"}, "undefined field 'nope'"),
    "an operator for other types": ({"rule": "self.a + 'x' == ''"}, "applied to '(int, string)'"),
    "no yes or no": ({"rule": "self.a"}, "cel expression must evaluate to a bool"),
    "half an expression": ({"rule": "self.a >"}, "Syntax error: mismatched input '<EOF>'"),
    "a function that is not there": ({"rule": "shout(self.a)"}, "undeclared reference to 'shout' (in container '')"),
}


@pytest.mark.parametrize(("rule", "words"), RULES.values(), ids=RULES)
def test_a_definition_with_a_bad_rule_is_refused(env: Environment, rule: Obj, words: str) -> None:
    spec = {"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [rule]}
    schema = {"type": "object", "properties": {"spec": spec}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Bad", "plural": "bads"}
    body = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"bads.{GROUP}"},
        "spec": body,
    }
    with pytest.raises(StatusError) as refused:
        env.client.raw("POST", DEFINITIONS, body=definition)
    assert refused.value.code == 422
    assert words in refused.value.what
