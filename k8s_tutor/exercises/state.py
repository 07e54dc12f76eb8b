"""What the checks of an exercise look at: one namespace at one moment, read only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.exercises.calling import LearnerFunction
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata, selectors, services
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot, take_snapshot

__all__ = ["MOST_ASKED", "MOST_REQUESTS", "Reply", "State", "plural_of", "split_ref", "take_state", "title_of"]

MOST_REQUESTS = 15
"""API requests that one look sends at most: a list a kind, the logs and the pods it asks for."""

MOST_ASKED = 6
"""Pods behind one Service that a look asks at most."""


@dataclass(frozen=True)
class Reply:
    """What a request to one pod came to.

    Attributes:
        pod: Its name; empty for an address that is no pod's here.
        port: The port of the pod at which it was asked.
        code: The HTTP status; 0 where nobody answered.
        text: The body, or in a few words why there is none: `connection refused`.
    """

    pod: str
    port: int
    code: int
    text: str = ""

    @property
    def answered(self) -> bool:
        """Whether it was a good answer."""
        return 200 <= self.code < 400

    @property
    def refused(self) -> bool:
        """Whether nobody listens there."""
        return self.code == 0 and self.text == "connection refused"


class _Reader(Protocol):
    """Fetches what no snapshot holds. Each call is one request."""

    def log(self, pod: str, container: str, options: Mapping[str, bool]) -> str: ...

    def get(self, pod: str, port: int, path: str) -> Reply: ...

    def may(self, account: str, verb: str, resource: str) -> bool: ...


class State:
    """One namespace of some cluster at one moment.

    Objects come from one snapshot, taken beforehand; logs and replies are fetched when first asked for, and once.

    >>> state = State.of([{"kind": "Pod", "metadata": {"name": "hello"}}], logs={"hello": "42"})
    >>> state.names("pods"), state.log("hello")
    (['hello'], '42')

    Attributes:
        snapshot: The objects.
        functions: Functions that the learner has written, by exercise.
        requests: How many API requests this look has sent so far.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        reader: _Reader | None = None,
        *,
        functions: Mapping[str, LearnerFunction] | None = None,
        kinds: Sequence[str] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.functions = functions or {}
        self.requests = len(kinds or ())
        self._reader = reader or _Recorded({}, {})
        self._kinds = None if kinds is None else {snapshot.kind_of(word) for word in kinds}
        self._logs: dict[tuple[Any, ...], str] = {}
        self._replies: dict[tuple[str, int, str], Reply] = {}

    @classmethod
    def of(
        cls,
        objects: Iterable[Obj] = (),
        *,
        logs: Mapping[str, str] | None = None,
        answers: Mapping[str, str | None] | None = None,
        functions: Mapping[str, LearnerFunction] | None = None,
        allowed: Sequence[str] = (),
        time: float = 0.0,
    ) -> State:
        """A state without a cluster, to try checks out on.

        Args:
            objects: What is there.
            logs: By pod, or by `pod/container`.
            answers: What a pod says, by `pod:port`; None for a connection that is refused, as everywhere else.
            functions: The learner's functions, by exercise.
            allowed: What service accounts may do: `clerk get configmaps`.
            time: What the cluster's clock says, seconds since the epoch.
        """
        return cls(Snapshot(objects, time=time), _Recorded(logs or {}, answers or {}, allowed), functions=functions)

    @property
    def time(self) -> float:
        """The cluster's time, seconds since the epoch."""
        return self.snapshot.time

    def find(self, ref: str) -> Obj | None:
        """The object, `pod/hello`, or None; one that is on its way out counts as gone."""
        kind, _, name = ref.partition("/")
        return next((item for item in self.list(kind) if metadata.name(item) == name), None)

    def list(self, kind: str, selector: Mapping[str, str] | str = "") -> Sequence[Obj]:
        """The objects of a kind that nobody is deleting, the oldest first.

        Args:
            kind: `pods`.
            selector: Only those with these labels: `app=web`, or a Service's selector.
        """
        found = self._known(kind)
        if selector:
            wanted = selectors.parse(selector) if isinstance(selector, str) else selectors.from_labels(dict(selector))
            found = tuple(item for item in found if wanted.matches(metadata.labels(item)))
        return [item for item in found if not metadata.is_deleting(item)]

    def names(self, kind: str) -> Sequence[str]:
        """The names of the objects of a kind, the oldest first."""
        return [metadata.name(item) for item in self.list(kind)]

    def event_messages(self, ref: str, reason: str) -> Sequence[str]:
        """The messages of the events with a reason about an object, the latest last."""
        self._known("events")
        obj = self.find(ref)
        about = self.snapshot.events_about(metadata.uid(obj)) if obj else ()
        return [str(event.get("message", "")) for event in about if event.get("reason") == reason]

    def log(self, pod: str, container: str = "", *, previous: bool = False, timestamps: bool = False) -> str:
        """A container's log; empty where there is none (not started yet, no such container)."""
        key = (pod, container, previous, timestamps)
        if key not in self._logs:
            self.requests += 1
            options = {"previous": previous, "timestamps": timestamps}
            self._logs[key] = self._reader.log(pod, container, options)
        return self._logs[key]

    def endpoints(self, service: Obj, port: int) -> Sequence[services.Endpoint]:
        """Where a client's connection to a port of a Service can end, see `objects.services.reached_endpoints`."""
        return services.reached_endpoints(service, services.slices_of(service, self.list("endpointslices")), port)

    def ask(self, service: Obj, port: int, path: str = "/") -> Sequence[Reply]:
        """What a client gets at a port of a Service: a reply of each pod its connection can end at.

        Nobody's choice stands between: the way is worked out as kube-proxy and the cluster's DNS go it, from the
        snapshot, and each pod at its end is asked itself, at the port where the connection would arrive.

        Args:
            service: Any but one of type ExternalName.
            port: The one the client dials.
            path: With a leading slash.
        """
        by_address = {str((pod.get("status") or {}).get("podIP", "")): metadata.name(pod) for pod in self.list("pods")}
        replies = []
        for end in self.endpoints(service, port)[:MOST_ASKED]:
            pod = end.pod or by_address.get(end.address, "")
            replies.append(
                self._reply(pod, end.port, path) if pod else Reply("", end.port, 0, str(msg("no pod's address")))
            )
        return replies

    def _reply(self, pod: str, port: int, path: str) -> Reply:
        key = (pod, port, path)
        if key not in self._replies:
            self.requests += 1
            self._replies[key] = self._reader.get(pod, port, path)
        return self._replies[key]

    def may(self, account: str, verb: str, resource: str) -> bool:
        """Whether a service account of the namespace may do something in it: the cluster's own authorizer says.

        Args:
            account: Its name.
            verb: `get`.
            resource: `configmaps`.
        """
        self.requests += 1
        return self._reader.may(account, verb, resource)

    @cached_property
    def unread(self) -> Sequence[str]:
        """Kinds that this learner may not read here, or that the cluster does not serve."""
        return self.snapshot.missing

    def _known(self, word: str) -> Sequence[Obj]:
        """The objects of a kind that was looked at: another would come from another moment.

        Raises:
            LookupError: the exercise does not say that it looks at this kind.
        """
        kind = self.snapshot.kind_of(word)
        if self._kinds is not None and kind not in self._kinds:
            raise LookupError(f"this exercise does not look at {word}: add the word to its `looks_at`")
        return self.snapshot.of(word)


