"""Nobody gives what they do not have: roles and bindings as their writer may write them.

Source: pkg/registry/rbac/*/policybased of k8s.io/kubernetes (1.37).
"""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.accounts import MASTERS
from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.access.policy import described, uncovered
from k8s_tutor.embedded.apiserver.access.rbac import GROUP
from k8s_tutor.embedded.apiserver.fielderrors import aggregate, quoted
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["check"]

_EVERYTHING = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)
_FREED = ("finalizers", "ownerReferences", "managedFields")


def check(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Refuses a role, or a binding to one, that gives what the writer does not have and may not give.

    Raises:
        StatusError: 403; 404 for a binding to a role that is not there.
    """
    if kind.group != GROUP or MASTERS in call.user.groups or (old is not None and _frees(new, old)):
        return
    if kind.kind.endswith("Role"):
        _check_role(call, kind, new, old)
    else:
        _check_binding(call, kind, new)


def _check_role(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    route = call.route
    asked = Attributes(call.user, "escalate", GROUP, kind.plural, "", route.namespace, route.name)
    if call.ground.authorizer.decide(asked).allowed:
        return
    name = new["metadata"].get("name", "")
    _check_held(call, kind, name, new.get("rules") or ())
    if any((obj.get("aggregationRule") or {}).get("clusterRoleSelectors") for obj in (new, old or {})):
        held, _ = call.ground.authorizer.rbac.rules(call.user, "")
        if uncovered(held, _EVERYTHING):
            raise errors.forbidden(kind, name, "must have cluster-admin privileges to use the aggregationRule")


def _check_binding(call: Call, kind: Kind, new: Obj) -> None:
    reference, namespace = new.get("roleRef") or {}, call.route.namespace
    word, name = reference.get("kind", ""), reference.get("name", "")
    if word not in ("Role", "ClusterRole"):
        raise StatusError(failure(500, "", f"unsupported role reference kind: {quoted(word)}"))
    role = builtin_kinds().of(f"{GROUP}/v1", word)
    assert role is not None
    asked = Attributes(call.user, "bind", reference.get("apiGroup", ""), role.plural, "", namespace, name)
    if call.ground.authorizer.decide(asked).allowed:
        return
    given = call.ground.authorizer.rbac.rules_of(reference, namespace)
    if given is None:
        raise errors.not_found(role, name)
    _check_held(call, kind, new["metadata"].get("name", ""), given)


def _check_held(call: Call, kind: Kind, name: str, given: Sequence[Obj]) -> None:
    held, problems = call.ground.authorizer.rbac.rules(call.user, call.route.namespace)
    missing = uncovered(held, given)
    if not missing:
        return
    who = f"user {quoted(call.user.name)} (groups=[{' '.join(map(quoted, call.user.groups))}])"
    words = "\n".join([f"{who} is attempting to grant RBAC permissions not currently held:", *described(missing)])
    if problems:
        words += f"; resolution errors: [{aggregate(problems)}]"
    raise errors.forbidden(kind, name, words)


def _frees(new: Obj, old: Obj) -> bool:
    """Whether a change is only one that lets the garbage collector go on."""

    def rest(obj: Obj) -> Obj:
        metadata = {key: value for key, value in obj["metadata"].items() if key not in _FREED}
        return {**obj, "metadata": metadata}

    return rest(new) == rest(old)
