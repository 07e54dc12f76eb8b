"""Whoever is asked about definitions sees them in the version that it asked for, whichever door they came through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.embedded_apiserver.conftest import Api
from tests.unit.removed.conftest import NEW, NEWS, OLD, OLDS, definition

ROOT = "/apis/admissionregistration.k8s.io/v1/validatingadmission"
NAME = "cakes.old.example.com"
SCHEMA = {"openAPIV3Schema": {"type": "object"}}


def ask_about(api: Api, version: str, operation: str) -> None:
    """A policy that refuses, and says which version it saw."""
    group, _, short = version.partition("/")
    rule = {"apiGroups": [group], "apiVersions": [short], "operations": [operation], "resources": ["*"]}
    seen = "oldObject" if operation == "DELETE" else "object"
    words = f"{seen}.apiVersion + (has({seen}.spec.version) ? ' with a version' : ' without')"
    refusal = {"expression": "false", "messageExpression": words}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [refusal]}
    api.ok("POST", f"{ROOT}policies", {"metadata": {"name": "p"}, "spec": spec})
    bound = {"policyName": "p", "validationActions": ["Deny"]}
    api.ok("POST", f"{ROOT}policybindings", {"metadata": {"name": "b"}, "spec": bound})


@pytest.mark.parametrize(
    ("asked", "words"), [(OLD, f"{OLD} with a version"), (NEW, f"{NEW} without")], ids=["old asked", "new asked"]
)
@pytest.mark.parametrize("door", [OLDS, NEWS], ids=["old door", "new door"])
@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE"])
def test_a_policy_sees_its_version(api: Api, asked: str, words: str, door: str, operation: str) -> None:
    one = {"name": "v1", "served": True, "storage": True, "schema": SCHEMA}
    body: Any = definition(validation=SCHEMA) if door == OLDS else definition(versions=[one]) | {"apiVersion": NEW}
    body["spec"]["scope"] = "Namespaced"
    if operation != "CREATE":
        api.ok("POST", door, body)
    ask_about(api, asked, operation)
    path, sent = f"{door}/{NAME}", {"metadata": {"labels": {"a": "b"}}}
    requests: dict[str, tuple[Any, ...]] = {
        "CREATE": ("POST", door, body),
        "UPDATE": ("PATCH", path, sent),
        "DELETE": ("DELETE", path),
    }
    media = {"content_type": "application/merge-patch+json"} if operation == "UPDATE" else {}
    _, said = api.fails(*requests[operation], **media)
    assert said.endswith(f"denied request: {words}")
