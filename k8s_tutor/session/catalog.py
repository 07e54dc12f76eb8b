"""The lessons a session can bring a cluster to the start of."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.errors import UsageError
from k8s_tutor.objects.spelling import nearest

__all__ = ["LESSONS", "Lesson", "lesson"]


@dataclass(frozen=True)
class Lesson:
    """A lesson's place on the cluster.

    Attributes:
        name: `pods`.
        title: For people.
        definitions: CustomResourceDefinitions it makes; they belong to the whole cluster and go with the lesson.
    """

    name: str
    title: str
    definitions: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        """Its own namespace."""
        return f"lesson-{self.name}"


LESSONS = (
    Lesson("pods", "Pods"),
    Lesson("services", "Services"),
    Lesson("loadbalancers", "LoadBalancers"),
    Lesson("operators", "Operators", ("etcdclusters.tutor.example",)),
)


def lesson(name: str) -> Lesson:
    """The lesson of a name.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    known = {item.name: item for item in LESSONS}
    if name in known:
        return known[name]
    near = nearest(str(name), known)
    raise UsageError(
        f"There is no lesson {name!r}.",
        why=f"The lessons are {', '.join(known)}.",
        next_step=f'Did you mean t.lesson("{near}")?' if near else "",
    )
