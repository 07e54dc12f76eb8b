"""What a check of the standards finds, and how it words it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from k8s_tutor.objects.types import Json, Obj

__all__ = ["Finding", "containers", "context", "joined", "named", "plural", "setters"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One standard that a pod violates.

    Attributes:
        reason: In a word or two.
        detail: Who does what; `""` where the reason says it all.
    """

    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


def containers(spec: Obj) -> Iterator[Obj]:
    """All of a pod's containers, in the order in which they are judged."""
    for group in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(group) or ()


def context(container: Obj, key: str) -> Json:
    """A field of a container's (or the pod's) security context."""
    return (container.get("securityContext") or {}).get(key)


def plural(word: str, items: Sequence[object]) -> str:
    """The word, in the plural where there are several items."""
    return word if len(items) == 1 else f"{word}s"


def joined(words: Iterable[str]) -> str:
    """`"a", "b"`; a quotation mark inside stays as it is."""
    return ", ".join(f'"{word}"' for word in words)


def named(names: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{plural('container', names)} {joined(names)}"


def setters(names: Sequence[str], *, pod: bool) -> str:
    """Who set something: `pod and container "a"`."""
    return " and ".join([*(["pod"] if pod else []), *([named(names)] if names else [])])
