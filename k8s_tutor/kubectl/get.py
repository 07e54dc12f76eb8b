"""Looking: `kubectl get`, `events` and `top`."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby

from k8s_tutor.api.applying import format_title
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import Chosen, choose, fetch
from k8s_tutor.kubectl.describe.page import how_old
from k8s_tutor.kubectl.printing import Layout, printed, relaxed, render, set_columns, sorted_by
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.gojson import go_value
from k8s_tutor.objects.jsonpath import find
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.quantity import ZERO, Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["get", "show_events", "top_nodes", "top_pods"]

_NOTHING = (
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported '
    "resources.\n\nerror: Required resource not specified.\n"
    'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\n'
    "See 'kubectl get -h' for help and examples"
)


def get(task: Task) -> None:
    """Runs `kubectl get`."""
    options = task.options
    if options.given("raw"):
        answer = task.client.raw("GET", options.text("raw")).body
        task.write(answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":")))
        return
    if not task.words and not options.all("filename"):
        raise KubectlError(_NOTHING)
    form = options.text("output")
    if form not in ("", "wide") and options.on("show-labels"):
        raise KubectlError(f"error: --show-labels option cannot be used with {form} printer")
    if form in ("", "wide"):
        _print_tables(task)
    else:
        _print_objects(task, form)


def _print_objects(task: Task, form: str) -> None:
    chosen = choose(task)
    single = len(chosen) == 1 and bool(chosen[0].name)
    found = list(fetch(task))
    if single and not found:
        return
    path = task.options.text("sort-by")
    if path and not single:
        kinds = {id(obj): kind for kind, obj in found}
        found = [(kinds[id(obj)], obj) for obj in sorted_by([obj for _, obj in found], path)]
    if form.startswith("custom-columns"):
        task.say(_custom_columns(task, form, [obj for _, obj in found]))
        return
    text = printed(found, form, single=single, task=task)
    if form == "name" and not found:
        return
    task.write(text if form.startswith("jsonpath=") else f"{text}\n")


def _custom_columns(task: Task, form: str, objects: list[Obj]) -> str:
    kind, _, spec = form.partition("=")
    if not spec:
        raise KubectlError("error: custom-columns format specified but no custom columns given")
    if kind == "custom-columns-file":
        raise KubectlError("error: custom-columns-file is read by the real kubectl alone")
    columns: list[tuple[str, str]] = []
    for part in spec.split(","):
        header, colon, path = part.partition(":")
        if not colon:
            raise KubectlError(f"error: unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        columns.append((header, relaxed(path) if path else ""))
    rows = [[_custom_cell(path, obj) for _, path in columns] for obj in objects]
    if not task.options.on("no-headers"):
        rows.insert(0, [header for header, _ in columns])
    return set_columns(rows)


def _custom_cell(path: str, obj: Obj) -> str:
    return ",".join(go_value(value) for value in find(path, obj)) or "<none>"


def _print_tables(task: Task) -> None:
    options = task.options
    chosen = choose(task)
    found = [(one, part) for one in chosen if (part := _table(task, one)) is not None]
    several = len({one.kind for one, part in found if part.get("rows")}) > 1 or options.on("show-kind")
    blocks = []
    for kind, parts in groupby(found, key=lambda pair: pair[0].kind):
        tables = [part for _, part in parts]
        whole = {**tables[0], "rows": [row for part in tables for row in part.get("rows") or []]}
        ordered = _sorted(task, kind, whole)
        if ordered["rows"]:
            blocks.append(render(ordered, _layout(task, kind, several=several)))
    if blocks:
        task.write(("\n\n" if not options.on("no-headers") else "\n").join(blocks) + "\n")
    elif not task.errors and not options.on("ignore-not-found"):
        by_place = not options.on("all-namespaces") and all(one.kind.namespaced for one in chosen)
        task.note(f"No resources found in {task.place} namespace." if by_place else "No resources found")


def _table(task: Task, one: Chosen) -> Obj | None:
    options = task.options
    try:
        if one.name:
            return task.client.table(one.kind, one.place, name=one.name)
        return task.client.table(
            one.kind, one.place, labels=options.text("selector"), fields=options.text("field-selector")
        )
    except StatusError as error:
        if not (error.code == 404 and options.on("ignore-not-found")):
            task.refuse(error)
        return None


def _layout(task: Task, kind: Kind, *, several: bool) -> Layout:
    options = task.options
    return Layout(
        wide=options.text("output") == "wide",
        namespaces=options.on("all-namespaces") and kind.namespaced,
        labels=options.on("show-labels"),
        label_columns=tuple(options.all("label-columns")),
        headers=not options.on("no-headers"),
        prefix=format_title(kind, "") if several else "",
    )


def _sorted(task: Task, kind: Kind, table: Obj) -> Obj:
    path = task.options.text("sort-by")
    if not path:
        return table
    rows = {_identity(row["object"]): row for row in table["rows"]}
    places = {place for place, _ in rows}
    everywhere = task.client.list(kind, places.pop() if len(places) == 1 else "")
    objects = [obj for obj in everywhere if _identity(obj) in rows]
    try:
        return {**table, "rows": [rows[_identity(obj)] for obj in sorted_by(objects, path)]}
    except KubectlError:  # the real one prints nothing then, and does not say why
        return {**table, "rows": []}


def _identity(obj: Obj) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


# ---- `kubectl events`: what happened, the oldest first


def show_events(task: Task) -> None:
    """Runs `kubectl events`."""
    options = task.options
    types = [word.lower() for word in options.all("types")]
    if not set(types) <= {"normal", "warning"}:
        raise KubectlError("error: valid --types are Normal or Warning")
    everywhere = options.on("all-namespaces")
    found = task.client.list("events.v1", "" if everywhere else task.place, fields=_about(task))
    found = [event for event in found if not types or event.get("type", "").lower() in types]
    if not found:
        task.note("No events found." if everywhere else f"No events found in {task.place} namespace.")
        return
    found.sort(key=_when)
    form = options.text("output")
    if form:
        kind = task.client.kind("events.v1")
        task.say(printed([(kind, event) for event in found], form, single=False))
        return
    rows = [_row(task, event, everywhere=everywhere) for event in found]
    if not options.on("no-headers"):
        titles = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
        rows.insert(0, ["NAMESPACE", *titles] if everywhere else titles)
    task.say(set_columns(rows))


def _about(task: Task) -> str:
    ref = task.options.text("for")
    if not ref:
        return ""
    word, slash, name = ref.partition("/")
    if not slash:
        raise KubectlError("error: --for must be in resource/name form")
    if "/" in name:
        raise KubectlError("error: arguments in resource/name form may not have more than one slash")
    kind = task.kind(word)
    return f"involvedObject.kind={kind.kind},involvedObject.apiVersion={kind.api_version},involvedObject.name={name}"


def _when(event: Obj) -> str:
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")


def _row(task: Task, event: Obj, *, everywhere: bool) -> list[str]:
    about = event["involvedObject"]
    cells = [
        how_old(task, event),
        event.get("type", ""),
        event.get("reason", ""),
        f"{about.get('kind', '')}/{about.get('name', '')}",
        str(event.get("message", "")).strip(),
    ]
    return [event["metadata"].get("namespace", ""), *cells] if everywhere else cells


# ---- `kubectl top`: what Pods and Nodes use

_MEBI = 1024 * 1024


def _metrics(task: Task, plural: str, name: str, place: str) -> list[Obj]:
    try:
        kind = task.client.kind(f"{plural}.metrics.k8s.io")
    except UsageError as error:
        raise KubectlError("error: Metrics API not available") from error
    if name:
        return [task.client.get(kind, name, place)]
    return task.client.list(kind, place, labels=task.options.text("selector"))


def _check(task: Task) -> str:
    by = task.options.text("sort-by")
    if by not in ("", "cpu", "memory"):
        raise KubectlError("error: --sort-by accepts only cpu or memory")
    if task.words and task.options.text("selector"):
        raise KubectlError("error: only one of NAME or --selector can be provided")
    return by


def _usage(item: Obj, name: str) -> Quantity:
    return quantity.parse((item.get("usage") or {}).get(name, "0"))


def _order(by: str, used: Callable[[Obj, str], Quantity]) -> Callable[[Obj], tuple[int, str, str]]:
    def key(item: Obj) -> tuple[int, str, str]:
        amount = -used(item, by).nanos if by else 0
        return amount, metadata.namespace(item), metadata.name(item)

    return key


def _cells(cpu: Quantity, memory: Quantity) -> list[str]:
    return [f"{cpu.millis}m", f"{memory.value // _MEBI}Mi"]


def top_nodes(task: Task) -> None:
    """Runs `kubectl top node`."""
    by = _check(task)
    items = _metrics(task, "nodes", task.words[0] if task.words else "", "")
    if not items:
        raise KubectlError("error: metrics not available yet")
    nodes = {metadata.name(node): node for node in task.client.list("nodes")}
    room = "capacity" if task.options.on("show-capacity") else "allocatable"
    rows = []
    for item in sorted(items, key=_order(by, _usage)):
        cpu, memory = _usage(item, "cpu"), _usage(item, "memory")
        whole = ((nodes.get(metadata.name(item)) or {}).get("status") or {}).get(room) or {}
        shown = _cells(cpu, memory)
        of_cpu, of_memory = quantity.parse(whole.get("cpu", "0")), quantity.parse(whole.get("memory", "0"))
        rows.append(
            [metadata.name(item), shown[0], _percent(cpu.millis, of_cpu.millis), shown[1],
             _percent(memory.value, of_memory.value)]
        )  # fmt: skip
    if not by:
        missing = sorted(set(nodes) - {metadata.name(item) for item in items}) if not task.words else []
        rows += [[name, "<unknown>", "<unknown>", "<unknown>", "<unknown>"] for name in missing]
    if not task.options.on("no-headers"):
        rows.insert(0, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"])
    _print(task, rows)


def _percent(used: int, whole: int) -> str:
    return f"{int(used / whole * 100) if whole else 0}%"


def _print(task: Task, rows: list[list[str]]) -> None:
    """Every cell ends with a gap here, the last one too."""
    task.say(set_columns([[*row, ""] for row in rows]))


def top_pods(task: Task) -> None:
    """Runs `kubectl top pod`."""
    by = _check(task)
    everywhere = task.options.on("all-namespaces")
    try:
        items = _metrics(task, "pods", task.words[0] if task.words else "", "" if everywhere else task.place)
    except StatusError as error:
        if error.code == 404 and task.words:
            _explain(task, [task.client.get("pods", task.words[0], task.place)])
        raise
    if not items:
        labels = task.options.text("selector")
        _explain(task, task.client.list("pods", "" if everywhere else task.place, labels=labels))
        task.note("No resources found" if everywhere else f"No resources found in {task.place} namespace.")
        return
    rows = []
    for item in sorted(items, key=_order(by, _used_by_pod)):
        rows += _pod_rows(task, item, by, everywhere=everywhere)
    if not task.options.on("no-headers"):
        first = ["NAMESPACE"] if everywhere else []
        first += ["POD"] if task.options.on("containers") else []
        rows.insert(0, [*first, "NAME", "CPU(cores)", "MEMORY(bytes)"])
    if task.options.on("sum"):
        rows += _sums(items, everywhere=everywhere, more=task.options.on("containers"))
    _print(task, rows)


def _used_by_pod(item: Obj, name: str) -> Quantity:
    total = ZERO
    for container in item.get("containers") or ():
        total += _usage(container, name)
    return total


def _pod_rows(task: Task, item: Obj, by: str, *, everywhere: bool) -> list[list[str]]:
    place = [metadata.namespace(item)] if everywhere else []
    if not task.options.on("containers"):
        cells = _cells(_used_by_pod(item, "cpu"), _used_by_pod(item, "memory"))
        return [[*place, metadata.name(item), *cells]]
    containers = sorted(
        item.get("containers") or (), key=lambda one: (-_usage(one, by).nanos if by else 0, str(one["name"]))
    )
    return [
        [*place, metadata.name(item), one["name"], *_cells(_usage(one, "cpu"), _usage(one, "memory"))]
        for one in containers
    ]


def _sums(items: list[Obj], *, everywhere: bool, more: bool) -> list[list[str]]:
    cpu, memory = ZERO, ZERO
    for item in items:
        cpu, memory = cpu + _used_by_pod(item, "cpu"), memory + _used_by_pod(item, "memory")
    empty = [""] * (int(everywhere) + int(more))
    return [[*empty, "", "________", "________"], [*empty, "", *_cells(cpu, memory)]]


def _explain(task: Task, pods: list[Obj]) -> None:
    """Where there are Pods and no metrics, it is too early for them."""
    if pods:
        raise task.failed("error: metrics not available yet")
