"""An API server alone, asked by whom a test likes."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.core import ADMIN, Loop, User
from k8s_tutor.embedded.store import Store
from tests.unit.engine import new_api_server

RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Cluster:
    """Asks an API server, as briefly as a test likes it."""

    def __init__(self) -> None:
        self.loop = Loop(VirtualClock(EPOCH))
        self.store = Store()
        self.server = new_api_server(self.loop, self.store)

    def ask(self, user: User, method: str, path: str, body: Any = None, acting_as: User | None = None) -> Response:
        answer = self.server.handle(Request(method, path, body=body), user, acting_as)  # type: ignore[arg-type]
        assert isinstance(answer, Response)
        return answer

    def make(self, path: str, body: Any) -> Any:
        answer = self.ask(ADMIN, "POST", path, body)
        assert answer.code == 201, answer.body
        return answer.body

    def allow(self, user: User, *rules: dict[str, Any], namespace: str = "") -> None:
        """Gives a user a role with these rules, for the whole cluster or in one namespace."""
        name = f"{user.name}-{self.store.revision}"
        kind = "Role" if namespace else "ClusterRole"
        base = f"{RBAC}/namespaces/{namespace}/" if namespace else f"{RBAC}/cluster"
        self.make(f"{base}roles", {"metadata": {"name": name}, "rules": list(rules)})
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
        subjects = [{"kind": "User", "name": user.name}]
        self.make(f"{base}rolebindings", {"metadata": {"name": name}, "roleRef": reference, "subjects": subjects})

    def why_not(self, user: User, method: str, path: str, body: Any = None, acting_as: User | None = None) -> str:
        answer = self.ask(user, method, path, body, acting_as)
        assert answer.code == 403, answer.body
        return str(answer.body["message"])  # type: ignore[index,call-overload]


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()
