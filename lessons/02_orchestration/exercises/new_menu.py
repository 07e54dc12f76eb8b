"""A new version for three Pods, while they serve."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Seen, State, Verdict, answers, exists, failed, is_unchanged, msg, see

from .deployed import PODINFO, is_resumed, is_rolled_out, keeps, runs

__all__ = ["EXERCISE"]

_REF, _SERVICE, _COUNT, _OLD, _NEW = "deployment/menu", "service/menu", 3, f"{PODINFO}:6.9.1", f"{PODINFO}:6.9.2"

_START = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: menu}}
spec:
  replicas: {_COUNT}
  selector: {{matchLabels: {{app: menu}}}}
  template:
    metadata: {{labels: {{app: menu}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: {_OLD}
        readinessProbe: {{periodSeconds: 1, httpGet: {{path: /readyz, port: 9898}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: menu}}
spec:
  selector: {{app: menu}}
  ports: [{{port: 80, targetPort: 9898}}]
"""


_BEGUN = "k8s-tutor.dev/started"
"""What stands on the objects that an exercise has begun with: their uid comes first."""


def _is_the_same(state: State) -> Seen | Verdict:
    """It was not deleted and made anew: it is the one of the beginning, or has the old version, to go back to."""
    meta = (state.find(_REF) or {}).get("metadata", {})
    if (meta.get("annotations") or {}).get(_BEGUN, "").startswith(str(meta.get("uid"))):
        return see()
    for replica_set in state.list("replicasets", "app=menu"):
        images = [one["image"] for one in replica_set["spec"]["template"]["spec"]["containers"]]
        owners = [owner.get("uid") for owner in replica_set["metadata"].get("ownerReferences") or ()]
        if _OLD in images and meta.get("uid") in owners:
            return see()
    return failed(
        msg("this Deployment is another one: the one that served was deleted."),
        hint=msg('While none was there, nobody was served. `t.exercise("{exercise}")` starts over.', exercise="orchestration-5"),
    )


EXERCISE = Exercise(
    id="orchestration-5",
    title=msg("The new menu"),
    task=msg(
        "`menu` serves version 6.9.1 with {count} Pods. Bring version 6.9.2 (`{image}`) to all of them, and serve all the "
        "while: the same Deployment, the same Service.",
        count=_COUNT,
        image=_NEW,
    ),
    checks=(
        exists(_REF, gone_hint=msg('`t.exercise("{exercise}")` brings it back.', exercise="orchestration-5")),
        runs(_REF, _NEW),
        keeps(_REF, _COUNT),
        is_resumed(_REF),
        is_rolled_out(_REF),
        _is_the_same,
        is_unchanged(_SERVICE),
        answers(_SERVICE, 80),
    ),
    solved=msg("the new version serves, and there was always somebody to ask."),
    hints=(
        msg("What is wanted stands in the Deployment. You change that one word; the Pods follow."),
        msg("`kubectl set image` changes it, or applying the manifest again with the new image."),
        msg('t.kubectl("set image deploy/menu app={image}")', image=_NEW),
    ),
    start=_START,
    looks_at=("replicasets", "pods", "endpointslices"),
    solution=f"""t.kubectl("set image deploy/menu app={_NEW}")
t.wait("deploy/menu", "rolled out")""",
    alternative=f"""change = {{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "{_NEW}"}}
t.client.patch("deployments", "menu", [change], t.namespace, type="json")
t.wait("deploy/menu", "rolled out")""",
    mistakes=(
        Mistake(
            name="written, and held back",
            cell=f"""t.kubectl("rollout pause deploy/menu")
t.kubectl("set image deploy/menu app={_NEW}")""",
            says="is paused: what is written in its template changes nothing",
        ),
        Mistake(
            name="deleted and made anew",
            cell=f"""t.wait("deploy/menu", "3 ready pods")
t.delete("deploy/menu")
t.kubectl("create deployment menu --image={_NEW} --replicas=3")
t.wait("deploy/menu", "3 ready pods")""",
            says="the one that served was deleted",
        ),
        Mistake(
            name="a version that is not there",
            cell=f"""t.kubectl("set image deploy/menu app={PODINFO}:6.9.3")""",
            says="podinfo:6.9.3`; the task asks for",
        ),
        Mistake(
            name="fewer of them",
            cell=f"""t.kubectl("set image deploy/menu app={_NEW}")
t.kubectl("scale deploy/menu --replicas=1")
t.wait("deploy/menu", "rolled out")""",
            says="keeps 1;",
        ),
    ),
    objects=(_REF, _SERVICE),
    pods="app=menu",
)
