"""Any cluster of the user's, by the name of its kubeconfig context. Never one that nobody named."""

from __future__ import annotations

import atexit
import os
import re
from pathlib import Path

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import KubeAPI, Request
from k8s_tutor.clock import Clock, RealClock
from k8s_tutor.cluster import kubeconfig
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.loadbalancer import LoadBalancers, OthersLoadBalancers
from k8s_tutor.cluster.protocol import Feature
from k8s_tutor.cluster.tls import login
from k8s_tutor.errors import ClusterUnavailable, UsageError

__all__ = ["ContextCluster", "answers"]


class ContextCluster:
    """A cluster we did not make. Its context is copied into a kubeconfig of ours; the user's file is only read."""

    name = "context"
    features: frozenset[Feature] = frozenset({Feature.REAL_CONTAINERS})

    def __init__(self, context: str, files: list[Path] | None = None) -> None:
        """Connects.

        Args:
            context: The context's name.
            files: Kubeconfig files to look in; None for the user's.

        Raises:
            UsageError: no such context.
            ClusterUnavailable: the cluster does not answer, or does not let us in.
        """
        entry = kubeconfig.entry(context, files or kubeconfig.user_files())
        self.context = context
        safe = re.sub(r"[^A-Za-z0-9.-]+", "_", context)
        self.kubeconfig = kubeconfig.folder() / f"context-{os.getpid()}-{safe}"
        kubeconfig.write(self.kubeconfig, entry)
        try:
            self._http = HttpAPI(entry, login(entry, self.kubeconfig))
            version = answers(self._http, context)
        except BaseException:
            self.kubeconfig.unlink(missing_ok=True)
            raise
        self.api: KubeAPI = self._http
        self.clock: Clock = RealClock()
        self.load_balancers: LoadBalancers = OthersLoadBalancers(Client(self.api), context)
        self.title = f'context "{context}" (Kubernetes {version}, {entry.cluster.get("server", "")})'
        self._closed = False
        atexit.register(self.close)

    def alive(self) -> bool:
        """Whether it is open and its API server answers."""
        return not self._closed and _answers(self._http)

    def close(self) -> None:
        """Lets go of it and removes our copy of the context. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        kubeconfig.forget(self.kubeconfig)
        self._http.close()
        self.kubeconfig.unlink(missing_ok=True)

    def delete(self) -> None:
        """Refuses: we did not make it."""
        raise UsageError(
            f'the cluster of context "{self.context}" is not ours to delete',
            why="k8s-tutor deletes only what it created",
            next_step="`t.close()` lets go of it",
        )


def answers(api: HttpAPI, context: str) -> str:
    """The version of Kubernetes that answers there.

    Raises:
        ClusterUnavailable: none does, or it does not let us in.
    """
    response = api.send(Request("GET", "/api/v1", accept="application/json"))
    if response.code in (401, 403):
        raise ClusterUnavailable(
            f'the cluster of context "{context}" does not let us in',
            why=f"it answered {response.code} {_message(response.body)}",
            next_step=f"try `kubectl --context {context} get pods`; perhaps you need to log in again",
        )
    version = api.send(Request("GET", "/version"))
    if response.code >= 400 or not isinstance(version.body, dict) or "gitVersion" not in version.body:
        raise ClusterUnavailable(
            f'what answers for context "{context}" is not a Kubernetes API server',
            why=f"GET /api/v1 gave {response.code}, GET /version gave {version.code}",
        )
    return str(version.body["gitVersion"])


def _answers(api: HttpAPI) -> bool:
    try:
        return api.send(Request("GET", "/version")).code < 500
    except ClusterUnavailable:
        return False


def _message(body: object) -> str:
    return str(body.get("message", "")) if isinstance(body, dict) else str(body)
