"""A Pod that waits for a scheduler that does not exist: the learner does what a scheduler does."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    exists,
    failed,
    inspect,
    is_ready,
    is_unchanged,
    msg,
    not_attempted,
    see,
)

__all__ = ["EXERCISE"]

_START = """
apiVersion: v1
kind: Pod
metadata:
  name: orphan
  labels: {waits: orphan}
spec:
  schedulerName: nobody
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
"""


def _is_on_a_node(_state: State, pod: Obj) -> Seen | Verdict:
    node = pod["spec"].get("nodeName", "")
    if not node:
        return not_attempted(
            msg("pod/orphan is on no node yet."),
            hint=msg("A scheduler writes one thing only: which node it is to be."),
        )
    if not (pod.get("status") or {}).get("hostIP"):
        return failed(
            msg("pod/orphan is bound to `{node}`, and no kubelet there has taken it up.", node=node),
            hint=msg("Compare the name with those that `kubectl get nodes` lists, letter by letter."),
            settling=True,
        )
    return see(msg("pod/orphan is on {node}", node=node))


_BINDING = '''node = [node["metadata"]["name"] for node in t.objects("nodes") if not node["spec"].get("taints")][0]
t.kubectl("create -f -", stdin=f"""
apiVersion: v1
kind: Binding
metadata: {{name: orphan}}
target: {{kind: Node, name: {node}}}
""")'''

EXERCISE = Exercise(
    id="start-four-1",
    title=msg("You are the scheduler"),
    task=msg(
        "Pod `orphan` waits for a scheduler called `nobody`. Be that scheduler: put the Pod on a node. It is to be this "
        "Pod, not a new one."
    ),
    checks=(
        exists("pod/orphan", gone_hint=msg('`t.exercise("start-four-1")` brings it back.')),
        is_unchanged(
            "pod/orphan",
            hint=msg("The task is about the Pod that was there: it lacks a node, and needs no other manifest."),
        ),
        inspect("pod/orphan", _is_on_a_node),
        is_ready("pod/orphan"),
    ),
    solved=msg("one request from you, and a kubelet did the rest."),
    hints=(
        msg("A scheduler sends one request: a Binding, which names the Pod and the node."),
        msg(
            "A Binding can be created like anything else: kind `Binding`, the Pod's name in `metadata`, and "
            "`target: {{kind: Node, name: …}}`. It has no `spec`."
        ),
        msg('`t.kubectl("create -f -", stdin="…")` creates what its manifest says.'),
    ),
    start=_START,
    first_step=msg('`t.kubectl("get nodes")` lists what there is to choose from.'),
    pods="waits=orphan",
    looks_at=("events",),
    solution=_BINDING,
    alternative="""import os
from kubernetes import client, config
config.load_kube_config(os.fspath(t.cluster.kubeconfig), context=t.cluster.context)
node = [node["metadata"]["name"] for node in t.objects("nodes") if not node["spec"].get("taints")][-1]
binding = {"metadata": {"name": "orphan"}, "target": {"kind": "Node", "name": node}}
client.CoreV1Api().create_namespaced_pod_binding("orphan", t.namespace, binding, _preload_content=False)""",
    mistakes=(
        Mistake(
            name="a new Pod with the usual scheduler",
            cell='t.delete("pod/orphan", now=True)\nt.apply("{apiVersion: v1, kind: Pod, metadata: {name: orphan}, '
            "spec: {containers: [{name: app, image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}\")",
            says="needs no other manifest",
        ),
        Mistake(
            name="a node that does not exist",
            cell='t.kubectl("create -f -", stdin="{apiVersion: v1, kind: Binding, metadata: {name: orphan}, '
            'target: {kind: Node, name: worker-that-is-not-there}}")',
            says="no kubelet there has taken it up",
        ),
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("pod/orphan", now=True)',
            says="brings it back",
        ),
    ),
)
