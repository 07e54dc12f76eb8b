"""Waiting until something is so: the objects of a kind, as they are after each change until a deadline.

Law: nobody sleeps and asks again. Who waits for objects follows them, here; who keeps a cache of them for as long as a
notebook is open is an informer (`observe.informer`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError, Watch, WatchClosed, WatchEvent
from k8s_tutor.clock import Clock
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["Selection", "follow", "wait_until"]

_EXPIRED = 410  # the server no longer knows what happened since the version asked for


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects: those of a kind that all the words say.

    Attributes:
        kind: `pods`, or a `Kind`.
        namespace: Where; everywhere when empty.
        name: Only the one of this name.
        labels: A label selector, `app=web`.
        fields: A field selector, `spec.nodeName=worker`.
    """

    kind: str | Kind
    namespace: str = ""
    name: str = ""
    labels: str = ""
    fields: str = ""

    @property
    def field_selector(self) -> str:
        """The field selector, with the name in it."""
        return ",".join(part for part in (self.name and f"metadata.name={self.name}", self.fields) if part)

    def list(self, client: Client) -> tuple[_Held, str]:
        """The objects as they are, and the version to watch from."""
        objects, version = client.list_with_version(
            self.kind, self.namespace, labels=self.labels, fields=self.field_selector
        )
        return {_key(obj): obj for obj in objects}, version

    def watch(self, client: Client, since: str) -> Watch:
        """What happens to them after that version."""
        return client.watch(self.kind, self.namespace, labels=self.labels, fields=self.field_selector, since=since)


_Held: TypeAlias = dict[tuple[str, str], Obj]


def follow(
    client: Client, clock: Clock, selection: Selection, deadline: float, *, beat: float = math.inf
) -> Generator[tuple[Obj, ...]]:
    """The objects as they are now, and again after each change; at the end as they are at the deadline.

    Lists, watches from that version, and lists anew when the server ends the watch or has forgotten the version. Once
    somebody has looked the last time the deadline is past: who finds what it looks for leaves the loop before that.

    Where the cluster's time stands still (paused), the deadline never comes; then it ends after as many real seconds.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        selection: Which objects.
        deadline: When to end, on that clock. One that is past already still gives one look.
        beat: After so many seconds without a change the same is given again, for who has something to say meanwhile.

    Yields:
        The objects, ordered by namespace and name as the server lists them.

    Raises:
        StatusError: the server refuses the list or the watch.
    """
    patience = deadline - clock.now()  # seconds of silence that are left
    while True:
        held, version = selection.list(client)
        yield _in_order(held)
        if min(patience, deadline - clock.now()) <= 0:
            return
        try:
            with selection.watch(client, version) as watch:
                while (left := min(patience, deadline - clock.now())) > 0:
                    event = watch.next(min(left, beat))
                    if event is None:
                        patience -= min(left, beat)
                    elif not _take(held, event):
                        continue
                    yield _in_order(held)
        except WatchClosed:
            continue
        except StatusError as error:
            if error.code != _EXPIRED:
                raise


def wait_until(
    client: Client, clock: Clock, selection: Selection, met: Callable[[tuple[Obj, ...]], bool], deadline: float
) -> bool:
    """Whether the objects came to be as wanted before the deadline; returns as soon as they are.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        selection: Which objects.
        met: Whether they are as wanted.
        deadline: When to give up, on that clock.

    Raises:
        StatusError: the server refuses the list or the watch.
    """
    with closing(follow(client, clock, selection, deadline)) as states:
        return any(met(objects) for objects in states)


def _take(held: _Held, event: WatchEvent) -> bool:
    """Writes an event down; whether it changed anything.

    Raises:
        StatusError: the watch has failed.
    """
    if event.type == "ERROR":
        raise StatusError(event.object)
    if event.type == "BOOKMARK":
        return False
    if event.type == "DELETED":
        held.pop(_key(event.object), None)
    else:
        held[_key(event.object)] = event.object
    return True


def _key(obj: Obj) -> tuple[str, str]:
    return metadata.namespace(obj), metadata.name(obj)


def _in_order(held: _Held) -> tuple[Obj, ...]:
    return tuple(held[key] for key in sorted(held))
