"""Waiting, by watching, until the objects of a kind are as wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import Clock
from k8s_tutor.objects.types import Obj

__all__ = ["settle"]


def settle(
    client: Client, clock: Clock, kind: str, met: Callable[[Sequence[Obj]], bool], deadline: float, namespace: str = ""
) -> bool:
    """Looks at all objects of a kind after each change until they are as wanted.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        kind: What to look at.
        met: Whether they are as wanted.
        deadline: When to give up, on that clock.
        namespace: Where; everywhere when empty.

    Returns:
        Whether they came to be so in time.
    """
    while True:
        objects, version = client.list_with_version(kind, namespace)
        if met(objects):
            return True
        left = deadline - clock.now()
        if left <= 0:
            return False
        with client.watch(kind, namespace, since=version) as watch:
            try:
                if watch.next(left) is None:  # also where time stands still, and somebody's patience has an end
                    return met(client.list(kind, namespace))
            except WatchClosed:
                continue
