"""An API server on which `apiextensions.k8s.io/v1beta1` is switched on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.embedded_apiserver.conftest import Api

OLD, NEW = "apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1"
OLDS, NEWS = (f"/apis/{version}/customresourcedefinitions" for version in (OLD, NEW))
CAKES = "/apis/old.example.com/v1/namespaces/default/cakes"


@pytest.fixture
def api() -> Api:
    return Api(runtime_config={OLD: True})


def definition(**spec: Any) -> Any:
    """As manifests were until 1.15: one version, and all else on top."""
    names = {"kind": "Cake", "plural": "cakes"}
    return {
        "apiVersion": OLD,
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "cakes.old.example.com"},
        "spec": {
            "group": "old.example.com",
            "names": names,
            **({} if "versions" in spec else {"version": "v1"}),
            **spec,
        },
    }


def cake(**fields: Any) -> Any:
    return {"apiVersion": "old.example.com/v1", "kind": "Cake", "metadata": {"name": "plum"}, **fields}


def versions(**of_second: Any) -> list[Any]:
    return [
        {"name": "v1", "served": True, "storage": True},
        {"name": "v2", "served": True, "storage": False, **of_second},
    ]
