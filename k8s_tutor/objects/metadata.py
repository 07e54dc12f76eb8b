"""Reading an object's metadata: names, owners, keys. Nothing here changes an object."""

from collections.abc import Mapping
from typing import NamedTuple, Self, cast

from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = [
    "Key",
    "annotations",
    "api_group",
    "controller_of",
    "is_controlled_by",
    "is_deleting",
    "key",
    "labels",
    "name",
    "namespace",
    "owner_reference",
    "owners",
    "title",
    "uid",
]


class Key(NamedTuple):
    """An object's place among those of its kind; as text `default/web`, or `node-1` without a namespace."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key behind its text."""
        namespace, _, name = text.rpartition("/")
        return cls(namespace, name)


def name(obj: Obj) -> str:
    """`metadata.name`, or `""`."""
    return str((obj.get("metadata") or {}).get("name", ""))


def namespace(obj: Obj) -> str:
    """`metadata.namespace`, or `""`."""
    return str((obj.get("metadata") or {}).get("namespace", ""))


def uid(obj: Obj) -> str:
    """`metadata.uid`, or `""`."""
    return str((obj.get("metadata") or {}).get("uid", ""))


def key(obj: Obj) -> Key:
    """Namespace and name."""
    return Key(namespace(obj), name(obj))


def title(obj: Obj) -> str:
    """For people: `Pod web`."""
    return f"{obj.get('kind', 'object')} {name(obj)}".rstrip()


def labels(obj: Obj) -> Mapping[str, str]:
    """`metadata.labels`, never None. Do not change it."""
    return (obj.get("metadata") or {}).get("labels") or {}


def annotations(obj: Obj) -> Mapping[str, str]:
    """`metadata.annotations`, never None. Do not change it."""
    return (obj.get("metadata") or {}).get("annotations") or {}


def is_deleting(obj: Obj) -> bool:
    """Whether a deletion has begun (`deletionTimestamp`)."""
    return "deletionTimestamp" in (obj.get("metadata") or {})


def owners(obj: Obj) -> list[OwnerReference]:
    """`metadata.ownerReferences`, never None."""
    return (obj.get("metadata") or {}).get("ownerReferences") or []


def controller_of(obj: Obj) -> OwnerReference | None:
    """The owner that controls this object, None for one that stands alone."""
    return next((owner for owner in owners(obj) if owner.get("controller")), None)


def is_controlled_by(obj: Obj, owner: Obj) -> bool:
    """Whether `owner`, this very one and not a namesake, controls the object."""
    reference = controller_of(obj)
    return reference is not None and reference.get("uid") == uid(owner)


def owner_reference(owner: Obj, *, controller: bool = True) -> OwnerReference:
    """The reference a controller puts on what it makes; it holds back the owner's foreground deletion."""
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name(owner),
        "uid": uid(owner),
    }
    if controller:
        reference |= {"controller": True, "blockOwnerDeletion": True}
    return cast("OwnerReference", reference)


def api_group(api_version: str) -> str:
    """The group in an `apiVersion`: `apps` of `apps/v1`, `""` of `v1`."""
    return api_version.rpartition("/")[0]
