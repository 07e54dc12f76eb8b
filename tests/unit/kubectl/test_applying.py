"""What a refusal says about the next step."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.api.applying import apply
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode


def _pod(*containers: dict[str, str], **metadata: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", **metadata},
        "spec": {"containers": list(containers)},
    }


WEB = {"name": "web", "image": "nginx:1.22"}


@pytest.mark.parametrize(
    ("pod", "next_step"),
    [
        (_pod({"name": "web"}), "Add image to spec.containers[0]."),
        (_pod(WEB, namespace="nope"), "Leave metadata.namespace out"),
        (_pod(WEB, WEB), "give each its own"),
    ],
)
def test_a_refusal_with_one_cause_says_what_to_do(
    pod: dict[str, Any], next_step: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("KUBECONFIG", "theirs")
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    try:
        with pytest.raises(StatusError) as caught:
            apply(Client(cluster.api), pod, "default")
    finally:
        cluster.close()
    assert next_step in caught.value.next_step
