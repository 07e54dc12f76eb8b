"""CustomResourceDefinitions as they are written: what is filled in, what is refused, and which version is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

GROUP = "definitions.tutor.example"
API, PLURAL = "/apis/apiextensions.k8s.io", "customresourcedefinitions"
KEEPS = "x-kubernetes-preserve-unknown-fields"
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "default": {}}}}


def definition(**spec: object) -> Obj:
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}
    names = {"kind": "Pair", "plural": "pairs"}
    body = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version], **spec}
    return {"metadata": {"name": f"pairs.{GROUP}"}, "spec": body}


def test_a_conversion_webhook_is_called_at_port_443_unless_told_otherwise(env: Environment) -> None:
    config = {"service": {"name": "hook", "namespace": "default"}}
    conversion = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": config}}
    made = env.client.raw("POST", f"{API}/v1/{PLURAL}", definition(conversion=conversion), dryRun="All").body
    assert made["spec"]["conversion"]["webhook"]["clientConfig"]["service"]["port"] == 443


def test_fields_are_dropped_unless_the_schema_keeps_them(env: Environment) -> None:
    with pytest.raises(StatusError) as refused:
        env.client.raw("POST", f"{API}/v1/{PLURAL}", definition(preserveUnknownFields=True), dryRun="All")
    causes = refused.value.status["details"]["causes"]
    assert {row["field"] for row in causes} == {"spec.preserveUnknownFields"}
    assert [row["message"].removeprefix("Invalid value: true: ") for row in causes] == [
        "must be false in order to use defaults in the schema",
        f"cannot set to true, set {KEEPS} to true in spec.versions[*].schema instead",
    ]


@pytest.mark.parametrize("path", ["v1beta1", f"v1beta1/{PLURAL}"])
def test_the_version_that_went_with_1_22_is_not_there(env: Environment, path: str) -> None:
    with pytest.raises(StatusError) as refused:
        env.client.raw("GET", f"{API}/{path}")
    assert (refused.value.code, refused.value.what) == (404, "the server could not find the requested resource")
