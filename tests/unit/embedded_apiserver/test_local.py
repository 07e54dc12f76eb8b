"""The API server for parts inside the cluster."""

from __future__ import annotations

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import User

CONTROLLER = User("system:serviceaccount:kube-system:replicaset-controller", ("system:masters",))


def config(name: str) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": {"a": "b"},
    }


def test_controllers_write_as_the_controller_manager(api) -> None:
    stored = Local(api.server, CONTROLLER).create(config("a"))
    assert [row["manager"] for row in stored["metadata"]["managedFields"]] == ["kube-controller-manager"]


def test_a_refusal_is_raised_with_its_status(api) -> None:
    local = Local(api.server, CONTROLLER)
    local.create(config("a"))
    with pytest.raises(StatusError, match='configmaps "a" already exists') as refused:
        local.create(config("a"))
    assert (refused.value.code, refused.value.reason) == (409, "AlreadyExists")


def test_a_deletion_spares_a_namesake(api) -> None:
    local = Local(api.server, CONTROLLER)
    first = local.create(config("a"))
    local.delete(first)
    local.create(config("a"))
    with pytest.raises(StatusError) as refused:
        local.delete(first)
    assert refused.value.code == 409
