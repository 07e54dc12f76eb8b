"""The token in a container: there from the start, renewed before it is old, asked for as the node that runs the pod."""

from __future__ import annotations

from typing import Any

from k8s_tutor.embedded.apiserver.access.tokens import claims_of

MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
POD = """
apiVersion: v1
kind: Pod
metadata: {name: one}
spec: {containers: [{name: main, image: 'busybox:1.35', command: [sleep, '36000']}]}
"""


def token(cluster: Any, path: str = f"{MOUNT}/token") -> str:
    said: list[bytes] = []
    session = cluster.nodes.exec(cluster.pod("one"), "main", ["cat", path], stdin=False, tty=False)
    session.attach(said.append, said.append, lambda _: None)
    cluster.advance(0.5)
    return b"".join(said).decode()


def test_it_is_renewed_when_four_fifths_of_its_time_are_over(cluster: Any) -> None:
    cluster.create(POD)
    cluster.advance(10)
    first = token(cluster)
    assert claims_of(first)["kubernetes.io"]["pod"]["uid"] == cluster.pod("one")["metadata"]["uid"]
    cluster.advance(0.7 * 3607)
    assert token(cluster) == first
    cluster.advance(0.15 * 3607)
    second = token(cluster)
    assert second != first
    assert cluster.kubernetes.authenticate(second).name == "system:serviceaccount:play:default"


def test_a_change_of_another_volume_renews_nothing(cluster: Any) -> None:
    cluster.create(POD)
    cluster.advance(10)
    first = token(cluster)
    cluster.send("PUT", "/api/v1/namespaces/play/configmaps/there", {"metadata": {"name": "there"}, "data": {"a": "2"}})
    cluster.advance(120)
    assert token(cluster) == first


def test_a_projected_token_has_the_audience_it_is_to_have(cluster: Any) -> None:
    source = "{serviceAccountToken: {path: vault, audience: vault, expirationSeconds: 600}}"
    volume = f"volumes: [{{name: v, projected: {{sources: [{source}]}}}}]"
    mounts = "volumeMounts: [{name: v, mountPath: /v}]"
    cluster.create(POD.replace("{containers", f"{{{volume}, containers").replace("'36000']", f"'36000'], {mounts}"))
    cluster.advance(10)
    said = claims_of(token(cluster, "/v/vault"))
    assert (said["aud"], said["exp"] - said["iat"]) == (["vault"], 600)


def test_who_wants_no_token_gets_none(cluster: Any) -> None:
    cluster.create(POD.replace("spec: {", "spec: {automountServiceAccountToken: false, "))
    cluster.advance(10)
    assert "volumes" not in cluster.pod("one")["spec"]
    assert "No such file" in token(cluster)
