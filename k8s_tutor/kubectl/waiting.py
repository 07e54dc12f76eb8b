"""`kubectl wait` and `kubectl delete`, which waits as well."""

from __future__ import annotations

import re
from collections.abc import Callable

from k8s_tutor.api.applying import format_title
from k8s_tutor.api.protocol import StatusError, WatchClosed
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import Chosen, choose, fetch
from k8s_tutor.kubectl.printing import printed, relaxed
from k8s_tutor.kubectl.task import Task, send_deletion
from k8s_tutor.objects import metadata
from k8s_tutor.objects.gojson import go_value
from k8s_tutor.objects.jsonpath import find
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["delete", "seconds_of", "wait"]

_USUAL = 30.0  # seconds, where the line gives no --timeout
_WEEK = 7 * 86400.0  # what a negative --timeout means

Met = Callable[[Obj | None], bool]


def wait(task: Task) -> None:
    """Runs `kubectl wait`."""
    goals = [_goal(text) for text in task.options.all("for")]
    if not goals:
        raise KubectlError("error: unrecognized condition: []")
    given = task.options.text("timeout")
    limit = seconds_of(given) if given else _USUAL
    deadline = task.clock.now() + (_WEEK if limit < 0 else limit)
    words = [text.lower() for text in task.options.all("for")]
    found = _objects(task, birth="create" in words)
    if not found and not task.errors and "delete" not in words:
        raise task.failed("error: no matching resources found")
    for one in found:
        try:
            _wait_for(task, one, goals, deadline, limit)
        except StatusError as error:
            task.refuse(error)


def _objects(task: Task, *, birth: bool) -> list[Chosen]:
    """The objects named, each by name; one that is to be born need not be there yet."""
    found: list[Chosen] = []
    for one in choose(task, whole_kinds=False):
        if one.name:
            if not birth and task.client.find(one.kind, one.name, one.place) is None:
                _missing(task, one)
                continue
            found.append(one)
            continue
        labels, fields = task.options.text("selector"), task.options.text("field-selector")
        objects = task.client.list(one.kind, one.place, labels=labels, fields=fields)
        found += [Chosen(one.kind, metadata.name(obj), metadata.namespace(obj)) for obj in objects]
    return found


def _missing(task: Task, one: Chosen) -> None:
    if "delete" in [text.lower() for text in task.options.all("for")]:
        return
    try:
        task.client.get(one.kind, one.name, one.place)
    except StatusError as error:
        task.refuse(error)


def _goal(text: str) -> Met:
    if text.lower() == "delete":
        return lambda obj: obj is None
    if text.lower() == "create":
        return lambda obj: obj is not None
    if text.startswith("condition="):
        name, _, status = text.removeprefix("condition=").partition("=")
        return lambda obj: obj is not None and _has_condition(obj, name, status or "true")
    if text.startswith("jsonpath="):
        return _field_goal(text.removeprefix("jsonpath="))
    raise KubectlError(f'error: unrecognized condition: "{text}"')


def _has_condition(obj: Obj, name: str, status: str) -> bool:
    observed = (obj.get("status") or {}).get("observedGeneration")
    for row in (obj.get("status") or {}).get("conditions") or ():
        if row.get("type", "").lower() == name.lower():
            seen = row.get("observedGeneration", observed)
            if seen is not None and seen < obj["metadata"].get("generation", 0):
                return False
            return bool(row.get("status", "").lower() == status.lower())
    return False


def _field_goal(text: str) -> Met:
    path, equals, value = text.partition("}=") if text.startswith("{") else text.partition("=")
    if text.startswith("{"):
        path = path if path.endswith("}") else path + "}"
    if equals and not value.strip("'\""):
        raise KubectlError(
            "error: jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3"
        )
    field, wanted = relaxed(path), value.strip("'\"")

    def met(obj: Obj | None) -> bool:
        found = find(field, obj) if obj is not None else []
        return bool(found) and (not equals or go_value(found[0]) == wanted)

    return met


