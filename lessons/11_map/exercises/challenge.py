"""The final challenge: a shop of eight objects, broken in six ways; another one for each learner.

What is broken is drawn from the course's clinic (`lessons/clinic`), by the learner's name: for one learner it is always
the same. The verdict says how many of the six are mended.
"""

from __future__ import annotations

from k8s_tutor.exercises import Challenge, Mistake, msg

__all__ = ["EXERCISE"]

_COUNT = 6
_ALL = "deployments,services,configmaps,secrets,persistentvolumeclaims,poddisruptionbudgets"

EXERCISE = Challenge(
    id="map-5",
    title=msg("The shop is closed"),
    task=msg(
        "A shop of eight objects: Deployments `web` and `stock`, a Service for each, the ConfigMap `settings`, the Secret "
        "`till`, the claim `shelves` and a PodDisruptionBudget. It is broken in {count} ways, and nobody else has the same "
        "ones. Make it well: `http://web` says “Welcome to the shop” and at `/configs` the hours, `http://stock` lists "
        "apples and pears, all Pods are ready and stay so, a node may be drained, and nothing has been thrown away.",
        count=_COUNT,
    ),
    solved=msg("the shop is open. There is nothing left in this course that you could not find out by yourself."),
    first_step=msg('Begin with `t.graph()`, then `t.kubectl("get pods,endpointslices,pvc,pdb")`.'),
    count=_COUNT,
    offers=("volumes",),
    mistakes=(
        Mistake(
            name="everything is thrown away",
            cell=f't.kubectl("delete {_ALL} -l part-of=shop --wait=false")',
            says="was thrown away",
        ),
        Mistake(
            name="nobody is left who could be ill",
            cell='t.kubectl("scale deploy/web deploy/stock --replicas=0")',
            says="of 6 faults are mended.",
        ),
        Mistake(
            name="who asks no questions gets no bad answers",
            cell="""t.kubectl(\"\"\"patch deploy web --type=json -p '[
{"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"},
{"op": "remove", "path": "/spec/template/spec/containers/0/livenessProbe"}]'\"\"\")""",
            says="has lost something",
        ),
    ),
)
