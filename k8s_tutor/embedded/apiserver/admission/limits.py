"""What a namespace allows: whether it lives (NamespaceLifecycle), and how much may be asked for in it (LimitRanger).

Source: plugin/pkg/admission/limitranger of k8s.io/kubernetes 1.37, checked against a real server. Where that follows
the random order of Go's maps, this follows the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.fielderrors import aggregate
from k8s_tutor.embedded.apiserver.quotausage import (
    CHANGING,
    Amounts,
    add,
    amounts,
    counted,
    format_quantities,
    in_scope,
    missing,
    only,
    pod_total,
    subtract,
    texts,
    usage,
)
from k8s_tutor.objects.apply import Writer, track_update
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.quantity import Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["IMMORTAL", "admit", "admit_create", "charge", "check", "validate", "validate_delete"]

# ---- NamespaceLifecycle: nothing new in a namespace that is not there or is going; some namespaces cannot go

IMMORTAL = ("default", "kube-public", "kube-system")


def admit_create(attributes: Attributes) -> None:
    """Refuses an object in a namespace that does not exist (404) or is terminating (403).

    Raises:
        StatusError: as said.
    """
    name, kind = attributes.namespace, attributes.kind
    if not kind.namespaced or not name:
        return
    namespace = attributes.call.context.store.get("namespaces", "", name)
    if namespace is None:
        namespaces = builtin_kinds().of("v1", "Namespace")
        assert namespaces is not None
        raise errors.not_found(namespaces, name)
    if "deletionTimestamp" not in namespace["metadata"]:
        return
    why = f"unable to create new content in namespace {name} because it is being terminated"
    error = errors.forbidden(kind, attributes.display_name, why)
    error.status["details"]["causes"] = [
        {
            "reason": "NamespaceTerminating",
            "message": f"namespace {name} is being terminated",
            "field": "metadata.namespace",
        }
    ]
    raise error


def validate_delete(attributes: Attributes) -> None:
    """Refuses to delete the namespaces a cluster cannot be without.

    Raises:
        StatusError: 403.
    """
    assert attributes.old is not None
    name = attributes.old["metadata"]["name"]
    if attributes.kind.group_resource == "namespaces" and name in IMMORTAL:
        raise errors.forbidden(attributes.kind, name, "this namespace may not be deleted")


# ---- LimitRanger: what a container, a pod or a claim gets when it does not say, and how much it may ask for

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
            raise errors.forbidden(attributes.kind, attributes.display_name, aggregate(found))


def _ranges(attributes: Attributes) -> list[Obj]:
    return attributes.call.context.store.list("limitranges", attributes.namespace)


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


# ---- ResourceQuota: no namespace uses more than it may
#
# Source: k8s.io/apiserver/pkg/admission/plugin/resourcequota (1.37), checked against a real server.

_QUOTAS = "resourcequotas"


def check(attributes: Attributes) -> None:
    """Refuses what would use more than a quota leaves.

    Raises:
        StatusError: 403.
    """
    _charged(attributes)


def charge(attributes: Attributes) -> None:
    """Takes what a write uses off the quotas' rest, at the moment it is stored.

    Raises:
        StatusError: 403: somebody else was quicker.
    """
    context, kind = attributes.call.context, builtin_kinds().of("v1", "ResourceQuota")
    assert kind is not None
    for quota, used in _charged(attributes):
        changed = {**quota, "status": {**quota["status"], "used": texts(used)}}
        writer = Writer("kube-apiserver", "v1", "status", ("spec",))
        context.store.put(
            _QUOTAS, track_update(quota, changed, writer, now=context.now(), schema=context.type(kind)), context.now()
        )


def _charged(attributes: Attributes) -> list[tuple[Obj, Amounts]]:
    """The quotas that the write concerns, with what they will have used after it."""
    store, obj, resource = attributes.call.context.store, attributes.obj, attributes.kind.group_resource
    quotas = store.list(_QUOTAS, attributes.namespace) if attributes.namespace else []
    if not quotas or obj is None or attributes.subresource or resource == "namespaces":
        return []
    if attributes.operation == "UPDATE" and resource not in CHANGING:
        return []
    concerned = [quota for quota in quotas if _concerns(quota, attributes, obj)]
    delta = _delta(attributes, resource, obj)
    if not delta:
        return []
    return [row for quota in concerned if (row := _after(quota, delta, attributes)) is not None]


def _concerns(quota: Obj, attributes: Attributes, obj: Obj) -> bool:
    resource = attributes.kind.group_resource
    hard = (quota.get("status") or {}).get("hard") or {}
    limited = counted(resource, hard)
    unknown = [] if hard else counted(resource, quota["spec"].get("hard") or {})
    if not (limited or unknown) or not in_scope(quota, resource, obj):
        return False
    name = quota["metadata"]["name"]
    if resource == "pods" and (silent := missing(obj, limited)):
        raise _refused(attributes, f"failed quota: {name}: must specify {silent}")
    used = (quota.get("status") or {}).get("used") or {}
    if unknown or any(row not in used for row in limited):
        raise _refused(attributes, f"status unknown for quota: {name}, resources: {','.join(sorted(limited))}")
    return True


def _delta(attributes: Attributes, resource: str, obj: Obj) -> Amounts:
    now = attributes.call.context.now()
    delta = usage(resource, obj, now)
    negative = sorted(name for name, amount in delta.items() if amount.nanos < 0)
    if negative:
        raise _refused(attributes, f"quota usage is negative for resource(s): {','.join(negative)}")
    if attributes.old is not None:
        delta = subtract(delta, usage(resource, attributes.old, now))
    return {name: amount for name, amount in delta.items() if amount}


def _after(quota: Obj, delta: Amounts, attributes: Attributes) -> tuple[Obj, Amounts] | None:
    status = quota["status"]
    hard, used = amounts(status["hard"]), amounts(status["used"])
    requested = only(delta, hard)
    if not requested:
        return None
    after = add(used, requested)
    exceeded = [name for name in requested if after[name] > hard[name]]
    if not exceeded:
        return quota, after
    parts = (format_quantities(only(values, exceeded)) for values in (requested, used, hard))
    words = "exceeded quota: {}, requested: {}, used: {}, limited: {}"
    raise _refused(attributes, words.format(quota["metadata"]["name"], *parts))


def _refused(attributes: Attributes, why: str) -> StatusError:
    return errors.forbidden(attributes.kind, attributes.display_name, why)
