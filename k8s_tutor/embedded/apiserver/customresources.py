"""Custom kinds: what CustomResourceDefinitions add to the served kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.embedded.apiserver.shapes import Shape
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.schema import Type
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:
    from k8s_tutor.embedded.apiserver.subresources.scale import ScalePaths

__all__ = ["CustomKinds"]


class CustomKinds:
    """The custom kinds served now.

    Attributes:
        generation: Counts changes of what is served.
    """

    def __init__(self) -> None:
        self.generation = 0

    def has(self, kind: Kind) -> bool:
        """Whether a kind is a custom one."""
        return False

    def rules(self, kind: Kind) -> Rules | None:
        """A custom kind's rules; None for built-in kinds."""
        return None

    def shape(self, kind: Kind) -> Shape | None:
        """A custom kind's type; None for built-in kinds."""
        return None

    def type(self, kind: Kind) -> Type | None:
        """A custom kind's type as patches and apply see it; None for built-in kinds."""
        return None

    def openapi(self, kind: Kind) -> Obj:
        """A custom kind's OpenAPI schema as its definition gives it."""
        return {}

    def list_kind(self, kind: Kind) -> str:
        """What a custom kind's lists are called; `""` for built-in kinds."""
        return ""

    def scale_paths(self, kind: Kind) -> ScalePaths | None:
        """Where a custom kind keeps its replicas; None for built-in kinds."""
        return None

    def printer_columns(self, kind: Kind) -> list[Obj] | None:
        """A custom kind's columns; None for built-in kinds."""
        return None
