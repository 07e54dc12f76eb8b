"""Where the policies of a namespace apply: to pods, to what makes pods, to the namespace's own labels."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.admission.podsecurity.finding import Finding
from k8s_tutor.embedded.apiserver.admission.podsecurity.policies import LEVELS, label_problems, policy
from k8s_tutor.objects.types import Obj

__all__ = ["validate"]

_JUDGED = ("", "ephemeralcontainers", "resize")
_TEMPLATES = {
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"),
    "daemonsets.apps": ("spec", "template"),
    "deployments.apps": ("spec", "template"),
    "jobs.batch": ("spec", "template"),
    "podtemplates": ("template",),
    "replicasets.apps": ("spec", "template"),
    "replicationcontrollers": ("spec", "template"),
    "statefulsets.apps": ("spec", "template"),
}


def validate(attributes: Attributes) -> None:
    """Refuses pods, and warns of what would make such pods.

    Raises:
        StatusError: 403, or 422 for labels that mean nothing.
    """
    resource, obj = attributes.kind.group_resource, attributes.obj
    if obj is None or attributes.subresource not in _JUDGED:
        return
    if resource == "pods":
        _judge_pod(attributes, obj)
    elif resource in _TEMPLATES and not attributes.subresource:
        template: Obj | None = obj
        for key in _TEMPLATES[resource]:
            template = (template or {}).get(key)
        if template:
            _warn(attributes, _namespace(attributes), template)
    elif resource == "namespaces":
        _judge_labels(attributes, obj)


def _namespace(attributes: Attributes) -> Obj | None:
    return attributes.call.ground.store.get("namespaces", "", attributes.namespace)


def _judge_pod(attributes: Attributes, pod: Obj) -> None:
    namespace = _namespace(attributes)
    if namespace is None or not _matters(attributes, pod):
        return
    enforced = policy(namespace, "enforce")
    found = enforced.findings(pod["metadata"], pod["spec"])
    if found:
        why = f'violates PodSecurity "{enforced}": {_listed(found)}'
        raise errors.forbidden(attributes.kind, attributes.shown_name, why)
    _warn(attributes, namespace, pod)


def _matters(attributes: Attributes, pod: Obj) -> bool:
    """A new pod, or a change of what it runs."""
    if attributes.old is None:
        return True
    unimportant = ("tolerations", "activeDeadlineSeconds", "schedulingGates")
    now, before = (
        {key: value for key, value in one["spec"].items() if key not in unimportant} for one in (pod, attributes.old)
    )
    return now != before


def _warn(attributes: Attributes, namespace: Obj | None, pod: Obj) -> None:
    if namespace is None:
        return
    wanted = policy(namespace, "warn")
    found = wanted.findings(pod.get("metadata") or {}, pod.get("spec") or {})
    if found:
        attributes.call.warn(f'would violate PodSecurity "{wanted}": {_listed(found)}')


def _judge_labels(attributes: Attributes, namespace: Obj) -> None:
    if problems := label_problems(namespace):
        raise errors.invalid(attributes.kind, namespace["metadata"]["name"], problems)
    if attributes.old is None or attributes.subresource:
        return
    now, before = policy(namespace, "enforce"), policy(attributes.old, "enforce")
    if now == before or LEVELS.index(now.level) < LEVELS.index(before.level):
        return
    name = namespace["metadata"]["name"]
    rows = list(_violators(attributes, namespace))
    if rows:
        attributes.call.warn(f'existing pods in namespace "{name}" violate the new PodSecurity enforce level "{now}"')
    for row in rows:
        attributes.call.warn(row)


def _violators(attributes: Attributes, namespace: Obj) -> Iterator[str]:
    """The pods that could not be made any more, those with the same reasons in one line."""
    wanted = policy(namespace, "enforce")
    groups: dict[str, list[str]] = {}
    for pod in attributes.call.ground.store.list("pods", namespace["metadata"]["name"]):
        found = wanted.findings(pod["metadata"], pod["spec"])
        if found:
            groups.setdefault(", ".join(finding.reason for finding in found), []).append(pod["metadata"]["name"])
    for reasons, names in groups.items():
        others = len(names) - 1
        more = f" (and {others} other {'pod' if others == 1 else 'pods'})" if others else ""
        yield f"{names[0]}{more}: {reasons}"


def _listed(findings: list[Finding]) -> str:
    return ", ".join(str(finding) for finding in findings)
