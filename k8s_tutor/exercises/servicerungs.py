"""Rungs about Services that several exercises share. Each returns None when that thing is as the task wants it."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.exercises.exercise import Rung
from k8s_tutor.exercises.objectrungs import on, there_is
from k8s_tutor.exercises.scene import Reply, Scene
from k8s_tutor.exercises.verdict import Verdict, cannot_tell, failed
from k8s_tutor.objects import endpointslices, metadata, selectors
from k8s_tutor.objects.types import Obj

__all__ = [
    "answers",
    "asked",
    "exists",
    "has_address",
    "listens_on",
    "names_real_ports",
    "on_service",
    "ready_pods",
    "selected",
    "selector_text",
    "selects_somebody",
    "served_by",
]

_ASKED = 10  # requests that a check sends
_TRIES = 3  # the API server learns of a change a few milliseconds after we do


def on_service(name: str, look: Callable[[Scene, Obj], Verdict | None]) -> Rung:
    """A rung that looks at one Service; see `objectrungs.on`."""
    return on("services", name, look)


def exists(name: str, *, gone_hint: str = "") -> Rung:
    """There is a Service of that name; see `objectrungs.there_is`."""
    near = f"Its name is what clients will type: change `metadata.name` to `{name}`."
    return there_is("services", f"Service `{name}`", name, near_hint=near, gone_hint=gone_hint)


def selects_somebody(name: str, *, hint: str = "") -> Rung:
    """The Service has a selector, and some pod has those labels."""

    def look(scene: Scene, service: Obj) -> Verdict | None:
        if not service["spec"].get("selector"):
            return failed(
                f"Service {name} has no selector, so Kubernetes looks for no pods.",
                hint=hint or "Under `spec`, `selector` says which label its pods carry.",
            )
        if selected(scene, service):
            return None
        if _expected(scene, service):
            return cannot_tell(f"the pods of Service {name} are still being made.", hint="Check again.", settling=True)
        return failed(
            f"no pod has {selector_text(service)}, which is what Service {name} looks for.",
            f"labels there are: {', '.join(_labels(scene)) or 'none'}",
            hint=hint or 'Compare with `t.kubectl("get pods --show-labels")`, letter by letter.',
        )

    return on_service(name, look)


def has_address(name: str) -> Rung:
    """Somebody has given the Service an address outside the cluster."""

    def look(_scene: Scene, service: Obj) -> Verdict | None:
        if service["spec"].get("type") != "LoadBalancer":
            return _asks_for_none(service)
        if (service.get("status", {}).get("loadBalancer") or {}).get("ingress"):
            return None
        hint = "Does anybody in this cluster give addresses? `t.load_balancers(on=True)` sees to it."
        if wished := service["spec"].get("loadBalancerIP"):
            hint = f"It asks for `{wished}`. Who gives the addresses has others: leave `loadBalancerIP` out."
        return failed(f"Service {name} is still waiting for an address.", hint=hint, settling=True)

    return on_service(name, look)


def _asks_for_none(service: Obj) -> Verdict:
    name, spec = metadata.name(service), service["spec"]
    if spec.get("externalIPs"):
        return failed(
            f"Service {name} names an address, `{spec['externalIPs'][0]}`, that nobody has given it.",
            hint="Writing an address down does not make it lead here. Ask for one: `type: LoadBalancer`.",
        )
    hint = "`type: LoadBalancer` asks for an address outside the cluster."
    if spec.get("type") == "NodePort":
        hint = f"That is an odd port on every node, and no address of its own. {hint}"
    return failed(f"Service {name} is of type {spec.get('type')}.", hint=hint)


def listens_on(name: str, port: int) -> Rung:
    """The Service can be asked at a port."""

    def look(_scene: Scene, service: Obj) -> Verdict | None:
        ports = [int(row["port"]) for row in service["spec"].get("ports") or ()]
        if port in ports:
            return None
        return failed(
            f"Service {name} can be asked at port {', '.join(map(str, ports))}; the task asks for {port}.",
            hint="`port` is the Service's own: the one clients use. `targetPort` is the one the containers listen on.",
        )

    return on_service(name, look)


def names_real_ports(name: str) -> Rung:
    """Where a target port is a name, a container of the selected pods has a port of that name."""

    def look(scene: Scene, service: Obj) -> Verdict | None:
        wanted = [row.get("targetPort") for row in service["spec"].get("ports") or ()]
        known = {port.get("name") for pod in selected(scene, service) for port in _container_ports(pod)}
        unknown = [port for port in wanted if isinstance(port, str) and port not in known]
        if not unknown:
            return None
        return failed(
            f"no container has a port called `{unknown[0]}`.",
            hint="A name works where the container's `ports` give it to a port. A number works always.",
        )

    return on_service(name, look)


def served_by(name: str, count: int, *, hint: str = "") -> Rung:
    """At least so many ready pods stand behind the Service."""

    def look(scene: Scene, service: Obj) -> Verdict | None:
        ready = ready_pods(scene, service)
        if ready >= count:
            return None
        return failed(
            f"Service {name} has {ready} of {count} pods ready.",
            hint=hint or f't.graph("service/{name}") shows who is not, and why.',
            settling=True,
        )

    return on_service(name, look)


def answers(name: str, port: int, *, hint: str = "") -> Rung:
    """Every one of ten requests to the Service gets a good answer."""

    def look(scene: Scene, service: Obj) -> Verdict | None:
        replies = asked(scene, name, port)
        bad = [reply for reply in replies if not reply.answered]
        if not bad:
            return None
        return failed(
            f"{len(replies) - len(bad)} of {len(replies)} requests to Service {name} were answered.",
            bad[0].text,
            hint=hint or _port_hint(service, port),
            settling=not _for_good(scene, service, port, bad[0]),
        )

    return on_service(name, look)


def asked(scene: Scene, name: str, port: int, path: str = "/") -> list[Reply]:
    """The replies to ten requests, or one bad one where the first three get no good answer."""
    first = next((reply for _ in range(_TRIES) if (reply := scene.ask(name, port, path)).answered), None)
    if first is None:
        return [scene.ask(name, port, path)]
    return [first, *(scene.ask(name, port, path) for _ in range(_ASKED - 1))]


def ready_pods(scene: Scene, service: Obj) -> int:
    """How many ready endpoints the Service's EndpointSlices list."""
    return endpointslices.ready(_slices(scene, service))


