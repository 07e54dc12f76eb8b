"""What every part of the API server stands on: the store, the time, the randomness, the kinds and their rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.identity import new_uid
from k8s_tutor.embedded.apiserver.routing import Route
from k8s_tutor.embedded.apiserver.rules.book import rules_of
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.embedded.apiserver.shapes import Shape
from k8s_tutor.embedded.apiserver.versions import RemovedKind, storage_kind
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.nodeservices import NodeServices
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import Kind, KindTable
from k8s_tutor.objects.schema import Type, builtin_schema
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:
    from k8s_tutor.embedded.apiserver.access.authorizer import Authorizer
    from k8s_tutor.embedded.apiserver.access.tokens import Tokens
    from k8s_tutor.embedded.apiserver.custom.kinds import CustomKinds

__all__ = ["Call", "Ground"]


@dataclass(slots=True)
class Ground:
    """The API server's state and collaborators.

    Attributes:
        loop: Whose clock stamps every write.
        store: Where objects live.
        random: Names, uids, addresses.
        kinds: All served kinds; replaced when a CustomResourceDefinition comes or goes.
        custom: The custom kinds' schemas.
        authorizer: Who may do what.
        tokens: Those of ServiceAccounts.
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
        if isinstance(kind, RemovedKind):
            return kind.rules
        return self.custom.rules(kind) or rules_of(kind)

    def shape(self, kind: Kind) -> Shape:
        """A kind's type."""
        if isinstance(kind, RemovedKind):
            return kind.shape
        shape = self.custom.shape(kind) or shape_of(kind.api_version, kind.kind)
        assert shape is not None, f"no type for {kind.api_version} {kind.kind}"
        return shape

    def type(self, kind: Kind) -> Type:
        """A kind's type as patches and apply see it."""
        if isinstance(kind, RemovedKind):
            return kind.type
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
        ground: The API server.
        request: As it came.
        user: Who sent it.
        route: What it is about.
        warnings: To be sent along with the answer.
    """

    ground: Ground
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
