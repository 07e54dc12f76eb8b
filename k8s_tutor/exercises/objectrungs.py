"""Rungs about one object of any kind: whether it is there, and what it is like."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.exercises.exercise import Rung
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted
from k8s_tutor.objects.spelling import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["on", "there_is"]


def on(kind: str, name: str, look: Callable[[Scene, Obj], Verdict | None]) -> Rung:
    """A rung that looks at one object; where there is none it has nothing to say (`there_is` comes first)."""

    def rung(scene: Scene) -> Verdict | None:
        obj = scene.find(kind, name)
        return None if obj is None else look(scene, obj)

    return rung


def there_is(kind: str, words: str, name: str, *, near_hint: str, gone_hint: str = "") -> Rung:
    """There is an object of that name; one with nearly that name draws its own answer.

    Args:
        kind: `pods`.
        words: What it is called: "pod `web`".
        name: Its name.
        near_hint: For one with nearly that name.
        gone_hint: For one that stood there at the start: without it the exercise was attempted, and went wrong.
    """

    def rung(scene: Scene) -> Verdict | None:
        if scene.find(kind, name) is not None:
            return None
        if near := nearest(name, scene.names(kind)):
            return failed(f"There is no {words}, but there is one called `{near}`.", hint=near_hint)
        if gone_hint:
            return failed(f"There is no {words} any more.", hint=gone_hint)
        return not_attempted(f"there is no {words} yet.")

    return rung
