"""What a server is, serves and allows: `api-resources`, `api-versions`, `version`, `cluster-info`, `auth`."""

from __future__ import annotations

import json

from k8s_tutor.api.client import AGGREGATED_DISCOVERY, kinds_of
from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.kubectl.arguments import KubectlError, unsupported
from k8s_tutor.kubectl.describe.data import write_rules
from k8s_tutor.kubectl.printing import as_yaml, set_columns
from k8s_tutor.kubectl.task import Task
from k8s_tutor.language import msg
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["api_resources", "api_versions", "can_i", "cluster_info", "version", "who_am_i"]


def _served(task: Task) -> list[Obj]:
    """The groups a server has, the core one first."""
    groups: list[Obj] = []
    for path in ("/api", "/apis"):
        answer = task.client.api.send(Request("GET", path, accept=AGGREGATED_DISCOVERY))
        body: Json = answer.body
        groups += body.get("items") or []
    return groups


def _preferred(groups: list[Obj]) -> list[Kind]:
    """Each kind in the version its group prefers."""
    found: dict[tuple[str, str], Kind] = {}
    for kind in kinds_of({"items": groups}):
        found.setdefault((kind.group, kind.plural), kind)
    return list(found.values())


def api_resources(task: Task) -> None:
    """Runs `kubectl api-resources`."""
    options = task.options
    if task.words:
        raise KubectlError(
            f"error: unexpected arguments: [{' '.join(task.words)}]\n"
            "See 'kubectl api-resources -h' for help and examples"
        )
    by = options.text("sort-by")
    if by not in ("", "name", "kind"):
        raise KubectlError("error: --sort-by accepts only name or kind")
    kinds = [kind for kind in _preferred(_served(task)) if _wanted(task, kind)]
    field = {"": "group", "name": "plural", "kind": "kind"}[by]
    kinds.sort(key=lambda kind: (getattr(kind, field), kind.plural))
    form = options.text("output")
    if form == "name":
        for kind in kinds:
            task.say(kind.group_resource)
        return
    if form not in ("", "wide"):
        raise KubectlError(msg("error: --output {form} is not supported by the built-in kubectl", form=form))
    wide = form == "wide"
    rows = [_row(kind, wide=wide) for kind in kinds]
    if not options.on("no-headers"):
        more = ["VERBS", "CATEGORIES"] if wide else []
        rows.insert(0, ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", *more])
    if rows:
        task.say(set_columns(rows))


def _wanted(task: Task, kind: Kind) -> bool:
    options = task.options
    if options.given("api-group") and options.text("api-group") != kind.group:
        return False
    if options.given("namespaced") and options.on("namespaced") is not kind.namespaced:
        return False
    return set(options.all("verbs")) <= set(kind.verbs) and set(options.all("categories")) <= set(kind.categories)


def _row(kind: Kind, *, wide: bool) -> list[str]:
    more = [",".join(kind.verbs), ",".join(kind.categories)] if wide else []
    namespaced = str(kind.namespaced).lower()
    return [kind.plural, ",".join(kind.short_names), kind.api_version, namespaced, kind.kind, *more]


def api_versions(task: Task) -> None:
    """Runs `kubectl api-versions`."""
    found = set()
    for group in _served(task):
        name = group["metadata"].get("name", "")
        for one in group.get("versions", ()):
            found.add(f"{name}/{one['version']}" if name else one["version"])
    for line in sorted(found):
        task.say(line)


def version(task: Task) -> None:
    """Runs `kubectl version`: the built-in one has no version of its own, and is as new as the server."""
    server: Json = task.client.raw("GET", "/version").body
    form = task.options.text("output")
    if form not in ("", "yaml", "json"):
        raise KubectlError("error: --output must be 'yaml' or 'json'")
    if form:
        value = {"serverVersion": server}
        task.say(as_yaml(value) + "\n" if form == "yaml" else json.dumps(value, indent=2))
        return
    task.say(f"Client Version: built-in (k8s_tutor, for {server['gitVersion']})")
    if not task.options.on("client"):
        task.say(f"Server Version: {server['gitVersion']}")


def cluster_info(task: Task) -> None:
    """Runs `kubectl cluster-info`."""
    known: Json = task.client.raw("GET", "/api").body
    address = known.get("serverAddressByClientCIDRs", [{}])[0].get("serverAddress", "")
    where = f"https://{address}"
    task.say(f"Kubernetes control plane is running at {where}")
    for service in task.client.list("services", "kube-system", labels="kubernetes.io/cluster-service=true"):
        name = service["metadata"]["name"]
        port = (service["spec"].get("ports") or [{}])[0].get("name", "")
        title = (service["metadata"].get("labels") or {}).get("kubernetes.io/name", name)
        path = f"/api/v1/namespaces/kube-system/services/{name}:{port}/proxy"
        task.say(f"{title} is running at {where}{path}")
    task.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")


# ---- `kubectl auth can-i` and `kubectl auth whoami`

_VERBS = {
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
}
_URL_VERBS = {"get", "put", "post", "head", "options", "delete", "patch", "*"}
_REVIEWS = "/apis/authorization.k8s.io/v1"


def _review(task: Task, plural: str, kind: str, spec: Obj, root: str = _REVIEWS) -> Obj:
    body: Obj = {"apiVersion": root.removeprefix("/apis/"), "kind": kind}
    if spec:
        body["spec"] = spec
    response = task.client.api.send(Request("POST", f"{root}/{plural}", body=body))
    if response.code >= 400:
        raise StatusError.of(response)
    answer: Json = response.body
    status: Obj = answer.get("status") or {}
    return status


def can_i(task: Task) -> None:
    """Runs `kubectl auth can-i`; exit code 1 for no."""
    options = task.options
    if options.on("list"):
        _list(task)
        return
    if len(task.words) != 2:
        raise KubectlError(
            "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
            "See 'kubectl auth can-i -h' for help and examples."
        )
    verb, what = task.words
    spec = _of_url(task, verb, what) if what.startswith("/") else _of_resource(task, verb, what)
    if options.text("as"):
        spec |= {"user": options.text("as"), "groups": _groups(task)}
        status = _review(task, "subjectaccessreviews", "SubjectAccessReview", spec)
    else:
        status = _review(task, "selfsubjectaccessreviews", "SelfSubjectAccessReview", spec)
    answer = "yes" if status.get("allowed") else "no"
    if not status.get("allowed"):
        answer += "".join(f" - {status[key]}" for key in ("reason", "evaluationError") if status.get(key))
    if not options.on("quiet"):
        task.say(answer)
    if not status.get("allowed"):
        raise task.failed(str(msg("kubectl ended with exit code {code}", code=1)) if options.on("quiet") else "")


def _groups(task: Task) -> list[str]:
    """The groups of whom `--as` names: a service account has its own."""
    who = task.options.text("as").split(":")
    named = task.options.all("as-group")
    if who[:2] == ["system", "serviceaccount"] and len(who) == 4:
        return [*named, "system:serviceaccounts", f"system:serviceaccounts:{who[2]}", "system:authenticated"]
    return [*named, "system:authenticated"]


def _of_url(task: Task, verb: str, path: str) -> Obj:
    if task.options.text("subresource"):
        raise KubectlError("error: --subresource can not be used with NonResourceURL")
    if verb not in _URL_VERBS:
        task.notes += [f"Warning: verb '{verb}' is not a known verb", ""]
    return {"nonResourceAttributes": {"verb": verb, "path": path}}


def _of_resource(task: Task, verb: str, what: str) -> Obj:
    word, _, name = what.partition("/")
    everywhere = task.options.on("all-namespaces")
    group, resource = "", word
    if word != "*":
        kind = task.client.kinds.find(word) or task.client.refresh_kinds().find(word)
        if kind is None:
            if word not in ("users", "groups"):
                bare, _, of = word.partition(".")
                where = f" in group '{of}'" if of else ""
                task.notes += [f"Warning: the server doesn't have a resource type '{bare}'{where}", ""]
        else:
            group, resource = kind.group, kind.plural
            if not kind.namespaced and not everywhere:
                where = f" in group '{group}'" if group else ""
                task.notes += [f"Warning: resource '{resource}' is not namespace scoped{where}", ""]
    if verb not in _VERBS:
        task.notes += [f"Warning: verb '{verb}' is not a known verb", ""]
    attributes = {
        "namespace": "" if everywhere else task.place,
        "verb": verb,
        "group": group,
        "resource": resource,
        "subresource": task.options.text("subresource"),
        "name": name,
    }
    return {"resourceAttributes": {key: value for key, value in attributes.items() if value}}


def _list(task: Task) -> None:
    if task.words:
        raise KubectlError("error: list option must be specified with no arguments")
    if task.options.text("as"):
        raise unsupported("kubectl auth can-i --list --as=…", msg("A server lists the rights of who asks only."))
    status = _review(task, "selfsubjectrulesreviews", "SelfSubjectRulesReview", {"namespace": task.place})
    rows = [list(row) for row in write_rules([*status.get("resourceRules", []), *status.get("nonResourceRules", [])])]
    if not task.options.on("no-headers"):
        rows.insert(0, ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"])
    task.say(set_columns(rows))


def who_am_i(task: Task) -> None:
    """Runs `kubectl auth whoami`."""
    root = "/apis/authentication.k8s.io/v1"
    status = _review(task, "selfsubjectreviews", "SelfSubjectReview", {}, root)
    user: Obj = status.get("userInfo") or {}
    if task.options.text("output") == "yaml":
        value = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "SelfSubjectReview",
            "metadata": {},
            "status": status,
        }
        task.say(as_yaml(value))
        return
    rows = [["ATTRIBUTE", "VALUE"]]
    if user.get("username"):
        rows.append(["Username", user["username"]])
    if user.get("uid"):
        rows.append(["UID", user["uid"]])
    if user.get("groups"):
        rows.append(["Groups", "[" + " ".join(user["groups"]) + "]"])
    for key, values in sorted((user.get("extra") or {}).items()):
        rows.append([f"Extra: {key}", "[" + " ".join(values) + "]"])
    task.say(set_columns(rows))
