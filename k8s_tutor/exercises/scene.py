"""What an exercise's judge may look at: one namespace, read only."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.status import StatusError
from k8s_tutor.objects.types import Obj

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """One namespace of some cluster, as it is now.

    Attributes:
        client: Talks to the cluster.
        namespace: Where the exercise takes place.
    """

    client: Client
    namespace: str

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
