"""The small plugins, a function each: what namespaces, nodes, pods and claims get or must keep."""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.quotausage import amounts
from k8s_tutor.embedded.apiserver.rules.config import SYSTEM_PRIORITIES
from k8s_tutor.embedded.core import suffix
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "admit",
    "admit_pod",
    "begin_phase",
    "check_growth",
    "choose_ingress_class",
    "choose_storage_class",
    "distrust",
    "keep_priority",
    "protect",
    "set_priority",
    "tolerate_short_outages",
    "validate",
    "validate_delete",
]

# ---- TaintNodesByCondition: a new node gets no pods until its kubelet has said that it is ready

_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def distrust(node: Obj) -> None:
    """Adds the taint that the node lifecycle controller takes away."""
    taints = node["spec"].get("taints", [])
    if not any(all(taint.get(key) == value for key, value in _NOT_READY.items()) for taint in taints):
        node["spec"]["taints"] = [*taints, dict(_NOT_READY)]


# ---- DefaultTolerationSeconds and Priority: what every pod gets besides its account

_OUTAGES = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_OUTAGE_SECONDS = 300


def tolerate_short_outages(pod: Obj) -> None:
    """A pod stays on a lost node for five minutes, unless it says otherwise."""
    spec = pod["spec"]
    present = spec.get("tolerations", [])
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _OUTAGE_SECONDS}
        for key in _OUTAGES
        if not any(_tolerates(toleration, key) for toleration in present)
    ]
    if added:
        spec["tolerations"] = [*present, *added]


def _tolerates(toleration: Obj, key: str) -> bool:
    about = toleration.get("key", "") in (key, "")
    return about and toleration.get("effect", "") in ("NoExecute", "")


def set_priority(attributes: Attributes) -> None:
    """The priority a pod's class stands for.

    Raises:
        StatusError: 403 for a class that is not there, or a number that does not fit.
    """
    assert attributes.obj is not None
    spec, name, kind = attributes.obj["spec"], attributes.display_name, attributes.kind
    chosen = spec.get("priorityClassName")
    classes = attributes.call.context.store.list("priorityclasses.scheduling.k8s.io")
    found = next((row for row in classes if row["metadata"]["name"] == chosen), None)
    if chosen and found is None:
        raise errors.forbidden(kind, name, f"no PriorityClass with name {chosen} was found")
    if found is None:
        found = next((row for row in classes if row.get("globalDefault")), None)
        if found is not None:
            spec["priorityClassName"] = found["metadata"]["name"]
    priority = found["value"] if found else 0
    policy = found.get("preemptionPolicy", "PreemptLowerPriority") if found else "PreemptLowerPriority"
    if spec.get("priority", priority) != priority:
        why = (
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; priority admission "
            f"controller computed {priority} from the given PriorityClass name"
        )
        raise errors.forbidden(kind, name, why)
    if spec.get("preemptionPolicy", policy) != policy:
        why = (
            f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided in pod spec; "
            f"priority admission controller computed {policy} from the given PriorityClass name"
        )
        raise errors.forbidden(kind, name, why)
    spec["priority"], spec["preemptionPolicy"] = priority, policy


def keep_priority(new: Obj, old: Obj) -> None:
    """A client that leaves the computed fields out of an update does not clear them."""
    for key in ("priority", "preemptionPolicy"):
        if key in old["spec"]:
            new["spec"].setdefault(key, old["spec"][key])


# ---- RuntimeClass and Priority: what the classes that pods name ask of them, and which classes there may be
#
# Source: plugin/pkg/admission/{runtimeclass,priority} of k8s.io/kubernetes 1.37, checked against a real server.

_PRIORITY = "priorityclasses.scheduling.k8s.io"
_RUNTIME = "runtimeclasses.node.k8s.io"


