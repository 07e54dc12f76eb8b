"""Roles, bindings and tokens, quotas, disruption budgets and priority classes from flags."""

from __future__ import annotations

import re

from k8s_tutor.api.protocol import Request
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.create.workloads import number_or_name
from k8s_tutor.kubectl.task import Task
from k8s_tutor.kubectl.waiting import seconds_of
from k8s_tutor.objects import selectors
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "budget",
    "cluster_role",
    "cluster_role_binding",
    "create_token",
    "priority_class",
    "quota",
    "role",
    "role_binding",
]

_GROUP = "rbac.authorization.k8s.io"
_VERBS = {
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
}


def role(task: Task, name: str) -> Obj:
    """A Role of one rule a group."""
    rules = _rules(task)
    return {"apiVersion": f"{_GROUP}/v1", "kind": "Role", "metadata": {"name": name}, "rules": rules}


def cluster_role(task: Task, name: str) -> Obj:
    """A ClusterRole: of rules, of URLs, or gathered from others by their labels."""
    made: Obj = {"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": None}
    gathered = task.options.all("aggregation-rule")
    if gathered:
        labels = dict(pair.split("=", 1) for pair in gathered)
        made["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": labels}]}
        return made
    made["rules"] = _rules(task)
    return made


def _rules(task: Task) -> list[Obj]:
    verbs = list(dict.fromkeys(task.options.all("verb")))
    verbs = ["*"] if "*" in verbs else verbs
    resources, urls = task.options.all("resource"), task.options.all("non-resource-url")
    if not verbs:
        raise KubectlError("error: at least one verb must be specified")
    if not urls:
        for verb in verbs:
            if verb not in _VERBS:
                task.note(f"Warning: '{verb}' is not a standard resource verb")
    if not resources and not urls:
        kinds = "one of resource or nonResourceURL" if task.verb.endswith("clusterrole") else "at least one resource"
        raise KubectlError(f"error: {kinds} must be specified")
    groups: dict[str, list[str]] = {}
    for given in resources:
        group, resource = _resource(task, given)
        if resource not in groups.setdefault(group, []):
            groups[group].append(resource)
    names = list(dict.fromkeys(task.options.all("resource-name")))
    rules: list[Obj] = []
    for group in sorted(groups):
        rule: Obj = {"apiGroups": [group], "resources": groups[group], "verbs": verbs}
        rules.append({**rule, **({"resourceNames": names} if names else {})})
    if urls:
        rules.append({"nonResourceURLs": urls, "verbs": verbs})
    return rules


def _resource(task: Task, given: str) -> tuple[str, str]:
    """Group and resource of `deployments.apps/scale`, `po`, `*`."""
    resource, slash, subresource = given.partition("/")
    name, _, group = resource.partition(".")
    if not name:
        raise KubectlError("error: resource must be specified if apiGroup/subresource specified")
    if name == "*":
        return group, name + slash + subresource
    kind = task.client.kinds.find(resource) or task.client.refresh_kinds().find(resource)
    if kind is None:
        shown = f'"{name}" in group "{group}"' if group else f'"{name}"'
        raise KubectlError(f"the server doesn't have a resource type {shown}")
    return kind.group, kind.plural + slash + subresource


def role_binding(task: Task, name: str) -> Obj:
    """A RoleBinding."""
    given, whole = task.options.text("role"), task.options.text("clusterrole")
    if bool(given) == bool(whole):
        raise KubectlError("error: exactly one of clusterrole or role must be specified")
    kind = "Role" if given else "ClusterRole"
    return _binding(task, name, "RoleBinding", {"apiGroup": _GROUP, "kind": kind, "name": given or whole})


def cluster_role_binding(task: Task, name: str) -> Obj:
    """A ClusterRoleBinding."""
    whole = task.options.text("clusterrole")
    if not whole:
        raise KubectlError('error: required flag(s) "clusterrole" not set')
    return _binding(task, name, "ClusterRoleBinding", {"apiGroup": _GROUP, "kind": "ClusterRole", "name": whole})


def _binding(task: Task, name: str, kind: str, ref: Obj) -> Obj:
    subjects: list[Obj] = []
    for flag in ("user", "group"):
        subjects += [{"apiGroup": _GROUP, "kind": flag.title(), "name": who} for who in task.options.all(flag)]
    for account in task.options.all("serviceaccount"):
        place, colon, who = account.partition(":")
        if not (place and colon and who):
            raise KubectlError("error: serviceaccount must be <namespace>:<name>")
        subjects.append({"kind": "ServiceAccount", "name": who, "namespace": place})
    made: Obj = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": name}, "roleRef": ref}
    if subjects:
        made["subjects"] = subjects
    return made


def create_token(task: Task) -> None:
    """Runs `kubectl create token`."""
    if len(task.words) != 1:
        raise KubectlError(
            f"error: exactly one NAME is required, got {len(task.words)}\n"
            "See 'kubectl create token -h' for help and examples"
        )
    spec: Obj = {"audiences": task.options.all("audience") or None}
    seconds = seconds_of(task.options.text("duration", "0s"), "duration")
    if seconds < 0:
        raise KubectlError("error: --duration must be greater than or equal to 0")
    if seconds:
        spec["expirationSeconds"] = int(seconds)
    path = task.client.kind("serviceaccounts").path(task.place, task.words[0], "token")
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    answer = task.client.api.send(Request("POST", path, body=body))
    said: Json = answer.body
    if answer.code >= 400:
        raise task.failed(f"error: failed to create token: {said['message']}")
    task.write(said["status"]["token"])


# ---- Quotas, disruption budgets and priority classes from flags


def quota(task: Task, name: str) -> Obj:
    """A ResourceQuota."""
    spec: Obj = {}
    hard: dict[str, str] = {}
    for part in filter(None, task.options.text("hard").split(",")):
        pair = part.split("=")
        if len(pair) != 2:
            raise KubectlError(f"error: Invalid argument syntax {part}, expected <resource>=<value>")
        hard[pair[0]] = pair[1]
    if hard:
        spec["hard"] = hard
    if task.options.text("scopes"):
        spec["scopes"] = task.options.text("scopes").split(",")
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {}}


def budget(task: Task, name: str) -> Obj:
    """A PodDisruptionBudget."""
    options = task.options
    least, most = options.text("min-available"), options.text("max-unavailable")
    if not options.text("selector"):
        raise KubectlError("error: a selector must be specified")
    if not least and not most:
        raise KubectlError("error: one of min-available or max-unavailable must be specified")
    if least and most:
        raise KubectlError("error: min-available and max-unavailable cannot be both specified")
    for flag, given in (("min-available", least), ("max-unavailable", most)):
        if given and not re.fullmatch(r"\d+%?", given):
            raise KubectlError(f"error: invalid format specified for {flag}")
    key = "minAvailable" if least else "maxUnavailable"
    chosen = {one.key: next(iter(one.values), "") for one in selectors.parse(options.text("selector")).requirements}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {key: number_or_name(least or most), "selector": {"matchLabels": chosen}},
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    }


def priority_class(task: Task, name: str) -> Obj:
    """A PriorityClass."""
    made: Obj = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": task.options.number("value", 0),
        "preemptionPolicy": task.options.text("preemption-policy", "PreemptLowerPriority"),
    }
    if task.options.on("global-default"):
        made["globalDefault"] = True
    if task.options.text("description"):
        made["description"] = task.options.text("description")
    return made
