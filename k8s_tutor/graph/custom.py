"""How a custom resource is, as far as its own fields tell: by the habits of those who write operators.

The API conventions ask for conditions (`Ready`, `Available`); many give a `phase`, and counts beside what was wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.graph.model import UNSAID, Health, Phrase, State, phrase, verbatim
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

__all__ = ["custom_facts", "custom_health"]

_CONDITIONS = ("Ready", "Available", "Healthy", "Established", "Synced")
_WANTED = ("replicas", "size", "members", "instances", "nodes")
_READY = ("readyReplicas", "readyMembers", "readyInstances", "readyNodes", "ready", "available", "availableReplicas")
_PRESENT = ("replicas", "size", "members", "instances", "nodes")
_PHASES = ("phase", "state", "status", "health")
_STATES = {
    State.GOOD: ("active", "available", "bound", "healthy", "ready", "running", "synced", "up", "ok"),
    State.DONE: ("complete", "completed", "done", "finished", "succeeded"),
    State.FAILING: ("broken", "crashed", "error", "failed", "failing", "invalid", "lost"),
    State.UNREADY: ("degraded", "notready", "unavailable", "unhealthy", "warning"),
}
_LONGEST, _MOST = 24, 3  # characters of a value that make a fact; facts on a card


def custom_health(obj: Obj) -> Health:
    """State, word and cause: of counts, else of the phase, else of a condition; a false condition is the cause."""
    said = _condition(obj)
    name = _phase(obj)
    counted = _counted(obj)
    if counted is not None:
        health = counted
        known = _state(name) if name else State.GOOD
        if health.state is State.GOOD and known in (State.FAILING, State.UNREADY):
            health = Health(known, health.word, verbatim(name))
    elif name:
        message = str((obj.get("status") or {}).get("message") or "")
        health = Health(_state(name), verbatim(name), verbatim(message) if message and _troubled(name) else None)
    else:
        return said or UNSAID
    if said is not None and said.state is not State.GOOD:
        state = health.state if health.state is State.FAILING else State.UNREADY
        return Health(state, health.word, said.cause or health.cause)
    return health


def custom_facts(obj: Obj) -> tuple[Phrase, ...]:
    """The short values of its spec, `version 3.7.0`, and its phase where the card's word is a count."""
    facts = [verbatim(name)] if _counted(obj) is not None and (name := _phase(obj)) else []
    for key, value in (obj.get("spec") or {}).items():
        plain = isinstance(value, (int, str)) and not isinstance(value, bool)
        if plain and key not in _WANTED and 0 < len(str(value)) <= _LONGEST:
            facts.append(verbatim(f"{key} {value}"))
    return tuple(facts[:_MOST])


def _condition(obj: Obj) -> Health | None:
    for kind in _CONDITIONS:
        status = conditions.status(obj, kind)
        if status == "True":
            return Health(State.GOOD, verbatim(kind))
        if status:
            message = conditions.message(obj, kind)
            return Health(State.UNREADY, phrase("not-condition", kind), verbatim(message) if message else None)
    return None


def _counted(obj: Obj) -> Health | None:
    """So many of so many, where the resource says how many it wants."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    wanted = next(_numbers(spec, _WANTED), None)
    if wanted is None:
        return None
    ready, there = next(_numbers(status, _READY), None), next(_numbers(status, _PRESENT), None)
    count, key = (ready, "ready-of") if ready is not None else (there, "there-of")
    if count is None:
        return None
    state = State.GOOD if count == wanted else State.UNREADY if count else State.WAITING
    return Health(state, phrase(key, count, wanted))


def _numbers(fields: Obj, names: tuple[str, ...]) -> Iterator[int]:
    """The values of these fields as counts: numbers, or how long a list is."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            yield value
        elif isinstance(value, list):
            yield len(value)


def _phase(obj: Obj) -> str:
    status = obj.get("status") or {}
    return next((status[name] for name in _PHASES if isinstance(status.get(name), str) and status[name]), "")


def _state(word: str) -> State:
    """The state a phase's name stands for; a name nobody knows is on its way to somewhere."""
    plain = word.lower().replace(" ", "").replace("-", "")
    return next((state for state, words in _STATES.items() if plain in words), State.WAITING)


def _troubled(word: str) -> bool:
    return _state(word) in (State.FAILING, State.UNREADY)
