"""A readiness probe."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    exists,
    failed,
    find_container,
    inspect,
    is_not_broken,
    is_ready,
    msg,
    see,
    uses_image,
)

__all__ = ["EXERCISE"]

PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"
PATH, PORT = "/readyz", 9898


def _has_probe(_state: State, pod: Obj) -> Seen | Verdict:
    app = find_container(pod, image=PODINFO) or {}
    if app.get("readinessProbe") is not None:
        return see()
    hint = msg("A pod's probes cannot be changed: delete it first.")
    if "livenessProbe" in app:
        return failed(msg("the container has a livenessProbe: a bad answer to it restarts the container."), hint=hint)
    return failed(msg("the container has no probe, so Kubernetes never asks whether it is ready."), hint=hint)


def _asks_readyz(_state: State, pod: Obj) -> Seen | Verdict:
    """Over HTTP, or by a command that asks the same: both count a pod as ready only while the answer is good."""
    app = find_container(pod, image=PODINFO) or {}
    probe = app.get("readinessProbe", {})
    if words := (probe.get("exec") or {}).get("command"):
        return _asks_by_command(" ".join(words))
    get = probe.get("httpGet")
    if get is None:
        kind = next((key for key in ("tcpSocket", "grpc") if key in probe), "nothing")
        hint = msg("Somebody may listen at a port and not be ready. What does the task want to be asked?")
        return failed(msg("the readiness probe does not ask for `{path}`.", path=PATH), msg("it asks by {kind}",
                      kind=kind), hint=hint)  # fmt: skip
    asked, port = get.get("path", "/"), get.get("port")
    if asked.partition("?")[0] != PATH:
        return failed(
            msg("the probe asks for `{asked}`.", asked=asked),
            hint=msg("Another path tells you something else, or 404. Which one does the task name?"),
        )
    named = {item.get("name"): item.get("containerPort") for item in app.get("ports") or ()}
    if PORT not in (port, named.get(port)):
        hint = msg("Nobody listens there. Where podinfo listens is in the task, and in its log.")
        return failed(msg("the probe asks at port {port}.", port=port), hint=hint)
    return see(msg("the probe asks for {path} at port {port}", path=asked, port=port))


def _asks_by_command(line: str) -> Seen | Verdict:
    fact = msg("its command: {line}", line=line)
    if PATH in line and str(PORT) in line:
        return see(fact)
    return failed(msg("the probe's command does not ask for `{path}` at port {port}.", path=PATH, port=PORT), fact)


EXERCISE = Exercise(
    id="pods-4",
    title=msg("Ready only when it says so"),
    task=msg(
        "Start a pod called `shop` from `{image}` that counts as ready only while `{path}` on port {port} answers "
        "well. How Kubernetes asks is up to you.",
        image=PODINFO,
        path=PATH,
        port=PORT,
    ),
    checks=(
        exists("pod/shop"),
        uses_image("pod/shop", PODINFO),
        inspect("pod/shop", _has_probe),
        inspect("pod/shop", _asks_readyz),
        is_not_broken("pod/shop"),
        is_ready("pod/shop"),
    ),
    solved=msg("the pod is ready, and Kubernetes knows what to ask."),
    looks_at=("events",),
    hints=(
        msg("Look at the probe of pod `duo` above. To which container does it belong, and how far is it indented?"),
        msg("`readinessProbe` stands beside `image`; inside it `httpGet`, and inside that `path` and `port`."),
        msg("readinessProbe: {{httpGet: {{path: /readyz, port: 9898}}}}"),
    ),
    solution='''t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe:
      httpGet: {path: /readyz, port: 9898}
""")''',
    alternative='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - name: podinfo
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    ports: [{name: http, containerPort: 9898}]
    readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: http}}
""")''',
    mistakes=(
        Mistake(
            name="no probe at all",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, \
spec: {containers: [{name: app, image: 'ghcr.io/stefanprodan/podinfo:6.9.2'}]}}")""",
            says="never asks whether it is ready",
        ),
        Mistake(
            name="a liveness probe instead",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', livenessProbe: {httpGet: {path: /readyz, port: 9898}}}]}}")""",
            says="restarts the container",
        ),
        Mistake(
            name="the wrong port",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', readinessProbe: {httpGet: {path: /readyz, port: 8080}}}]}}")""",
            says="the probe asks at port 8080",
        ),
        Mistake(
            name="the wrong path",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [{name: app, \
image: 'ghcr.io/stefanprodan/podinfo:6.9.2', readinessProbe: {httpGet: {path: /ready, port: 9898}}}]}}")""",
            says="the probe asks for `/ready`",
        ),
    ),
    objects=("pod/shop",),
)
