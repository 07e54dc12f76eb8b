"""DefaultTolerationSeconds and Priority: what every pod gets besides its account."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.objects.types import Obj

__all__ = ["keep_priority", "set_priority", "tolerate_short_outages"]

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
    spec, name, kind = attributes.obj["spec"], attributes.shown_name, attributes.kind
    chosen = spec.get("priorityClassName")
    classes = attributes.call.ground.store.list("priorityclasses.scheduling.k8s.io")
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
