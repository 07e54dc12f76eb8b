"""ValidatingAdmissionPolicies: what they say, as a real server (1.37) was heard to say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from tests.unit.engine import new_kubernetes

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj

ROOT = "/apis/admissionregistration.k8s.io/v1"
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
DENIED = "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
LOST = "expression 'object.nope == 1' resulted in error: no such key: nope"
ABSENT = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
NOT_X = {"expression": "object.metadata.name != 'x'"}
SAID = {"expression": "false", "messageExpression": "'name is ' + object.metadata.name", "reason": "Forbidden"}
BY_VARIABLE = {"expression": "variables.m == 'y!'", "messageExpression": "variables.m"}
VARIABLES = [
    {"name": "n", "expression": "object.metadata.name"},
    {"name": "m", "expression": "variables.n + '!'"},
]
ELSEWHERE = {"expression": "namespaceObject.metadata.name == 'zzz'"}
PARAMETERS = {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}
NAMED = {"paramRef": {"name": "nosuch", "parameterNotFoundAction": "Deny"}}


@pytest.fixture
def cluster() -> EmbeddedKubernetes:
    return new_kubernetes()


def send(cluster: EmbeddedKubernetes, path: str, body: Obj) -> Response:
    answer = cluster.handle(Request("POST", path, body=body))
    assert isinstance(answer, Response)
    return answer


def bind(cluster: EmbeddedKubernetes, spec: Obj, binding: Obj) -> None:
    """A policy for new ConfigMaps, in force everywhere."""
    spec = {"matchConstraints": {"resourceRules": [RULE]}, **spec}
    bound = {"policyName": "p", "validationActions": ["Deny"], **binding}
    for kind, name, content in (("policies", "p", spec), ("policybindings", "b", bound)):
        path = f"{ROOT}/validatingadmission{kind}"
        assert send(cluster, path, {"metadata": {"name": name}, "spec": content}).code == 201


def create(cluster: EmbeddedKubernetes) -> Response:
    return send(cluster, "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "x"}})


@pytest.mark.parametrize(
    ("spec", "binding", "code", "words"),
    [
        ({"validations": [NOT_X]}, {}, 422, "failed expression: object.metadata.name != 'x'"),
        ({"validations": [NOT_X | {"message": "not x please"}]}, {}, 422, "not x please"),
        ({"validations": [SAID]}, {}, 403, "name is x"),
        ({"validations": [{"expression": "object.nope == 1"}]}, {}, 422, LOST),
        ({"variables": VARIABLES, "validations": [BY_VARIABLE]}, {}, 422, "x!"),
        ({"validations": [ELSEWHERE]}, {}, 422, f"failed expression: {ELSEWHERE['expression']}"),
        (
            {"matchConditions": [{"name": "c", "expression": "object.nope == 1"}], "validations": [NOT_X]},
            {},
            422,
            LOST,
        ),
        (PARAMETERS | {"validations": [{"expression": "params.data.a == 'b'"}]}, NAMED, 422, ABSENT),
    ],
)
def test_what_a_policy_does_not_allow_is_refused(
    cluster: EmbeddedKubernetes, spec: Obj, binding: Obj, code: int, words: str
) -> None:
    bind(cluster, spec, binding)
    answer: Any = create(cluster)
    assert (answer.code, answer.body["message"]) == (code, DENIED + words)


@pytest.mark.parametrize(
    "spec",
    [
        {"failurePolicy": "Ignore", "validations": [{"expression": "object.nope == 1"}]},
        {"matchConditions": [{"name": "c", "expression": "object.metadata.name == 'y'"}], "validations": [NOT_X]},
        {"validations": [{"expression": "request.operation == 'CREATE' && oldObject == null"}]},
    ],
)
def test_what_it_does_not_mean_passes(cluster: EmbeddedKubernetes, spec: Obj) -> None:
    bind(cluster, spec, {})
    assert create(cluster).code == 201


def test_a_binding_may_only_warn(cluster: EmbeddedKubernetes) -> None:
    bind(cluster, {"validations": [{"expression": "false", "message": "careful"}]}, {"validationActions": ["Warn"]})
    words = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': careful"
    assert create(cluster).warnings == (words,)
