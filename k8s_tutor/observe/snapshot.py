"""A cluster's objects at one moment, as one immutable value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:
    from k8s_tutor.api.client import Client

__all__ = ["KINDS", "Snapshot", "list_readable", "split_numbers", "take_snapshot"]


class Snapshot:
    """Objects in a stable order (age, then name), with the time on the cluster's clock. Change nothing in it.

    Attributes:
        objects: Every object, the oldest first; objects of one second by kind, namespace and name (`web-2` before
            `web-10`). The order does not depend on the order in which objects came.
        time: The cluster's time, seconds since the epoch.
        namespace: The namespace looked at, `""` for all.
        missing: Words of kinds that could not be read (forbidden, or not served).
        forbidden: Those of them that we may not read.
    """

    def __init__(
        self,
        objects: Iterable[Obj] = (),
        *,
        time: float = 0.0,
        namespace: str = "",
        missing: Iterable[str] = (),
        forbidden: Iterable[str] = (),
    ) -> None:
        self.objects: tuple[Obj, ...] = tuple(sorted(objects, key=_age))
        self.time = time
        self.namespace = namespace
        self.missing = tuple(missing)
        self.forbidden = tuple(forbidden)

    def __repr__(self) -> str:
        return f"Snapshot({len(self.objects)} objects, time={self.time}, namespace={self.namespace!r})"

    def of(self, word: str) -> tuple[Obj, ...]:
        """Objects of a kind, named as people name it: `pods`, `po`, `Pod`, `deployments.apps`, `etcdclusters`."""
        return self._by_kind.get(self.kind_of(word), ())

    def find(self, word: str, name: str) -> Obj | None:
        """The object of that kind and name, None if there is none."""
        return next((obj for obj in self.of(word) if metadata.name(obj) == name), None)

    def widened(self, others: Iterable[Obj] = (), unseen: str = "") -> Snapshot:
        """This snapshot and what else could be seen, still looked at from its namespace.

        Args:
            others: Objects, of other namespaces too; the newer version of what is here already.
            unseen: What may not be read there, `""` for nothing.
        """
        objects = {metadata.uid(obj): obj for obj in (*self.objects, *others)}.values()
        forbidden = (*self.forbidden, unseen) if unseen else self.forbidden
        return Snapshot(objects, time=self.time, namespace=self.namespace, missing=self.missing, forbidden=forbidden)

    def seen_from(self, namespace: str) -> Snapshot:
        """The same objects, looked at from a namespace."""
        return Snapshot(
            self.objects, time=self.time, namespace=namespace, missing=self.missing, forbidden=self.forbidden
        )

    @cached_property
    def by_uid(self) -> Mapping[str, Obj]:
        """Objects by UID."""
        return {metadata.uid(obj): obj for obj in self.objects}

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """Each UID's place in `objects`."""
        return {metadata.uid(obj): place for place, obj in enumerate(self.objects)}

    def events_about(self, uid: str) -> tuple[Obj, ...]:
        """The Events that speak of the object with this UID, the latest news last."""
        return self._events.get(uid, ())

    def owned_by(self, uid: str) -> tuple[Obj, ...]:
        """Objects with an ownerReference to this UID."""
        return self._owned.get(uid, ())

    def kind_of(self, word: str) -> str:
        """The `kind` that a word means: of a built-in kind, else of an object here; `""` when nobody knows it."""
        if word in self._by_kind:
            return word
        if kind := builtin_kinds().find(word):
            return kind.kind
        plain = word.lower().partition(".")[0]
        return next((kind for kind in self._by_kind if plain in _spellings(kind)), "")

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Obj, ...]]:
        return _grouped((str(obj.get("kind", "")), obj) for obj in self.objects)

    @cached_property
    def _events(self) -> dict[str, tuple[Obj, ...]]:
        events = sorted(self._by_kind.get("Event", ()), key=_news)
        return _grouped((_about(event), event) for event in events)

    @cached_property
    def _owned(self) -> dict[str, tuple[Obj, ...]]:
        return _grouped((owner.get("uid", ""), obj) for obj in self.objects for owner in metadata.owners(obj))


