"""Checks of one object of any kind: whether it is there, and what it is like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from k8s_tutor.exercises.exercise import Check, is_as_started
from k8s_tutor.exercises.state import State, plural_of, split_ref, title_of
from k8s_tutor.exercises.verdict import Seen, Verdict, failed, see
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["LONGEST", "exists", "inspect", "is_unchanged", "keep"]


def inspect(ref: str, look: Callable[[State, Obj], Seen | Verdict]) -> Check:
    """A check of your own that looks at one object; where there is none it has nothing to say (see `exists`).

    >>> named = inspect("pod/hello", lambda state, pod: see(f"runs on {pod['spec'].get('nodeName')}"))
    >>> named(State.of([{"kind": "Pod", "metadata": {"name": "hello"}, "spec": {"nodeName": "worker"}}])).facts
    ('runs on worker',)

    Args:
        ref: `pod/hello`.
        look: Is given the state and the object.
    """

    def check(state: State) -> Seen | Verdict:
        obj = state.find(ref)
        return see() if obj is None else look(state, obj)

    return check


def exists(ref: str, *, gone_hint: Wording = "") -> Check:
    """There is such an object; one with nearly that name draws its own answer.

    >>> print(exists("pod/hello")(State.of([{"kind": "Pod", "metadata": {"name": "helo"}}])).summary)
    there is no pod `hello`, but there is one called `helo`.

    Args:
        ref: `pod/hello`.
        gone_hint: Said where it is missing: for one that stood there at the start.
    """
    kind, name = split_ref(ref)

    def check(state: State) -> Seen | Verdict:
        if state.find(ref) is not None:
            return see()
        if near := nearest(name, state.names(plural_of(kind))):
            hint = msg("A name is taken letter by letter.")
            return failed(
                msg("there is no {object}, but there is one called `{near}`.", object=title_of(ref), near=near),
                hint=hint,
            )
        return failed(msg("there is no {object}.", object=title_of(ref)), hint=gone_hint)

    return check


def is_unchanged(ref: str, *, hint: Wording = "") -> Check:
    """The object is the one that the exercise began with, and its labels and spec are as they were.

    >>> is_unchanged("deployment/shop")(State.of()).outcome.value
    'failed'

    Args:
        ref: `deployment/shop`.
        hint: Said where it was changed, or made anew.
    """

    def check(state: State) -> Seen | Verdict:
        obj = state.find(ref)
        if obj is not None and is_as_started(obj):
            return see(msg("{object} is as it was", object=title_of(ref)))
        if obj is None:
            return failed(msg("{object} is gone.", object=title_of(ref)), hint=hint)
        return failed(msg("{object} is not as it was.", object=title_of(ref)), hint=hint)

    return check


# ---- What must go on: a check whose content has to last

LONGEST = 15.0
"""Seconds of the cluster's time that a check may be watched at most: judging as a whole has its limit."""


def keep(check: Check, seconds: float) -> Check:
    """A check that has to stay content for a while: one moment could be a lucky one.

    Judging looks again and again until it was content at every look for so long; a look that is not ends it.

    >>> keep(lambda state: see("it answers"), 10)(State.of())
    Seen(facts=('it answers',), lasting=10)

    Args:
        check: What has to stay so.
        seconds: Of the cluster's time, 15 at most.

    Raises:
        ValueError: longer than judging lasts.
    """
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"a check can be watched for up to {LONGEST:.0f} s, not for {seconds} s")

    def lasting(state: State) -> Seen | Verdict:
        found = check(state)
        return replace(found, lasting=max(seconds, found.lasting)) if isinstance(found, Seen) else found

    return lasting
