"""A rollout during which nothing may be missing."""

from __future__ import annotations

import math

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see

from .rollouts import PODINFO, is_resumed, is_rolled_out, keeps, runs

__all__ = ["EXERCISE"]

_REF, _COUNT, _MOST = "deployment/shop", 4, 5

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: app
        image: ghcr.io/stefanprodan/podinfo:6.9.1
        readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
"""


def _share(value: int | str) -> float:
    """A number, or a percentage of the Pods."""
    return int(value[:-1]) * _COUNT / 100 if isinstance(value, str) and value.endswith("%") else int(value)


def _keeps_the_limits(_state: State, shop: Obj) -> Seen | Verdict:
    strategy = shop["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return failed(
            msg("with the strategy Recreate all old Pods go before a new one comes."),
            hint=msg("In between there are none at all. Which strategy changes a few at a time?"),
        )
    rolling = strategy.get("rollingUpdate") or {}
    more, fewer = (rolling.get(key, "25%") for key in ("maxSurge", "maxUnavailable"))
    least, most = _COUNT - math.floor(_share(fewer)), _COUNT + math.ceil(_share(more))
    fact = msg("maxSurge: {more}, maxUnavailable: {fewer}", more=more, fewer=fewer)
    if least < _COUNT:
        return failed(
            msg("while a new version comes, there may be only {least} available Pods.", least=least), fact,
            hint=msg("`maxUnavailable` says how many fewer there may be. How many is that here?"),
        )  # fmt: skip
    if most > _MOST:
        return failed(
            msg("while a new version comes, there may be {most} Pods.", most=most), fact,
            hint=msg("`maxSurge` says how many more there may be: a number, or a percentage of four."),
        )  # fmt: skip
    return see(fact, msg("so at least {least} available, and at most {most} Pods", least=least, most=most))


EXERCISE = Exercise(
    id="deployments-3",
    title=msg("Never fewer than four"),
    task=msg(
        "`shop` has {count} Pods, and needs them all. See to it that a new version never leaves fewer than {count} of "
        "them available, nor makes more than {most} Pods in all. Then bring `{image}`.",
        count=_COUNT,
        most=_MOST,
        image=f"{PODINFO}:6.9.2",
    ),
    checks=(
        exists(_REF, gone_hint=msg('`t.exercise("deployments-3")` brings it back.')),
        keeps(_REF, _COUNT),
        inspect(_REF, _keeps_the_limits),
        runs(_REF, f"{PODINFO}:6.9.2"),
        is_resumed(_REF),
        is_rolled_out(_REF),
    ),
    solved=msg("four were there to serve, all the time."),
    hints=(
        msg("Both limits stand below `spec`, in `strategy`, and there in `rollingUpdate`."),
        msg("Fewer: none. More: one. If you leave one of them out, it is 25 % of the Pods, and that is one."),
        msg("`strategy: {{rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}`; then the new image"),
    ),
    start=_START,
    first_step=msg('Begin with `t.graph("deploy/shop", lens="rollout")`: it shows how far a rollout may go.'),
    solution=f'''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 4
  strategy: {{rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec: {{containers: [{{name: app, image: "{PODINFO}:6.9.2",
      readinessProbe: {{periodSeconds: 1, httpGet: {{path: /readyz, port: 9898}}}}}}]}}
""")
t.wait("deploy/shop", "rolled out")''',
    alternative=f"""limits = {{"maxSurge": "25%", "maxUnavailable": "20%"}}
t.client.patch("deployments", "shop", {{"spec": {{"strategy": {{"rollingUpdate": limits}}}}}})
t.kubectl("set image deploy/shop app={PODINFO}:6.9.2")
t.wait("deploy/shop", "rolled out")""",
    mistakes=(
        Mistake(
            name="only the new image",
            cell=f't.kubectl("set image deploy/shop app={PODINFO}:6.9.2")',
            says="only 3 available",
        ),
        Mistake(
            name="none fewer, and twice as many",
            cell="""limits = {"maxSurge": "100%", "maxUnavailable": 0}
t.client.patch("deployments", "shop", {"spec": {"strategy": {"rollingUpdate": limits}}})""",
            says="there may be 8 Pods",
        ),
        Mistake(
            name="only the limits",
            cell="""t.client.patch("deployments", "shop", {"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 0}}}})""",
            says="podinfo:6.9.1`; the task asks",
        ),
        Mistake(
            name="Recreate",
            cell="""t.client.patch("deployments", "shop", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}})""",
            says="all old Pods go before a new one comes",
        ),
        Mistake(
            name="fewer are wanted",
            cell="""t.client.patch("deployments", "shop", {"spec": {"replicas": 3}})""",
            says="keeps 3;",
        ),
    ),
    objects=(_REF,),
    pods="app=shop",
)
