"""Reading an object's metadata: names, owners, keys. Nothing here changes an object."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self, cast

from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = [
    "Key",
    "annotations",
    "api_group",
    "controller_of",
    "dns1035_label",
    "dns1123_label",
    "dns1123_subdomain",
    "is_controlled_by",
    "is_deleting",
    "key",
    "label_value",
    "labels",
    "name",
    "namespace",
    "owner_reference",
    "owners",
    "qualified_name",
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


# ---- What Kubernetes accepts as a name, a label key or a label value, and how it says no
#
# Each function returns the problems in Kubernetes' words, none when the text is valid.
# Source: the answers of a real API server (1.37) to invalid names, and
# kubernetes.io/docs/concepts/overview/working-with-objects/names.

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_NAME})?"

_LABEL_RE, _SUBDOMAIN_RE, _LABEL_1035_RE, _NAME_RE, _VALUE_RE = (
    re.compile(pattern) for pattern in (_LABEL, _SUBDOMAIN, _LABEL_1035, _NAME, _VALUE)
)

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    f"'{_LABEL_1035}')"
)
_NAME_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_VALUE}')"
)


def dns1123_label(text: str) -> list[str]:
    """Names of namespaces and containers."""
    if len(text) > 63:
        return ["must be no more than 63 characters"]
    if _LABEL_RE.fullmatch(text):
        return []
    return ["must not contain dots"] if _SUBDOMAIN_RE.fullmatch(text) else [_LABEL_WORDS]


def dns1123_subdomain(text: str) -> list[str]:
    """Names of most objects."""
    if len(text) > 253:
        return ["must be no more than 253 characters"]
    return [] if _SUBDOMAIN_RE.fullmatch(text) else [_SUBDOMAIN_WORDS]


def dns1035_label(text: str) -> list[str]:
    """Names that become DNS labels of the old kind, such as those of CRD plurals."""
    if len(text) > 63:
        return ["must be no more than 63 characters"]
    return [] if _LABEL_1035_RE.fullmatch(text) else [_LABEL_1035_WORDS]


def label_value(text: str) -> list[str]:
    """Values of labels."""
    if len(text.encode()) > 63:
        return ["must be no more than 63 bytes"]
    return [] if _VALUE_RE.fullmatch(text) else [_VALUE_WORDS]


def qualified_name(text: str) -> list[str]:
    """Keys of labels and annotations: `app`, `example.com/app`."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return [
            "a valid label key "
            + _NAME_WORDS
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        problems += [f"prefix part {problem}" for problem in dns1123_subdomain(prefix)]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode()) > 63:
        return [*problems, "name part must be no more than 63 bytes"]
    if not _NAME_RE.fullmatch(name):
        problems.append("name part " + _NAME_WORDS)
    return problems
