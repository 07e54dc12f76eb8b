"""LimitRanger: what a container, a pod or a claim gets when it does not say, and how much it may ask for.

Source: plugin/pkg/admission/limitranger of k8s.io/kubernetes 1.37, checked against a real server. Where that follows
the random order of Go's maps, this follows the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.fielderrors import aggregate
from k8s_tutor.embedded.apiserver.quota.amounts import Amounts, amounts
from k8s_tutor.embedded.apiserver.quota.podtotals import pod_total
from k8s_tutor.objects.quantity import Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["admit", "validate"]

_ANNOTATION = "kubernetes.io/limit-ranger"


def admit(attributes: Attributes) -> None:
    """Fills in the defaults for a new pod's containers."""
    if attributes.obj is None or attributes.kind.group_resource != "pods" or attributes.operation != "CREATE":
        return
    for limits in _ranges(attributes):
        for row in limits["spec"].get("limits") or ():
            if row["type"] == "Container":
                _fill_in(attributes.obj, row)


def validate(attributes: Attributes) -> None:
    """Refuses what asks for too much or too little.

    Raises:
        StatusError: 403.
    """
    obj, resource = attributes.obj, attributes.kind.group_resource
    if obj is None or attributes.subresource:
        return
    problems = _PROBLEMS.get(resource)
    if problems is None or (resource == "pods" and attributes.operation != "CREATE"):
        return
    for limits in _ranges(attributes):
        found = [text for row in limits["spec"].get("limits") or () for text in problems(obj, row)]
        if found:
            raise errors.forbidden(attributes.kind, attributes.shown_name, aggregate(found))


def _ranges(attributes: Attributes) -> list[Obj]:
    return attributes.call.ground.store.list("limitranges", attributes.namespace)


def _fill_in(pod: Obj, row: Obj) -> None:
    said: list[str] = []
    for group, word in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(group) or ():
            for key, default in (("requests", row.get("defaultRequest")), ("limits", row.get("default"))):
                resources = container.setdefault("resources", {})
                added = sorted(set(default or {}) - set(resources.get(key) or {}))
                if added:
                    resources[key] = {**(default or {}), **(resources.get(key) or {})}
                    said.append(f"{', '.join(added)} {key[:-1]} for {word} {container['name']}")
    if said:
        annotations = pod["metadata"].setdefault("annotations", {})
        annotations[_ANNOTATION] = "LimitRanger plugin set: " + "; ".join(said)


def _pod_problems(pod: Obj, row: Obj) -> Iterator[str]:
    spec = pod["spec"]
    if row["type"] == "Container":
        for container in (*spec.get("containers", ()), *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            asked, most = amounts(resources.get("requests")), amounts(resources.get("limits"))
            yield from _problems(row, asked, most)
    elif row["type"] == "Pod":
        yield from _problems(row, pod_total(spec, "requests"), pod_total(spec, "limits"))


def _claim_problems(claim: Obj, row: Obj) -> Iterator[str]:
    if row["type"] != "PersistentVolumeClaim":
        return
    asked = amounts((claim["spec"].get("resources") or {}).get("requests"))
    for name, bound in sorted(amounts(row.get("min")).items()):
        yield from _too_little(name, row["type"], bound, asked, {})
    for name, bound in sorted(amounts(row.get("max")).items()):
        words = f"maximum {name} usage per {row['type']} is {bound}"
        if name not in asked:
            yield f"{words}.  No request is specified"
        elif asked[name] > bound:
            yield f"{words}, but request is {asked[name]}"


def _problems(row: Obj, asked: Amounts, most: Amounts) -> Iterator[str]:
    for name, bound in sorted(amounts(row.get("min")).items()):
        yield from _too_little(name, row["type"], bound, asked, most)
    for name, bound in sorted(amounts(row.get("max")).items()):
        words = f"maximum {name} usage per {row['type']} is {bound}"
        if name not in most:
            yield f"{words}.  No limit is specified"
        elif most[name] > bound:
            yield f"{words}, but limit is {most[name]}"
        elif name in asked and asked[name] > bound:
            yield f"{words}, but request is {asked[name]}"
    for name, bound in sorted(amounts(row.get("maxLimitRequestRatio")).items()):
        yield from _too_wide(name, row["type"], bound, asked.get(name), most.get(name))


def _too_little(
    name: str, type_: str, bound: Quantity, asked: Mapping[str, Quantity], most: Mapping[str, Quantity]
) -> Iterator[str]:
    words = f"minimum {name} usage per {type_} is {bound}"
    if name not in asked:
        yield f"{words}.  No request is specified"
    elif asked[name] < bound:
        yield f"{words}, but request is {asked[name]}"
    elif name in most and most[name] < bound:
        yield f"{words}, but limit is {most[name]}"


def _too_wide(name: str, type_: str, bound: Quantity, asked: Quantity | None, most: Quantity | None) -> Iterator[str]:
    words = f"{name} max limit to request ratio per {type_} is {bound}"
    if not asked:
        yield f"{words}, but no request is specified or request is 0"
    elif not most:
        yield f"{words}, but no limit is specified or limit is 0"
    elif (ratio := most.nanos / asked.nanos) > bound.nanos / 10**9:
        yield f"{words}, but provided ratio is {ratio:f}"


_PROBLEMS: dict[str, Callable[[Obj, Obj], Iterator[str]]] = {
    "pods": _pod_problems,
    "persistentvolumeclaims": _claim_problems,
}