def admit_pod(attributes: Attributes) -> None:
    """Gives a new pod what its RuntimeClass asks: overhead, place, tolerations.

    Raises:
        StatusError: 403.
    """
    assert attributes.obj is not None
    spec = attributes.obj["spec"]
    found = _runtime_class(attributes, spec.get("runtimeClassName", ""))
    overhead = ((found or {}).get("overhead") or {}).get("podFixed")
    if not overhead:
        if spec.get("overhead"):
            raise _rejected(attributes, "Pod Overhead set without corresponding RuntimeClass defined Overhead")
    elif spec.get("overhead") and amounts(spec["overhead"]) != amounts(overhead):
        raise _rejected(attributes, "Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    else:
        spec["overhead"] = dict(overhead)
    if found is not None:
        _apply_scheduling(attributes, spec, found.get("scheduling") or {})


def validate(attributes: Attributes) -> None:
    """Refuses a second default class of priority.

    Raises:
        StatusError: 403.
    """
    obj = attributes.obj
    if attributes.kind.group_resource != _PRIORITY or obj is None or not obj.get("globalDefault"):
        return
    for other in attributes.call.context.store.list(_PRIORITY):
        if other.get("globalDefault") and other["metadata"]["name"] != obj["metadata"]["name"]:
            why = f"PriorityClass {other['metadata']['name']} is already marked as default. Only one default can exist"
            raise errors.forbidden(attributes.kind, attributes.display_name, why)


def validate_delete(attributes: Attributes) -> None:
    """Refuses to delete the classes a cluster cannot be without.

    Raises:
        StatusError: 403.
    """
    if attributes.kind.group_resource != _PRIORITY or attributes.old is None:
        return
    name = attributes.old["metadata"]["name"]
    if name in SYSTEM_PRIORITIES:
        raise errors.forbidden(attributes.kind, name, "this is a system priority class and cannot be deleted")


def _runtime_class(attributes: Attributes, name: str) -> Obj | None:
    if not name:
        return None
    found = attributes.call.context.store.get(_RUNTIME, "", name)
    if found is None:
        raise _rejected(attributes, f'RuntimeClass "{name}" not found')
    return found


def _apply_scheduling(attributes: Attributes, spec: Obj, scheduling: Obj) -> None:
    chosen, wanted = spec.get("nodeSelector") or {}, scheduling.get("nodeSelector") or {}
    for key, value in wanted.items():
        if chosen.get(key, value) != value:
            words = (
                f"runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {chosen[key]}"
            )
            raise errors.forbidden(attributes.kind, attributes.display_name, f"conflict: {words}")
    if wanted:
        spec["nodeSelector"] = {**chosen, **wanted}
    tolerations = list(spec.get("tolerations") or ())
    added = [row for row in scheduling.get("tolerations") or () if row not in tolerations]
    if added:
        spec["tolerations"] = tolerations + added


def _rejected(attributes: Attributes, why: str) -> Exception:
    return errors.forbidden(attributes.kind, attributes.display_name, f"pod rejected: {why}")


# ---- DefaultStorageClass and DefaultIngressClass: who does not choose gets the default
#
# StorageObjectInUseProtection: claims and volumes that are in use are not taken away.

_PROTECTIONS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
}


def protect(resource: str, obj: Obj) -> None:
    """Adds the finalizer that a controller takes off once nobody uses the object."""
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if _PROTECTIONS[resource] not in finalizers:
        finalizers.append(_PROTECTIONS[resource])


def begin_phase(call: Call, volume: Obj) -> None:
    """Notes when a new volume came into its first phase."""
    volume["status"]["lastPhaseTransitionTime"] = rfc3339(call.context.now())


