"""From a person's words to an object on the cluster: `pod/web`, `web`, `deploy web`."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.reference import parse_ref
from k8s_tutor.objects.spelling import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["Target", "must_exist", "target"]


@dataclass(frozen=True)
class Target:
    """One object by kind, name and namespace; it need not exist."""

    kind: Kind
    name: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.kind.singular}/{self.name}"

    def find(self, client: Client) -> Obj | None:
        """The object, or None."""
        return client.find(self.kind, self.name, self.namespace)


def target(client: Client, ref: str, namespace: str, *, default: str = "pod") -> Target:
    """The object a reference means.

    Args:
        client: Knows the kinds.
        ref: `pod/web`, `pod web`; a bare name means one of kind `default`.
        namespace: Where, for kinds that live in namespaces.
        default: The kind of a bare name.

    Raises:
        UsageError: unknown kind, or a kind without a name.
    """
    if not isinstance(ref, str):
        raise UsageError(
            f"This is no reference to an object: {ref!r:.60}.",
            why="an object is named by its kind and its name, as text",
            next_step='Write it like "pod/web".',
        )
    word = ref.replace("/", " ").split()[0] if ref.strip() else ""
    if "/" in ref or " " in ref.strip():
        client.kind(word)  # a custom kind is looked up on the server before the words are judged
    parsed = parse_ref(ref.strip(), client.kinds)
    kind = parsed.kind or client.kind(default)
    if not parsed.name:
        raise UsageError(
            f"{ref!r} is a kind of object, not one object.",
            next_step=f'Add its name: "{kind.singular}/NAME".',
        )
    return Target(kind, parsed.name, namespace if kind.namespaced else "")


def must_exist(client: Client, wanted: Target) -> Obj:
    """The object.

    Raises:
        UsageError: there is none; the message names the nearest, or what there is.
    """
    found = wanted.find(client)
    if found is not None:
        return found
    names = [item["metadata"]["name"] for item in client.list(wanted.kind, wanted.namespace)]
    near = nearest(wanted.name, names)
    where = f" in namespace {wanted.namespace}" if wanted.namespace else ""
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    raise UsageError(
        f"There is no {wanted.kind.singular} called {wanted.name!r}{where}.",
        why=f"There is: {listed}." if names else f"There are no {wanted.kind.plural} at all.",
        next_step=f'Did you mean "{wanted.kind.singular}/{near}"?' if near else "",
    )