def take_state(
    client: Client,
    namespace: str,
    kinds: Sequence[str],
    *,
    time: float = 0.0,
    functions: Mapping[str, LearnerFunction] | None = None,
) -> State:
    """A namespace as it is now: one list a kind.

    Args:
        client: Talks to the cluster.
        namespace: Where the exercise takes place.
        kinds: What it looks at.
        time: What the cluster's clock says, seconds since the epoch.
        functions: Functions that the learner has written, by exercise.

    Raises:
        StatusError: the server refused for a reason that may pass.
        ClusterUnavailable: no answer.
    """
    snapshot = take_snapshot(client, namespace, kinds, time=time) if kinds else Snapshot(time=time, namespace=namespace)
    return State(snapshot, _Cluster(client, namespace), functions=functions, kinds=kinds)


@dataclass(frozen=True)
class _Cluster:
    client: Client
    namespace: str

    def may(self, account: str, verb: str, resource: str) -> bool:
        """Asks the authorizer about somebody else, in this namespace only: a namespace's `admin` may ask that."""
        review: Obj = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "LocalSubjectAccessReview",
            "metadata": {"namespace": self.namespace},
            "spec": {
                "user": f"system:serviceaccount:{self.namespace}:{account}",
                "groups": ["system:serviceaccounts", f"system:serviceaccounts:{self.namespace}"],
                "resourceAttributes": {"namespace": self.namespace, "verb": verb, "resource": resource},
            },
        }
        try:
            answer = self.client.raw("POST", _REVIEWS.format(namespace=self.namespace), review).body
        except StatusError:
            return False
        return isinstance(answer, dict) and bool(answer["status"]["allowed"])

    def log(self, pod: str, container: str, options: Mapping[str, bool]) -> str:
        try:
            return self.client.logs(pod, self.namespace, container, **options)
        except StatusError:
            return ""

    def get(self, pod: str, port: int, path: str) -> Reply:
        """Asks a pod through the API server, which reaches every pod and says whether somebody listens.

        See "Manually constructing apiserver proxy URLs" in kubernetes.io/docs/tasks/access-application-cluster.
        """
        proxy = f"{self.client.kind('pods').path(self.namespace, f'{pod}:{port}', 'proxy')}{path}"
        try:
            answer = self.client.raw("GET", proxy)
        except StatusError as error:
            if _TROUBLE in error.what:  # the API server's words; those of the pod's own 503 are others
                return Reply(pod, port, 0, error.what.rpartition(": ")[2])
            return Reply(pod, port, error.code, error.what)
        return Reply(pod, port, answer.code, _text(answer.body))


