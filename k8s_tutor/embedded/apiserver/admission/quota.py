"""ResourceQuota: no namespace uses more than it may.

Source: k8s.io/apiserver/pkg/admission/plugin/resourcequota (1.37), checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.quota.amounts import Amounts, add, amounts, only, shown, subtract, texts
from k8s_tutor.embedded.apiserver.quota.scopes import in_scope
from k8s_tutor.embedded.apiserver.quota.usage import CHANGING, counted, missing, usage
from k8s_tutor.objects.apply import Writer, track_update
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["charge", "check"]

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
    ground, kind = attributes.call.ground, builtin_kinds().of("v1", "ResourceQuota")
    assert kind is not None
    for quota, used in _charged(attributes):
        changed = {**quota, "status": {**quota["status"], "used": texts(used)}}
        writer = Writer("kube-apiserver", "v1", "status", ("spec",))
        ground.store.put(
            _QUOTAS, track_update(quota, changed, writer, now=ground.now(), schema=ground.type(kind)), ground.now()
        )


def _charged(attributes: Attributes) -> list[tuple[Obj, Amounts]]:
    """The quotas that the write concerns, with what they will have used after it."""
    store, obj, resource = attributes.call.ground.store, attributes.obj, attributes.kind.group_resource
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
    now = attributes.call.ground.now()
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
    parts = (shown(only(values, exceeded)) for values in (requested, used, hard))
    words = "exceeded quota: {}, requested: {}, used: {}, limited: {}"
    raise _refused(attributes, words.format(quota["metadata"]["name"], *parts))


def _refused(attributes: Attributes, why: str) -> StatusError:
    return errors.forbidden(attributes.kind, attributes.shown_name, why)
