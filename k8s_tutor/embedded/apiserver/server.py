"""The API server: one entry, `ApiServer.handle`, from any request to an answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver import admission, documents, errors, resources, subresources
from k8s_tutor.embedded.apiserver.custom.kinds import CustomKinds
from k8s_tutor.embedded.apiserver.custom.serving import Serving
from k8s_tutor.embedded.apiserver.deprecation import deprecation
from k8s_tutor.embedded.apiserver.ground import Call, Ground
from k8s_tutor.embedded.apiserver.reviews import answer_question
from k8s_tutor.embedded.apiserver.routing import route
from k8s_tutor.embedded.core import ADMIN, Answer, User
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.nodeservices import NodeServices
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import KindTable, builtin_kinds

__all__ = ["ApiServer"]


class ApiServer:
    """Answers requests in the loop's current instant.

    Not simulated, and answered with a `Status` that says so: webhooks, quotas, permissions, certificates' signing.

    Args:
        loop: Whose clock stamps every write.
        store: Where objects live; nobody else writes to it.
        random: Seeded; names, uids and addresses follow from it and the order of requests.
        strict: Raise unexpected errors instead of answering 500: for tests.
    """

    def __init__(self, loop: Loop, store: Store, random: Random, *, strict: bool = False) -> None:
        self._ground = Ground(loop, store, random, builtin_kinds(), CustomKinds())
        self._strict = strict
        Serving(self._ground, self)

    @property
    def kinds(self) -> KindTable:
        """All kinds served now, custom ones included."""
        return self._ground.kinds

    @property
    def nodes(self) -> NodeServices | None:
        """The kubelets, for logs, exec and proxy."""
        return self._ground.nodes

    @nodes.setter
    def nodes(self, nodes: NodeServices) -> None:
        self._ground.nodes = nodes

    @property
    def released(self) -> Callable[[], AbstractContextManager[None]]:
        """While entered, others may use the core; by default nobody else does."""
        return self._ground.released

    @released.setter
    def released(self, released: Callable[[], AbstractContextManager[None]]) -> None:
        self._ground.released = released

    def asks_outside(self) -> bool:
        """Whether a write may have to wait for servers outside: webhooks."""
        return admission.asks_outside(self._ground)

    def handle(self, request: Request, user: User = ADMIN) -> Answer:
        """Answers one request. Errors come back as a `Response` with a `Status`; it never raises."""
        try:
            return self._answer(request, user)
        except StatusError as error:
            return Response(error.code, error.status)
        except Exception as error:
            if self._strict:
                raise
            failed = errors.internal_error(f"{type(error).__name__}: {error}")
            return Response(failed.code, failed.status)

    def _answer(self, request: Request, user: User) -> Answer:
        found = route(request, self._ground.kinds)
        if found is None:
            return documents.answer(self._ground, request)
        call = Call(self._ground, request, user, found)
        if words := deprecation(found.kind):
            call.warn(words)
        if found.subresource:
            return subresources.answer(call)
        return answer_question(call) or resources.answer(call)
