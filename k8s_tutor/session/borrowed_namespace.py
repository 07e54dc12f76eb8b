"""A lesson in a namespace that is not its own: the one a learner has rights on, and no other.

What the lesson makes carries its labels, and only what carries them, or was made by what does, is ever removed. Two
learners cannot be in it at once, as each would be judged by the other's Pods: whoever comes first holds a Lease.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, Wording, join_sentences, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.belongings import LESSON, Owner
from k8s_tutor.session.learner import may
from k8s_tutor.session.lesson_namespace import SPARED, LessonNamespace, counted

__all__ = ["BorrowedNamespace"]

_LEASE = "k8s-tutor"
# What whoever runs the cluster furnishes a namespace with.
_FURNITURE = {"roles", "rolebindings", "serviceaccounts", "resourcequotas", "limitranges", "networkpolicies"}


@dataclass(frozen=True)
class BorrowedNamespace(LessonNamespace):
    """The context's own namespace, of which only a part is the lesson's."""

    _known: set[str] = field(default_factory=set, compare=False)

    @property
    def marks(self) -> Owner | None:
        """See `LessonNamespace.marks`."""
        return self.owner

    def prepare(self) -> int:
        """Removes what an earlier run has left; returns how many objects went.

        Raises:
            UsageError: no rights here, or another learner is in this namespace.
            WaitTimeout: a left-over object does not go.
        """
        self._must_be_allowed()
        self._take_lease()
        return self.clear()

    def remove(self) -> Wording:
        """Deletes what the lesson has made, and waits until it is gone; says what is left."""
        if self.definitions.names:
            self.client.refresh_kinds()
        self._empty()
        self.definitions.remove()
        with suppress(StatusError):
            lease = self.client.find("leases", _LEASE, self.name)
            if lease is not None and self.owner.owns(lease):
                self.client.delete("leases", _LEASE, self.name)
        others = self._others()
        return join_sentences(
            msg("Everything this lesson has made in namespace {name} is gone.", name=self.name),
            msg("Not made by it, and left alone: {names}.", names=_listed(others)) if others else "",
        )

    def describe_prepared(self, removed: int) -> Message:
        """What `prepare` has done, in words."""
        others = len(self._others())
        gone = msg("{objects} of an earlier run removed", objects=counted(removed)) if removed else ""
        left = msg("{objects} that it has not made left alone", objects=counted(others)) if others else ""
        done = msg("{one}, {two}", one=gone, two=left) if gone and left else gone or left
        return msg(
            "it runs in namespace {namespace}, as you may not create namespaces here; only what it makes "
            "itself, labelled {label}, is ever removed{done}.",
            namespace=self.name,
            label=f"{LESSON}={self.owner.lesson}",
            done=msg(" ({done})", done=done) if done else "",
        )

    def own(self, objects: Iterable[Obj]) -> list[Obj]:
        """Those that carry the lesson's labels, or were made by what does."""
        mine = self.owner.belongings((item for _, item in self._everything()), self._known)
        return [item for item in objects if metadata.uid(item) in mine]

    def _empty(self) -> int:
        """Looks again after each round: controllers may have made something between our look and our deed."""
        gone = 0
        while mine := self._mine():
            deleted = [(kind, metadata.name(item)) for kind, item in mine if self._delete(kind, item)]
            self._wait_all_gone(deleted)
            gone += len(deleted)
            if len(deleted) < len(mine):  # not ours to delete, though it carries our labels
                break
        return gone

    def _mine(self) -> list[tuple[Kind, Obj]]:
        everything = self._everything()
        self._known.update(self.owner.belongings((item for _, item in everything), self._known))
        mine = [(kind, item) for kind, item in everything if metadata.uid(item) in self._known]
        for kind in {kind for kind, _ in mine if kind in self.client.custom_kinds}:
            self._release(kind)
        return mine

    def _belongs(self, kind: Kind, item: Obj) -> bool:
        return super()._belongs(kind, item) and metadata.uid(item) in self._known

    def _others(self) -> list[str]:
        """What somebody has made who is not in this lesson."""
        everything = self._everything()
        mine = self.owner.belongings((item for _, item in everything), self._known)
        return [
            f"{kind.singular}/{metadata.name(item)}"
            for kind, item in everything
            if metadata.uid(item) not in mine
            and kind.plural not in _FURNITURE
            and (kind.plural, metadata.name(item)) not in SPARED
            and not metadata.owners(item)
        ]

    def _everything(self) -> list[tuple[Kind, Obj]]:
        return [(kind, item) for kind in self._kinds() for item in self._items(kind)]

    # ---- whose turn it is

    def _must_be_allowed(self) -> None:
        if may(self.client, "create", "pods", namespace=self.name):
            return
        raise UsageError(
            msg(
                "No lesson can run on this cluster: you may neither create namespaces, nor Pods in namespace {name}.",
                name=self.name,
            ),
            why=msg("{name} is the namespace of your context; your rights do not reach further.", name=self.name),
            next_step=msg(
                "Ask for the role `admin` in a namespace and name it in your context (kubectl config "
                "set-context --current --namespace=NAME), then connect again; or use a cluster of your "
                'own: connect("embedded").'
            ),
        )

    def _take_lease(self) -> None:
        body: Obj = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": _LEASE, "labels": self.owner.labels},
            "spec": {"holderIdentity": self.owner.learner},
        }
        try:
            self.client.create(body, self.name)
        except StatusError as error:
            if error.code == 403:  # a role without Leases: then nobody here can say whose turn it is
                return
            if error.code != 409:
                raise
            self._must_be_my_turn(self.client.get("leases", _LEASE, self.name))
            labels = {"metadata": {"labels": self.owner.labels}}
            self.client.patch("leases", _LEASE, labels, self.name)

    def _must_be_my_turn(self, lease: Obj) -> None:
        holder = str((lease.get("spec") or {}).get("holderIdentity", ""))
        if holder == self.owner.learner:
            return
        lesson, since = metadata.labels(lease).get(LESSON, "?"), lease["metadata"].get("creationTimestamp", "")
        raise UsageError(
            msg(
                "Learner {holder} is in namespace {name}, in lesson {lesson}, since {since}.",
                holder=holder,
                name=self.name,
                lesson=lesson,
                since=since,
            ),
            why=msg(
                "You may not create namespaces here, and two learners in one would be judged by each other's Pods."
            ),
            next_step=msg(
                "Wait until they have left (t.leave()), or ask for a namespace of your own; or use a "
                'cluster of your own: connect("embedded"). If nobody is there any more: kubectl delete '
                "lease {lease} -n {name}",
                lease=_LEASE,
                name=self.name,
            ),
        )


def _listed(names: list[str]) -> Wording:
    shown = ", ".join(names[:5])
    return msg("{names} and {count} more", names=shown, count=len(names) - 5) if len(names) > 5 else shown
