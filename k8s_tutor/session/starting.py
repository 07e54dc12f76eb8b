"""Bringing about the state an exercise starts from."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.objects import metadata
from k8s_tutor.session import goals
from k8s_tutor.session.sources import objects_of
from k8s_tutor.session.targets import Target, target
from k8s_tutor.session.waiting import Waiter

__all__ = ["Beginner"]

_GONE_WITHIN = 120.0  # seconds of the cluster's time


@dataclass(frozen=True)
class Beginner:
    """Begins exercises in one namespace, as often as wanted.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        namespace: Where.
    """

    client: Client
    clock: Clock
    namespace: str

    def begin(self, exercise: Exercise) -> None:
        """Removes what an earlier try has left, and puts there what the exercise starts with."""
        belongings = (target(self.client, word, self.namespace) for word in exercise.objects)
        there = [item for item in belongings if item.find(self.client) is not None]
        for item in there:
            self._delete(item)
        pods = self._pods(exercise)
        for item in pods:
            self._delete(item)
        for item in (*pods, *there):
            Waiter(self.client, self.clock, item, goals.goal("deleted")).wait(_GONE_WITHIN)
        for obj in objects_of(exercise.start) if exercise.start else []:
            self.client.apply(obj, self.namespace)

    def _delete(self, item: Target) -> None:
        """Pods at once; others when everything they have made is gone, so that it is not there at the next try."""
        with contextlib.suppress(StatusError):  # it may have gone by itself meanwhile
            if item.kind.plural == "pods":
                self.client.delete(item.kind, item.name, item.namespace, grace_seconds=0)
            else:
                self.client.delete(item.kind, item.name, item.namespace, propagation="Foreground")

    def _pods(self, exercise: Exercise) -> list[Target]:
        if not exercise.pods:
            return []
        kind = self.client.kind("pods")
        found = self.client.list(kind, self.namespace, labels=exercise.pods)
        return [Target(kind, metadata.name(pod), self.namespace) for pod in found]
