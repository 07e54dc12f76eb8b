"""What every part of the API server stands on: the store, the time, the randomness, the kinds and their rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.authorizer import Authorizer
from k8s_tutor.embedded.apiserver.access.tokens import Tokens
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.custom_kinds import CustomKinds
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.embedded.apiserver.routing import Route
from k8s_tutor.embedded.apiserver.rules import rules_of
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.shapes import Shape
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind
from k8s_tutor.embedded.core import Loop, Providers, User, new_uid
from k8s_tutor.embedded.nodeservices import NodeServices
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.apply import ApplyError, Writer, track_update
from k8s_tutor.objects.kinds import Kind, KindTable
from k8s_tutor.objects.schema import Type, builtin_schema
from k8s_tutor.objects.types import Obj

__all__ = ["Call", "ServerContext", "find_writer", "record"]


@dataclass(slots=True)
class ServerContext:
    """The API server's state and collaborators.

    Attributes:
        loop: Whose clock stamps every write.
        store: Where objects live.
        random: Names, uids, addresses.
        kinds: All served kinds; replaced when a CustomResourceDefinition comes or goes.
        custom: The custom kinds' schemas.
        authorizer: Who may do what.
        tokens: Those of ServiceAccounts.
        providers: What the server was handed: a certificate authority, a way to servers outside.
        nodes: The kubelets, for logs, exec and proxy; None until the nodes are wired.
        released: While entered, others may use the core: for calls to servers outside, which take real time.
    """

    loop: Loop
    store: Store
    random: Random
    kinds: KindTable
    custom: CustomKinds
    authorizer: Authorizer
    tokens: Tokens
    providers: Providers
    nodes: NodeServices | None = None
    released: Callable[[], AbstractContextManager[None]] = nullcontext

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.loop.now()

    def uid(self) -> str:
        """A new uid."""
        return new_uid(self.random)

    def rules(self, kind: Kind) -> Rules:
        """A kind's particulars."""
        return self.custom.rules(kind) or rules_of(kind)

    def shape(self, kind: Kind) -> Shape:
        """A kind's type."""
        shape = self.custom.shape(kind) or shape_of(kind.api_version, kind.kind)
        assert shape is not None, f"no type for {kind.api_version} {kind.kind}"
        return shape

    def type(self, kind: Kind) -> Type:
        """A kind's type as patches and apply see it."""
        found = self.custom.type(kind) or builtin_schema().kind(kind.api_version, kind.kind)
        assert found is not None, f"no type for {kind.api_version} {kind.kind}"
        return found

    def find(self, kind: Kind, namespace: str, name: str) -> Obj | None:
        """A stored object, in its storage version."""
        return self.store.get(storage_kind(kind).group_resource, namespace if kind.namespaced else "", name)

    def get(self, kind: Kind, namespace: str, name: str) -> Obj:
        """A stored object, in its storage version.

        Raises:
            StatusError: 404.
        """
        obj = self.find(kind, namespace, name)
        if obj is None:
            raise errors.not_found(kind, name)
        return obj


@dataclass(slots=True)
class Call:
    """One request being answered.

    Attributes:
        context: The API server.
        request: As it came.
        user: Who sent it.
        route: What it is about.
        warnings: To be sent along with the answer.
    """

    context: ServerContext
    request: Request
    user: User
    route: Route
    warnings: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """The kind in the path."""
        return self.route.kind

    def warn(self, text: str) -> None:
        """Sends a warning along, once."""
        if text not in self.warnings:
            self.warnings.append(text)


# ---- managedFields: who owns which field, kept on every write


def record(call: Call, new: Obj, old: Obj | None, options: WriteOptions) -> None:
    """Brings `new`'s managedFields up to date with what this write changes."""
    if options.applied:
        return  # applying has settled who owns what
    kind = call.kind if call.kind.kind == new["kind"] else call.context.kinds.of(new["apiVersion"], new["kind"])
    assert kind is not None
    before = None if old is None else _present(from_storage(old, kind))
    after = _present(from_storage(new, kind))
    try:
        tracked = track_update(
            before, after, find_writer(call, kind, options), now=call.context.now(), schema=call.context.type(kind)
        )
    except ApplyError:  # items without their keys: the real server leaves the owners as they were, too
        tracked = after if before is None else before
    entries = tracked["metadata"].get("managedFields")
    if entries:
        new["metadata"]["managedFields"] = entries
    else:
        new["metadata"].pop("managedFields", None)


def _present(obj: Obj) -> Obj:
    """Without the times that Go writes as null when nobody has set them: nobody owns those."""
    return {key: value for key, value in obj.items() if value is not None} if None in obj.values() else obj


def find_writer(call: Call, kind: Kind, options: WriteOptions) -> Writer:
    """Who writes, and what cannot be written this way."""
    subresource = call.route.subresource
    has_status = any(part.name == "status" for part in kind.subresources)
    ignored: tuple[str, ...] = ()
    if subresource == "status":
        ignored = ("spec",)
    elif has_status:
        ignored = ("status",)
    return Writer(options.field_manager, kind.api_version, subresource, ignored)
