"""Server-side apply between several managers, on both clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def settings(**data: str) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": data}


def owners(obj: Obj) -> list[tuple[str, str, Any]]:
    return [(row["manager"], row["operation"], row["fieldsV1"]) for row in obj["metadata"]["managedFields"]]


def test_what_is_no_longer_applied_goes(env: Environment) -> None:
    env.client.apply(settings(a="1", b="2"), env.namespace)
    assert env.client.apply(settings(a="1"), env.namespace)["data"] == {"a": "1"}


def test_who_names_no_manager_goes_by_the_name_of_the_program(env: Environment) -> None:
    env.client.create(settings(a="1"), env.namespace)
    changed = env.client.patch("configmaps", "settings", {"data": {"b": "2"}}, env.namespace)
    assert {name for name, _, _ in owners(changed)} == {"k8s-tutor"}


def test_fields_of_another_manager_stay(env: Environment) -> None:
    env.client.apply(settings(a="1"), env.namespace, field_manager="me")
    both = env.client.apply(settings(b="2"), env.namespace, field_manager="you")
    assert both["data"] == {"a": "1", "b": "2"}
    assert owners(both) == [("me", "Apply", {"f:data": {"f:a": {}}}), ("you", "Apply", {"f:data": {"f:b": {}}})]


def test_taking_a_field_from_another_manager_needs_force(env: Environment) -> None:
    env.client.apply(settings(a="1"), env.namespace, field_manager="me")
    with pytest.raises(StatusError) as refused:
        env.client.apply(settings(a="2"), env.namespace, field_manager="you", force=False)
    assert (refused.value.code, refused.value.reason) == (409, "Conflict")
    assert refused.value.what == 'Apply failed with 1 conflict: conflict with "me": .data.a'
    forced = env.client.apply(settings(a="2"), env.namespace, field_manager="you", force=True)
    assert owners(forced) == [("you", "Apply", {"f:data": {"f:a": {}}})]


def test_applying_the_same_again_writes_nothing(env: Environment) -> None:
    first = env.client.apply(settings(a="1"), env.namespace)
    again = env.client.apply(settings(a="1"), env.namespace)
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_a_patch_makes_its_sender_the_owner(env: Environment) -> None:
    env.client.apply(settings(a="1", b="2"), env.namespace, field_manager="me")
    patched = env.client.patch("configmaps", "settings", {"data": {"a": "9"}}, env.namespace)
    (applier, _, kept), (_, operation, gained) = owners(patched)
    assert (applier, kept) == ("me", {"f:data": {"f:b": {}}})
    assert (operation, gained) == ("Update", {"f:data": {"f:a": {}}})
