"""Judging a function that completes a marked place: tried out on situations, never run against the cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8s_tutor.exercises.exercise import Judge
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.trial import Answer, Trial, is_open, trial
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted

__all__ = ["broke_off", "judged", "shown"]


def judged(exercise: str, look: Callable[[Answer], Verdict], *first: Any) -> Judge:
    """A judge for a function: none or an open one is not attempted, one that breaks off gets its own answer.

    Args:
        exercise: Its id.
        look: The judgement proper.
        first: What the function is given to find out whether it is still open.
    """

    def judge(scene: Scene) -> Verdict:
        function = scene.answers.get(exercise)
        if function is None:
            hint = f'Run the cell that begins with `@t.place("{exercise}")`, then check again.'
            return not_attempted("the place is open: its cell has not been run.", hint=hint)
        tried = trial(function, *first)
        if is_open(tried.value):
            return not_attempted("the place is open: the function still returns `...`.")
        return broke_off(tried) if tried.trouble else look(function)

    return judge


def broke_off(tried: Trial, about: str = "") -> Verdict:
    """The verdict on a function that raised an error; the hint fits the error where it is a usual one."""
    name = tried.trouble.partition(":")[0].partition(" ")[0]
    return failed(f"the function broke off{about}.", tried.trouble, hint=_HINTS.get(name, _ANY))


def shown(value: object) -> str:
    """A value as evidence, cut short."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


_ANY = "The last word of the error says what Python did not like; the line is counted from the top of the cell."
_HINTS = {
    "NameError": "A name is misspelt, or not known inside the function: it has its arguments and Python's words.",
    "KeyError": "There is no such key here. Not every Pod has it: `key in pod[…]` asks, `.get(key)` is patient.",
    "TypeError": "Something is of another type than the line expects, or the function takes other arguments than it is "
    "given: leave the first line, `def …`, as it came.",
    "AttributeError": 'Kubernetes objects are plain dicts here: write `pod["status"]`, not `pod.status`.',
    "IndexError": "A list was shorter than expected: it may be empty.",
}
