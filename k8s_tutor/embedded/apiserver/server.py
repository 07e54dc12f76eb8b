"""The API server: one entry, `ApiServer.handle`, from any request to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from random import Random

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import admission, documents, errors, metrics, resources, subresources
from k8s_tutor.embedded.apiserver.access import roles
from k8s_tutor.embedded.apiserver.access.authorizer import Authorizer
from k8s_tutor.embedded.apiserver.access.jwt import SigningKey
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE, InvalidToken, Tokens
from k8s_tutor.embedded.apiserver.custom.kinds import CustomKinds
from k8s_tutor.embedded.apiserver.custom.serving import Serving
from k8s_tutor.embedded.apiserver.deprecation import deprecation
from k8s_tutor.embedded.apiserver.ground import Call, Ground
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.negotiation import wanted
from k8s_tutor.embedded.apiserver.reviews import answer_question
from k8s_tutor.embedded.apiserver.routing import route
from k8s_tutor.embedded.core import ADMIN, APISERVER, Answer, User
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.nodeservices import NodeServices
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

__all__ = ["ApiServer"]

_LAST_USED = "kubernetes.io/legacy-token-last-used"


class ApiServer:
    """Answers requests in the loop's current instant.

    Args:
        loop: Whose clock stamps every write.
        store: Where objects live; nobody else writes to it.
        random: Seeded; names, uids and addresses follow from it and the order of requests.
        strict: Raise unexpected errors instead of answering 500: for tests.
        key: Signs the tokens of ServiceAccounts; one that follows from `random` where none is given.
        runtime_config: API versions to serve besides those of this release, by `GROUP/VERSION`; see `removed`.

    Raises:
        UsageError: `runtime_config` names what cannot be switched on.
    """

    def __init__(
        self,
        loop: Loop,
        store: Store,
        random: Random,
        *,
        strict: bool = False,
        key: SigningKey | None = None,
        runtime_config: Mapping[str, bool] | None = None,
    ) -> None:
        twin = Random()
        twin.setstate(random.getstate())  # nothing is drawn here: that would shift the names of all that comes later
        seed = twin.getrandbits(64)
        roles.stock(store, seed, loop.now())
        tokens = Tokens(store, key or SigningKey(str(seed).encode()), seed)
        self._ground = Ground(loop, store, random, metrics.served_kinds(), CustomKinds(), Authorizer(store), tokens)
        self._strict = strict
        if runtime_config:
            from k8s_tutor.embedded.apiserver import removed  # noqa: PLC0415  # late: almost nobody asks for it

            removed.serve(runtime_config, self._ground, self)
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
        return admission.asks_outside(self._ground) or self._ground.custom.outside

    def know(self, token: str, user: User) -> None:
        """A token of somebody who is no ServiceAccount; see `Tokens.know`."""
        self._ground.tokens.know(token, user)

    def authenticate(self, token: str) -> User | None:
        """Whom a bearer token proves its bearer to be; None for a token that proves nothing."""
        try:
            proven = self._ground.tokens.read(token, (AUDIENCE,), self._ground.now())
        except InvalidToken:
            return None
        if proven.secret is not None:
            self._note_use(proven.secret)
        return proven.user

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> Answer:
        """Answers one request. Errors come back as a `Response` with a `Status`; it never raises.

        Args:
            request: What is asked.
            user: Who asks.
            acting_as: Whom the user wants to be for this request (`kubectl --as`), if it may.
        """
        try:
            if acting_as is not None:
                user = self._ground.authorizer.acting_as(user, acting_as, request)
            return self._answer(request, user)
        except StatusError as error:
            return Response(error.code, error.status)
        except Exception as error:
            if self._strict:
                raise
            failed = errors.internal_error(f"{type(error).__name__}: {error}")
            return Response(failed.code, failed.status)

    def _note_use(self, secret: Obj) -> None:
        """Writes the day on the Secret whose token was used, so that forgotten ones can be told from others."""
        today = rfc3339(self._ground.now())[:10]
        if secret["metadata"].get("labels", {}).get(_LAST_USED) != today:
            Local(self, APISERVER, "kube-apiserver").patch(secret, {"metadata": {"labels": {_LAST_USED: today}}})

    def _answer(self, request: Request, user: User) -> Answer:
        self._ground.authorizer.check(user, request)
        found = route(request, self._ground.kinds)
        if found is None:
            return documents.answer(self._ground, request)
        call = Call(self._ground, request, user, found)
        if words := deprecation(found.kind):
            call.warn(words)
        try:
            return self._carry_out(call)
        except StatusError as error:
            return Response(error.code, error.status, warnings=tuple(call.warnings))

    def _carry_out(self, call: Call) -> Answer:
        """Answers what is asked of objects."""
        found, asked = call.route, call.request
        if found.verb != "connect" and found.subresource != "log":  # nothing is done for an answer nobody can read
            wanted(asked.accept, streams=found.verb in ("list", "watch"), watch=found.verb == "watch")
        if found.subresource:
            return subresources.answer(call)
        if found.kind.group == metrics.GROUP:
            return metrics.answer(call)
        return answer_question(call) or resources.answer(call)
