"""Which rules belong to which kind."""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.apiserver.rules.namespaces import NAMESPACE
from k8s_tutor.embedded.apiserver.rules.plain import plain
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects.kinds import Kind

__all__ = ["rules_of"]

_PARTICULAR: dict[str, Rules] = {
    "namespaces": NAMESPACE,
}


@cache
def rules_of(kind: Kind) -> Rules:
    """The rules of a built-in kind."""
    return _PARTICULAR.get(kind.group_resource) or plain(kind)
