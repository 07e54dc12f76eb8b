"""A small synchronous client: the verbs of the Kubernetes API on any cluster, in plain dicts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from k8s_tutor.api.protocol import (
    Hurried,
    KubeAPI,
    Method,
    Request,
    Response,
    StatusError,
    TextStream,
    Watch,
    query,
    query_of,
)
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind, KindTable, Subresource, builtin_kinds
from k8s_tutor.objects.reference import kind_named
from k8s_tutor.objects.types import Json, Obj

__all__ = ["AGGREGATED_DISCOVERY", "Client", "PatchType", "kinds_of"]


# ---- Reads what a server says it serves: aggregated discovery (`APIGroupDiscoveryList`) into `Kind`s

AGGREGATED_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The Accept header that asks `/api` or `/apis` for every resource of every group in one answer."""


def kinds_of(discovery: Obj) -> Iterator[Kind]:
    """The kinds in an `APIGroupDiscoveryList`, in the server's order: preferred versions first."""
    for group in discovery.get("items", ()):
        name = str(group["metadata"].get("name", ""))
        for version in group.get("versions", ()):
            for resource in version.get("resources", ()):
                if "responseKind" in resource:
                    yield _kind(name, version["version"], resource)


def _kind(group: str, version: str, resource: Obj) -> Kind:
    return Kind(
        group=group,
        version=version,
        kind=resource["responseKind"]["kind"],
        plural=resource["resource"],
        singular=resource.get("singularResource", ""),
        namespaced=resource["scope"] == "Namespaced",
        short_names=tuple(resource.get("shortNames", ())),
        categories=tuple(resource.get("categories", ())),
        verbs=tuple(resource.get("verbs", ())),
        subresources=tuple(
            Subresource(
                sub["subresource"],
                sub["responseKind"]["group"] or ("" if sub["responseKind"]["version"] else group),
                sub["responseKind"]["version"] or version,
                sub["responseKind"]["kind"],
                tuple(sub["verbs"]),
            )
            for sub in resource.get("subresources", ())
        ),
    )


# ---- A small synchronous client: the verbs of the Kubernetes API on any cluster, in plain dicts

PatchType: TypeAlias = Literal["merge", "strategic", "json", "apply"]

_PATCH_MEDIA = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

# Inside Client the method `list` hides the type of that name.
Objects: TypeAlias = list[Obj]


@dataclass(slots=True)
class _Known:
    """The kinds that Kubernetes brings along, and all known so far: shared with who is in a hurry (`within`)."""

    builtin: KindTable
    kinds: KindTable


