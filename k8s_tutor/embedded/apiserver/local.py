"""The API server for parts inside the embedded cluster: controllers, scheduler, kubelets."""

from __future__ import annotations

from typing import cast

from k8s_tutor.api.protocol import Method, Request, Response, StatusError, failure
from k8s_tutor.embedded.core import ApiHandler, User
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Local"]


class Local:
    """A client without a socket. What it returns is shared with the store: never change it.

    Args:
        api: The API server.
        user: Who writes.
        manager: The name in managedFields; from the user's name when not given.
    """

    def __init__(self, api: ApiHandler, user: User, manager: str = "") -> None:
        self._api = api
        self._user = user
        self._manager = manager or _manager(user)

    def create(self, obj: Obj) -> Obj:
        """Creates an object.

        Raises:
            StatusError: the API server refused.
        """
        kind = self._kind(obj)
        return self._send("POST", kind.path(_namespace(obj)), obj)

    def update(self, obj: Obj, subresource: str = "") -> Obj:
        """Replaces an object (or a subresource of it); its resourceVersion, where given, is the precondition.

        Raises:
            StatusError: the API server refused.
        """
        return self._send("PUT", self._path(obj, subresource), obj)

    def update_status(self, obj: Obj) -> Obj:
        """Replaces an object's status; its resourceVersion, where given, is the precondition.

        Raises:
            StatusError: the API server refused.
        """
        return self.update(obj, "status")

    def patch(self, obj: Obj, patch: Obj, subresource: str = "") -> Obj:
        """Merge-patches an object (or a subresource of it).

        Raises:
            StatusError: the API server refused.
        """
        return self._send("PATCH", self._path(obj, subresource), patch, "application/merge-patch+json")

    def delete(
        self, obj: Obj, grace_seconds: int | None = None, propagation: str = "", kind: Kind | None = None
    ) -> None:
        """Deletes this very object: a namesake with another uid is left alone.

        Args:
            obj: The object, at least its metadata.
            grace_seconds: None for the object's own.
            propagation: What becomes of its dependents; `""` for the kind's default.
            kind: Of a custom object.

        Raises:
            StatusError: the API server refused.
        """
        options: Obj = {"preconditions": {"uid": obj["metadata"]["uid"]}} if obj["metadata"].get("uid") else {}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        if propagation:
            options["propagationPolicy"] = propagation
        kind = kind or self._kind(obj)
        path = kind.path(_namespace(obj), obj["metadata"]["name"])
        self._send("DELETE", path, options)

    def scale(self, obj: Obj, replicas: int) -> Obj:
        """Sets an object's number of replicas; the object's Scale as answered.

        Raises:
            StatusError: the API server refused.
        """
        metadata = {key: obj["metadata"][key] for key in ("name", "namespace")}
        spec = {"replicas": replicas}
        body: Obj = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": spec}
        return self._send("PUT", self._path(obj, "scale"), body)

    def bind(self, pod: Obj, node: str) -> None:
        """Gives a pod to a node.

        Raises:
            StatusError: the API server refused.
        """
        metadata = pod["metadata"]
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {key: metadata[key] for key in ("name", "namespace", "uid")},
            "target": {"kind": "Node", "name": node},
        }
        self._send("POST", self._path(pod, "binding"), binding)

    def token(self, namespace: str, account: str, spec: Obj) -> Obj:
        """Asks for a ServiceAccount's token; the TokenRequest as answered.

        Raises:
            StatusError: the API server refused.
        """
        body: Obj = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return self._send("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", body)

    def _kind(self, obj: Obj) -> Kind:
        kind = self._api.kinds.of(obj["apiVersion"], obj["kind"])
        if kind is None:
            message = f'no kind "{obj["kind"]}" is registered for version "{obj["apiVersion"]}"'
            raise StatusError(failure(404, "NotFound", message))
        return kind

    def _path(self, obj: Obj, subresource: str = "") -> str:
        return self._kind(obj).path(_namespace(obj), obj["metadata"]["name"], subresource)

    def _send(self, method: Method, path: str, body: Json, content_type: str = "application/json") -> Obj:
        request = Request(method, path, body=body, content_type=content_type, user_agent=self._manager)
        response = self._api.handle(request, self._user)
        assert isinstance(response, Response), f"{method} {path} answered with a stream"
        if response.code >= 400:
            raise StatusError.of(response)
        return cast("Obj", response.body)


def _namespace(obj: Obj) -> str:
    return str(obj["metadata"].get("namespace", ""))


def _manager(user: User) -> str:
    if user.name.startswith("system:serviceaccount:kube-system:"):
        return "kube-controller-manager"
    if user.name.startswith("system:node:"):
        return "kubelet"
    return user.name.removeprefix("system:")
