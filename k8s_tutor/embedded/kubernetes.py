"""The embedded Kubernetes, put together: loop, store, API server, controllers, scheduler, nodes.

Everything up to the first instant follows from the seed alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import Request
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.apiserver.access.jwt import SigningKey
from k8s_tutor.embedded.apiserver.access.tokens import legacy_token
from k8s_tutor.embedded.apiserver.bootstrap import bootstrap
from k8s_tutor.embedded.apiserver.server import ApiServer
from k8s_tutor.embedded.controllers.runtime import Controllers
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.core import ADMIN, Answer, Core, User
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.nodes import Nodes
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.embedded.scheduler import Scheduler
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:  # cryptography is 70 ms to import
    from k8s_tutor.embedded.authority import Authority

__all__ = ["EmbeddedKubernetes"]


class EmbeddedKubernetes:
    """A whole cluster in this process, which moves only when its loop is moved.

    Attributes:
        loop: Its time.
        store: Its memory, at every revision.
        api: Its API server.
        core: What its parts share.
        controllers: Its controllers, and what each of their runs saw and did.
        scheduler: Its scheduler, and what each of its decisions weighed.
        nodes: Its machines and the network between them.

    Args:
        seed: Names, uids and addresses follow from it.
        start: Where its time begins, seconds since the Unix epoch.
        nodes: How many nodes, the control plane among them.
        strict: Raise what goes wrong inside instead of answering 500: for tests.
        authority: Signs certificates of its users; without one, tokens are signed by a key that follows from the seed.
        runtime_config: API versions to serve that this release has removed, as `kube-apiserver --runtime-config`
            switches others: `{"apiextensions.k8s.io/v1beta1": True}`.

    Raises:
        UsageError: `runtime_config` names what cannot be switched on.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        start: float = EPOCH,
        nodes: int = 3,
        strict: bool = False,
        authority: Authority | None = None,
        runtime_config: Mapping[str, bool] | None = None,
    ) -> None:
        random = Random(seed)
        self.loop = Loop(VirtualClock(start))
        self.store = Store()
        key = SigningKey(authority.secret if authority else str(seed).encode())
        self.api = ApiServer(self.loop, self.store, random, strict=strict, key=key, runtime_config=runtime_config)
        self.core = Core(self.loop, self.store, self.api, random)
        bootstrap(self.api)
        self.controllers = Controllers(self.core, trust=_trust(key, authority), usage=self._usage)
        self.scheduler = Scheduler(self.core)
        self.nodes = Nodes(self.core, nodes)
        self.api.nodes = self.nodes
        self.controllers.start()
        self.scheduler.start()
        self.nodes.start()

    @property
    def kinds(self) -> KindTable:
        """All kinds served now."""
        return self.api.kinds

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; see `ApiServer.authenticate`."""
        return self.api.authenticate(token)

    def _usage(self, pod: Obj) -> Mapping[str, Usage]:
        """Asked later than the controllers are made: the nodes come after them."""
        return self.nodes.pod_usage(pod)

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> Answer:
        """Answers one request to the API server; see `ApiServer.handle`."""
        return self.api.handle(request, user, acting_as)


def _trust(key: SigningKey, authority: Authority | None) -> Trust:
    token = partial(legacy_token, key)
    return Trust(authority.certificate.decode(), authority.sign, token) if authority else Trust(token=token)