def split_numbers(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which numbers count as numbers: `web-2` before `web-10`."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part)


def _age(obj: Obj) -> tuple[object, ...]:
    meta = obj.get("metadata") or {}
    key = (str(obj.get("kind", "")), metadata.namespace(obj), split_numbers(metadata.name(obj)), metadata.uid(obj))
    return (str(meta.get("creationTimestamp") or ""), *key)


def _news(event: Obj) -> tuple[str, int]:
    series = event.get("series") or {}
    when = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or ""
    version = str((event.get("metadata") or {}).get("resourceVersion", ""))
    return str(when)[:19], int(version) if version.isdigit() else 0


def _about(event: Obj) -> str:
    return str((event.get("involvedObject") or event.get("regarding") or {}).get("uid", ""))


def _spellings(kind: str) -> tuple[str, ...]:
    word = kind.lower()
    return word, f"{word}s", f"{word}es", f"{word[:-1]}ies"


def _grouped(pairs: Iterable[tuple[str, Obj]]) -> dict[str, tuple[Obj, ...]]:
    groups: dict[str, list[Obj]] = {}
    for key, obj in pairs:
        groups.setdefault(key, []).append(obj)
    return {key: tuple(group) for key, group in groups.items()}


# ---- Taking one snapshot: a list of each kind

KINDS: tuple[str, ...] = (
    "pods",
    "services",
    "endpointslices",
    "replicasets",
    "deployments",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "ingresses",
    "configmaps",
    "persistentvolumeclaims",
    "nodes",
    "events",
)
"""What pictures are made of. No Secrets: a picture shows that a Pod names one, and needs nothing of what is in it."""

_FORBIDDEN = 403
_NOT_FOR_US = frozenset({_FORBIDDEN, 404, 405})  # not served, not listable


def take_snapshot(client: Client, namespace: str = "", kinds: Sequence[str] = KINDS, *, time: float = 0.0) -> Snapshot:
    """A snapshot of a namespace as the API server shows it now; cluster-scoped kinds come whole.

    Args:
        client: Any cluster's client.
        namespace: `""` for all namespaces.
        kinds: Words for kinds, as `Client.list` takes them.
        time: What the cluster's clock says, seconds since the epoch.

    Returns:
        The snapshot; kinds that we may not or cannot read stand in its `missing`, the former in `forbidden`, too.

    Raises:
        StatusError: the server refused for another reason than those.
        ClusterUnavailable: no answer.
    """
    objects: list[Obj] = []
    missing: list[str] = []
    forbidden: list[str] = []
    for kind in kinds:
        answer = list_readable(client, kind, namespace, forbidden)
        if answer is None:
            missing.append(kind)
        else:
            objects += answer[0]
    return Snapshot(objects, time=time, namespace=namespace, missing=missing, forbidden=forbidden)


def list_readable(
    client: Client, kind: str, namespace: str, forbidden: list[str] | None = None
) -> tuple[list[Obj], str] | None:
    """The objects of a kind and the resourceVersion to watch from; None where this server does not let us read it.

    Args:
        client: Any cluster's client.
        kind: A word for the kind.
        namespace: `""` for all namespaces.
        forbidden: Gets the word where we may not read it, so that nobody takes that for "there is none".

    Raises:
        StatusError: the server refused for a reason that may pass.
        ClusterUnavailable: no answer.
    """
    try:
        return client.list_with_version(kind, namespace)
    except StatusError as error:
        if error.code in _NOT_FOR_US:
            if error.code == _FORBIDDEN and forbidden is not None:
                forbidden.append(kind)
            return None
        raise
    except UsageError:  # a word for a kind that this server does not serve (yet)
        return None
