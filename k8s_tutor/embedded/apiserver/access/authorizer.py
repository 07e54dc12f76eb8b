"""May they? The authorizers in the server's order: the group that may everything, nodes, RBAC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.access import roles
from k8s_tutor.embedded.apiserver.access.accounts import MASTERS
from k8s_tutor.embedded.apiserver.access.attributes import Attributes, wanted
from k8s_tutor.embedded.apiserver.access.decision import Decision
from k8s_tutor.embedded.apiserver.access.impersonation import impersonated
from k8s_tutor.embedded.apiserver.access.nodes import NodeAuthorizer, is_node
from k8s_tutor.embedded.apiserver.access.rbac import GROUP, Rbac
from k8s_tutor.embedded.apiserver.access.refusal import forbidden
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects.types import Obj

__all__ = ["Authorizer"]

_ALLOWED = Decision(allowed=True)
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
    return roles.rules("system:node")
