"""Taking one snapshot: a list of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from k8s_tutor.api.status import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

if TYPE_CHECKING:
    from k8s_tutor.api.client import Client

__all__ = ["KINDS", "readable", "take"]

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

_NOT_FOR_US = frozenset({403, 404, 405})  # forbidden, not served, not listable


def take(client: Client, namespace: str = "", kinds: Sequence[str] = KINDS, *, time: float = 0.0) -> Snapshot:
    """A snapshot of a namespace as the API server shows it now; cluster-scoped kinds come whole.

    Args:
        client: Any cluster's client.
        namespace: `""` for all namespaces.
        kinds: Words for kinds, as `Client.list` takes them.
        time: What the cluster's clock says, seconds since the epoch.

    Returns:
        The snapshot; kinds that we may not or cannot read stand in its `missing`.

    Raises:
        StatusError: the server refused for another reason than those.
        ClusterUnavailable: no answer.
    """
    objects: list[Obj] = []
    missing: list[str] = []
    for kind in kinds:
        answer = readable(client, kind, namespace)
        if answer is None:
            missing.append(kind)
        else:
            objects += answer[0]
    return Snapshot(objects, time=time, namespace=namespace, missing=missing)


def readable(client: Client, kind: str, namespace: str) -> tuple[list[Obj], str] | None:
    """The objects of a kind and the resourceVersion to watch from; None where this server does not let us read it.

    Raises:
        StatusError: the server refused for a reason that may pass.
        ClusterUnavailable: no answer.
    """
    try:
        return client.list_with_version(kind, namespace)
    except StatusError as error:
        if error.code in _NOT_FOR_US:
            return None
        raise
    except UsageError:  # a word for a kind that this server does not serve (yet)
        return None
