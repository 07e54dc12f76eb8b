"""A rollout that does not get on, because the new Pods are asked at a port where nobody listens."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, failed, inspect, msg, see

from .rollouts import PODINFO, is_resumed, is_rolled_out, is_the_old_one, keeps, runs

__all__ = ["EXERCISE"]

_REF, _COUNT = "deployment/clinic", 3

# As in `back_to_what_worked`: the ReplicaSet is the version that serves, and the Deployment takes it for its own.
_START = """
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: clinic-first
  labels: {app: clinic, pod-template-hash: first}
  annotations: {deployment.kubernetes.io/revision: "1"}
spec:
  replicas: 3
  selector: {matchLabels: {app: clinic, pod-template-hash: first}}
  template:
    metadata: {labels: {app: clinic, pod-template-hash: first}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.1
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: clinic}
spec:
  replicas: 3
  progressDeadlineSeconds: 15
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: clinic}}
  template:
    metadata: {labels: {app: clinic}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 8080}}
"""


def _keeps_the_brake(_state: State, clinic: Obj) -> Seen | Verdict:
    """The new version still says whether it is ready, and is asked something that tells."""
    containers = clinic["spec"]["template"]["spec"]["containers"]
    probe = containers[0].get("readinessProbe")
    if probe is None:
        return failed(
            msg("the new version has no readiness probe any more."),
            hint=msg("It gets through now, whether it works or not: the brake is off. What was wrong with the probe?"),
        )
    return see()


EXERCISE = Exercise(
    id="deployments-5",
    title=msg("The version that does not arrive"),
    task=msg(
        "`clinic` is on its way to `{image}`, and does not arrive. Find out why, and get it there: {count} Pods of the "
        "new version, without closing the clinic, and with the brake still on.",
        image=f"{PODINFO}:6.9.2",
        count=_COUNT,
    ),
    checks=(
        is_the_old_one(_REF, "deployments-5"),
        keeps(_REF, _COUNT),
        runs(_REF, f"{PODINFO}:6.9.2"),
        inspect(_REF, _keeps_the_brake),
        is_resumed(_REF),
        is_rolled_out(_REF),
    ),
    solved=msg("the new version is there, and the clinic never closed."),
    hints=(
        msg('`t.explain("deploy/clinic")` goes from the rollout to the new Pod, and to what its probe was answered.'),
        msg("The probe gets no answer: nobody listens at port 8080. At which port does the old version's probe ask?"),
        msg("Apply the Deployment again, with port: 9898 in its readinessProbe; `t.get` shows all of it."),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("deploy/clinic", lens="rollout")`.'),
    looks_at=("replicasets",),
    solution="""t.wait("deploy/clinic", "3 of 4 pods ready")
clinic = t.get("deploy/clinic")
clinic["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["httpGet"]["port"] = 9898
t.client.replace(clinic)
t.wait("deploy/clinic", "rolled out")""",
    alternative="""t.wait("deploy/clinic", "3 of 4 pods ready")
clinic = t.get("deploy/clinic")
clinic["spec"]["template"]["spec"]["containers"][0]["command"] = ["./podinfo", "--port=8080"]
t.client.replace(clinic)
t.wait("deploy/clinic", "rolled out")""",
    mistakes=(
        Mistake(
            name="back instead of on",
            cell="""t.wait("deploy/clinic", "3 of 4 pods ready")
t.kubectl("rollout undo deploy/clinic")
t.wait("deploy/clinic", "rolled out")""",
            says="podinfo:6.9.1`; the task asks for",
        ),
        Mistake(
            name="the brake taken off",
            cell="""t.wait("deploy/clinic", "3 of 4 pods ready")
clinic = t.get("deploy/clinic")
del clinic["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
t.client.replace(clinic)
t.wait("deploy/clinic", "rolled out")""",
            says="has no readiness probe any more",
        ),
        Mistake(
            name="another wrong port",
            cell="""t.wait("deploy/clinic", "3 of 4 pods ready")
clinic = t.get("deploy/clinic")
clinic["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["httpGet"]["port"] = 9899
t.client.replace(clinic)
t.wait("deploy/clinic", "Progressing=False")""",
            says="is not finished",
        ),
        Mistake(
            name="deleted and made anew",
            cell=f"""t.wait("deploy/clinic", "3 of 4 pods ready")
t.delete("deploy/clinic")
t.kubectl("create deployment clinic --image={PODINFO}:6.9.2 --replicas=3")""",
            says="has lost the version it began with",
        ),
    ),
    objects=(_REF, "replicaset/clinic-first"),
    pods="app=clinic",
)