_REVIEWS = "/apis/authorization.k8s.io/v1/namespaces/{namespace}/localsubjectaccessreviews"
_TROUBLE = "error trying to reach service"


@dataclass(frozen=True)
class _Recorded:
    logs: Mapping[str, str]
    answers: Mapping[str, str | None]
    allowed: Sequence[str] = ()

    def may(self, account: str, verb: str, resource: str) -> bool:
        return f"{account} {verb} {resource}" in self.allowed

    def log(self, pod: str, container: str, options: Mapping[str, bool]) -> str:
        if options.get("previous"):
            return ""
        return self.logs.get(f"{pod}/{container}" if container else pod, "")

    def get(self, pod: str, port: int, _path: str) -> Reply:
        text = self.answers.get(f"{pod}:{port}")
        return Reply(pod, port, 0, "connection refused") if text is None else Reply(pod, port, 200, text)


def _text(body: Any) -> str:
    """A body as text: what was JSON has been taken apart already."""
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else json.dumps(body)


# ---- Naming objects: `pod/hello`, as people type it and as sentences say it


def split_ref(ref: str) -> tuple[str, str]:
    """Kind and name: `("pod", "hello")` of `pod/hello`."""
    kind, _, name = ref.partition("/")
    return kind, name


def plural_of(kind: str) -> str:
    """The word by which the API lists a kind: `pods` of `pod`; a kind of the cluster's own as it was written."""
    found = builtin_kinds().find(kind)
    return found.plural if found else kind


def title_of(ref: str) -> Wording:
    """An object in a sentence: "pod `hello`", "Service `web`"."""
    kind, name = split_ref(ref)
    found = builtin_kinds().find(kind)
    word = found.kind if found else kind
    return msg("pod `{name}`", name=name) if word == "Pod" else f"{word} `{name}`"
