"""Where a session is: in a lesson's namespace, or in none, and then it says so when somebody acts."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from pathlib import Path
from typing import cast

from k8s_tutor import kubeconfig
from k8s_tutor.api.cluster import Cluster, Feature, KeepsClusters
from k8s_tutor.course.progress import Register
from k8s_tutor.course.record import Lesson
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.session.belongings import OwnedClient, Owner
from k8s_tutor.session.definitions import Definitions
from k8s_tutor.session.learner import Learner, dns_label, may, who_sits_here
from k8s_tutor.session.lesson_namespace import LessonNamespace

__all__ = ["Whereabouts", "namespace_for"]


def namespace_for(client: OwnedClient, cluster: Cluster, learner: Learner, lesson: Lesson) -> LessonNamespace:
    """The namespace of a learner's lesson on a cluster; nothing is made yet.

    Where one may not create namespaces, nor has been given one, it is the context's own.

    Args:
        client: Talks to the cluster.
        cluster: Which.
        learner: Who; nobody in particular goes by their login where the cluster is not one person's.
        lesson: Which.
    """
    personal = Feature.PERSONAL in cluster.features
    label = learner.label or ("" if personal else who_sits_here().label)
    name = dns_label(f"{lesson.namespace}-{label}") if label else lesson.namespace
    owner = Owner(label, lesson.name)

    def definitions(where: str) -> Definitions:
        return Definitions(client, cluster.clock, lesson.definitions, lesson.name, where)

    own = LessonNamespace(client, cluster.clock, name, owner, definitions(name))
    if personal or own.find() is not None or may(client, "create", "namespaces"):
        return own
    from k8s_tutor.session.borrowed_namespace import BorrowedNamespace  # noqa: PLC0415  rare

    where = cluster.namespace
    return BorrowedNamespace(client, cluster.clock, where, owner, definitions(where))


class Whereabouts:
    """Where a session is.

    Attributes:
        lesson: The lesson it is in; None for none.
        inside: Its namespace.
        register: Where a workshop wants to know how far the learner is; None where there can be none.
    """

    def __init__(self, client: OwnedClient, cluster: Cluster, learner: Learner, say: Callable[[str], None]) -> None:
        self.lesson: Lesson | None = None
        self.inside: LessonNamespace | None = None
        self._client = client
        self._cluster = cluster
        self._learner = learner
        self._tell = say
        self._file: Path | None = None
        self._before: tuple[Lesson | None, LessonNamespace | None] | None = None
        self._departing: Callable[[], None] | None = None
        client.namespace = cluster.namespace
        shared = Feature.PERSONAL not in cluster.features
        self.remember()
        self.register = Register(client, cluster.clock, cluster.namespace) if shared else None

    def begin(self, lesson: Lesson) -> None:
        """Enters a lesson's namespace, ready and empty.

        Raises:
            UsageError: there can be none: somebody else's has its name, or no rights.
        """
        self.depart()
        self._before = None
        inside = namespace_for(self._client, self._cluster, self._learner, lesson)
        self._client.owner = None
        removed = inside.prepare()
        self._enter(lesson, inside)
        self._say(msg("Lesson {title}: {prepared}", title=lesson.title, prepared=inside.describe_prepared(removed)))
        self._say_about_definitions(inside)
        if self.register is not None:
            self.register.enter(lesson.name)

    def go_on(self, lesson: Lesson | None) -> Lesson | None:
        """Is again where an earlier kernel was: nothing is made or emptied."""
        self._before = None
        if lesson is None:
            self._leave()
        else:
            self._enter(lesson, namespace_for(self._client, self._cluster, self._learner, lesson))
        return lesson

    def remember(self) -> None:
        """Has a cluster that may be gone on with in another kernel keep who is where."""
        if Feature.KEEPS_CLUSTERS in self._cluster.features:
            lesson, _ = self._before or (self.lesson, None)
            cast("KeepsClusters", self._cluster).remember(self._learner.label, lesson.name if lesson else "")

    def look_into(self, place: Lesson) -> LessonNamespace:
        """The namespace of a place that is no lesson; nothing is made, nobody moves."""
        return namespace_for(self._client, self._cluster, self._learner, place)

    def visit(self, place: Lesson, inside: LessonNamespace) -> None:
        """Goes to a place that is no lesson; `leave` comes back. The lesson one is in stays as it is."""
        self.depart()
        if self._before is None:
            self._before = (self.lesson, self.inside)
        self._enter(place, inside)

    @property
    def visiting(self) -> str:
        """The name of the place one is in, where it is no lesson; else empty."""
        return self.lesson.name if self._before is not None and self.lesson is not None else ""

    def on_departure(self, then: Callable[[], None]) -> None:
        """Has something done before one goes on from here, wherever to; also at the end of all."""
        self._departing = then

    def depart(self) -> None:
        """Does what was to be done before one goes on. Safe to call twice."""
        then, self._departing = self._departing, None
        if then is not None:
            then()

    def _enter(self, lesson: Lesson, inside: LessonNamespace) -> None:
        self._client.owner = inside.marks
        self.lesson, self.inside = lesson, inside
        self.remember()
        self._move(inside.name)

    def reset(self) -> None:
        """Empties the lesson's namespace again.

        Raises:
            UsageError: in no lesson.
        """
        inside = self.required()
        words = str(inside.describe_prepared(inside.prepare()))
        self._say(f"{words[:1].upper()}{words[1:]}")

    def leave(self) -> None:
        """Ends the lesson.

        Raises:
            UsageError: in no lesson.
        """
        inside = self.required()
        self.depart()
        self._say(inside.remove())
        self._say_kept(inside)
        (lesson, back), self._before = self._before or (None, None), None
        if lesson is not None and back is not None:
            self._enter(lesson, back)
            self._say(msg("You are back in lesson {title}.", title=lesson.title))
            return
        self._leave()

    def _leave(self) -> None:
        self.lesson = self.inside = self._client.owner = None
        self.remember()
        self._move(self._cluster.namespace)

    def required_lesson(self) -> Lesson:
        """The lesson.

        Raises:
            UsageError: in none.
        """
        if self.lesson is None:
            raise UsageError(msg("No lesson has begun."), next_step=msg('Begin one: t.lesson("pods").'))
        return self.lesson

    def required(self) -> LessonNamespace:
        """The lesson's namespace.

        Raises:
            UsageError: in no lesson.
        """
        if self.inside is None:
            raise UsageError(
                msg("No lesson has begun."),
                why=msg("Only a lesson's own namespace is ours to empty."),
                next_step=msg('Begin one: t.lesson("pods").'),
            )
        return self.inside

    def say_if_nowhere(self) -> None:
        """Says where something lands that is done in no lesson."""
        if self.lesson is None:
            where = self._client.namespace
            self._say(
                msg(
                    'You are in no lesson: this is done in namespace {where}. t.lesson("pods") begins one.', where=where
                )
            )

    def close(self) -> None:
        """Takes our copy of the kubeconfig away. Safe to call twice."""
        self.depart()
        if self._file is not None:
            atexit.unregister(self.close)
            kubeconfig.leave(self._file, self._cluster.kubeconfig)
            self._file = None

    def _say(self, words: Wording) -> None:
        self._tell(str(words))

    def _move(self, namespace: str) -> None:
        """What is typed in cells and terminals starts there, too."""
        self._client.namespace = namespace
        if self.lesson is None:
            self.close()
            return
        if self._file is None:
            atexit.register(self.close)
        self._file = kubeconfig.enter(self._cluster.kubeconfig, namespace)

    def _say_about_definitions(self, inside: LessonNamespace) -> None:
        missing, refused = inside.definitions.missing_rights()
        if not missing or self.lesson is None:
            return
        self._say(missing)
        if refused:
            from k8s_tutor.course.catalog import list_exercises  # noqa: PLC0415

            without = [one.id for one in list_exercises(self.lesson) if one.function is not None]
            if without:
                self._say(
                    msg(
                        "What needs no such rights: {without} try functions of yours, without a cluster.",
                        without=", ".join(without),
                    )
                )
            names = ", ".join(self.lesson.definitions)
            self._say(
                msg(
                    'For all of it: a cluster of your own, connect("embedded"); or ask whoever runs this one '
                    "to apply {names} once, and for a role that lets you get it and use its objects.",
                    names=names,
                )
            )

    def _say_kept(self, inside: LessonNamespace) -> None:
        if inside.definitions.names and (kept := inside.definitions.kept()):
            self._say(
                msg(
                    "{kept} belongs to the whole cluster and stays: others use it, or it is not yours.",
                    kept=", ".join(kept),
                )
            )
