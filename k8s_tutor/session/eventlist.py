"""Events as a table: in the order they happened, repeats counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import Clock
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import SENDER_NAME
from k8s_tutor.session.targets import Target

__all__ = ["EventRow", "EventTable", "collect", "rows"]

_QUIET = 0.4  # seconds of the cluster's time without a new event
_PATIENCE = 2.0  # seconds: some objects never fall silent
_SYMBOL = {"Normal": "·", "Warning": "!"}


@dataclass(frozen=True)
class EventRow:
    """One thing that happened.

    Attributes:
        type: `Normal` or `Warning`.
        reason: One word, `Scheduled`.
        count: How often.
        about: `pod/web`.
        source: Who says so, `kubelet`.
        message: What happened.
    """

    type: str
    reason: str
    count: int
    about: str
    source: str
    message: str

    @property
    def times(self) -> str:
        """`x3`, or nothing for once."""
        return f"x{self.count}" if self.count > 1 else ""


class EventTable:
    """Rows of events: text for terminals and screen readers, a table in a notebook.

    Attributes:
        rows: Oldest first.
    """

    def __init__(self, rows: Iterable[EventRow], *, about: str = "") -> None:
        self.rows = tuple(rows)
        self._about = about

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        if not self.rows:
            return f"No events{f' about {self._about}' if self._about else ''}."
        cells = [self._cells(row) for row in self.rows]
        widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]) - 1)]
        return "\n".join(
            "  ".join((*(c.ljust(w) for c, w in zip(line, widths, strict=False)), line[-1])).rstrip() for line in cells
        )

    def __repr__(self) -> str:
        return str(self)

    def _cells(self, row: EventRow) -> tuple[str, ...]:
        about = () if self._about else (row.about,)
        return (f"{_SYMBOL.get(row.type, '·')} {row.reason}", row.times, *about, row.source, row.message)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}

    def _html(self) -> str:
        if not self.rows:
            return f"<em>{escape(str(self))}</em>"
        names = ("reason", "", *(() if self._about else ("about",)), "from", "message")
        head = "".join(f"<th scope='col' style='text-align:left'>{name}</th>" for name in names)
        body = "".join(self._html_row(row) for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _html_row(self, row: EventRow) -> str:
        weight = "font-weight:600;" if row.type == "Warning" else ""
        *narrow, message = self._cells(row)
        style = f"text-align:left;vertical-align:top;{weight}"
        cells = [f"<td style='{style}white-space:nowrap'>{escape(cell)}</td>" for cell in narrow]
        return f"<tr>{''.join(cells)}<td style='{style}'>{escape(message)}</td></tr>"


def rows(events: Iterable[Obj]) -> list[EventRow]:
    """Events in the order they first happened; equal ones merged into one row.

    The order is that of the names: client-go ends an event's name with the nanosecond of its first occurrence, finer
    than the whole seconds of its timestamps.
    """
    merged: dict[tuple[str, ...], EventRow] = {}
    for event in sorted(events, key=_when):
        row = _row(event)
        key = (row.type, row.reason, row.about, row.source, row.message)
        before = merged.get(key)
        count = row.count + (before.count if before else 0)
        merged[key] = EventRow(row.type, row.reason, count, row.about, row.source, row.message)
    return list(merged.values())


def _when(event: Obj) -> tuple[str, int, str]:
    meta = event["metadata"]
    suffix = str(meta["name"]).rpartition(".")[2]
    first = str(event.get("firstTimestamp") or event.get("eventTime") or meta.get("creationTimestamp", ""))
    try:
        return "", int(suffix, 16), ""
    except ValueError:
        return first, 0, str(meta["name"])


def _row(event: Obj) -> EventRow:
    about = event.get("involvedObject") or event.get("regarding") or {}
    source = event.get("reportingComponent") or (event.get("source") or {}).get("component") or ""
    count = event.get("count") or (event.get("series") or {}).get("count") or event.get("deprecatedCount") or 1
    return EventRow(
        type=str(event.get("type", "Normal")),
        reason=str(event.get("reason", "")),
        count=int(count),
        about=f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
        source=str(source),
        message=str(event.get("message") or event.get("note") or "").strip(),
    )


def collect(client: Client, clock: Clock, namespace: str, about: Target | None) -> list[Obj]:
    """The events of a namespace, or about one object, once no new one has come for a moment.

    Events are written a moment after the change they tell of: whoever has just seen a pod fail would miss the reason.
    An object that exists is told from its namesakes of the past by its uid.
    """
    fields = ""
    if about is not None:
        found = about.find(client)
        fields = f"involvedObject.kind={about.kind.kind},involvedObject.name={about.name}"
        if found is not None:
            fields += f",involvedObject.uid={found['metadata']['uid']}"
    kind = client.kind("events")
    _, version = client.list_with_version(kind, namespace)
    deadline = clock.now() + _PATIENCE
    with client.watch(kind, namespace, since=version) as watch:
        try:
            while clock.now() < deadline and watch.next(_QUIET) is not None:
                pass
        except WatchClosed:
            pass
    events = client.list(kind, namespace, fields=fields)
    return events if about is not None else [event for event in events if not _of_a_sender(event)]


def _of_a_sender(event: Obj) -> bool:
    """Of the Pods that send test requests nobody asked."""
    regarded = event.get("involvedObject") or event.get("regarding") or {}
    return regarded.get("kind") == "Pod" and str(regarded.get("name", "")).startswith(SENDER_NAME)
