"""Sending requests to a Service or a Pod, from inside the cluster, to see who answers.

A request through the API server's proxy would not do: that one picks an endpoint itself, and kube-proxy's choice,
session affinity and policies are what there is to see. So a small Pod of ours sends them; it stays for the next time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from k8s_tutor.api.client import Client
from k8s_tutor.api.command import exec_request
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, TutorError, UsageError
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.take import take
from k8s_tutor.observe.traffic import SENDER, SENDER_NAME, Answer, Traffic
from k8s_tutor.session import goals
from k8s_tutor.session.answers import SCRIPT, agent, hosts, logged, parsed
from k8s_tutor.session.routes import Route
from k8s_tutor.session.targets import Target
from k8s_tutor.session.waiting import Waiter

if TYPE_CHECKING:
    from k8s_tutor.observe.snapshot import Snapshot
    from k8s_tutor.render.picture import Picture

__all__ = ["Senders", "ShownTraffic"]

_IMAGE = "busybox:1.35"
_START = 90.0  # seconds for a client to start: its image may have to be pulled
_EACH = 2.5  # seconds a request may take at most, with the client's own work
_ASKED = 20  # Pods whose logs are read at most, to learn who answered
_LOG_LINES = 2000
_KINDS = ("pods", "services", "endpointslices", "events")


@dataclass(frozen=True)
class ShownTraffic(Traffic):
    """Traffic that shows itself in a notebook: a picture with its twin.

    Attributes:
        seen: The objects, as they were when the requests had been sent.
    """

    seen: Snapshot | None = None

    @cached_property
    def picture(self) -> Picture:
        """Bars and dots; in words: one line a Pod."""
        from k8s_tutor.observe.snapshot import Snapshot  # noqa: PLC0415
        from k8s_tutor.render.flow import traffic_picture  # noqa: PLC0415

        return traffic_picture(self.seen or Snapshot(), self)

    def __repr__(self) -> str:
        return self.picture.twin

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.picture._repr_mimebundle_(**options)


class Senders:
    """The clients in one namespace. Made when first needed, used again, gone with `remove` or after an hour."""

    def __init__(self, client: Client, clock: Clock, namespace: str) -> None:
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._rounds = 0

    def send(self, route: Route, requests: int, clients: int = 1) -> ShownTraffic:
        """Sends requests one after the other and waits for their answers.

        Args:
            route: Where to.
            requests: How many, by all clients together.
            clients: How many Pods share them.

        Raises:
            UsageError: a number that makes no sense.
            WaitTimeout: a client does not start.
            Cancelled: Ctrl-C.
        """
        if route.outside:
            clients = 1
        if not (1 <= requests <= 1000 and 1 <= clients <= min(requests, 10)):
            raise UsageError(
                f"{requests} requests from {clients} clients cannot be sent.",
                next_step="Send 1 to 1000 requests, from 1 to 10 clients.",
            )
        for number in range(1, clients + 1) if not route.outside else ():
            self._begin(number)
        pods, version = self._client.list_with_version("pods", self._namespace)
        self._rounds += 1
        token, names = f"{version}-{self._rounds}", hosts(pods)
        answers: list[Answer] = []
        for number in range(1, clients + 1):
            share = requests // clients + (number <= requests % clients)
            answers += self._named(self._ask(route, share, agent(token, number), number, names), route, pods, token)
        seen = take(self._client, self._namespace, _KINDS, time=self._clock.now())
        numbered = tuple(replace(answer, number=index) for index, answer in enumerate(answers, 1))
        way = (route.focus, route.url, route.via, route.port)
        return ShownTraffic(*way, numbered, requests, clients, route.outside, seen=seen)

    def _ask(self, route: Route, share: int, name: str, number: int, names: Mapping[str, str]) -> list[Answer]:
        try:
            if route.outside:
                from k8s_tutor.session.fromhost import ask  # noqa: PLC0415

                return list(ask(route.url, share, name, names))
            self._wait(number)
            return list(parsed(self._run(number, [route.url, str(share), name], share), number, names))
        except KeyboardInterrupt:
            raise Cancelled(
                "Stopped sending requests.",
                why="You pressed stop (Ctrl-C). What had been sent is not shown.",
                next_step="Send fewer: requests=10.",
            ) from None

    def remove(self) -> None:
        """Deletes the clients; those that are gone already, or not ours to delete, are left alone."""
        with contextlib.suppress(TutorError):
            for pod in self._client.list("pods", self._namespace, labels=SENDER):
                self._client.delete("pods", metadata.name(pod), self._namespace, grace_seconds=0)

    def _begin(self, number: int) -> None:
        """Has a client there, or on its way."""
        name = _name(number)
        found = self._client.find("pods", name, self._namespace)
        if found is not None and (found.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
            self._client.delete("pods", name, self._namespace, grace_seconds=0)  # its hour is over
            self._waiter(number, "deleted").wait(_START)
            found = None
        if found is None:
            self._client.create(_pod(name), self._namespace)

    def _wait(self, number: int) -> None:
        self._waiter(number, "Ready").wait(_START)

    def _waiter(self, number: int, what: str) -> Waiter:
        target = Target(self._client.kind("pods"), _name(number), self._namespace)
        return Waiter(self._client, self._clock, target, goals.goal(what))

    def _run(self, number: int, arguments: list[str], count: int) -> str:
        path = self._client.kind("pods").path(self._namespace, _name(number), "exec")
        words = ["sh", "-c", SCRIPT, "sh", *arguments]
        result = self._client.api.run(exec_request(path, words), timeout=10 + _EACH * count)
        if result.code:
            said = (result.stderr or str(result.status.get("message", ""))).strip()
            raise TutorError(f"The client Pod {_name(number)} could not send its requests.", why=said)
        return result.stdout

    def _named(self, answers: list[Answer], route: Route, pods: Sequence[Obj], token: str) -> list[Answer]:
        """With the Pods' names for answers that do not say who they are from: web servers log our agent's name."""
        if all(answer.pod or answer.code == 0 for answer in answers):
            return answers
        who: dict[tuple[int, int], str] = {}
        for pod in [pod for pod in pods if route.leads_to(pod)][:_ASKED]:
            for entry in logged(self._log(pod), token):
                who[entry] = metadata.name(pod)
        return [
            answer if answer.pod else replace(answer, pod=who.get((answer.client, answer.number), ""))
            for answer in answers
        ]

    def _log(self, pod: Obj) -> str:
        texts = []
        for container in (pod.get("spec") or {}).get("containers") or ():
            with contextlib.suppress(StatusError):
                name = str(container.get("name", ""))
                texts.append(self._client.logs(metadata.name(pod), self._namespace, name, tailLines=_LOG_LINES))
        return "\n".join(texts)


def _name(number: int) -> str:
    return SENDER_NAME if number == 1 else f"{SENDER_NAME}-{number}"


def _pod(name: str) -> Obj:
    """A client: small, without rights, and allowed where Pods must be `restricted`."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {SENDER: "true", "app.kubernetes.io/managed-by": "k8s-tutor"}},
        "spec": {
            "activeDeadlineSeconds": 3600,
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "client",
                    "image": _IMAGE,
                    "command": ["sleep", "3600"],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
                }
            ],
        },
    }
