"""What an exercise's judge may look at: one namespace, read only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k8s_tutor.api.client import Client
from k8s_tutor.api.status import StatusError
from k8s_tutor.exercises.trial import Answer
from k8s_tutor.objects.types import Obj

__all__ = ["Reply", "Scene"]


@dataclass(frozen=True)
class Reply:
    """What came of a request to a Service.

    Attributes:
        code: The HTTP status; 503 where nobody answered.
        text: The body, or in the API server's words why there is none.
    """

    code: int
    text: str

    @property
    def answered(self) -> bool:
        """Whether it was a good answer."""
        return 200 <= self.code < 400


@dataclass(frozen=True)
class Scene:
    """One namespace of some cluster, as it is now.

    Attributes:
        client: Talks to the cluster.
        namespace: Where the exercise takes place.
        answers: Functions that the learner has written, by exercise.
    """

    client: Client
    namespace: str
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def find(self, kind: str, name: str) -> Obj | None:
        """The object, or None; one that is on its way out counts as gone."""
        found = self.client.find(kind, name, self.namespace)
        return None if found is None or "deletionTimestamp" in found["metadata"] else found

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a kind, in order."""
        return [item["metadata"]["name"] for item in self.client.list(kind, self.namespace)]

    def log(self, pod: str, container: str = "", *, previous: bool = False) -> str:
        """A container's log; empty where there is none (not started yet, no such container)."""
        try:
            return self.client.logs(pod, self.namespace, container, previous=previous)
        except StatusError:
            return ""

    def event_messages(self, pod: str, reason: str) -> list[str]:
        """The messages of the events with `reason` about a pod."""
        fields = f"involvedObject.kind=Pod,involvedObject.name={pod},reason={reason}"
        return [str(event.get("message", "")) for event in self.client.list("events", self.namespace, fields=fields)]

    def ask(self, service: str, port: int, path: str = "/") -> Reply:
        """Sends a request to a Service's port through the API server, which asks one of its ready endpoints.

        See "Manually constructing apiserver proxy URLs" in kubernetes.io/docs/tasks/access-application-cluster.
        """
        proxy = f"{self.client.kind('services').path(self.namespace, f'{service}:{port}', 'proxy')}{path}"
        try:
            answer = self.client.raw("GET", proxy)
        except StatusError as error:
            return Reply(error.code, error.what)
        return Reply(answer.code, _text(answer.body))


def _text(body: Any) -> str:
    """A body as text: a door may have taken JSON apart already."""
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else json.dumps(body)
