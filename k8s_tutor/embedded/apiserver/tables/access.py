"""Who may do what, how much, and what happened: RBAC, certificates, quotas, flow control, leases, events."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, labels_text, name, part, since
from k8s_tutor.objects import conditions
from k8s_tutor.objects.quantity import human_duration
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS", "CERTIFICATES"]


def event(obj: Obj, now: float) -> list[Json]:
    """Last Seen, Type, Reason, Object, Subobject, Source, Message, First Seen, Count, Name (core/v1)."""
    return _event(obj, now, obj.get("involvedObject") or {}, obj.get("message", ""), "")


def event_v1(obj: Obj, now: float) -> list[Json]:
    """The same of an Event as events.k8s.io/v1 writes it."""
    return _event(obj, now, obj.get("regarding") or {}, obj.get("note", ""), "deprecated")


def _event(obj: Obj, now: float, about: Obj, message: str, prefix: str) -> list[Json]:
    def field(key: str) -> Json:
        return obj.get(f"{prefix}{key[:1].upper()}{key[1:]}" if prefix else key)

    first = since(field("firstTimestamp") or obj.get("eventTime"), now)
    last = since(field("lastTimestamp"), now) if field("lastTimestamp") else first
    count = field("count") or 1
    if obj.get("series"):
        last, count = since(obj["series"].get("lastObservedTime"), now), obj["series"].get("count", 0)
    reporter = obj.get("reportingComponent") or obj.get("reportingController", "")
    source = field("source") or {}
    where = [source.get("component") or reporter, source.get("host") or obj.get("reportingInstance")]
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        about.get("kind", "").lower() + (f"/{about['name']}" if about.get("name") else ""),
        about.get("fieldPath", ""),
        ", ".join(word for word in where if word),
        message.strip(),
        first,
        count,
        name(obj),
    ]


def service_account(obj: Obj, now: float) -> list[Json]:
    """Name, Age."""
    return [name(obj), age(obj, now)]


def quota(obj: Obj, now: float) -> list[Json]:
    """Name, Request, Limit, Age."""
    hard, used = part(obj, "status", "hard") or {}, part(obj, "status", "used") or {}
    words = {key: f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard)}
    requests = [word for key, word in words.items() if "limits" not in key]
    limits = [word for key, word in words.items() if "limits" in key]
    return [name(obj), ", ".join(requests), ", ".join(limits), age(obj, now)]


def binding(obj: Obj, now: float) -> list[Json]:
    """Name, Role, Age, Users, Groups, ServiceAccounts."""
    role = obj.get("roleRef") or {}
    who: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in obj.get("subjects") or ():
        prefix = f"{subject.get('namespace', '')}/" if subject.get("kind") == "ServiceAccount" else ""
        who.setdefault(subject.get("kind", ""), []).append(prefix + subject.get("name", ""))
    return [
        name(obj),
        f"{role.get('kind', '')}/{role.get('name', '')}",
        age(obj, now),
        *(", ".join(who[kind]) for kind in ("User", "Group", "ServiceAccount")),
    ]


def lease(obj: Obj, now: float) -> list[Json]:
    """Name, Holder, Age."""
    return [name(obj), part(obj, "spec", "holderIdentity") or "", age(obj, now)]


def priority_class(obj: Obj, now: float) -> list[Json]:
    """Name, Value, Global-Default, Age, PreemptionPolicy."""
    return [
        name(obj),
        obj.get("value", 0),
        bool(obj.get("globalDefault")),
        age(obj, now),
        obj.get("preemptionPolicy") or "",
    ]


def runtime_class(obj: Obj, now: float) -> list[Json]:
    """Name, Handler, Age."""
    return [name(obj), obj.get("handler", ""), age(obj, now)]


def flow_schema(obj: Obj, now: float) -> list[Json]:
    """Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL."""
    return [
        name(obj),
        part(obj, "spec", "priorityLevelConfiguration", "name") or "",
        part(obj, "spec", "matchingPrecedence") or 0,
        part(obj, "spec", "distinguisherMethod", "type") or "<none>",
        age(obj, now),
        conditions.status(obj, "Dangling") or "?",
    ]


def priority_level(obj: Obj, now: float) -> list[Json]:
    """Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age."""
    limited = part(obj, "spec", "limited") or {}
    queuing = part(limited, "limitResponse", "queuing") or {}
    shares = [limited.get("nominalConcurrencyShares")] + [
        queuing.get(field) for field in ("queues", "handSize", "queueLengthLimit")
    ]
    words = ["<none>" if share is None else share for share in shares]
    return [name(obj), part(obj, "spec", "type") or "", *words, age(obj, now)]


CELLS: dict[str, Cells] = {
    "events": event,
    "events.events.k8s.io": event_v1,
    "serviceaccounts": service_account,
    "resourcequotas": quota,
    "rolebindings.rbac.authorization.k8s.io": binding,
    "clusterrolebindings.rbac.authorization.k8s.io": binding,
    "leases.coordination.k8s.io": lease,
    "priorityclasses.scheduling.k8s.io": priority_class,
    "runtimeclasses.node.k8s.io": runtime_class,
    "flowschemas.flowcontrol.apiserver.k8s.io": flow_schema,
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": priority_level,
}


# ---- Certificates: who asked for one, and whether it was given


def signing_request(obj: Obj, now: float) -> list[Json]:
    """Name, Age, SignerName, Requestor, RequestedDuration, Condition."""
    spec = obj.get("spec") or {}
    seconds = spec.get("expirationSeconds")
    said = _conditions(obj)
    word = "Denied" if "Denied" in said else "Approved" if "Approved" in said else "Pending"
    word += ",Failed" if "Failed" in said else ""
    word += ",Issued" if part(obj, "status", "certificate") else ""
    return [
        name(obj),
        age(obj, now),
        spec.get("signerName") or "<none>",
        spec.get("username", ""),
        "<none>" if seconds is None else human_duration(seconds),
        word,
    ]


def pod_request(obj: Obj, _: float) -> list[Json]:
    """Name, PodName, ServiceAccountName, NodeName, SignerName, State, UnverifiedUserAnnotations."""
    spec = obj.get("spec") or {}
    said = _conditions(obj)
    return [
        name(obj),
        *(spec.get(field, "") for field in ("podName", "serviceAccountName", "nodeName", "signerName")),
        next((word for word in ("Issued", "Denied", "Failed") if word in said), "Pending"),
        labels_text(spec.get("unverifiedUserAnnotations")),
    ]


def trust_bundle(obj: Obj, _: float) -> list[Json]:
    """Name, SignerName."""
    return [name(obj), part(obj, "spec", "signerName") or "<none>"]


def _conditions(obj: Obj) -> list[str]:
    return [str(row.get("type")) for row in part(obj, "status", "conditions") or ()]


CERTIFICATES: dict[str, Cells] = {
    "certificatesigningrequests.certificates.k8s.io": signing_request,
    "podcertificaterequests.certificates.k8s.io": pod_request,
    "clustertrustbundles.certificates.k8s.io": trust_bundle,
}
