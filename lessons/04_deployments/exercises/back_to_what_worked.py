"""A rollout to a version that does not exist, and a way back."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, failed, inspect, msg, see

from .rollouts import PODINFO, is_resumed, is_rolled_out, is_the_old_one, keeps, runs

__all__ = ["EXERCISE"]

_REF, _COUNT = "deployment/bakery", 3

# The ReplicaSet is the version that works. The Deployment takes it for its own, because it means the same Pods, and
# makes another for its template: so the exercise begins in the middle of a rollout.
_START = """
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: bakery-first
  labels: {app: bakery, pod-template-hash: first}
  annotations: {deployment.kubernetes.io/revision: "1"}
spec:
  replicas: 3
  selector: {matchLabels: {app: bakery, pod-template-hash: first}}
  template:
    metadata: {labels: {app: bakery, pod-template-hash: first}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.1
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bakery}
spec:
  replicas: 3
  progressDeadlineSeconds: 15
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: bakery}}
  template:
    metadata: {labels: {app: bakery}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.99
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
"""


def _asks_as_before(_state: State, bakery: Obj) -> Seen | Verdict:
    """The version that worked had a readiness probe: it is part of the version."""
    containers = bakery["spec"]["template"]["spec"]["containers"]
    if all("readinessProbe" in container for container in containers):
        return see()
    return failed(
        msg("that is another version: the one that worked had a readiness probe."),
        hint=msg("You can write it again from memory. Which command needs no memory?"),
    )


EXERCISE = Exercise(
    id="deployments-4",
    title=msg("Back to what worked"),
    task=msg(
        "Somebody started a new version of `bakery` and went home; it never arrives. Bring the bakery back to the "
        "version that worked before, and keep it open meanwhile."
    ),
    checks=(
        is_the_old_one(_REF, "deployments-4"),
        keeps(_REF, _COUNT),
        runs(_REF, f"{PODINFO}:6.9.1"),
        inspect(_REF, _asks_as_before),
        is_resumed(_REF),
        is_rolled_out(_REF),
    ),
    solved=msg("the bakery bakes what it baked before, and was open all the time."),
    hints=(
        msg('`t.kubectl("rollout history deploy/bakery")` says which versions there are.'),
        msg("Each version is kept as a ReplicaSet. One command of `kubectl rollout` goes back to the one before."),
        msg('`t.kubectl("rollout undo deploy/bakery")` goes back by one.'),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("deploy/bakery", lens="rollout")`.'),
    looks_at=("replicasets",),
    solution="""t.wait("deploy/bakery", "3 of 4 pods ready")
t.kubectl("rollout undo deploy/bakery")
t.wait("deploy/bakery", "rolled out")""",
    alternative=f"""t.kubectl("set image deploy/bakery app={PODINFO}:6.9.1")
t.wait("deploy/bakery", "rolled out")""",
    mistakes=(
        Mistake(
            name="forward instead of back",
            cell=f'''t.kubectl("set image deploy/bakery app={PODINFO}:6.9.2")
t.wait("deploy/bakery", "rolled out")''',
            says="podinfo:6.9.2`; the task asks for",
        ),
        Mistake(
            name="paused, then back",
            cell=f'''t.kubectl("rollout pause deploy/bakery")
t.kubectl("set image deploy/bakery app={PODINFO}:6.9.1")''',
            says="is paused",
        ),
        Mistake(
            name="deleted and made anew",
            cell=f'''t.wait("deploy/bakery", "3 of 4 pods ready")
t.delete("deploy/bakery")
t.kubectl("create deployment bakery --image={PODINFO}:6.9.1 --replicas=3")''',
            says="has lost the version it began with",
        ),
        Mistake(
            name="written from memory, without the probe",
            cell=f"""containers = [{{"name": "app", "image": "{PODINFO}:6.9.1", "resources": {{}}}}]
t.client.patch("deployments", "bakery", {{"spec": {{"template": {{"spec": {{"containers": containers}}}}}}}})""",
            says="the one that worked had a readiness probe",
        ),
    ),
    objects=(_REF, "replicaset/bakery-first"),
    pods="app=bakery",
)
