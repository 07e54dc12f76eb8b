"""In which API group a kind lives: six objects, each to be labelled with its own."""

from __future__ import annotations

from k8s_tutor.exercises import Check, Exercise, Mistake, Seen, State, Verdict, Wording, exists, failed, msg, see

__all__ = ["EXERCISE"]

_GROUPS = {
    "service/quay": "core",
    "deployment/mill": "apps",
    "cronjob/bell": "batch",
    "ingress/gate": "networking.k8s.io",
    "poddisruptionbudget/brake": "policy",
    "horizontalpodautoscaler/sail": "autoscaling",
}
_START = """
apiVersion: v1
kind: Service
metadata: {name: quay}
spec: {selector: {app: mill}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mill}
spec:
  replicas: 0
  selector: {matchLabels: {app: mill}}
  template:
    metadata: {labels: {app: mill}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: bell}
spec:
  schedule: "0 6 * * *"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: ring, image: "busybox:1.35"}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: gate}
spec: {defaultBackend: {service: {name: quay, port: {number: 80}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: brake}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: mill}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: sail}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: mill}}
"""
_LAST = ", ".join(f"{ref.partition('/')[2]}: {group}" for ref, group in _GROUPS.items())


def _says_its_group(ref: str, group: str) -> Check:
    def look(state: State) -> Seen | Verdict:
        obj = state.find(ref) or {}
        said = (obj["metadata"].get("labels") or {}).get("group", "")
        if said == group:
            return see(msg("{ref} lives in {group}", ref=ref, group=group))
        if not said:
            return failed(msg("{ref} has no label `group` yet.", ref=ref))
        return failed(msg("{ref} does not live in `{said}`.", ref=ref, said=said), hint=_lead(said, group))

    return look


def _lead(said: str, group: str) -> Wording:
    if said == "extensions":
        return msg("It once did. An old manifest is no map of this cluster: ask the cluster.")
    if said.startswith("v") and said[1:2].isdigit():
        return msg("`{said}` is a version. What stands before the slash, and what if there is none?", said=said)
    if group.startswith(f"{said}."):
        return msg("A group's whole name counts, dots and all.")
    return msg('`t.kubectl("api-resources")` has a column APIVERSION: group, slash, version.')


def _label(**changed: str) -> str:
    groups = {**_GROUPS, **{ref: changed[ref.partition("/")[0]] for ref in _GROUPS if ref.partition("/")[0] in changed}}
    rows = "\n".join(f"{ref} {group}" for ref, group in groups.items() if group)
    return f'''for row in """{rows}""".splitlines():
    ref, group = row.split()
    t.kubectl(f"label {{ref}} group={{group}} --overwrite")'''


EXERCISE = Exercise(
    id="map-1",
    title=msg("Who lives where?"),
    task=msg(
        "Six objects stand in your namespace. Give each the label `group`, with the name of the API group that its kind "
        "lives in (and `core` for the group without a name)."
    ),
    checks=(
        *(exists(ref, gone_hint=msg('`t.exercise("map-1")` brings all six back.')) for ref in _GROUPS),
        *(_says_its_group(ref, group) for ref, group in _GROUPS.items()),
    ),
    solved=msg("six objects, six groups."),
    hints=(
        msg('`t.kubectl("api-resources")` lists all kinds; `t.kubectl("explain cronjob")` begins with the group of one.'),
        msg("Of `batch/v1` the group is `batch`. Where there is no slash, as in `v1`, the task says what to write."),
        msg("{groups}; each with `kubectl label KIND NAME group=…`", groups=_LAST),
    ),
    start=_START,
    first_step=msg('See what is there: `t.kubectl("get service,deploy,cronjob,ingress,pdb,hpa")`.'),
    solution=_label(),
    alternative="""kinds = "service deployment cronjob ingress poddisruptionbudget horizontalpodautoscaler".split()
for word in kinds:
    kind = t.client.kind(word)
    for one in t.objects(word):
        label = {"metadata": {"labels": {"group": kind.group or "core"}}}
        t.client.patch(kind, one["metadata"]["name"], label, t.namespace)""",
    mistakes=(
        Mistake(name="a version for a group", cell=_label(service="v1"), says="is a version"),
        Mistake(
            name="where it lived in 2016", cell=_label(ingress="extensions"), says="An old manifest is no map"
        ),
        Mistake(name="half a name", cell=_label(ingress="networking"), says="whole name counts"),
        Mistake(name="one forgotten", cell=_label(cronjob=""), says="cronjob/bell has no label"),
        Mistake(name="all in one pot", cell=_label(poddisruptionbudget="apps"), says="does not live in `apps`"),
    ),
    objects=tuple(_GROUPS),
)
