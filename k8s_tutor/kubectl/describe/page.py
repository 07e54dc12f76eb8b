"""What `kubectl describe` writes on: lines of cells, indented by levels, set in columns at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.kubectl.printing import aligned
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import quantity, selectors
from k8s_tutor.objects.quantity import human_duration
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Page",
    "access_modes",
    "date",
    "events_about",
    "flag",
    "goes",
    "how_old",
    "plain_labels",
    "quantity_of",
    "selector_text",
    "since",
    "write_events",
]

_LONGEST = 140  # characters of an annotation
_HIDDEN = "kubectl.kubernetes.io/last-applied-configuration"


class Page:
    """A description in the making."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def row(self, level: int, *cells: object) -> None:
        """A line of cells, indented by two spaces a level."""
        self._text.append("  " * level + "\t".join(str(cell) for cell in cells) + "\n")

    def write(self, text: str) -> None:
        """Text as it stands."""
        self._text.append(text)

    def rows(self, title: str, lines: Iterable[str]) -> None:
        """A title, and behind it one line below the other; `<none>` without any."""
        first = f"{title}:"
        for line in lines:
            self._text.append(f"{first}\t{line}\n")
            first = ""
        if first:
            self._text.append(f"{first}\t<none>\n")

    def labels(self, title: str, labels: Mapping[str, str] | None) -> None:
        """Labels, one a line."""
        self.rows(title, (f"{key}={value}" for key, value in sorted((labels or {}).items())))

    def annotations(self, title: str, annotations: Mapping[str, str] | None) -> None:
        """Annotations, long ones shortened, without what `apply` notes down."""
        lines: list[str] = []
        for key, raw in sorted((annotations or {}).items()):
            value = raw.removesuffix("\n")
            if key == _HIDDEN:
                continue
            if len(value) + len(key) + 2 > _LONGEST or "\n" in value:
                lines += [f"{key}:", *(f"  {_short(part)}" for part in value.split("\n"))]
            else:
                lines.append(f"{key}: {value}")
        self.rows(title, lines)

    def named(self, obj: Obj, *, annotations: bool = True) -> None:
        """What most descriptions begin with: name, namespace, labels, annotations."""
        meta = obj["metadata"]
        self.row(0, "Name:", meta["name"])
        if "namespace" in meta:
            self.row(0, "Namespace:", meta["namespace"])
        self.labels("Labels", meta.get("labels"))
        if annotations:
            self.annotations("Annotations", meta.get("annotations"))

    def heading(self, level: int, *titles: str, dashes: Iterable[int] = ()) -> None:
        """Titles of columns and a line of dashes below them, as long as they are unless said otherwise."""
        lengths = list(dashes) or [len(title) for title in titles]
        self.row(level, *titles)
        self.row(level, *("-" * length for length in lengths))

    def cells(self) -> str:
        """The description with its tabs, where kubectl does not set it in columns."""
        return "".join(self._text)

    def text(self) -> str:
        """The finished description."""
        return aligned("".join(self._text))


def _short(text: str) -> str:
    return text[: _LONGEST - 2] + "..." if len(text) > _LONGEST - 2 else text


def date(timestamp: str | None) -> str:
    """A time as descriptions show it, in UTC; what never was is in the year one.

    >>> date("2026-01-01T00:00:07Z")
    'Thu, 01 Jan 2026 00:00:07 +0000'
    """
    if not timestamp:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    return datetime.fromtimestamp(int(from_rfc3339(timestamp)), UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def since(task: Task, timestamp: str | None) -> str:
    """How long ago a time was."""
    return human_duration(task.clock.now() - from_rfc3339(timestamp)) if timestamp else "<unknown>"


def flag(value: Json) -> str:
    """A truth value where it may be unset."""
    return "<unset>" if value is None else str(bool(value))


def goes(words: Iterable[object] | None) -> str:
    """A list as Go prints it: `[a b]`."""
    return "[" + " ".join(str(word) for word in words or ()) + "]"


def plain_labels(labels: Mapping[str, str] | None) -> str:
    """Labels in one line: `a=b,c=d`."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def selector_text(selector: Obj | None) -> str:
    """A label selector in one line."""
    return str(selectors.of(selector)) or "<none>"


def quantity_of(amount: str | float | None) -> str:
    """An amount in its canonical form; nothing is 0."""
    return "0" if amount is None else quantity.canonical(amount)


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def access_modes(modes: list[str] | None) -> str:
    """Access modes by their short names, in kubectl's order."""
    return ",".join(short for mode, short in _MODES.items() if mode in (modes or ()))


# ---- What a description ends with: the events about its object

_MIRROR = "kubernetes.io/config.mirror"


def events_about(task: Task, obj: Obj) -> list[Obj]:
    """The events about an object, the oldest first."""
    meta = obj["metadata"]
    uid = (meta.get("annotations") or {}).get(_MIRROR) or meta["uid"]
    found = _search(task, obj, uid)
    if obj["kind"] == "Node":
        found += _search(task, obj, meta["name"])  # kubelets know their node by name only
    return sorted(found, key=lambda event: str(event.get("lastTimestamp") or ""))


def _search(task: Task, obj: Obj, uid: str) -> list[Obj]:
    place = obj["metadata"].get("namespace", "")
    fields = [f"involvedObject.name={obj['metadata']['name']}", f"involvedObject.namespace={place}"]
    if obj["kind"] != "Pod":
        fields.append(f"involvedObject.kind={obj['kind']}")
    return task.client.list("events.v1", place, fields=",".join([*fields, f"involvedObject.uid={uid}"]))


def write_events(task: Task, page: Page, events: list[Obj]) -> None:
    """Writes them as a table."""
    if not events:
        page.row(0, "Events:", "<none>")
        return
    page.row(0, "Events:")
    page.heading(1, "Type", "Reason", "Age", "From", "Message", dashes=(4, 6, 4, 4, 7))
    for event in events:
        source = (event.get("source") or {}).get("component") or event.get("reportingComponent", "")
        message = str(event.get("message", "")).strip()
        path = (event.get("involvedObject") or {}).get("fieldPath")
        page.row(
            1, event.get("type", ""), event.get("reason", ""), how_old(task, event), source,
            f"{path}: {message}" if path else message,
        )  # fmt: skip


def how_old(task: Task, event: Obj) -> str:
    """When it was seen last, and how often since when."""
    first = since(task, event.get("eventTime") or event.get("firstTimestamp"))
    series = event.get("series")
    if series:
        return f"{since(task, series.get('lastObservedTime'))} (x{series.get('count', 0)} over {first})"
    if event.get("count", 0) > 1:
        return f"{since(task, event.get('lastTimestamp'))} (x{event['count']} over {first})"
    return first