def selected(scene: Scene, service: Obj) -> list[Obj]:
    """The pods that have the labels a Service looks for."""
    selector = service["spec"].get("selector")
    if not selector:
        return []
    return scene.client.list("pods", scene.namespace, labels=str(selectors.from_labels(selector)))


def _container_ports(pod: Obj) -> list[Obj]:
    return [port for container in pod["spec"].get("containers", ()) for port in container.get("ports") or ()]


def _expected(scene: Scene, service: Obj) -> bool:
    """Whether some Deployment makes pods that the Service looks for."""
    return bool(_deployments(scene, service))


def _rolling(scene: Scene, service: Obj) -> bool:
    """Whether pods that the Service looks for are just being replaced, made or taken away."""
    for deployment in _deployments(scene, service):
        status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
        counts = [status.get(field, 0) for field in ("replicas", "updatedReplicas", "readyReplicas")]
        current = status.get("observedGeneration") == deployment["metadata"].get("generation")
        if not current or counts != [wanted] * len(counts):
            return True
    return False


def _deployments(scene: Scene, service: Obj) -> list[Obj]:
    wanted = selectors.from_labels(service["spec"].get("selector"))
    found = scene.client.list("deployments", scene.namespace)
    return [item for item in found if wanted.matches(metadata.labels(item["spec"]["template"]))]


def selector_text(service: Obj) -> str:
    """A Service's selector in backticks: `app=web`."""
    return f"`{selectors.from_labels(service['spec'].get('selector'))}`"


def _labels(scene: Scene) -> list[str]:
    """The labels that pods carry, each once, without those that controllers add."""
    pods = scene.client.list("pods", scene.namespace)
    pairs = (f"{key}={value}" for pod in pods for key, value in sorted(metadata.labels(pod).items()))
    return list(dict.fromkeys(pair for pair in pairs if not pair.startswith("pod-template-hash=")))


def _slices(scene: Scene, service: Obj) -> list[Obj]:
    """The Service's own EndpointSlices; those of a namesake that was deleted may be there for another moment."""
    labels = f"{endpointslices.SERVICE_NAME}={metadata.name(service)}"
    found = scene.client.list("endpointslices", scene.namespace, labels=labels)
    uid = metadata.uid(service)
    return [piece for piece in found if all(owner.get("uid") == uid for owner in metadata.owners(piece))]


def _for_good(scene: Scene, service: Obj, port: int, reply: Reply) -> bool:
    """Whether a bad reply will not get better by itself: a pod refused, at the port that the Service names now."""
    if "connection refused" not in reply.text or _rolling(scene, service):
        return False
    targets = {row.get("targetPort", port) for row in service["spec"].get("ports") or () if row["port"] == port}
    return any(row.get("port") in targets for piece in _slices(scene, service) for row in piece.get("ports") or ())


def _port_hint(service: Obj, port: int) -> str:
    rows = [row for row in service["spec"].get("ports") or () if row["port"] == port]
    target = rows[0].get("targetPort", port) if rows else port
    return (
        f"Requests to port {port} are passed on to port `{target}` of a pod (`targetPort`). Does the container listen "
        "there?"
    )
