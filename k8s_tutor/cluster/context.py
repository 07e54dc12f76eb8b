"""Any cluster of the user's, by the name of its kubeconfig context. Never one that nobody named."""

from __future__ import annotations

import atexit
import os
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Cluster, Feature, LoadBalancers
from k8s_tutor.api.protocol import KubeAPI, Request, StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.login import read_login
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects.services import address_of
from k8s_tutor.objects.types import Obj

__all__ = [
    "GREETING",
    "ContextCluster",
    "OthersLoadBalancers",
    "ask_version",
    "sign_in",
]


# ---- Load balancers of a cluster that is not ours


class OthersLoadBalancers:
    """Those of a cluster that is not ours: looked at, never changed."""

    def __init__(self, client: Client, context: str) -> None:
        self._client = client
        self._context = context

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`: changes nothing, says what there is."""
        what = self._what_it_has()
        return str(
            msg('The cluster of context "{context}" is left as it is: {what}.', context=self._context, what=what)
        )

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`: its provider made the address to be reached, and may still hide it from us."""
        return f"http://{address_of(service)}:{port}"

    def _what_it_has(self) -> Message:
        try:
            services = self._client.list("services")
        except StatusError as error:
            return msg("whether it gives addresses cannot be told ({what})", what=error.what)
        wanting = [service for service in services if service["spec"].get("type") == "LoadBalancer"]
        if not wanting:
            return msg("whether it gives addresses shows with its first Service of type LoadBalancer")
        having = sum(bool(address_of(service)) for service in wanting)
        return msg(
            "{having} of its {count} Services of type LoadBalancer have an address", having=having, count=len(wanting)
        )


# ---- Any cluster of the user's, by the name of its kubeconfig context. Never one that nobody named


GREETING = 10.0
"""Seconds in which a cluster says what it is; one that does not is not there."""


class ContextCluster:
    """A cluster we did not make. Its context is copied into a kubeconfig of ours; the user's file is only read."""

    name = "context"

    def __init__(self, context: str, files: list[Path] | None = None, *, personal: bool = False) -> None:
        """Connects.

        Args:
            context: The context's name.
            files: Kubeconfig files to look in; None for the user's.
            personal: Whether we know that it is one person's.

        Raises:
            UsageError: no such context.
            ClusterUnavailable: the cluster does not answer, or does not let us in.
        """
        entry = kubeconfig.entry(context, files or kubeconfig.user_files())
        self.context = context
        self.features: frozenset[Feature] = frozenset({Feature.PERSONAL} if personal else ())
        self.namespace = entry.namespace or "default"
        safe = re.sub(r"[^A-Za-z0-9.-]+", "_", context)
        self.kubeconfig = kubeconfig.folder() / f"context-{os.getpid()}-{safe}"
        kubeconfig.sweep()
        kubeconfig.write(self.kubeconfig, entry)
        try:
            login = read_login(entry, self.kubeconfig)
            self._http = HttpAPI(entry, login, find_silence=partial(_find_silence, entry))
            version = ask_version(self._http, context)
        except BaseException:
            kubeconfig.remove(self.kubeconfig)
            raise
        self.api: KubeAPI = self._http
        self.clock: Clock = self._http.clock
        self.load_balancers: LoadBalancers = OthersLoadBalancers(Client(self.api), context)
        self._version, self._server = version, entry.cluster.get("server", "")
        self._closed = False
        atexit.register(self.close)

    @property
    def title(self) -> str:
        """See `Cluster`."""
        words = msg(
            'context "{context}" (Kubernetes {version}, {server})',
            context=self.context,
            version=self._version,
            server=self._server,
        )
        return str(words)

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
        kubeconfig.remove(self.kubeconfig)

    def delete(self) -> None:
        """Refuses: we did not make it."""
        raise UsageError(
            msg('the cluster of context "{context}" is not ours to delete', context=self.context),
            why=msg("k8s-tutor deletes only what it created"),
            next_step=msg("`t.close()` lets go of it"),
        )


def _find_silence(entry: kubeconfig.KubeconfigEntry) -> tuple[Wording, Wording] | None:
    """Why a cluster is silent that a kind on this machine has made, where its engine knows; it is asked, no more."""
    name = entry.context.removeprefix("kind-")
    if name == entry.context or not re.match(r"https://(127\.|localhost|\[::1\])", str(entry.cluster.get("server"))):
        return None
    from k8s_tutor.cluster.engine import find_engine  # noqa: PLC0415  only where something is wrong
    from k8s_tutor.cluster.kind_cli import LABEL, find_silence  # noqa: PLC0415

    engine = find_engine()
    return find_silence(engine, f"{LABEL}={name}") if engine else None


def sign_in(cluster: Cluster, token: str) -> HttpAPI:
    """A connection to the same API server in the name of whom a token was given to, whoever that is."""
    entry = kubeconfig.entry(cluster.context, [cluster.kubeconfig])
    own = replace(entry, user={"token": token})
    return HttpAPI(own, read_login(own, cluster.kubeconfig))


def ask_version(api: HttpAPI, context: str) -> str:
    """The version of Kubernetes that answers there.

    Raises:
        ClusterUnavailable: none does, or it does not let us in.
    """
    response = api.send(Request("GET", "/api/v1", accept="application/json", timeout=GREETING))
    if response.code in (401, 403):
        raise ClusterUnavailable(
            msg('the cluster of context "{context}" does not let us in', context=context),
            why=msg("it answered {code} {message}", code=response.code, message=_message(response.body)),
            next_step=msg(
                "try `kubectl --context {context} get pods`; perhaps you need to log in again", context=context
            ),
        )
    version = api.send(Request("GET", "/version", timeout=GREETING))
    if response.code >= 400 or not isinstance(version.body, dict) or "gitVersion" not in version.body:
        raise ClusterUnavailable(
            msg('what answers for context "{context}" is not a Kubernetes API server', context=context),
            why=msg("GET /api/v1 gave {code}, GET /version gave {version}", code=response.code, version=version.code),
        )
    return str(version.body["gitVersion"])


def _answers(api: HttpAPI) -> bool:
    try:
        return api.send(Request("GET", "/version", timeout=GREETING)).code < 500
    except ClusterUnavailable:
        return False


def _message(body: object) -> str:
    return str(body.get("message", "")) if isinstance(body, dict) else str(body)
