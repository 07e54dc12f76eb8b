"""Causes of the behaviour table, on one embedded cluster of their own: the same each time, names included."""

from __future__ import annotations

import copy
from functools import cache

import yaml

from k8s_tutor.api.client import Client
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.pictures import look
from tests.behaviour.causes import SCHEDULING, STARTING, Cause
from tests.behaviour.causes_of_others import OTHERS, ROLLOUTS, SERVICES
from tests.behaviour.causes_of_running import RUNNING

CAUSES = (*SCHEDULING, *STARTING, *RUNNING, *SERVICES, *ROLLOUTS, *OTHERS)[::3]  # the laws need variety, not all


@cache
def broken_cluster() -> tuple[Obj, ...]:
    """Something of each kind, most of it broken, on one cluster: each cause in a namespace of its own."""
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    client = Client(cluster.api)
    for number, cause in enumerate(CAUSES):
        make(client, cause, f"case-{number}")
    deadline = cluster.clock.now() + 12
    with client.watch("nodes", since=client.list_with_version("nodes")[1]) as watch:
        while cluster.clock.now() < deadline:
            watch.next(5)
    objects = copy.deepcopy(look(client, cluster.clock, "default").objects)
    cluster.close()
    for obj in objects:
        obj["metadata"].pop("managedFields", None)  # nobody explains by them
    return objects


def make(client: Client, cause: Cause, namespace: str) -> None:
    """Applies a cause's manifest in a namespace of its own."""
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    with client.watch("serviceaccounts", namespace) as watch:
        watch.next(10)  # without its account Pods are refused
    for document in yaml.safe_load_all(cause.manifest):
        if document:
            client.apply(document, namespace)
