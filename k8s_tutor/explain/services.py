"""Services and Ingresses: why requests reach nobody, why there is no address from outside, and who was nearly meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, field_of, seen
from k8s_tutor.explain.pods_waiting import containers
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.reference import distance
from k8s_tutor.objects.services import SERVICE_NAME
from k8s_tutor.objects.types import Obj

__all__ = [
    "backend_services",
    "broken_backend",
    "endpoint_of",
    "nearest_miss",
    "nobody_ready",
    "nobody_selected",
    "of_service",
    "pending",
    "port_of_nobody",
    "selects",
    "unserved",
    "without_selector",
]


def without_selector(case: Case, service: Obj) -> Finding | None:
    """A Service that selects nobody, and for which nobody wrote endpoints by hand."""
    spec = field_of(service, "spec")
    if spec.key("selector").value or spec.key("type").text == "ExternalName" or _slices(case, service):
        return None
    step = seen(spec.key("selector"), msg("It has no selector: nobody looks for Pods for it."))
    command = case.kubectl(f"get service {metadata.name(service)} -o yaml", service)
    return Finding(msg("it has no selector, and nobody wrote endpoints for it"), (step,), command)


def nobody_selected(case: Case, service: Obj) -> Finding | None:
    """No Pod has the labels; the nearest miss is named."""
    selector = field_of(service, "spec.selector")
    if not selector.value or _is_external(service) or not case.was_read("Pod") or _chosen(case, service):
        return None
    wanted = selectors.from_labels(selector.value)
    cause = msg("no Pod has the labels {labels}", labels=wanted)
    steps = [seen(selector, msg("It sends requests to Pods with these labels, and no Pod has them."))]
    miss = nearest_miss(case, service)
    if miss is not None:
        pod, key, has = miss
        steps.append(seen(selector.key(key), msg("The Service wants this value of {key}.", key=key)))
        words = (
            msg("This Pod comes nearest: its {key} is {has}.", key=key, has=has.text)
            if has
            else msg("This Pod comes nearest: it has no label {key}.", key=key)
        )
        steps.append(seen(has, words))
        cause = msg("no Pod has the labels {labels}; nearest is {pod}", labels=wanted, pod=metadata.title(pod))
    elif (other := _elsewhere(case, service)) is not None:
        steps.append(
            seen(
                field_of(other, "metadata.namespace"),
                msg("This Pod has them, in another namespace: a Service sees only its own."),
            )
        )
        cause = msg("no Pod in its namespace has the labels {labels}", labels=wanted)
    return Finding(cause, tuple(steps), case.kubectl("get pods --show-labels", service))


def nobody_ready(case: Case, service: Obj) -> Finding | None:
    """Pods are selected, and none of them is ready: on with the first of them."""
    chosen = _chosen(case, service)
    if not chosen or _is_external(service) or any(_is_ready(pod) for pod in chosen):
        return None
    if field_of(service, "spec.publishNotReadyAddresses").value is True:
        return None
    selector = field_of(service, "spec.selector")
    steps = [seen(selector, msg("Pods with these labels: {count}. None of them is ready.", count=len(chosen)))]
    if (place := endpoint_of(case, service, chosen[0])) is not None:
        steps.append(seen(place.at("conditions.ready"), msg("Its list of endpoints says: send this one nothing.")))
    found = case.finding(chosen[0])
    if found is None:
        steps.append(seen(field_of(chosen[0], "status.phase"), msg("This Pod is on its way.")))
        command = case.kubectl(f"get endpointslices -l {SERVICE_NAME}={metadata.name(service)}", service)
        return Finding(msg("none of its Pods is ready"), tuple(steps), command, State.UNREADY)
    cause = msg("none of its Pods is ready: {why}", why=found.cause)
    return Finding(cause, (*steps, *found.steps), found.next_command, State.UNREADY)


def port_of_nobody(case: Case, service: Obj) -> Finding | None:
    """Requests go to a port of the Pods by a name that no container has, or to one that none lists."""
    chosen = _chosen(case, service)
    for port in field_of(service, "spec.ports").items():
        target = port.key("targetPort") or port.key("port")
        if chosen and not any(_has_port(pod, target) for pod in chosen):
            return _portless(case, service, chosen[0], target)
    return None


def _portless(case: Case, service: Obj, pod: Obj, target: Field) -> Finding:
    named = isinstance(target.value, str)
    steps = [
        seen(
            target,
            msg("Requests go to the port of this name of the Pods.")
            if named
            else msg("Requests go to this port of the Pods."),
        )
    ]
    rows = [port for container in containers(pod) for port in container.spec.key("ports").items()]
    if named:
        words = msg("It calls this port by that name.")
        steps += [seen(row.key("name"), words) for row in rows if row.key("name")]
        if not any(row.key("name") for row in rows):
            steps.append(seen(field_of(pod, "spec.containers"), msg("No container of this Pod gives a port a name.")))
        cause = msg("none of its Pods has a port named {name}", name=target.text)
    else:
        steps += [seen(row.key("containerPort"), msg("The container lists this port.")) for row in rows]
        cause = msg(
            "its requests go to port {port}, and its Pods list {others}",
            port=target.text,
            others=", ".join(row.key("containerPort").text for row in rows),
        )
    command = case.kubectl(f"describe service {metadata.name(service)}", service)
    return Finding(cause, tuple(steps), command)


def _has_port(pod: Obj, target: Field) -> bool:
    """Whether a Pod has the port; a number also where no container lists any: they need not."""
    rows = [port for container in containers(pod) for port in container.spec.key("ports").items()]
    if isinstance(target.value, str):
        return any(row.key("name").value == target.value for row in rows)
    return not rows or any(row.key("containerPort").value == target.value for row in rows)


# ---- Addresses from outside


def pending(case: Case, service: Obj) -> Finding | None:
    """A Service of type LoadBalancer without an address."""
    if field_of(service, "spec.type").text != "LoadBalancer" or field_of(service, "status.loadBalancer.ingress").value:
        return None
    steps = [
        seen(
            field_of(service, "spec.type"),
            msg("Somebody outside Kubernetes has to give it an address; it has none yet (<pending>)."),
        )
    ]
    cause, more = _why_pending(case, service)
    command = case.kubectl(f"describe service {metadata.name(service)}", service)
    return Finding(cause, (*steps, *more), command, State.WAITING)


def _why_pending(case: Case, service: Obj) -> tuple[Message, list[Evidence]]:
    event = case.event(service)
    asked = field_of(service, "spec.loadBalancerIP")
    wish = [seen(asked, msg("It asks for this address."))] if asked.text else []
    class_ = field_of(service, "spec.loadBalancerClass")
    if event is not None and event.key("type").text == "Warning":
        said = seen(event.key("message"), msg("So says who gives addresses."))
        return msg("it was refused an address ({reason})", reason=event.key("reason").text), [*wish, said]
    if class_.text:
        step = seen(class_, msg("Only who answers to this class will give it one."))
        return msg("nobody answers to its class {name}", name=class_.text), [*wish, step]
    if event is not None:
        return msg("its address is on its way"), [*wish, seen(event.key("message"), msg("Somebody is at it."))]
    step = seen(
        field_of(service, "metadata.name"), msg("No event speaks of it: nobody on this cluster gives addresses.")
    )
    return msg("nobody on this cluster gives addresses"), [*wish, step]


# ---- Who is meant


def selects(service: Obj, pod: Obj) -> bool:
    """Whether the Service means this Pod."""
    wanted = field_of(service, "spec.selector").value
    same = metadata.namespace(service) == metadata.namespace(pod)
    return bool(wanted) and same and selectors.from_labels(wanted).matches(metadata.labels(pod))


def endpoint_of(case: Case, service: Obj, pod: Obj) -> Field | None:
    """The Pod's row in the Service's EndpointSlices."""
    for piece in _slices(case, service):
        for row in field_of(piece, "endpoints").items():
            if row.at("targetRef.uid").text == metadata.uid(pod):
                return row
    return None


def nearest_miss(case: Case, service: Obj) -> tuple[Obj, str, Field] | None:
    """The Pod that is nearest to being selected: the Pod, the label that differs most, what it has there."""
    wanted = {key: value.text for key, value in field_of(service, "spec.selector").entries()}
    best: tuple[float, Obj, str] | None = None
    for pod in case.of("Pod", metadata.namespace(service)):
        far = {key: _far(key, value, metadata.labels(pod)) for key, value in wanted.items()}
        total = sum(far.values())
        if total < len(wanted) and (best is None or total < best[0]):
            best = (total, pod, max(far, key=lambda key: far[key]))
    if best is None:
        return None
    _, pod, key = best
    return pod, key, field_of(pod, "metadata.labels").key(key)


def _far(key: str, value: str, labels: Mapping[str, str]) -> float:
    """0 for the same, up to 1: how unlike what a Pod has for this label is to what is wanted."""
    if labels.get(key) == value:
        return 0
    if key in labels:
        return min(1, 0.1 + distance(value, labels[key]) / max(len(value), len(labels[key]), 1))
    nearest = min((distance(key, other) / max(len(key), len(other), 1) for other in labels), default=1.0)
    return min(1, 0.2 + nearest)


def _elsewhere(case: Case, service: Obj) -> Obj | None:
    wanted = selectors.from_labels(field_of(service, "spec.selector").value)
    pods = case.snapshot.of("Pod")
    return next((pod for pod in pods if wanted.matches(metadata.labels(pod))), None)


def _chosen(case: Case, service: Obj) -> list[Obj]:
    """The Pods it selects; those that have ended do not count."""
    over = ("Succeeded", "Failed")
    return [
        pod
        for pod in case.of("Pod", metadata.namespace(service))
        if selects(service, pod) and field_of(pod, "status.phase").value not in over and not metadata.is_deleting(pod)
    ]


def _slices(case: Case, service: Obj) -> list[Obj]:
    pieces = case.of("EndpointSlice", metadata.namespace(service))
    return [piece for piece in pieces if metadata.labels(piece).get(SERVICE_NAME) == metadata.name(service)]


def _is_external(service: Obj) -> bool:
    return field_of(service, "spec.type").text == "ExternalName"


def _is_ready(pod: Obj) -> bool:
    return field_of(pod, "status.conditions").item(type="Ready").key("status").text == "True"


# ---- Ingresses: to whom requests are to go, and whether anybody is there; EndpointSlices: the Service behind them


def backend_services(ingress: Obj) -> Iterator[Field]:
    """Where an Ingress names Services."""
    spec = field_of(ingress, "spec")
    if name := spec.at("defaultBackend.service.name"):
        yield name
    for rule in spec.key("rules").items():
        for path in rule.at("http.paths").items():
            if name := path.at("backend.service.name"):
                yield name


def broken_backend(case: Case, ingress: Obj) -> Finding | None:
    """A Service that is not there, or that reaches nobody."""
    namespace = metadata.namespace(ingress)
    for name in backend_services(ingress):
        service = case.find("Service", name.text, namespace)
        if service is None:
            near = case.near("Service", name.text, namespace)
            words = (
                msg("There is no Service of this name; there is {near}.", near=near)
                if near
                else msg("There is no Service of this name.")
            )
            return Finding(
                msg("there is no Service {name}", name=name.text),
                (seen(name, words),),
                case.kubectl("get services", ingress),
            )
        if (found := case.finding(service)) is not None:
            first = seen(name, msg("Requests go to this Service."))
            cause = msg("Service {name} does not work: {why}", name=name.text, why=found.cause)
            return Finding(cause, (first, *found.steps), found.next_command, found.state)
    return None


def unserved(case: Case, ingress: Obj) -> Finding | None:
    """No controller has taken it on."""
    if field_of(ingress, "status.loadBalancer.ingress").value:
        return None
    class_ = field_of(ingress, "spec.ingressClassName")
    words = (
        msg("Only a controller of this class serves it, and none has.")
        if class_
        else msg("It names no class, and no controller has taken it on.")
    )
    command = "kubectl get ingressclass"
    return Finding(msg("no ingress controller serves it"), (seen(class_, words),), command, State.WAITING)


def of_service(case: Case, piece: Obj) -> Finding | None:
    """An EndpointSlice is as its Service is."""
    label = field_of(piece, "metadata.labels").key(SERVICE_NAME)
    service = case.find("Service", label.text, metadata.namespace(piece)) if label else None
    found = case.finding(service) if service is not None else None
    return found.behind(seen(label, msg("It lists who stands behind this Service."))) if found is not None else None
