"""Aggregated roles, Secrets for tokens, signed certificates: what their controllers do, and what they leave alone."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import ADMIN
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from tests.unit.engine import new_kubernetes

RBAC = "rbac.authorization.k8s.io/v1"
LABEL = {"tests.example/part": "yes"}


def role(name: str, *verbs: str, **metadata: Any) -> dict[str, Any]:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": [verb]} for verb in verbs]
    return {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": name, **metadata}, "rules": rules}


def verbs(play: Any) -> list[str]:
    return [rule["verbs"][0] for rule in play.get("clusterroles", "whole")["rules"] or ()]


@pytest.fixture
def whole(play: Any) -> dict[str, Any]:
    """A role made of others."""
    rule = {"clusterRoleSelectors": [{"matchLabels": LABEL}]}
    made: dict[str, Any] = play.local.create({**role("whole"), "aggregationRule": rule})
    play.run(1)
    return made


def test_rules_come_by_the_names_of_their_roles_and_once_each(play: Any, whole: dict[str, Any]) -> None:
    play.local.create(role("b", "list", "get", labels=LABEL))
    play.local.create(role("a", "get", labels=LABEL))
    play.local.create(role("other", "delete"))
    play.run(1)
    assert verbs(play) == ["get", "list"]


def test_a_role_that_goes_takes_its_rules_along(play: Any, whole: dict[str, Any]) -> None:
    part = play.local.create(role("a", "get", labels=LABEL))
    play.run(1)
    play.local.delete(part)
    play.run(1)
    assert verbs(play) == []


def test_rules_written_by_hand_do_not_stay(play: Any, whole: dict[str, Any]) -> None:
    play.local.patch(whole, {"rules": role("x", "delete")["rules"]})
    play.run(1)
    assert verbs(play) == []


def test_what_a_cluster_begins_with_is_complete(play: Any) -> None:
    assert {change.obj["metadata"]["name"] for change in play.store.history(0, f"clusterroles.{RBAC[:-3]}")} == set()


def secret(name: str, account: str, kind: str = "kubernetes.io/service-account-token") -> dict[str, Any]:
    annotations = {"kubernetes.io/service-account.name": account}
    metadata = {"name": name, "namespace": "default", "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind}


def test_other_secrets_are_left_alone(play: Any) -> None:
    play.local.create(secret("s", "nobody", "Opaque"))
    play.run(1)
    assert "data" not in play.get("secrets", "s")


@pytest.fixture
def cluster() -> EmbeddedKubernetes:
    """A whole one: tokens are signed with its key."""
    made = new_kubernetes()
    made.loop.run_until(made.loop.now() + 1)
    return made


def later(cluster: EmbeddedKubernetes, name: str) -> dict[str, Any] | None:
    """The Secret of that name, a moment later."""
    cluster.loop.run_until(cluster.loop.now() + 1)
    return cluster.store.get("secrets", "default", name)


def test_a_secret_for_nobody_goes(cluster: EmbeddedKubernetes) -> None:
    Local(cluster.api, ADMIN).create(secret("s", "nobody"))
    assert later(cluster, "s") is None


def test_what_is_taken_out_of_a_secret_is_filled_in_again(cluster: EmbeddedKubernetes) -> None:
    local = Local(cluster.api, ADMIN)
    stored = local.create(secret("s", "default"))
    filled = later(cluster, "s")
    assert filled is not None
    assert base64.b64decode(filled["data"]["namespace"]) == b"default"
    local.patch(stored, {"data": {"token": None, "mine": "bWU="}})
    again = later(cluster, "s")
    assert again is not None
    assert again["data"] == {**filled["data"], "mine": "bWU="}
