"""Which definitions may have the names they want: the first who asks for a name in a group gets it.

Source: the naming controller of k8s.io/apiextensions-apiserver 1.37, checked against a real server.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from k8s_tutor.objects.types import Obj

__all__ = ["Naming", "names_status"]

_NOT_ACCEPTED = ("Established", "False", "NotAccepted", "not all names are accepted")
_ESTABLISHED = ("Established", "True", "InitialNamesAccepted", "the initial names have been accepted")


@dataclass(slots=True)
class Naming:
    """The names taken in one group.

    Attributes:
        resources: Plurals, singulars and short names; `kinds`: kinds and lists of kinds.
    """

    resources: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def take(self, definition: Obj) -> tuple[Obj, str, str]:
        """What of a definition's names it gets, and the last thing in the way: reason and message, or `""`."""
        wanted = definition["spec"]["names"]
        rows = (
            ("plural", [wanted["plural"]], self.resources, "PluralConflict"),
            ("singular", [wanted.get("singular", "")], self.resources, "SingularConflict"),
            ("shortNames", wanted.get("shortNames") or [], self.resources, "ShortNamesConflict"),
            ("kind", [wanted["kind"]], self.kinds, "KindConflict"),
            ("listKind", [wanted.get("listKind", "")], self.kinds, "ListKindConflict"),
        )
        accepted: Obj = {"plural": "", "kind": ""}
        reason = words = ""
        for key, names, taken, conflict in rows:
            clash = [name for name in names if name in taken]
            if clash:
                reason, words = conflict, ", ".join(f'"{name}" is already in use' for name in clash)
            elif names and names[0]:
                accepted[key] = wanted[key]
        if not reason:
            accepted = wanted
        self.resources |= {accepted["plural"], accepted.get("singular", ""), *(accepted.get("shortNames") or ())} - {""}
        self.kinds |= {accepted["kind"], accepted.get("listKind", "")} - {""}
        return accepted, reason, words


def names_status(definition: Obj, found: tuple[Obj, str, str], when: str, *, new: bool) -> Obj:
    """A definition with what became of its names in its status; the same object where nothing changes.

    Args:
        definition: The definition.
        found: What `Naming.take` found.
        when: The time, for conditions that change.
        new: It has just been made: what its status says so far was said in advance.
    """
    accepted, reason, words = found
    status = definition["status"]
    present: list[Obj] = status.get("conditions") or []
    conditions = _with(present, ("NamesAccepted", *_naming(reason, words)), when)
    established = any(row["type"] == "Established" and row["status"] == "True" for row in present)
    if not reason:
        conditions = _with(conditions, _ESTABLISHED, when)
    elif new or not established:
        conditions = _with(conditions, _NOT_ACCEPTED, when)
    if conditions == present and status.get("acceptedNames") == accepted:
        return definition
    return {**definition, "status": {**status, "conditions": conditions, "acceptedNames": accepted}}


def _naming(reason: str, words: str) -> tuple[str, str, str]:
    return ("False", reason, words) if reason else ("True", "NoConflicts", "no conflicts found")


def _with(conditions: list[Obj], row: tuple[str, str, str, str], when: str) -> list[Obj]:
    """Conditions with one of them so; its time moves when its status does."""
    kind, status, reason, message = row
    made = {"type": kind, "status": status, "lastTransitionTime": when, "reason": reason, "message": message}
    rows = []
    for condition in conditions:
        if condition["type"] == kind:
            since = condition["lastTransitionTime"] if condition["status"] == status else when
            made["lastTransitionTime"] = since
            rows.append(made)
        else:
            rows.append(condition)
    return rows if any(row is made for row in rows) else [*rows, made]
