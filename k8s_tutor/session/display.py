"""What a notebook shows: text, objects, pictures; how a wait is going."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Any, Protocol, TextIO, cast

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Cluster, Feature, KnowsImages
from k8s_tutor.api.follow import Selection, follow
from k8s_tutor.clock import Clock, RealClock
from k8s_tutor.errors import TimePaused
from k8s_tutor.language import Wording, msg, plain
from k8s_tutor.objects.pods import STAND_IN_GLYPH
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import SENDER_NAME
from k8s_tutor.session.targets import Target, require_object

__all__ = [
    "EventRow",
    "EventTable",
    "ProgressLine",
    "Text",
    "YamlDict",
    "collect_events",
    "make_rows",
    "show",
    "tell_events",
    "tell_images",
]

# ---- Values as a notebook shows them: text as text, objects as YAML. In Python they stay `str` and `dict`

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Printer(Protocol):
    """What IPython hands to `_repr_pretty_`."""

    def text(self, obj: str) -> None: ...


class Text(str):
    """Text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:  # a plain Python prompt shows the same as a notebook
        return self.rstrip("\n")

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        printer.text(self.rstrip("\n"))


class YamlDict(dict[str, Any]):
    """An object that a notebook shows as YAML, without the bookkeeping of those who wrote it."""

    def yaml(self) -> str:
        """The object as a manifest's text."""
        import yaml  # noqa: PLC0415  slow to import, and only what is shown needs it

        return str(yaml.safe_dump(_without_bookkeeping(self), sort_keys=False, allow_unicode=True, width=110))

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        printer.text(self.yaml().rstrip("\n"))


class Showable(Protocol):
    """What a notebook draws, and its text twin."""

    @property
    def alt_text(self) -> str: ...


def show(picture: Showable) -> None:
    """Shows a picture now, in the middle of a cell; in words where there is no notebook."""
    import sys  # noqa: PLC0415

    if "IPython" in sys.modules:
        from IPython.display import display  # noqa: PLC0415

        if sys.modules["IPython"].get_ipython() is not None:
            display(picture)  # type: ignore[no-untyped-call]
            return
    print(picture.alt_text)


def _without_bookkeeping(obj: Obj) -> Obj:
    meta = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    notes = {key: value for key, value in meta.pop("annotations", {}).items() if key != _LAST_APPLIED}
    if notes:
        meta["annotations"] = notes
    return {**obj, "metadata": meta} if "metadata" in obj else dict(obj)


# ---- One line that says how a wait is going, and is gone when it is over

_PATIENCE = 0.7  # real seconds before anything is said: what is over sooner needs no progress
_EVERY = 0.5  # real seconds between two texts


class ProgressLine:
    """Writes over itself with a carriage return, as tqdm does; silent where nobody can see it.

    In awaited pace no real time passes, so that a lesson's recorded outputs never contain it.
    """

    def __init__(self, stream: TextIO | None = None, now: Callable[[], float] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._now = now or RealClock().monotonic
        self._next = self._now() + _PATIENCE
        self._width = 0

    def update(self, text: Wording) -> None:
        """Shows `text` in place of what was there, unless it is too soon."""
        if self._now() < self._next or not _seen(self._stream):
            return
        self._next = self._now() + _EVERY
        self._write(str(text)[:110])

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        end = "" if text else "\r"
        self._stream.write(f"\r{text.ljust(self._width)}{end}")
        self._stream.flush()
        self._width = len(text)


def _seen(stream: TextIO) -> bool:
    """A terminal, or a notebook's cell (whose stream is no terminal but belongs to ipykernel)."""
    return stream.isatty() or type(stream).__module__.startswith("ipykernel")


# ---- Events as a table: in the order they happened, repeats counted

_QUIET = 0.4  # seconds of the cluster's time without a new event
_EVENTS_WITHIN = 2.0  # seconds: some objects never fall silent
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
            about = self._about
            return str(msg("No events about {about}.", about=about) if about else msg("No events."))
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
        names = (msg("reason"), "", *(() if self._about else (msg("about"),)), msg("from"), msg("message"))
        head = "".join(f"<th scope='col' style='text-align:left'>{name}</th>" for name in names)
        body = "".join(self._html_row(row) for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _html_row(self, row: EventRow) -> str:
        weight = "font-weight:600;" if row.type == "Warning" else ""
        *narrow, message = self._cells(row)
        style = f"text-align:left;vertical-align:top;{weight}"
        cells = [f"<td style='{style}white-space:nowrap'>{escape(cell)}</td>" for cell in narrow]
        return f"<tr>{''.join(cells)}<td style='{style}'>{escape(message)}</td></tr>"


def make_rows(events: Iterable[Obj]) -> list[EventRow]:
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
        message=plain(str(event.get("message") or event.get("note") or "").strip()),
    )


def tell_events(client: Client, clock: Clock, namespace: str, about: Target | None) -> EventTable:
    """What happened in a namespace, or to one object, as a table.

    Raises:
        UsageError: there is no such object, and nothing is known of it.
    """
    found = collect_events(client, clock, namespace, about)
    if about is not None and not found:
        require_object(client, about)
    return EventTable(make_rows(found), about=str(about) if about else "")


def collect_events(client: Client, clock: Clock, namespace: str, about: Target | None) -> list[Obj]:
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
    deadline = clock.now() + _EVENTS_WITHIN
    with suppress(TimePaused):  # then none is on its way
        for before, after in pairwise(follow(client, clock, Selection("events", namespace), deadline, beat=_QUIET)):
            if before == after:
                break
    events = client.list("events", namespace, fields=fields)
    return events if about is not None else [event for event in events if not _of_a_sender(event)]


def _of_a_sender(event: Obj) -> bool:
    """Of the Pods that send test requests nobody asked."""
    regarded = event.get("involvedObject") or event.get("regarding") or {}
    return regarded.get("kind") == "Pod" and str(regarded.get("name", "")).startswith(SENDER_NAME)


# ---- Which images run: `t.images()`

_WIDTH = 100  # characters of a line


def tell_images(cluster: Cluster, client: Client) -> str:
    """What runs on this cluster: of one that knows it beforehand, all; of another, what its nodes have."""
    if Feature.KNOWS_IMAGES not in cluster.features:
        rows = [row for node in client.list("nodes", "") for row in (node.get("status") or {}).get("images") or ()]
        names = sorted({name for row in rows for name in row.get("names") or () if "@" not in name})
        title = msg("This cluster pulls whatever its registries have. Its nodes have already:")
        return "\n".join((str(title), *(f"  {name}" for name in names)))
    simulated, stand_ins = cast("KnowsImages", cluster).known_images()
    short = {_short(name): tags for name, tags in simulated.items()}
    wide = max(len(name) for name in short)
    title = msg("● simulated: they answer as the real ones do ({n} images)", n=len(short))
    rest = msg(
        "{glyph} stand-in: they run, and their ports answer that they are stand-ins ({n} images)",
        glyph=STAND_IN_GLYPH,
        n=len(stand_ins),
    )
    end = msg("Other names fail as a pull does that finds nothing. On a kind cluster all images are real.")
    rows_of_others = wrap(", ".join(sorted(map(_short, stand_ins))), _WIDTH, break_on_hyphens=False)
    lines = (
        str(title),
        *(f"  {name:{wide}}  {tags}" for name, tags in short.items()),
        str(rest),
        *(f"  {line}" for line in rows_of_others),
        str(end),
    )
    return "\n".join(lines)


def _short(name: str) -> str:
    return name.removeprefix("docker.io/").removeprefix("library/")
