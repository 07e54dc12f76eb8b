"""`pods/ephemeralcontainers` (kubectl debug) and `pods/resize`: the two ways to change a running pod's containers."""

from __future__ import annotations

from functools import partial

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver.decoding import named_as, read_body
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, required
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import Part, typed, update
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_pod_spec
from k8s_tutor.embedded.apiserver.rules.rule import Transition, TransitionCheck
from k8s_tutor.objects.types import Obj

__all__ = ["answer", "resize"]


def answer(call: Call) -> Response:
    """GET, PUT or PATCH of a pod, of which only the ephemeral containers may change.

    Raises:
        StatusError: any refusal.
    """
    return _answer(call, _only_ephemeral, _check_ephemeral)


def resize(call: Call) -> Response:
    """GET, PUT or PATCH of a pod, of which only the containers' resources may change.

    Raises:
        StatusError: any refusal.
    """
    return _answer(call, _only_resources, lambda new, _: validate_pod_spec(new["spec"], "spec"))


def _answer(call: Call, prepare: Transition, check: TransitionCheck) -> Response:
    route = call.route
    if route.verb == "get":
        return object_answer(call, call.ground.get(call.kind, route.namespace, route.name), call.kind)
    part = Part(prepare, check, counts=True)
    if route.verb == "patch":
        return object_answer(call, patch(call, part)[0], call.kind)
    options = write_options(call.request, "UpdateOptions")
    new = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(new, route)
    return object_answer(call, update(call, call.kind, partial(_replaced, new), options, part), call.kind)


def _replaced(new: Obj, _: Obj) -> Obj:
    return new


def _only_ephemeral(new: Obj, old: Obj) -> None:
    spec = {key: value for key, value in old["spec"].items() if key != "ephemeralContainers"}
    if containers := new["spec"].get("ephemeralContainers"):
        spec["ephemeralContainers"] = containers
    new["spec"], new["status"] = spec, old["status"]


def _only_resources(new: Obj, old: Obj) -> None:
    wanted = {container["name"]: container["resources"] for container in new["spec"].get("containers", ())}
    containers = [
        {**container, "resources": wanted.get(container["name"], container["resources"])}
        for container in old["spec"]["containers"]
    ]
    new["spec"], new["status"] = {**old["spec"], "containers": containers}, old["status"]


def _check_ephemeral(new: Obj, old: Obj) -> list[FieldError]:
    spec, path = new["spec"], "spec.ephemeralContainers"
    wanted, present = spec.get("ephemeralContainers", []), old["spec"].get("ephemeralContainers", [])
    found: list[FieldError] = []
    names = [row["name"] for group in ("containers", "initContainers") for row in spec.get(group, ())]
    for index, container in enumerate(wanted):
        place = f"{path}[{index}]"
        if not container["name"]:
            found.append(required(f"{place}.name"))
        if container["name"] in names:
            found.append(duplicate(f"{place}.name", container["name"]))
        if not container.get("image"):
            found.append(required(f"{place}.image"))
        names.append(container["name"])
        found += [
            forbidden(f"{place}.{key}", "cannot be set for an Ephemeral Container")
            for key in ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
            if key in container
        ]
    by_name = {container["name"]: container for container in wanted}
    for container in present:
        kept = by_name.get(container["name"])
        if kept is None:
            words = f'existing ephemeral containers "{container["name"]}" may not be removed\n'
            found.append(forbidden(path, words))
        elif kept != container:
            words = f'existing ephemeral containers "{container["name"]}" may not be changed\n'
            found.append(forbidden(path, words))
    return found
