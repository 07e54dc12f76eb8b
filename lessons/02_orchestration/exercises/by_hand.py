"""Two Pods that somebody started by hand, handed over to somebody who counts, under a name."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Seen,
    State,
    Verdict,
    answers,
    exists,
    failed,
    has_ready_pods,
    listens_on,
    msg,
    resolves_target_ports,
    see,
    selects_pods,
)

from .deployed import PODINFO, is_rolled_out, keeps, runs

__all__ = ["EXERCISE"]

_REF, _SERVICE, _COUNT, _IMAGE = "deployment/guard", "service/guard", 2, f"{PODINFO}:6.9.1"

_START = "---".join(
    f"""
apiVersion: v1
kind: Pod
metadata: {{name: guard-{number}, labels: {{run: by-hand}}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {{name: app, image: "{_IMAGE}"}}
"""
    for number in (1, 2)
)


def _none_by_hand(state: State) -> Seen | Verdict:
    left = [name for name in ("guard-1", "guard-2") if state.find(f"pod/{name}") is not None]
    if not left:
        return see()
    return failed(
        msg("the Pods that were started by hand are still there: {names}.", names=", ".join(left)),
        hint=msg("Nobody looks after those two. Once others do their work, they may go."),
    )


EXERCISE = Exercise(
    id="orchestration-4",
    title=msg("Handed over"),
    task=msg(
        "Somebody has started `guard-1` and `guard-2` by hand, as with `docker run`. Hand the work over: a Deployment "
        "`guard` keeps {count} Pods of the same image, `{image}`, whoever is in the cluster can ask `http://guard/`, and "
        "the two by hand are gone.",
        count=_COUNT,
        image=_IMAGE,
    ),
    checks=(
        exists(_REF),
        runs(_REF, _IMAGE),
        keeps(_REF, _COUNT),
        is_rolled_out(_REF),
        exists(_SERVICE),
        listens_on(_SERVICE, 80),
        selects_pods(_SERVICE),
        resolves_target_ports(_SERVICE),
        has_ready_pods(_SERVICE),
        answers(_SERVICE, 80),
        _none_by_hand,
    ),
    solved=msg("two are kept, whatever happens, and they have a name."),
    hints=(
        msg("Two objects are wanted: one that keeps Pods, and one that gives them a name. Both stand above, for `shop`."),
        msg("`kubectl create deployment` makes the first, `kubectl expose deployment` the second. podinfo listens at 9898."),
        msg(
            "`{first}`, then `{second}`; and the two by hand are deleted.",
            first="kubectl create deployment guard --image=… --replicas=2",
            second="kubectl expose deployment guard --port=80 --target-port=9898",
        ),
    ),
    start=_START,
    first_step=msg("What would become of the two if their node died tonight?"),
    looks_at=("pods", "endpointslices"),
    solution=f"""t.kubectl("create deployment guard --image={_IMAGE} --replicas=2")
t.kubectl("expose deployment guard --port=80 --target-port=9898")
t.kubectl("delete pod guard-1 guard-2")
t.wait("svc/guard", "2 ready pods")""",
    alternative=f'''t.delete("pod/guard-1")
t.delete("pod/guard-2")
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: guard}}
spec:
  replicas: 2
  selector: {{matchLabels: {{role: guard}}}}
  template:
    metadata: {{labels: {{role: guard}}}}
    spec: {{containers: [{{name: app, image: "{_IMAGE}", ports: [{{containerPort: 9898}}]}}]}}
""")
t.kubectl("expose deployment guard --port=80 --target-port=9898")''',
    mistakes=(
        Mistake(
            name="the two stay",
            cell=f"""t.kubectl("create deployment guard --image={_IMAGE} --replicas=2")
t.kubectl("expose deployment guard --port=80 --target-port=9898")
t.wait("svc/guard", "2 ready pods")""",
            says="started by hand are still there: guard-1, guard-2",
        ),
        Mistake(
            name="no number, so one",
            cell=f"""t.kubectl("create deployment guard --image={_IMAGE}")
t.kubectl("expose deployment guard --port=80 --target-port=9898")
t.kubectl("delete pod guard-1 guard-2")""",
            says="keeps 1;",
        ),
        Mistake(
            name="no name",
            cell=f"""t.kubectl("create deployment guard --image={_IMAGE} --replicas=2")
t.kubectl("delete pod guard-1 guard-2")
t.wait("deploy/guard", "2 ready pods")""",
            says="there is no Service `guard`",
        ),
        Mistake(
            name="the port of the Pods forgotten",
            cell=f"""t.kubectl("create deployment guard --image={_IMAGE} --replicas=2")
t.kubectl("expose deployment guard --port=80")
t.kubectl("delete pod guard-1 guard-2")
t.wait("svc/guard", "2 ready pods")""",
            says="`http://guard:80/` leads to port 80",
        ),
    ),
    objects=(_REF, _SERVICE, "pod/guard-1", "pod/guard-2"),
    pods="app=guard",
)
