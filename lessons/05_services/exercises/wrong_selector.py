"""A Service that looks for a label nobody has."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    answers,
    exists,
    failed,
    has_ready_pods,
    inspect,
    is_unchanged,
    list_pods,
    msg,
    resolves_target_ports,
    see,
    selects_pods,
)

__all__ = ["EXERCISE"]

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: store}
  ports: [{port: 80, targetPort: 9898}]
"""


def _keeps_labels(state: State, _service: Obj) -> Seen | Verdict:
    """Pods that carry the exercise's labels and belong to no controller have been relabelled."""
    pods = [*state.list("pods", "app=store"), *state.list("pods", "app=shop")]
    lost = [
        pod for pod in pods if not any(owner.get("controller") for owner in pod["metadata"].get("ownerReferences", ()))
    ]
    if not lost:
        return see()
    return failed(
        msg("the pods' labels have changed."),
        msg("pods that belong to no Deployment: {count}", count=len(lost)),
        hint=msg("A Deployment replaces a pod whose label is taken away. Which side did the task ask you to change?"),
    )


def _means_the_shop(state: State, service: Obj) -> Seen | Verdict:
    """The Service leads to the shop's pods and to nobody else's."""
    pods = list_pods(state, service)
    strangers = [pod for pod in pods if pod["metadata"].get("labels", {}).get("app") != "shop"]
    if not strangers:
        return see()
    return failed(
        msg("Service `shop` leads to pods that are not the shop's."),
        msg(
            "of {all} pods, {count} are others', such as pod/{name}",
            all=len(pods),
            count=len(strangers),
            name=strangers[0]["metadata"]["name"],
        ),
        hint=msg("A selector means every pod with those labels."),
    )


EXERCISE = Exercise(
    id="services-3",
    title=msg("The shop without a door"),
    task=msg(
        "Somebody deployed `shop`, and its Service leads nowhere. Find out why, and mend it without touching the "
        "pods or their Deployment."
    ),
    checks=(
        exists(
            "service/shop",
            gone_hint=msg('The shop needs its Service. `t.exercise("services-3")` brings the old one back.'),
        ),
        inspect("service/shop", _keeps_labels),
        is_unchanged(
            "deployment/shop",
            hint=msg('Which side did the task ask you to change? `t.exercise("services-3")` starts over.'),
        ),
        selects_pods("service/shop"),
        inspect("service/shop", _means_the_shop),
        has_ready_pods("service/shop"),
        resolves_target_ports("service/shop"),
        answers("service/shop", 80),
    ),
    solved=msg("the shop is open."),
    hints=(
        msg('`t.graph("service/shop")` shows what it looks for, `t.kubectl("get pods --show-labels")` what is there.'),
        msg("The Service looks for `app=store`, the pods carry `app=shop`."),
        msg("Apply the Service again with selector: {{app: shop}}. A selector may be changed in place."),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("service/shop")`.'),
    looks_at=("endpointslices",),
    solution='''t.apply("""
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: 9898}]
""")''',
    alternative="""service = t.get("service/shop")
service["spec"]["selector"]["app"] = "shop"
t.client.replace(service)""",
    mistakes=(
        Mistake(
            name="the pods are relabelled",
            cell="""t.wait("deploy/shop", "Available")
for pod in t.objects("pods", "app=shop"):
    t.kubectl(f"label pod {pod['metadata']['name']} app=store --overwrite")""",
            says="Which side did the task ask you to change",
        ),
        Mistake(
            name="the selector is misspelt again",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: shop}, \
spec: {selector: {app: Shop}, ports: [{port: 80, targetPort: 9898}]}}")""",
            says="no pod has `app=Shop`",
        ),
        Mistake(
            name="the target port is lost on the way",
            cell="""t.delete("service/shop")
t.apply("{apiVersion: v1, kind: Service, metadata: {name: shop}, \
spec: {selector: {app: shop}, ports: [{port: 80}]}}")""",
            says="leads to port 80 of the pods",
        ),
    ),
    objects=("service/shop", "deployment/shop"),
    pods="app in (shop,store)",
)