def check_growth(attributes: Attributes) -> None:
    """PersistentVolumeClaimResize: only what its class lets grow can grow.

    Raises:
        StatusError: 403.
    """
    new, old = attributes.obj, attributes.old
    if new is None or old is None or (old.get("status") or {}).get("phase") != "Bound":
        return
    wanted, present = (parse((obj["spec"]["resources"].get("requests") or {}).get("storage", 0)) for obj in (new, old))
    if wanted <= present:
        return
    name = old["spec"].get("storageClassName", "")
    found = attributes.call.context.store.get("storageclasses.storage.k8s.io", "", name) if name else None
    if not (found or {}).get("allowVolumeExpansion"):
        why = (
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support "
            "resize"
        )
        raise errors.forbidden(attributes.kind, attributes.display_name, why)


def choose_storage_class(call: Call, claim: Obj) -> None:
    """The default StorageClass, for a claim that names none."""
    _choose(call, claim, "storageClassName", "storageclasses.storage.k8s.io", "storageclass.kubernetes.io")


def choose_ingress_class(call: Call, ingress: Obj) -> None:
    """The default IngressClass, for an Ingress that names none."""
    if "kubernetes.io/ingress.class" not in ingress["metadata"].get("annotations", {}):
        _choose(call, ingress, "ingressClassName", "ingressclasses.networking.k8s.io", "ingressclass.kubernetes.io")


def _choose(call: Call, obj: Obj, field: str, resource: str, prefix: str) -> None:
    if field in obj["spec"]:
        return
    for candidate in call.context.store.list(resource):
        if candidate["metadata"].get("annotations", {}).get(f"{prefix}/is-default-class") == "true":
            obj["spec"][field] = candidate["metadata"]["name"]
            return


# ---- ServiceAccount: every pod runs as somebody, and can prove it to the API server
#
# Source: plugin/pkg/admission/serviceaccount of k8s.io/kubernetes 1.37, checked against a real server.

_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_PATIENCE = 1.0  # seconds the real server waits for the account of a fresh namespace
_MIRROR = "kubernetes.io/config.mirror"


def admit(call: Call, pod: Obj, kind: Kind) -> None:
    """Names the account, checks that it is there, mounts its token.

    Raises:
        StatusError: 403.
    """
    if _MIRROR in pod["metadata"].get("annotations", {}):
        return
    spec = pod["spec"]
    name = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = _account(call, pod, kind, name)
    if _mounts_token(spec, account):
        _mount_token(spec, call)
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [dict(secret) for secret in account["imagePullSecrets"]]


def _account(call: Call, pod: Obj, kind: Kind, name: str) -> Obj:
    namespace = pod["metadata"]["namespace"]
    account = call.context.store.get("serviceaccounts", namespace, name)
    if account is not None:
        return account
    if name == "default" and _is_fresh(call, namespace):
        return {}  # it is about to be made: the real server waits for it, this one cannot
    why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
    metadata = pod["metadata"]  # its name may be still to come
    raise errors.forbidden(kind, metadata.get("name") or metadata.get("generateName") or "Unknown", why)


def _is_fresh(call: Call, namespace: str) -> bool:
    found = call.context.store.get("namespaces", "", namespace)
    return (
        found is not None and call.context.now() - from_rfc3339(found["metadata"]["creationTimestamp"]) < _PATIENCE + 1
    )


def _mounts_token(spec: Obj, account: Obj) -> bool:
    for wish in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if wish is not None:
            return bool(wish)
    return True


def _mount_token(spec: Obj, call: Call) -> None:
    needy = [
        container
        for container in (*spec.get("initContainers", ()), *spec.get("containers", ()))
        if all(mount.get("mountPath") != _MOUNT_PATH for mount in container.get("volumeMounts", ()))
    ]
    if not needy:
        return
    volume = f"kube-api-access-{suffix(call.context.random)}"
    for container in needy:
        mount = {"name": volume, "readOnly": True, "mountPath": _MOUNT_PATH}
        container["volumeMounts"] = [*container.get("volumeMounts", ()), mount]
    spec["volumes"] = [*spec.get("volumes", ()), _token_volume(volume)]


def _token_volume(name: str) -> Obj:
    certificate = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": certificate},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 0o644}}
