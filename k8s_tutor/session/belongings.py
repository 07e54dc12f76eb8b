"""What belongs to a learner's lesson: the labels we put on it, and what followed from what carries them.

Law: pure. Only what belongs to a lesson is ever emptied or removed where others are, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.course.progress import WORKSHOP
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["LEARNER", "LESSON", "MANAGED_BY", "OURS", "OwnedClient", "Owner", "is_elsewhere", "mark_made", "writes"]

MANAGED_BY = "app.kubernetes.io/managed-by"
OURS = "k8s-tutor"
LEARNER = "k8s-tutor.dev/learner"
LESSON = "k8s-tutor.dev/lesson"


@dataclass(frozen=True)
class Owner:
    """A learner in a lesson.

    Attributes:
        learner: The learner's label; empty for nobody in particular.
        lesson: The lesson's name.
    """

    learner: str
    lesson: str

    @property
    def labels(self) -> dict[str, str]:
        """What everything carries that is made in this lesson by this learner."""
        return {MANAGED_BY: OURS, LEARNER: self.learner, LESSON: self.lesson}

    def owns(self, obj: Obj) -> bool:
        """Whether an object carries our label and this owner; one that names none is nobody's in particular."""
        labels = metadata.labels(obj)
        return (
            labels.get(MANAGED_BY) == OURS
            and labels.get(LEARNER, "") == self.learner
            and labels.get(LESSON, self.lesson) == self.lesson
        )

    def belongings(self, objects: Iterable[Obj], known: Iterable[str] = ()) -> set[str]:
        """The UIDs of what is owned, and of all that it has made: a Deployment's ReplicaSets, and their Pods.

        Args:
            objects: Everything there is in a namespace.
            known: UIDs of what was found to be owned before and may be gone, while what it has made is not.
        """
        everything = list(objects)
        found = {*known, *(metadata.uid(obj) for obj in everything if self.owns(obj))}
        while more := {uid for obj in everything if (uid := metadata.uid(obj)) not in found and _made_by(obj, found)}:
            found |= more
        return found | {metadata.uid(obj) for obj in everything if _claimed_by_a_set(obj, everything, found)}


def _made_by(obj: Obj, makers: set[str]) -> bool:
    return any(owner.get("uid") in makers for owner in metadata.owners(obj))


def _claimed_by_a_set(obj: Obj, everything: list[Obj], found: set[str]) -> bool:
    """Whether it is the claim of a StatefulSet's pod: made for it, though no owner reference says so."""
    if obj.get("kind") != "PersistentVolumeClaim":
        return False
    sets = [one for one in everything if one.get("kind") == "StatefulSet" and metadata.uid(one) in found]
    names = [
        rf"{re.escape(metadata.name(template))}-{re.escape(metadata.name(one))}-\d+"
        for one in sets
        for template in (one.get("spec") or {}).get("volumeClaimTemplates") or ()
    ]
    return any(re.fullmatch(name, metadata.name(obj)) for name in names)


# ---- A client that marks what it makes, where others are in the same namespace


