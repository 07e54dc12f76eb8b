"""Which objects a list or watch is about: namespace, name, labels, fields."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.versions import VersionedKind
from k8s_tutor.objects.fieldselectors import FieldSelector, FieldSelectorError, parse_fields
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.selectors import Selector, SelectorError
from k8s_tutor.objects.selectors import parse as parse_labels
from k8s_tutor.objects.types import Obj

__all__ = ["Selection", "selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """A predicate on objects as clients of the kind see them."""

    namespace: str
    name: str
    labels: Selector
    fields: FieldSelector

    @property
    def everything(self) -> bool:
        """Whether all objects (of the namespace) are selected."""
        return not (self.name or self.labels.requirements or self.fields.requirements)

    def covers(self, obj: Obj) -> bool:
        """Whether an object is selected."""
        metadata = obj["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        if self.name and metadata["name"] != self.name:
            return False
        return self.labels.matches(metadata.get("labels")) and self.fields.matches(obj)


def selection(call: Call) -> Selection:
    """The selection a request asks for.

    Raises:
        StatusError: 400 for selectors that cannot be understood.
    """
    request, kind = call.request, call.kind
    try:
        labels = parse_labels(request.param("labelSelector"))
        fields = parse_fields(request.param("fieldSelector"), kind, _own_fields(kind))
    except (SelectorError, FieldSelectorError) as error:
        raise errors.bad_request(str(error)) from None
    return Selection(call.route.namespace, call.route.name, labels, fields)


def _own_fields(kind: Kind) -> tuple[str, ...]:
    return kind.selectable if isinstance(kind, VersionedKind) else ()
