"""An image of one's own: a function where containers are simulated, what stands in for it where they are real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import Request
from k8s_tutor.session.own_images import make_image

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Asked
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def test_its_pod_answers_with_the_pods_name(env: Environment) -> None:
    @make_image(env.cluster, env.client, "tutor-greeter:1", 9898, "ghcr.io/stefanprodan/podinfo:6.9.1", print)
    def greeter(request: Asked) -> object:
        return {"hostname": request.pod}

    probe = "{periodSeconds: 1, httpGet: {path: /, port: 9898}}"
    env.apply(f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: "{greeter}", readinessProbe: {probe}}}]
""")
    ready = {"type": "Ready", "status": "True"}
    env.wait("pods", "p", lambda pod: any(ready.items() <= one.items() for one in pod["status"].get("conditions", [])))

    path = f"/api/v1/namespaces/{env.namespace}/pods/p:9898/proxy/"
    body = env.client.api.send(Request("GET", path)).body
    assert (json.loads(body) if isinstance(body, (str, bytes)) else body)["hostname"] == "p"


def test_a_name_that_nobody_has_built_is_looked_for_in_a_registry(env: Environment) -> None:
    env.apply("""
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: main, image: "tutor-nobody:1"}]}
""")

    def why(pod: Obj) -> str:
        statuses = pod.get("status", {}).get("containerStatuses") or [{}]
        return str(statuses[0].get("state", {}).get("waiting", {}).get("reason", ""))

    failed = env.wait("pods", "p", lambda pod: why(pod) == "ErrImagePull")
    message = failed["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert message.startswith('failed to pull and unpack image "docker.io/library/tutor-nobody:1": ')
