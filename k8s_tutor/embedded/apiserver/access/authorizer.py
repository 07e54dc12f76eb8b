"""May they? The authorizers in the server's order: the group that may everything, nodes, RBAC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.access import rbac
from k8s_tutor.embedded.apiserver.access.identities import (
    MASTERS,
    NO_OPINION,
    NODES,
    Attributes,
    Decision,
    forbidden,
    impersonated,
    node_of,
    wanted,
)
from k8s_tutor.embedded.apiserver.access.rbac import GROUP, Rbac, allows
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Authorizer", "NodeAuthorizer", "is_node"]


# ---- The node authorizer: a kubelet reads what its own pods need, and nothing else
#
# Source: plugin/pkg/auth/authorizer/node of k8s.io/kubernetes (1.37). Not simulated: volumes' attachments, claims of
# devices, certificates of pods.

_ALLOWED = Decision(allowed=True)
_LEASES = "kube-node-lease"
_OWN_VERBS = ("get", "create", "update", "patch", "delete")


def is_node(asked: Attributes) -> bool:
    """Whether a kubelet asks."""
    return NODES in asked.user.groups and bool(node_of(asked.user.name))


class NodeAuthorizer:
    """What kubelets may.

    Args:
        store: Says which pods are on which node.
        rules: What every node may, where it is not only about its own.
    """

    def __init__(self, store: Store, rules: Callable[[], Sequence[Obj]]) -> None:
        self._store = store
        self._rules = rules
        self._by_resource: dict[str, Callable[[Attributes, str], Decision]] = {
            "secrets": self._read,
            "configmaps": self._read,
            "persistentvolumeclaims": self._get,
            "persistentvolumes": self._get,
            "serviceaccounts": self._account,
            "pods": self._pod,
            "nodes": _node,
            "leases.coordination.k8s.io": _lease,
            "csinodes.storage.k8s.io": _own,
        }

    def decide(self, asked: Attributes) -> Decision:
        """Whether a node may."""
        node = node_of(asked.user.name)
        decide = self._by_resource.get(f"{asked.resource}.{asked.group}" if asked.group else asked.resource)
        if decide is not None:
            return decide(asked, node)
        return _ALLOWED if any(allows(rule, asked) for rule in self._rules()) else NO_OPINION

    def _read(self, asked: Attributes, node: str) -> Decision:
        if asked.verb not in ("get", "list", "watch"):
            return _refused("can only read resources of this type")
        if asked.subresource:
            return _refused("cannot read subresource")
        if not asked.namespace:
            return _refused("can only read namespaced object of this type")
        return self._related(asked, node)

    def _get(self, asked: Attributes, node: str) -> Decision:
        if asked.verb != "get":
            return _refused("can only get individual resources of this type")
        if asked.subresource:
            return _refused("cannot get subresource")
        return self._related(asked, node)

    def _account(self, asked: Attributes, node: str) -> Decision:
        if asked.verb == "get" and not asked.subresource:
            return self._read(asked, node)
        if asked.verb != "create" or not asked.name:
            return _refused("can only create tokens for individual service accounts")
        if asked.subresource != "token":
            return _refused("can only create token subresource of serviceaccount")
        return self._related(asked, node)

    def _pod(self, asked: Attributes, node: str) -> Decision:
        match asked.subresource, asked.verb:
            case "", "get":
                return self._related(asked, node)
            case "", "list" | "watch":
                if f"spec.nodeName={node}" in asked.fields.replace("==", "=").split(","):
                    return _ALLOWED
                if asked.name:
                    return self._related(asked, node)
                return _refused("can only list/watch pods with spec.nodeName field selector")
            case ("", "create" | "delete") | ("status", "update" | "patch") | ("eviction", "create"):
                return _ALLOWED
        return NO_OPINION

    def _related(self, asked: Attributes, node: str) -> Decision:
        if not asked.name:
            return _refused("No Object name found")
        if self._is_related(asked, node):
            return _ALLOWED
        return _refused(f"no relationship found between node '{node}' and this object")

    def _is_related(self, asked: Attributes, node: str) -> bool:
        pods = (pod for pod in self._store.list("pods", asked.namespace) if pod["spec"].get("nodeName") == node)
        if asked.resource == "pods":
            return any(pod["metadata"]["name"] == asked.name for pod in pods)
        if asked.resource == "persistentvolumes":
            volume = self._store.get("persistentvolumes", "", asked.name) or {}
            claim = volume.get("spec", {}).get("claimRef") or {}
            claim_key = (claim.get("namespace"), "persistentvolumeclaims", claim.get("name"))
            return any((pod["metadata"]["namespace"], *need) == claim_key for pod in pods for need in _needs(pod))
        return any((asked.resource, asked.name) in _needs(pod) for pod in pods)


def _needs(pod: Obj) -> Iterator[tuple[str, str]]:
    """Resource and name of all that a pod refers to."""
    spec = pod["spec"]
    yield "serviceaccounts", spec.get("serviceAccountName", "")
    for secret in spec.get("imagePullSecrets") or ():
        yield "secrets", secret.get("name", "")
    for volume in spec.get("volumes") or ():
        for source in (volume, *(volume.get("projected") or {}).get("sources", ())):
            yield "secrets", _name(source, "secret", "secretName") or _name(source, "secret", "name")
            yield "configmaps", _name(source, "configMap", "name")
            yield "persistentvolumeclaims", _name(source, "persistentVolumeClaim", "claimName")
        if "ephemeral" in volume:
            yield "persistentvolumeclaims", f"{pod['metadata']['name']}-{volume['name']}"
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(group) or ():
            for source in container.get("envFrom") or ():
                yield "secrets", _name(source, "secretRef", "name")
                yield "configmaps", _name(source, "configMapRef", "name")
            for variable in container.get("env") or ():
                source = variable.get("valueFrom") or {}
                yield "secrets", _name(source, "secretKeyRef", "name")
                yield "configmaps", _name(source, "configMapKeyRef", "name")


def _name(source: Obj, key: str, field: str) -> str:
    part: Json = source.get(key)
    return str(part.get(field, "")) if isinstance(part, dict) else ""


def _lease(asked: Attributes, node: str) -> Decision:
    if asked.verb not in _OWN_VERBS:
        return _refused("can only get, create, update, patch, or delete a node lease")
    if asked.namespace != _LEASES:
        return _refused(f'can only access leases in the "{_LEASES}" system namespace')
    if asked.verb != "create" and asked.name != node:
        return _refused("can only access node lease with the same name as the requesting node")
    return _ALLOWED


def _own(asked: Attributes, node: str) -> Decision:
    if asked.subresource:
        return _refused("cannot authorize CSINode subresources")
    if asked.verb not in _OWN_VERBS:
        return _refused("can only get, create, update, patch, or delete a CSINode")
    if asked.verb != "create" and asked.name != node:
        return _refused("can only access CSINode with the same name as the requesting node")
    return _ALLOWED


def _node(asked: Attributes, node: str) -> Decision:
    match asked.subresource, asked.verb:
        case ("", "create" | "update" | "patch") | ("status", "update" | "patch"):
            return _ALLOWED
        case "", "get" | "list" | "watch":
            if asked.name == node:
                return _ALLOWED
            if asked.name:
                return _refused(f"node '{node}' cannot read '{asked.name}', only its own Node object")
            return _refused(f"node '{node}' cannot read all nodes, only its own Node object")
    return NO_OPINION


def _refused(why: str) -> Decision:
    return Decision(allowed=False, reason=why)


# ---- May they? The authorizers in the server's order: the group that may everything, nodes, RBAC

_TUNNELS = ("exec", "attach", "portforward")


class Authorizer:
    """Decides what users may.

    Attributes:
        rbac: Roles and bindings.
    """

    def __init__(self, store: Store) -> None:
        self.rbac = Rbac(store)
        self._nodes = NodeAuthorizer(store, _node_rules)
        self._unlimited: dict[User, bool] = {}
        for resource in (f"clusterroles.{GROUP}", f"clusterrolebindings.{GROUP}"):
            store.subscribe(self._forget, resource)

    def check(self, user: User, request: Request) -> None:
        """Refuses a request its user may not make.

        Raises:
            StatusError: 403.
        """
        if self._may_everything(user):  # the learner, most of the time: spared the reading of the path
            return
        asked = wanted(user, request)
        self._demand(asked)
        if asked.verb == "get" and asked.subresource in _TUNNELS:  # WebSockets begin with a GET
            self._demand(replace(asked, verb="create"))

    def acting_as(self, user: User, wish: User, request: Request) -> User:
        """The user a request's sender wishes to act as.

        Raises:
            StatusError: 400 or 403.
        """
        return impersonated(wanted(user, request), wish, self.decide)

    def decide(self, asked: Attributes) -> Decision:
        """Whether the user may; the reasons of all who were asked, where none allows it."""
        if MASTERS in asked.user.groups:
            return _ALLOWED
        reasons = []
        if is_node(asked):
            decision = self._nodes.decide(asked)
            if decision.allowed:
                return decision
            if decision.reason:
                reasons.append(f"node: {decision.reason}")
        decision = self.rbac.decide(asked)
        if decision.allowed:
            return decision
        if decision.reason:
            reasons.append(f"rbac: {decision.reason}")
        return Decision(allowed=False, reason="\n".join(reasons))

    def _demand(self, asked: Attributes) -> None:
        decision = self.decide(asked)
        if not decision.allowed:
            raise forbidden(asked, decision.reason)

    def _may_everything(self, user: User) -> bool:
        known = self._unlimited.get(user)
        if known is None:
            if len(self._unlimited) > 500:
                self._unlimited.clear()
            known = self._unlimited[user] = MASTERS in user.groups or self.rbac.unlimited(user)
        return known

    def _forget(self, _: Change) -> None:
        self._unlimited.clear()


def _node_rules() -> Sequence[Obj]:
    """What is written into the server, whatever becomes of the role of that name."""
    return rbac.rules("system:node")
