"""What a person means by `deploy/web`, `pod web` or just `web`."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.errors import UsageError
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds
from k8s_tutor.objects.spelling import nearest

__all__ = ["Ref", "kind_named", "parse_ref"]


@dataclass(frozen=True, slots=True)
class Ref:
    """An object by name, or a whole kind.

    Attributes:
        kind: None when only a name was given.
        name: `""` when only a kind was given (`pods`).
    """

    kind: Kind | None
    name: str = ""

    def __str__(self) -> str:
        if self.kind is None:
            return self.name
        return f"{self.kind.singular}/{self.name}" if self.name else self.kind.plural


def parse_ref(text: str, kinds: KindTable | None = None) -> Ref:
    """The reference in a person's words.

    >>> str(parse_ref("deploy/web")), str(parse_ref("pod web")), str(parse_ref("web")), str(parse_ref("pods"))
    ('deployment/web', 'pod/web', 'web', 'pods')

    Raises:
        UsageError: the kind is unknown ("did you mean …"), or there are too many words.
    """
    table = kinds or builtin_kinds()
    words = text.replace("/", " ").split()
    if len(words) == 2:
        return Ref(kind_named(words[0], table), words[1])
    if len(words) == 1 and "/" not in text:
        kind = table.find(words[0])
        return Ref(kind) if kind else Ref(None, words[0])
    raise UsageError(
        f"I do not know which object {text!r} is",
        why="an object is named by its kind and its name",
        next_step="write it like pod/web or deploy/web",
    )


def kind_named(word: str, kinds: KindTable | None = None) -> Kind:
    """The kind a word means, as kubectl understands it.

    Raises:
        UsageError: there is none; the nearest word is offered.
    """
    table = kinds or builtin_kinds()
    kind = table.find(word)
    if kind is not None:
        return kind
    guess = nearest(word.lower(), table.words())
    raise UsageError(
        f"there is no kind of object called {word!r}",
        why="this cluster does not serve it",
        next_step=f"did you mean {guess}?" if guess else 'kubectl("api-resources") lists what it serves',
    )
