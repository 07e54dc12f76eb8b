"""A Deployment of one's own."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Seen, State, Verdict, exists, failed, msg, see

from .rollouts import is_resumed, is_rolled_out, keeps, runs

__all__ = ["EXERCISE"]

_IMAGE, _COUNT = "nginx:1.22", 3


def _is_no_other_kind(state: State) -> Seen | Verdict:
    """A ReplicaSet or bare pods where a Deployment was asked for draw their own answer."""
    if state.find("deployment/kitchen") is not None:
        return see()
    if state.find("replicaset/kitchen") is not None:
        return failed(
            msg("`kitchen` is a ReplicaSet: it keeps a number, and no version."),
            hint=msg("A Deployment is written the same way. What does its `kind` say?"),
        )
    bare = [pod for pod in state.list("pods") if pod["metadata"]["name"].startswith("kitchen")]
    if bare:
        return failed(
            msg("there are Pods called `kitchen…`, and nobody who counts them."),
            msg("pod/{name} belongs to nobody", name=bare[0]["metadata"]["name"]),
            hint=msg("Delete one of them, and it stays gone. Who was it that makes new ones?"),
        )
    return see()


EXERCISE = Exercise(
    id="deployments-2",
    title=msg("A promise of your own"),
    task=msg("Make a Deployment called `kitchen` that keeps {count} Pods of the image `{image}`.", count=_COUNT, image=_IMAGE),
    checks=(
        _is_no_other_kind,
        exists("deployment/kitchen"),
        runs("deployment/kitchen", _IMAGE),
        keeps("deployment/kitchen", _COUNT),
        is_resumed("deployment/kitchen"),
        is_rolled_out("deployment/kitchen"),
    ),
    solved=msg("whatever happens to them, there will be {count}.", count=_COUNT),
    hints=(
        msg("The manifest of `web` above is a Deployment. Which of its lines have to be different here?"),
        msg("The labels under `matchLabels` and those in the template have to be the same: it counts what it makes."),
        msg("`replicas: 3`, `selector: {{matchLabels: {{app: kitchen}}}}`, in the template `labels: {{app: kitchen}}`"),
    ),
    looks_at=("replicasets", "pods"),
    solution='''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: kitchen}
spec:
  replicas: 3
  selector: {matchLabels: {app: kitchen}}
  template:
    metadata: {labels: {app: kitchen}}
    spec:
      containers:
      - {name: web, image: "nginx:1.22"}
""")''',
    alternative='''t.kubectl("create deployment kitchen --image=nginx:1.22 --replicas=2")
t.kubectl("scale deploy/kitchen --replicas=3")''',
    mistakes=(
        Mistake(
            name="a ReplicaSet",
            cell="""t.apply("{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: kitchen}, spec: {replicas: 3, \
selector: {matchLabels: {app: kitchen}}, template: {metadata: {labels: {app: kitchen}}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}}}")""",
            says="keeps a number, and no version",
        ),
        Mistake(
            name="three pods by hand",
            cell="""for number in (1, 2, 3):
    t.apply("{apiVersion: v1, kind: Pod, metadata: {name: kitchen-%s, labels: {app: kitchen}}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}" % number)""",
            says="nobody who counts them",
        ),
        Mistake(
            name="no number, so one",
            cell="""t.apply("{apiVersion: apps/v1, kind: Deployment, metadata: {name: kitchen}, spec: {\
selector: {matchLabels: {app: kitchen}}, template: {metadata: {labels: {app: kitchen}}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}}}")""",
            says="keeps 1;",
        ),
        Mistake(
            name="another image",
            cell="""t.kubectl("create deployment kitchen --image=nginx --replicas=3")""",
            says="of the image `nginx`",
        ),
    ),
    objects=("deployment/kitchen", "replicaset/kitchen", "pod/kitchen", "pod/kitchen-1", "pod/kitchen-2", "pod/kitchen-3"),
    pods="app=kitchen",
)
