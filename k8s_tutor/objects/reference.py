"""What a person means by `deploy/web`, `pod web` or just `web`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds

__all__ = ["Ref", "begun", "distance", "kind_named", "nearest", "parse_ref"]


# ---- Did you mean …: the nearest words by edit distance


def distance(one: str, other: str) -> int:
    """How many insertions, deletions, replacements or swaps of neighbours turn one word into the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        before, last, row = row, before, [i] + [0] * len(other)
        for j, right in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if last and j > 1 and left == other[j - 2] and one[i - 2] == right:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate a person most likely meant, or `""` when none is near.

    Upper and lower case count little: `replicaset` is near `ReplicaSet`. Ties go to the earlier candidate.

    >>> nearest("contaners", ["containers", "volumes"])
    'containers'
    """
    best, best_distance = "", len(word) // 3 + 1.5
    for candidate in dict.fromkeys(candidates):
        far = distance(word.lower(), candidate.lower()) + (0 if word == candidate else 0.25)
        if far < best_distance:
            best, best_distance = candidate, far
    return best


def begun(word: str, candidates: Iterable[str]) -> str:
    """The first candidate that begins with the word (`initialDelay` of `initialDelaySeconds`), or `""`."""
    if len(word) < 4:
        return ""
    return next((candidate for candidate in candidates if candidate.lower().startswith(word.lower())), "")


# ---- What a person means by `deploy/web`, `pod web` or just `web`


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
        msg("I do not know which object {text!r} is", text=text),
        why=msg("an object is named by its kind and its name"),
        next_step=msg("write it like pod/web or deploy/web"),
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
        msg("there is no kind of object called {word!r}", word=word),
        why=msg("this cluster does not serve it"),
        next_step=msg("did you mean {guess}?", guess=guess)
        if guess
        else msg("{command} lists what it serves", command='t.kubectl("api-resources")'),
    )