class Client:
    """The verbs of the API. Kinds may be given as `Kind` or as a word (`"pods"`, `"deploy"`, `"Deployment.apps"`).

    An empty namespace means all namespaces where many objects are read, and `self.namespace` where one is named.
    Every answer with code >= 400 is raised as `StatusError`.

    Attributes:
        api: The transport.
        namespace: Used for a named object whose namespace is not given.
        on_warning: Called with each warning about something written; None drops them. Pictures and clean-ups read
            whatever kinds there are: that one of them is deprecated is not the reader's doing.
    """

    def __init__(
        self,
        api: KubeAPI,
        kinds: KindTable | None = None,
        *,
        namespace: str = "default",
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        self.api = api
        self.namespace = namespace
        self.on_warning = on_warning
        builtin = kinds or builtin_kinds()
        self._known = _Known(builtin, builtin)

    @property
    def kinds(self) -> KindTable:
        """All kinds known so far; `refresh_kinds` asks the server for more."""
        return self._known.kinds

    @property
    def custom_kinds(self) -> list[Kind]:
        """The kinds known so far that Kubernetes does not bring along."""
        known = {(kind.group, kind.kind) for kind in self._known.builtin}
        return [kind for kind in self._known.kinds if (kind.group, kind.kind) not in known]

    def within(self, seconds: float) -> Self:
        """The same client, for somebody who waits so long: its requests have what is left of that time.

        What is asked when it is over still has a moment (`protocol.LAST_LOOK`), or nobody would learn how it ended.
        """
        hurried = copy.copy(self)
        hurried.api = Hurried(self.api, seconds)
        return hurried

    def kind(self, word: str | Kind) -> Kind:
        """The kind a word means; kinds not built in are looked up in the server's discovery.

        Raises:
            UsageError: the server does not serve it; the nearest word is offered.
        """
        if isinstance(word, Kind):
            return word
        return self._known.kinds.find(word) or kind_named(word, self.refresh_kinds())

    def kind_of(self, obj: Obj) -> Kind:
        """The kind of an object, by its `apiVersion` and `kind`.

        Raises:
            UsageError: the server does not serve it.
        """
        api_version, kind = str(obj.get("apiVersion", "")), str(obj.get("kind", ""))
        found = self._known.kinds.of(api_version, kind) or self.refresh_kinds().of(api_version, kind)
        if found is None:
            raise UsageError(
                msg('no matches for kind "{kind}" in version "{api_version}"', kind=kind, api_version=api_version),
                why=msg("this cluster does not serve that kind"),
                next_step=msg("check apiVersion and kind; a custom kind needs its CustomResourceDefinition first"),
            )
        return found

    def refresh_kinds(self) -> KindTable:
        """Asks the server which custom kinds it serves now."""
        answer = self._obj(Request("GET", "/apis", accept=AGGREGATED_DISCOVERY))
        known = {(kind.api_version, kind.kind) for kind in self._known.builtin}
        custom = [kind for kind in kinds_of(answer) if (kind.api_version, kind.kind) not in known]
        self._known.kinds = self._known.builtin.with_kinds(custom)
        return self._known.kinds

    def get(self, kind: str | Kind, name: str, namespace: str = "", *, subresource: str = "") -> Obj:
        """One object.

        Raises:
            StatusError: it does not exist (reason NotFound), or the server refused.
        """
        return self._obj(Request("GET", self._path(self.kind(kind), name, namespace, subresource)))

    def find(self, kind: str | Kind, name: str, namespace: str = "") -> Obj | None:
        """One object, or None when there is none of that name."""
        try:
            return self.get(kind, name, namespace)
        except StatusError as error:
            if error.code == 404:
                return None
            raise

    def list_with_version(
        self, kind: str | Kind, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> tuple[Objects, str]:
        """All objects of a kind, and the resourceVersion to watch from."""
        chosen = self.kind(kind)
        selectors = query(labelSelector=labels or None, fieldSelector=fields or None)
        answer = self._obj(Request("GET", chosen.path(namespace), selectors))
        named = {"apiVersion": chosen.api_version, "kind": chosen.kind}  # the server leaves them out of lists
        items = [{**named, **item} for item in answer.get("items") or ()]
        return items, str(answer.get("metadata", {}).get("resourceVersion", ""))

    def create(self, obj: Obj, namespace: str = "", *, dry_run: bool = False) -> Obj:
        """Creates the object, in `namespace` unless it names its own.

        Raises:
            StatusError: a name already taken (AlreadyExists), an invalid object (Invalid), …
        """
        path = self._collection_of(obj, namespace)
        options = query(fieldValidation="Strict", dryRun="All" if dry_run else None)
        return self._obj(Request("POST", path, options, body=obj))

    def apply(self, obj: Obj, namespace: str = "", *, force: bool = True, field_manager: str = "k8s-tutor") -> Obj:
        """Server-side apply: what is written here becomes so; what is not written is left to others.

        Args:
            obj: The object as the person wrote it.
            namespace: Where, unless the object says so itself.
            force: Take fields over from other managers instead of failing with a conflict.
            field_manager: In whose name.
        """
        options = query(fieldManager=field_manager, force=force, fieldValidation="Strict")
        path = f"{self._collection_of(obj, namespace)}/{metadata.name(obj)}"
        return self._obj(Request("PATCH", path, options, body=obj, content_type=_PATCH_MEDIA["apply"]))

    def replace(self, obj: Obj, namespace: str = "", *, subresource: str = "") -> Obj:
        """Puts the object in the place of the one with its name; its resourceVersion is the precondition."""
        parts = [self._collection_of(obj, namespace), metadata.name(obj), subresource]
        path = "/".join(part for part in parts if part)
        return self._obj(Request("PUT", path, query(fieldValidation="Strict"), body=obj))

    def patch(
        self,
        kind: str | Kind,
        name: str,
        patch: Json,
        namespace: str = "",
        *,
        type: PatchType = "merge",  # noqa: A002  (the API's own word)
        subresource: str = "",
    ) -> Obj:
        """Changes part of an object: a merge or strategic patch is a dict, a JSON patch a list of operations."""
        path = self._path(self.kind(kind), name, namespace, subresource)
        return self._obj(Request("PATCH", path, body=patch, content_type=_PATCH_MEDIA[type]))

    def delete(
        self,
        kind: str | Kind,
        name: str,
        namespace: str = "",
        *,
        grace_seconds: int | None = None,
        propagation: str = "",
        seen: Obj | None = None,
    ) -> Obj:
        """Deletes one object; returns the object as it is being deleted, or a `Status`.

        Args:
            kind: Its kind.
            name: Its name.
            namespace: Its namespace.
            grace_seconds: Instead of the object's own grace period; 0 with a pod means at once.
            propagation: `Background`, `Foreground` or `Orphan`; empty for the kind's default.
            seen: The object as it was when this was decided: one that has changed since is not deleted.

        Raises:
            StatusError: it is not there (NotFound), it has changed since it was seen (Conflict), …
        """
        options: Obj = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        if propagation:
            options["propagationPolicy"] = propagation
        if seen is not None:
            known = {"uid": metadata.uid(seen), "resourceVersion": seen["metadata"]["resourceVersion"]}
            options["preconditions"] = known
        return self._obj(Request("DELETE", self._path(self.kind(kind), name, namespace), body=options))

    def table(
        self, kind: str | Kind, namespace: str = "", *, name: str = "", labels: str = "", fields: str = ""
    ) -> Obj:
        """The server's `Table` of the objects: what `kubectl get` prints."""
        chosen = self.kind(kind)
        path = self._path(chosen, name, namespace) if name else chosen.path(namespace)
        selectors = query(labelSelector=labels or None, fieldSelector=fields or None)
        return self._obj(Request("GET", path, selectors, accept=_TABLE))

    def logs(self, pod: str, namespace: str = "", container: str = "", **options: str | int | bool | None) -> str:
        """A container's log as it stands.

        Args:
            pod: The pod's name.
            namespace: Its namespace.
            container: Which one, where there are several.
            **options: `previous`, `tailLines`, `sinceSeconds`, `timestamps`, `limitBytes`, as in PodLogOptions.
        """
        body = self._send(self._log_request(pod, namespace, container, options)).body
        return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)

    def follow_logs(
        self, pod: str, namespace: str = "", container: str = "", *, passive: bool = False, **options: str | int | bool
    ) -> TextStream:
        """A container's log and all that is to come."""
        request = self._log_request(pod, namespace, container, {**options, "follow": True})
        return self.api.follow(request, passive=passive)

    def watch(  # noqa: PLR0913  (the words of a watch; most calls say two of them)
        self,
        kind: str | Kind,
        namespace: str = "",
        *,
        name: str = "",
        labels: str = "",
        fields: str = "",
        since: str = "",
        passive: bool = False,
    ) -> Watch:
        """Watches a kind, or one object of it.

        Args:
            kind: What to watch.
            namespace: Where; all namespaces when empty.
            name: Only this object.
            labels: Only objects with these labels.
            fields: Only objects with these fields.
            since: resourceVersion to start after; empty begins with the present state as ADDED events.
            passive: Only look on: waiting must not move virtual time.
        """
        chosen = self.kind(kind)
        selected = ",".join(part for part in (name and f"metadata.name={name}", fields) if part)
        options = query(
            labelSelector=labels or None,
            fieldSelector=selected or None,
            resourceVersion=since or None,
            allowWatchBookmarks=True,
        )
        return self.api.watch(Request("GET", chosen.path(namespace), options), passive=passive)

    def raw(self, method: Method, path: str, body: Json = None, **options: str | int | bool | None) -> Response:
        """Any request; `options` become its query."""
        return self._send(Request(method, path, query_of(options), body=body))

    def list(self, kind: str | Kind, namespace: str = "", *, labels: str = "", fields: str = "") -> Objects:
        """All objects of a kind, in the server's order."""
        return self.list_with_version(kind, namespace, labels=labels, fields=fields)[0]

    def _log_request(
        self, pod: str, namespace: str, container: str, options: dict[str, str | int | bool | None]
    ) -> Request:
        path = self._path(self.kind("pods"), pod, namespace, "log")
        return Request("GET", path, query_of({"container": container or None, **options}), accept="*/*")

    def _path(self, kind: Kind, name: str, namespace: str, subresource: str = "") -> str:
        return kind.path(namespace or self.namespace, name, subresource)

    def _collection_of(self, obj: Obj, namespace: str) -> str:
        return self.kind_of(obj).path(metadata.namespace(obj) or namespace or self.namespace)

    def _obj(self, request: Request) -> Obj:
        body = self._send(request).body
        if not isinstance(body, dict):
            raise UsageError(
                msg(
                    "{method} {path} answered with something that is no object",
                    method=request.method,
                    path=request.path,
                ),
                why=str(body),
            )
        return body

    def _send(self, request: Request) -> Response:
        response = self.api.send(request)
        if self.on_warning is not None and request.method != "GET":
            for warning in response.warnings:
                self.on_warning(warning)
        if response.code >= 400:
            raise StatusError.of(response)
        return response
