"""The API server: one entry, `ApiServer.handle`, from any request to an answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random

from k8s_tutor.api.protocol import Request, Response, StatusError
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import admission, documents, errors, metrics, resources, subresources
from k8s_tutor.embedded.apiserver.access import rbac
from k8s_tutor.embedded.apiserver.access.authorizer import Authorizer
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE, InvalidToken, TokenKey, Tokens
from k8s_tutor.embedded.apiserver.allocation import SERVICE_RANGE
from k8s_tutor.embedded.apiserver.context import Call, ServerContext
from k8s_tutor.embedded.apiserver.custom_kinds import CustomKinds
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.output import deprecation, wanted
from k8s_tutor.embedded.apiserver.registration import Registration
from k8s_tutor.embedded.apiserver.resources import answer_question
from k8s_tutor.embedded.apiserver.routing import route
from k8s_tutor.embedded.apiserver.rules.config import SYSTEM_PRIORITIES
from k8s_tutor.embedded.core import ADMIN, APISERVER, ApiHandler, Loop, Providers, ServerAnswer, User
from k8s_tutor.embedded.nodeservices import NodeServices
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

__all__ = ["ApiServer", "bootstrap"]

_PLAIN = ("binding", "eviction", "token")
"""Subresources that are no rows of a Table; nor are kinds that can only be created."""
_LAST_USED = "kubernetes.io/legacy-token-last-used"


class ApiServer:
    """Answers requests in the loop's current instant.

    Args:
        loop: Whose clock stamps every write.
        store: Where objects live; nobody else writes to it.
        random: Seeded; names, uids and addresses follow from it and the order of requests.
        strict: Raise unexpected errors instead of answering 500: for tests.
        providers: What it needs others for: signatures, certificates, webhooks.

    Attributes:
        witness: Told who has sent what, of each request that changed something; for who tells of a step.
    """

    witness: Callable[[User, Request], None] | None = None

    def __init__(
        self,
        loop: Loop,
        store: Store,
        random: Random,
        *,
        strict: bool = False,
        providers: Providers | None = None,
    ) -> None:
        copy = Random()
        copy.setstate(random.getstate())  # nothing is drawn here: that would shift the names of all that comes later
        seed = copy.getrandbits(64)
        rbac.stock(store, seed, loop.now())
        handed = providers or Providers()
        tokens = Tokens(store, TokenKey(handed.signer) if handed.signer else None, seed)
        self._context = ServerContext(
            loop, store, random, metrics.metric_kinds(), CustomKinds(), Authorizer(store), tokens, handed
        )
        self._strict = strict
        Registration(self._context, self)

    @property
    def kinds(self) -> KindTable:
        """All kinds served now, custom ones included."""
        return self._context.kinds

    @property
    def nodes(self) -> NodeServices | None:
        """The kubelets, for logs, exec and proxy."""
        return self._context.nodes

    @nodes.setter
    def nodes(self, nodes: NodeServices) -> None:
        self._context.nodes = nodes

    @property
    def released(self) -> Callable[[], AbstractContextManager[None]]:
        """While entered, others may use the core; by default nobody else does."""
        return self._context.released

    @released.setter
    def released(self, released: Callable[[], AbstractContextManager[None]]) -> None:
        self._context.released = released

    def asks_outside(self) -> bool:
        """Whether a write may have to wait for servers outside: webhooks."""
        return admission.asks_outside(self._context) or self._context.custom.outside

    def know(self, token: str, user: User) -> None:
        """A token of somebody who is no ServiceAccount; see `Tokens.know`."""
        self._context.tokens.know(token, user)

    def authenticate(self, token: str) -> User | None:
        """Whom a bearer token proves its bearer to be; None for a token that proves nothing."""
        try:
            proven = self._context.tokens.read(token, (AUDIENCE,), self._context.now())
        except InvalidToken:
            return None
        if proven.secret is not None:
            self._note_use(proven.secret)
        return proven.user

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> ServerAnswer:
        """Answers one request. Errors come back as a `Response` with a `Status`; it never raises.

        Args:
            request: What is asked.
            user: Who asks.
            acting_as: Whom the user wants to be for this request (`kubectl --as`), if it may.
        """
        try:
            if acting_as is not None:
                user = self._context.authorizer.acting_as(user, acting_as, request)
            answer = self._answer(request, user)
        except StatusError as error:
            return Response(error.code, error.status)
        except Exception as error:
            if self._strict:
                raise
            failed = errors.internal_error(f"{type(error).__name__}: {error}")
            return Response(failed.code, failed.status)
        if self.witness is not None and request.method != "GET":
            self.witness(user, request)
        return answer

    def _note_use(self, secret: Obj) -> None:
        """Writes the day on the Secret whose token was used, so that forgotten ones can be told from others."""
        today = rfc3339(self._context.now())[:10]
        if secret["metadata"].get("labels", {}).get(_LAST_USED) != today:
            Local(self, APISERVER, "kube-apiserver").patch(secret, {"metadata": {"labels": {_LAST_USED: today}}})

    def _answer(self, request: Request, user: User) -> ServerAnswer:
        self._context.authorizer.check(user, request)
        found = route(request, self._context.kinds)
        if found is None:
            return documents.answer(self._context, request)
        call = Call(self._context, request, user, found)
        if words := deprecation(found.kind):
            call.warn(words)
        try:
            return self._carry_out(call)
        except StatusError as error:
            return Response(error.code, error.status, warnings=tuple(call.warnings))

    def _carry_out(self, call: Call) -> ServerAnswer:
        """Answers what is asked of objects."""
        found, asked = call.route, call.request
        if found.verb != "connect" and found.subresource != "log":  # nothing is done for an answer nobody can read
            watch, plain = found.verb == "watch", found.subresource in _PLAIN or found.kind.verbs == ("create",)
            wanted(asked.accept, streams=found.verb in ("list", "watch"), watch=watch, tables=not plain)
        if found.subresource:
            return subresources.answer(call)
        if found.kind.group == metrics.GROUP:
            return metrics.answer(call)
        return answer_question(call) or resources.answer(call)


# ---- What a fresh cluster holds before anybody asks: namespaces, the `kubernetes` Service, priority classes

_PRIORITIES = {
    "system-cluster-critical": "run in the cluster, but can be moved to another node if necessary.",
    "system-node-critical": "not be moved from their current node.",
}
_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
_CONTROL_PLANE = "172.18.0.2"  # the first node of a kind network


def bootstrap(api: ApiHandler) -> None:
    """Creates what the API server itself creates, and what kind adds to it."""
    local = Local(api, APISERVER, "kube-apiserver")
    for name in _NAMESPACES:
        local.create(_object("v1", "Namespace", name))
    for name, words in _PRIORITIES.items():
        described = {
            "value": SYSTEM_PRIORITIES[name],
            "description": f"Used for system critical pods that must {words}",
        }
        local.create(_object("scheduling.k8s.io/v1", "PriorityClass", name) | described)
    local.create(_kubernetes_service())
    local.create(_kubernetes_endpoints())
    admin = Local(api, ADMIN, "kubectl-client-side-apply")
    admin.create(_object("v1", "Namespace", "local-path-storage"))
    admin.create(_standard_storage_class())


def _kubernetes_service() -> Obj:
    """The API server's own Service, at the first address of the range."""
    service = _object("v1", "Service", "kubernetes")
    service["metadata"] |= {
        "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    }
    ports = [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
    return service | {"spec": {"clusterIP": str(SERVICE_RANGE[1]), "ports": ports}}


def _kubernetes_endpoints() -> Obj:
    """Where the API server is behind its Service: on the control plane's node."""
    piece = _object("discovery.k8s.io/v1", "EndpointSlice", "kubernetes")
    piece["metadata"] |= {"namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}}
    return piece | {
        "addressType": "IPv4",
        "endpoints": [{"addresses": [_CONTROL_PLANE], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
    }


def _standard_storage_class() -> Obj:
    """The StorageClass kind brings along."""
    storage = _object("storage.k8s.io/v1", "StorageClass", "standard")
    storage["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return storage | {"provisioner": "rancher.io/local-path", "volumeBindingMode": "WaitForFirstConsumer"}


def _object(api_version: str, kind: str, name: str) -> Obj:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