class OwnedClient(Client):
    """Puts a lesson's labels on what it creates or applies in namespaces, and changes nothing that lacks them.

    Attributes:
        owner: Whose labels; None puts on none: in a namespace of its own everything is the lesson's anyway.
    """

    owner: Owner | None = None

    def create(self, obj: Obj, namespace: str = "", **options: Any) -> Obj:
        """See `Client.create`."""
        return super().create(self._marked(obj), namespace, **options)

    def apply(self, obj: Obj, namespace: str = "", **options: Any) -> Obj:
        """See `Client.apply`.

        Raises:
            UsageError: the name is taken by something that is not this lesson's.
        """
        if self._is_marked(obj) and self.owner is not None:
            kind = self.kind_of(obj)
            found = self.find(kind, metadata.name(obj), metadata.namespace(obj) or namespace)
            if found is not None and not self.owner.owns(found):
                raise self._not_ours(f"{kind.singular}/{metadata.name(obj)}", found)
        try:
            return super().apply(self._marked(obj), namespace, **options)
        except StatusError as error:
            shared = self._shared(obj) if error.code == 403 else None
            if shared is None:
                raise
            return shared

    def _shared(self, obj: Obj) -> Obj | None:
        """What a workshop has prepared for all who may not make it: a definition; said in one line."""
        kind, name = self.kind_of(obj), metadata.name(obj)
        try:
            found = None if kind.namespaced else self.find(kind, name)
        except StatusError:
            return None
        if found is None or WORKSHOP not in metadata.labels(found):
            return None
        if self.on_warning is not None:
            self.on_warning(str(msg("{name} is there for the whole workshop already, and stays as it is.", name=name)))
        return found

    def _is_marked(self, obj: Obj) -> bool:
        """What belongs to the whole cluster carries no learner's name: it is shared."""
        return self.owner is not None and self.kind_of(obj).namespaced

    def _marked(self, obj: Obj) -> Obj:
        if not self._is_marked(obj) or self.owner is None:
            return obj
        meta = obj.get("metadata") or {}
        return {**obj, "metadata": {**meta, "labels": {**(meta.get("labels") or {}), **self.owner.labels}}}

    @staticmethod
    def _not_ours(title: str, found: Obj) -> UsageError:
        labels, where = metadata.labels(found), metadata.namespace(found)
        whose = (
            msg("learner {learner}, lesson {lesson}", learner=labels[LEARNER], lesson=labels.get(LESSON, "?"))
            if labels.get(LEARNER)
            else msg("somebody")
        )
        command = f"kubectl delete {title} -n {where}"
        return UsageError(
            msg("There is a {title} in namespace {where} that this lesson has not made.", title=title, where=where),
            why=msg(
                "It belongs to {whose}; others are in this namespace, and only what carries your labels is changed.",
                whose=whose,
            ),
            next_step=msg("Choose another name; or, if it is yours, remove it first: {command}", command=command),
        )


# ---- What a real kubectl has made for a lesson gets the lesson's labels afterwards: kubectl knows nothing of them

_MAKES = {"run", "create", "expose", "autoscale", "apply"}
_WRITES = _MAKES | {"delete", "edit", "patch", "label", "annotate", "scale", "set", "rollout", "replace", "debug"}
_MADE = re.compile(r"^(?P<kind>[\w.-]+)/(?P<name>\S+) (created|exposed|autoscaled)$", re.MULTILINE)
_NAMED = re.compile(r"^(?P<kind>[\w.-]+)/(?P<name>\S+)$", re.MULTILINE)  # with `-o name`


def writes(line: str) -> bool:
    """Whether a command line changes something."""
    return _verb(line) in _WRITES


def is_elsewhere(line: str) -> bool:
    """Whether it says itself in which namespace it acts."""
    return any(re.match(r"(-n|--namespace)(=|$)|-n.|(-A|--all-namespaces)$", word) for word in _words(line))


def mark_made(client: OwnedClient, line: str, printed: str) -> Wording:
    """Labels what a command line has made, going by what it printed; says what could not be labelled.

    Args:
        client: Knows whose labels; where it has none there is nothing to do.
        line: The command line.
        printed: What kubectl said.
    """
    owner, verb = client.owner, _verb(line)
    if owner is None or verb not in _MAKES or is_elsewhere(line) or re.search(r"--dry-run(?!=none)", line):
        return ""
    made = list(_made(verb, printed))
    failed = [f"{kind}/{name}" for kind, name in made if not _mark(client, kind, name)]
    if failed or (not made and re.search(r"(^|\s)(-o|--output)|--server-side", line)):
        what = ", ".join(failed) or msg("What this has made")
        return msg(
            "{what} carries none of your lesson's labels: t.reset() and t.leave() will leave it there.", what=what
        )
    return ""


def _made(verb: str, printed: str) -> Iterator[tuple[str, str]]:
    found = list(_MADE.finditer(printed))
    if not found and verb != "apply":  # which of what it applied is new, `apply -o name` does not tell
        found = list(_NAMED.finditer(printed))
    for one in found:
        yield one["kind"], one["name"]


def _mark(client: OwnedClient, word: str, name: str) -> bool:
    assert client.owner is not None
    try:
        kind = client.kind(word)
        if kind.namespaced:
            client.patch(kind, name, {"metadata": {"labels": client.owner.labels}})
    except StatusError as error:
        return error.code == 404  # it was there for a moment only: kubectl run --rm
    except TutorError:
        return False
    return True


def _verb(line: str) -> str:
    return next((word for word in _words(line) if not word.startswith("-")), "")


def _words(line: str) -> list[str]:
    from k8s_tutor.kubectl.arguments import split_words  # noqa: PLC0415  only for who types a line of kubectl

    try:
        return split_words(line)
    except TutorError:  # kubectl will say so itself
        return []
