"""A request that fits."""

from __future__ import annotations

import re

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
    is_not_broken,
    is_ready,
    msg,
    parse_quantity,
    see,
)

__all__ = ["EXERCISE"]

LEAST, MOST = "1Mi", "256Mi"

_START = """
apiVersion: v1
kind: Pod
metadata:
  name: greedy
spec:
  containers:
  - name: web
    image: nginx:1.22
    resources:
      requests: {memory: 1Ti}
"""


def _asks_for_little(_state: State, pod: Obj) -> Seen | Verdict:
    requests = [(one.get("resources") or {}).get("requests") or {} for one in pod["spec"]["containers"]]
    asked = [str(each["memory"]) for each in requests if each.get("memory") is not None]
    if not asked:
        return failed(
            msg("pod/greedy requests no memory at all."),
            hint=msg("Then the scheduler puts it anywhere, and it is the first to go when memory runs out."),
        )
    total = sum((parse_quantity(each) for each in asked), parse_quantity("0"))
    fact = msg("requests: memory {memory}", memory=" + ".join(asked))
    if total > parse_quantity(MOST):
        hint = msg("nginx is content with far less.")
        return failed(msg("that is more than the task allows, {most}.", most=MOST), fact, hint=hint)
    if total < parse_quantity(LEAST):
        without_unit = all(re.fullmatch(r"[\d.]+[mk]?", each) for each in asked)
        hint = msg("A number without a unit is bytes.") if without_unit else msg("No program fits into that.")
        return failed(msg("that is less than the task allows, {least}.", least=LEAST), fact, hint=hint)
    return see(fact)


EXERCISE = Exercise(
    id="pods-6",
    title=msg("A request that fits"),
    task=msg(
        "Pod `greedy` waits for a node with 1 TiB of memory. Let it run, with a memory request from `{least}` to "
        "`{most}`.",
        least=LEAST,
        most=MOST,
    ),
    checks=(
        exists(
            "pod/greedy",
            gone_hint=msg('Deleting is half of it. `t.exercise("pods-6")` brings the greedy one back.'),
        ),
        inspect("pod/greedy", _asks_for_little),
        is_not_broken("pod/greedy"),
        is_ready("pod/greedy"),
    ),
    solved=msg("a node had room for it."),
    hints=(
        msg('`t.events("pod/greedy")` says what every node lacks.'),
        msg("Requests stand under `resources` of the container. Apply cannot change them: delete, then apply."),
        msg("resources: {{requests: {{memory: 64Mi}}}}"),
    ),
    start=_START,
    first_step=msg('What does the scheduler say in `t.events("pod/greedy")`?'),
    looks_at=("events",),
    solution='''t.delete("pod/greedy")
t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: greedy
spec:
  containers:
  - name: web
    image: nginx:1.22
    resources:
      requests: {memory: 64Mi}
""")''',
    alternative="""t.delete("pod/greedy")
t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "greedy"}, "spec": {"containers": [
    {"name": "web", "image": "nginx:1.22", "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}}}]}})""",
    mistakes=(
        Mistake(
            name="the request is gone altogether",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}")""",
            says="requests no memory at all",
        ),
        Mistake(
            name="smaller, and still too large",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, spec: {containers: [{name: web, \
image: 'nginx:1.22', resources: {requests: {memory: 512Gi}}}]}}")""",
            says="more than the task allows",
        ),
        Mistake(
            name="the unit is missing",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, spec: {containers: [{name: web, \
image: 'nginx:1.22', resources: {requests: {memory: 64}}}]}}")""",
            says="without a unit is bytes",
        ),
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("pod/greedy")',
            says="Deleting is half of it",
        ),
    ),
    objects=("pod/greedy",),
)
