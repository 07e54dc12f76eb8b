"""A Pod that wants to be on the control plane, and is kept away by its taint."""

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
    msg,
    see,
)

__all__ = ["EXERCISE"]

_KEY = "node-role.kubernetes.io/control-plane"

_START = f"""
apiVersion: v1
kind: Pod
metadata:
  name: watcher
spec:
  nodeSelector: {{{_KEY}: ""}}
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
"""


def _wants_the_control_plane(_state: State, pod: Obj) -> Seen | Verdict:
    selector = pod["spec"].get("nodeSelector") or {}
    if selector.get(_KEY) == "" or _KEY in str(pod["spec"].get("affinity") or ""):
        return see()
    return failed(
        msg("pod/watcher no longer says that it wants to be on the control plane."),
        hint=msg("Tolerating a taint only opens the door. What leads it there is the label it asks for."),
    )


def _tolerates(_state: State, pod: Obj) -> Seen | Verdict:
    rows = pod["spec"].get("tolerations") or []
    near = [row for row in rows if row.get("key", "") in ("", _KEY)]
    covering = [
        row
        for row in near
        if row.get("effect", "") in ("", "NoSchedule")
        and (row.get("operator") == "Exists" or (row.get("key") and not row.get("value")))
    ]
    if covering:
        return see(msg("it tolerates the taint `{key}`", key=_KEY))
    others = [row for row in rows if not str(row.get("key", "")).startswith("node.kubernetes.io/")]
    if not others:
        return failed(
            msg("pod/watcher does not tolerate the control plane's taint."),
            hint=msg("`spec.tolerations` is where a Pod says which taints it puts up with."),
        )
    said = msg(
        "its toleration: {key} {how} {effect}",
        key=others[0].get("key", ""),
        how=others[0].get("operator", "Equal"),
        effect=others[0].get("effect", ""),
    )
    return failed(
        msg("pod/watcher tolerates something, but not this taint."),
        said,
        hint=msg("Compare key and effect with the taint on the node, letter by letter."),
    )


EXERCISE = Exercise(
    id="start-four-4",
    title=msg("A way past the taint"),
    task=msg(
        "Pod `watcher` asks for a node with the label `{key}`, and there is one; but its taint keeps the Pod away. Let "
        "the scheduler put `watcher` there, without changing the node.",
        key=_KEY,
    ),
    checks=(
        exists("pod/watcher", gone_hint=msg("Start it again, with what it lacked.")),
        inspect("pod/watcher", _wants_the_control_plane),
        inspect("pod/watcher", _tolerates),
        is_ready("pod/watcher"),
    ),
    solved=msg("the label led it there, the toleration let it in."),
    hints=(
        msg('`t.graph(lens="placement")` shows the taint on the node: its key, and its effect.'),
        msg(
            "Tolerations stand under `spec`, beside `containers`: a list, each with `key`, `operator: Exists` and "
            "`effect`. They may be added to a Pod that exists."
        ),
        msg("`tolerations: [{{key: {key}, operator: Exists, effect: NoSchedule}}]`", key=_KEY),
    ),
    start=_START,
    first_step=msg('`t.placement("pod/watcher")` says which filter keeps it from which node.'),
    objects=("pod/watcher",),
    looks_at=("events",),
    solution=f'''t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: watcher
spec:
  nodeSelector: {{{_KEY}: ""}}
  tolerations:
  - {{key: {_KEY}, operator: Exists, effect: NoSchedule}}
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
""")''',
    alternative=f'''t.delete("pod/watcher", now=True)
t.apply({{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "watcher"}}, "spec": {{
    "nodeSelector": {{"{_KEY}": ""}}, "tolerations": [{{"operator": "Exists"}}],
    "containers": [{{"name": "app", "image": "ghcr.io/stefanprodan/podinfo:6.9.2"}}]}}}})''',
    mistakes=(
        Mistake(
            name="the wish is dropped",
            cell="""t.delete("pod/watcher", now=True)
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: watcher}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}")""",
            says="no longer says that it wants to be on the control plane",
        ),
        Mistake(
            name="the wrong effect",
            cell=f"""t.delete("pod/watcher", now=True)
t.apply("{{apiVersion: v1, kind: Pod, metadata: {{name: watcher}}, spec: {{nodeSelector: {{{_KEY}: ''}}, \
tolerations: [{{key: {_KEY}, operator: Exists, effect: NoExecute}}], containers: [{{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}}]}}}}")""",
            says="Compare key and effect",
        ),
        Mistake(
            name="the wrong key",
            cell=f"""t.delete("pod/watcher", now=True)
t.apply("{{apiVersion: v1, kind: Pod, metadata: {{name: watcher}}, spec: {{nodeSelector: {{{_KEY}: ''}}, \
tolerations: [{{key: control-plane, operator: Exists, effect: NoSchedule}}], containers: [{{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}}]}}}}")""",
            says="tolerates something, but not this taint",
        ),
        Mistake(
            name="past the scheduler",
            cell="""node = [one["metadata"]["name"] for one in t.objects("nodes") if one["spec"].get("taints")][0]
t.delete("pod/watcher", now=True)
t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "watcher"}, "spec": {"nodeName": node,
    "containers": [{"name": "app", "image": "ghcr.io/stefanprodan/podinfo:6.9.2"}]}})""",
            says="no longer says that it wants",
        ),
    ),
)
