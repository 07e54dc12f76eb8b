"""The marked place in *observe*: a cache that follows events."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Mistake,
    Obj,
    Seen,
    Verdict,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]


def _pod(name: str, phase: str = "Running") -> Obj:
    return {"kind": "Pod", "metadata": {"name": name, "labels": {"kind": "errand"}}, "status": {"phase": phase}}


_TWO = {"a": _pod("a"), "b": _pod("b")}
# What it is, the cache before, the event, its Pod, the cache after, what to say to who thinks otherwise.
_CASES = (
    (
        msg("Pod a is new"),
        {},
        "ADDED",
        _pod("a"),
        {"a": _pod("a")},
        msg("The cache is a dict: the key is the Pod's name, the value the whole Pod."),
    ),
    (
        msg("Pod b has changed"),
        _TWO,
        "MODIFIED",
        _pod("b", "Succeeded"),
        {"a": _pod("a"), "b": _pod("b", "Succeeded")},
        msg("An event carries the whole object as it is now. The older one is of no use any more."),
    ),
    (
        msg("Pod a is gone"),
        _TWO,
        "DELETED",
        _pod("a"),
        {"b": _pod("b")},
        msg("The last event about an object still carries it, as it was at the end. Should it stay in the cache?"),
    ),
    (
        msg("Pod c is gone and was never in the cache"),
        _TWO,
        "DELETED",
        _pod("c"),
        _TWO,
        msg("Then there is nothing to take out: `.pop(name, None)` is content with that."),
    ),
    (
        msg("Pod a is reported as new, and is known already"),
        _TWO,
        "ADDED",
        _pod("a", "Failed"),
        {"a": _pod("a", "Failed"), "b": _pod("b")},
        msg("That happens when a watch begins anew. What the event says is newer than what the cache holds."),
    ),
)


def _look(call: Call) -> Seen | Verdict:
    for what, before, event, pod, after, hint in _CASES:
        called = call(before, event, pod)
        if called.trouble:
            return explain_trouble(called, msg("when {situation}", situation=what))
        if not isinstance(called.value, dict):
            hint = msg("It changes the dict it is given; does `return cache` stand at the end?")
            return failed(
                msg("the function did not return the cache."), msg("returned: {value}", value=called.shown), hint=hint
            )
        if called.value != after:
            names = (", ".join(f"{name} {_phase(one)}" for name, one in sorted(held.items(), key=str)) or "-"
                     for held in (before, called.value))  # fmt: skip
            facts = [
                msg("before: {pods}", pods=next(names)),
                msg("the event: {event} {pod}", event=event, pod=f"{pod['metadata']['name']} {_phase(pod)}"),
                msg("after: {pods}", pods=next(names)),
            ]
            return failed(msg("wrong when {situation}.", situation=what), *facts, hint=hint)
    return see(msg("tried on {count} events: the cache was right each time", count=len(_CASES)))


def _phase(pod: object) -> str:
    status = pod.get("status") if isinstance(pod, dict) else None
    return str(status.get("phase", "?")) if isinstance(status, dict) else "?"


def _take_in(cache: dict[str, Obj], event: str, pod: Obj) -> dict[str, Obj]:
    if event == "DELETED":
        cache.pop(pod["metadata"]["name"], None)
    else:
        cache[pod["metadata"]["name"]] = pod
    return cache


EXERCISE = Exercise(
    id="control-loop-2",
    title=msg("A cache that follows"),
    task=msg(
        "`take_in(cache, event, pod)` is given a dict of Pods by name, an event (`ADDED`, `MODIFIED` or `DELETED`) and "
        "the Pod it is about. It returns the dict as it has to be afterwards."
    ),
    checks=(try_function("control-loop-2", _look, dict(_TWO), "MODIFIED", _pod("b")),),
    solved=msg("the cache holds what the cluster holds."),
    hints=(
        msg("The name is in the Pod: `pod[\"metadata\"][\"name\"]`. For two of the three events the same is to be done."),
        msg("`cache[name] = pod` puts it in or replaces it; `cache.pop(name, None)` takes it out, if it is there."),
        msg('`if event == "DELETED":` take it out; `else:` put it in; and at the end `return cache`.'),
    ),
    solution='''@t.place("control-loop-2")
def take_in(cache, event, pod):
    """① The cache after an event."""
    if event == "DELETED":
        cache.pop(pod["metadata"]["name"], None)
    else:
        cache[pod["metadata"]["name"]] = pod
    return cache''',
    alternative="""@t.place("control-loop-2")
def take_in(cache, event, pod):
    others = {name: one for name, one in cache.items() if name != pod["metadata"]["name"]}
    return others if event == "DELETED" else others | {pod["metadata"]["name"]: pod}""",
    mistakes=(
        Mistake(
            name="what is deleted stays",
            cell='@t.place("control-loop-2")\ndef take_in(cache, event, pod):\n'
            '    cache[pod["metadata"]["name"]] = pod\n    return cache',
            says="Should it stay in the cache?",
        ),
        Mistake(
            name="only what is new",
            cell='@t.place("control-loop-2")\ndef take_in(cache, event, pod):\n    name = pod["metadata"]["name"]\n'
            '    if event == "ADDED":\n        cache[name] = pod\n    if event == "DELETED":\n'
            "        cache.pop(name, None)\n    return cache",
            says="The older one is of no use",
        ),
        Mistake(
            name="what is not there cannot be taken out",
            cell='@t.place("control-loop-2")\ndef take_in(cache, event, pod):\n    name = pod["metadata"]["name"]\n'
            '    if event == "DELETED":\n        del cache[name]\n    else:\n        cache[name] = pod\n'
            "    return cache",
            says="KeyError",
        ),
        Mistake(
            name="nothing is returned",
            cell='@t.place("control-loop-2")\ndef take_in(cache, event, pod):\n'
            '    cache[pod["metadata"]["name"]] = pod',
            says="did not return the cache",
        ),
        Mistake(
            name="what is known is not taken in again",
            cell='@t.place("control-loop-2")\ndef take_in(cache, event, pod):\n    name = pod["metadata"]["name"]\n'
            '    if event == "DELETED":\n        cache.pop(name, None)\n'
            '    elif event == "MODIFIED" or name not in cache:\n        cache[name] = pod\n    return cache',
            says="when a watch begins anew",
        ),
    ),
    function=_take_in,
)