def _wait_for(task: Task, one: Chosen, goals: list[Met], deadline: float, limit: float) -> None:
    obj = task.client.find(one.kind, one.name, one.place)
    last = obj
    if not all(goal(obj) for goal in goals):
        if limit == 0:
            task.errors.append(f"error: condition not met for {one.kind.plural}/{one.name}")
            return
        with task.client.watch(one.kind, one.place, name=one.name) as watch:
            while not all(goal(obj) for goal in goals):
                left = deadline - task.clock.now()
                if left <= 0:
                    where = f"{one.kind.plural}/{one.name}"
                    task.errors.append(f"error: timed out waiting for the condition on {where}")
                    return
                try:
                    event = watch.next(left)
                except WatchClosed:
                    obj = task.client.find(one.kind, one.name, one.place)
                    continue
                if event is not None and event.type != "BOOKMARK":
                    obj = None if event.type == "DELETED" else event.object
                    last = obj or last
    form = task.options.text("output")
    if form and last is not None:
        task.say(printed([(one.kind, last)], form, single=True))
    else:
        task.say(f"{format_title(one.kind, one.name)} condition met")


# ---- `kubectl delete`

_PROPAGATION = {"background": "Background", "orphan": "Orphan", "foreground": "Foreground", "true": "Background",
                "false": "Orphan"}  # fmt: skip
_AT_ONCE = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)


def delete(task: Task) -> None:
    """Runs `kubectl delete`."""
    _check(task)
    options = task.options
    grace = _grace(task)
    forced = options.on("force") and grace == 0
    choose(task, whole_kinds=False)
    if forced:
        task.note(_AT_ONCE)
    gone: list[tuple[Kind, str, str]] = []
    for kind, obj in fetch(task, whole_kinds=False):
        one = kind, metadata.name(obj), metadata.namespace(obj)
        if _delete(task, *one, grace):
            _say(task, *one, forced=forced)
            gone.append(one)
    _name_the_file(task)
    if not gone and not task.errors and not options.on("ignore-not-found"):
        task.say("No resources found")
    if options.on("wait", default=True) and not task.dry:
        for one in gone:
            task.wait_gone(*one)


def _check(task: Task) -> None:
    options = task.options
    if options.on("all") and options.text("selector"):
        raise KubectlError("error: setting 'all' parameter but found a non empty selector.")
    if options.on("all-namespaces") and not (options.on("all") or options.text("selector")):
        raise KubectlError("error: a resource cannot be retrieved by name across all namespaces")
    cascade = options.text("cascade", "background")
    if cascade not in _PROPAGATION:
        raise KubectlError(f'error: invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"')


def _delete(task: Task, kind: Kind, name: str, place: str, grace: int | None) -> bool:
    how = _PROPAGATION[task.options.text("cascade", "background")]
    try:
        send_deletion(task, kind, name, place, grace=grace, propagation=how)
    except StatusError as error:
        task.refuse(error)
        return False
    return True


def _name_the_file(task: Task) -> None:
    """Refusals about what a file names say which file."""
    source = task.options.text("filename")
    if source:
        shown = "STDIN" if source == "-" else f'"{source}"'
        task.errors = [text.replace("): ", f"): error when deleting {shown}: ", 1) for text in task.errors]


def _grace(task: Task) -> int | None:
    options = task.options
    seconds = options.number("grace-period", -1)
    if options.on("now"):
        if seconds != -1:
            raise KubectlError("error: --now and --grace-period cannot be specified together")
        return 1
    if seconds == 0 and not options.on("force"):
        return 1  # kubectl leaves a second to confirm
    if options.on("force") and seconds < 0:
        return 0
    return seconds if seconds >= 0 else None


def _say(task: Task, kind: Kind, name: str, place: str, *, forced: bool) -> None:
    if task.options.text("output") == "name":
        task.say(format_title(kind, name))
        return
    how = {"client": " (dry run)", "server": " (server dry run)"}.get(task.dry, "")
    group = f".{kind.group}" if kind.group else ""
    where = f" from {place} namespace" if place else ""
    task.say(f'{kind.singular}{group} "{name}" {"force " if forced else ""}deleted{where}{how}')


# ---- Lengths of time as people type them behind a flag: `30s`, `1m30s`, `500ms`

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)")


def seconds_of(text: str, flag: str = "timeout") -> float:
    """Seconds of a length of time.

    >>> seconds_of("1m30s")
    90.0

    Raises:
        KubectlError: it is none, in kubectl's words.
    """
    if text in ("0", ""):
        return 0.0
    sign = -1.0 if text.startswith("-") else 1.0
    bare = text.lstrip("+-")
    if not re.fullmatch(f"(?:{_PART.pattern})+", bare):
        fault = "missing unit in duration" if re.fullmatch(r"\d+(\.\d+)?", bare) else "invalid duration"
        raise KubectlError(f'Error: invalid argument "{text}" for "--{flag}" flag: time: {fault} "{text}"')
    return sign * sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(bare))
