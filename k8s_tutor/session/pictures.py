"""The pictures of a session: what they are made of, and where things were drawn the time before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Cluster, Feature
from k8s_tutor.api.protocol import StatusError, Watch, WatchClosed
from k8s_tutor.api.runs import Decision
from k8s_tutor.clock import Clock
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language.message import Message, msg, plain
from k8s_tutor.objects import metadata
from k8s_tutor.objects.pods import DEFAULT_SCHEDULER
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.recording import RecordedChange, Recording
from k8s_tutor.observe.snapshot import KINDS, Snapshot, take_snapshot
from k8s_tutor.session.display import make_rows, show
from k8s_tutor.session.targets import Target, require_object

if TYPE_CHECKING:  # brought in by the first picture, and by the first question: connecting stays quick
    from k8s_tutor.api.cluster import RecordsDecisions, SwitchesNodes
    from k8s_tutor.course.record import Lesson
    from k8s_tutor.explain.case import Log
    from k8s_tutor.graph.layout import Layout
    from k8s_tutor.observe.informer import Informer
    from k8s_tutor.render.explanation import ExplanationCards
    from k8s_tutor.render.picture import Picture
    from k8s_tutor.render.placement_table import PlacementTable

__all__ = [
    "Pictures",
    "TimelineRecorder",
    "explained",
    "logs_of",
    "look",
    "placement_of",
    "show_drawing",
    "switch",
    "told",
]

_Widget = TypeVar("_Widget")
_PLACEMENT = "placement"  # the lens that counts what others' Pods request


class Pictures:
    """Draws namespaces, once or alive."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._informers: dict[str, Informer] = {}
        self._layouts: dict[tuple[str, str, str], Layout] = {}  # what was drawn stays where it was

    def draw(self, namespace: str, focus: str, lens: str) -> Picture:
        """A namespace as it is now, or one object (`Pod/web`) and what belongs to it."""
        from k8s_tutor.graph.build import build  # noqa: PLC0415
        from k8s_tutor.graph.layout import is_compact  # noqa: PLC0415
        from k8s_tutor.graph.placement import OTHERS  # noqa: PLC0415
        from k8s_tutor.observe.snapshot import list_readable, take_snapshot  # noqa: PLC0415
        from k8s_tutor.render.picture import picture  # noqa: PLC0415

        snapshot = take_snapshot(self._client, namespace, self._kinds(), time=self._clock.now())
        if lens == _PLACEMENT and namespace:  # Pods of others take room, too
            answer = list_readable(self._client, "pods", "")
            snapshot = snapshot.widened((), OTHERS) if answer is None else snapshot.widened(answer[0])
        place = (namespace, focus, lens)
        graph, before = build(snapshot, focus=focus, lens=lens), self._layouts.get(place)
        drawn = picture(graph, previous=before if before and is_compact(graph, before) else None)
        if drawn.layout is not None:
            self._layouts[place] = drawn.layout
        return drawn

    def follow(self, namespace: str, focus: str, lens: str) -> object:
        """The same, alive: a widget that follows the cluster until `close`."""
        from k8s_tutor.render.live import live  # noqa: PLC0415  brings anywidget

        if lens == _PLACEMENT and namespace:
            return self.follow_placement(namespace, focus, live)
        informer = self._informer(namespace)
        informer.sync()  # the first picture holds what the cells above have done
        return live(informer, focus, lens, answer=partial(told, self._client, self._clock))

    def follow_placement(self, namespace: str, focus: str, live: Callable[..., _Widget]) -> _Widget:
        """Pods of others take room, too: all namespaces are followed where we may, and seen from one.

        Args:
            namespace: That one.
            focus: What is looked at; empty for all.
            live: Makes the widget, as `render.live.live` does.
        """
        from k8s_tutor.graph.placement import OTHERS  # noqa: PLC0415
        from k8s_tutor.observe.snapshot import list_readable  # noqa: PLC0415

        ask = partial(told, self._client, self._clock)
        alone = list_readable(self._client, "pods", "") is None
        informer = self._informer(namespace if alone else "")
        informer.sync()
        if alone:
            return live(informer, focus, _PLACEMENT, view=lambda snapshot: snapshot.widened((), OTHERS), answer=ask)
        return live(informer, focus, _PLACEMENT, view=lambda snapshot: snapshot.seen_from(namespace), answer=ask)

    def close(self) -> None:
        """Stops following. Safe to call twice."""
        while self._informers:
            self._informers.popitem()[1].stop()

    def _kinds(self) -> tuple[str, ...]:
        """What pictures are made of: the usual kinds, and the custom ones that were met so far.

        What cannot be watched is no object but a measurement (PodMetrics): nobody made it, and nobody asked for it.
        """
        custom = (kind for kind in self._client.custom_kinds if kind.namespaced and "watch" in kind.verbs)
        return (*KINDS, *(f"{kind.plural}.{kind.group}" for kind in custom))

    def _informer(self, namespace: str) -> Informer:
        """One for each namespace, shared by its live pictures. A custom kind that was met since calls for another."""
        from k8s_tutor.observe.informer import Informer  # noqa: PLC0415

        kinds = self._kinds()
        place = f"{namespace} {len(kinds)}"
        informer = self._informers.get(place)
        if informer is None:
            informer = self._informers[place] = Informer(self._client, namespace, kinds, clock=self._clock)
            informer.start()
        return informer


# ---- Recording what one object goes through, to show it as a picture of its life

_LAST_NEWS = 0.3  # seconds: what a real server has sent may still be on the wire when the block ends


class TimelineRecorder:
    """A recording of one object, from `with` to its end; shows itself then.

    Outside of `with` it holds the object's present state only.

    Attributes:
        recording: Every change that was seen, in order.
    """

    def __init__(self, client: Client, clock: Clock, target: Target) -> None:
        self.recording = Recording()
        self._client = client
        self._clock = clock
        self._target = target
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        kind, name, namespace = self._target.kind, self._target.name, self._target.namespace
        items, version = self._client.list_with_version(kind, namespace, fields=f"metadata.name={name}")
        for item in items:
            self._record("ADDED", item)
        # Passive: looking on must not move time; what happens while others wait is read at the end.
        self._watch = self._client.watch(kind, namespace, name=name, since=version, passive=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watch is not None
        with self._watch as watch:
            self._drain(watch)
        self._watch = None
        if kind is None:
            show(self.picture())

    def picture(self) -> Any:
        """The life as a picture."""
        from k8s_tutor.render.timeline import draw_timeline  # noqa: PLC0415

        return draw_timeline(self.recording, f"{self._target.kind.singular}/{self._target.name}")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if not self.recording.changes:
            found = self._target.find(self._client)
            if found is not None:
                self._record("ADDED", found)
        return self.picture()._repr_mimebundle_(**options)

    def _drain(self, watch: Watch) -> None:
        try:
            while (event := watch.next(_LAST_NEWS)) is not None:
                if event.type in ("ADDED", "MODIFIED", "DELETED"):
                    self._record(event.type, event.object)
        except WatchClosed:
            pass

    def _record(self, kind: str, obj: dict[str, Any]) -> None:
        self.recording.append(RecordedChange.of(self._clock.now(), kind, obj))


# ---- One look at the cluster for an explanation: more kinds than pictures need, all namespaces where we may

_MORE = (
    "persistentvolumes",
    "storageclasses",
    "resourcequotas",
    "limitranges",
    "horizontalpodautoscalers",
    "namespaces",
    "serviceaccounts",
    "networkpolicies",
)


def explained(client: Client, clock: Clock, namespace: str, ref: str, other: str = "") -> ExplanationCards:
    """The explanation of an object (or of the line between two) as the cluster is now."""
    from k8s_tutor.explain import explain  # noqa: PLC0415
    from k8s_tutor.render.explanation import ExplanationCards  # noqa: PLC0415

    found = explain(look(client, clock, namespace), ref, other, namespace=namespace, log=logs_of(client))
    return ExplanationCards(found)


_TOLD = 5  # events and lines of a log that an opened card shows


def told(client: Client, clock: Clock, kind: str, name: str, namespace: str) -> str:
    """What there is to say about one object, as HTML: what an opened card of a live picture shows."""
    from k8s_tutor.explain import explain  # noqa: PLC0415
    from k8s_tutor.render.explanation import answer  # noqa: PLC0415

    try:
        snapshot = look(client, clock, namespace)
        ref = f"{kind}/{namespace}/{name}" if namespace else f"{kind}/{name}"
        found = explain(snapshot, ref, namespace=namespace, log=logs_of(client))
        obj = next((one for one in snapshot.of(kind) if metadata.key(one) == (namespace, name)), {})
        rows = make_rows(snapshot.events_about(metadata.uid(obj)) if obj else ())[-_TOLD:]
        events = [" ".join(filter(None, (row.reason, row.times, row.message))) for row in rows]
        there = f" -n {namespace}" if namespace else ""
        return answer(kind, found, events, _last_lines(client, obj), f"kubectl describe {kind.lower()} {name}{there}")
    except TutorError as error:  # the cluster may have gone since the picture was drawn
        return f"<p>{escape(plain(str(error)))}</p>"


def _last_lines(client: Client, obj: Obj) -> str:
    containers = (obj.get("spec") or {}).get("containers") or ()
    if obj.get("kind") != "Pod" or not containers:
        return ""
    with suppress(StatusError):
        return client.logs(metadata.name(obj), metadata.namespace(obj), containers[0]["name"], tailLines=_TOLD).strip()
    return ""


def logs_of(client: Client) -> Log:
    """Asks a cluster for the last line of a container's log; there may be none (any more)."""

    def last_line(pod: Obj, container: str, previous: bool) -> str:
        with suppress(StatusError):
            name, where = metadata.name(pod), metadata.namespace(pod)
            return client.logs(name, where, container, tailLines=1, previous=previous or None).strip()
        return ""

    return last_line


def look(client: Client, clock: Clock, namespace: str) -> Snapshot:
    """All namespaces, for nodes are shared; what we may read only in our own is read there."""
    custom = (f"{kind.plural}.{kind.group}" for kind in client.custom_kinds)
    whole = take_snapshot(client, "", (*KINDS, *_MORE, *custom), time=clock.now())
    if not whole.missing:
        return whole
    own = take_snapshot(client, namespace, whole.missing, time=clock.now())
    return Snapshot((*whole.objects, *own.objects), time=own.time, missing=own.missing)


# ---- Why a Pod is on its node: the scheduler's record, or else what the API shows. And machines, switched off and on


def placement_of(cluster: Cluster, client: Client, target: Target, attempt: int) -> PlacementTable:
    """The table of one decision.

    Args:
        cluster: It may remember what its scheduler weighed.
        client: Its API.
        target: A Pod.
        attempt: Which one, from 1; 0 for the last.

    Raises:
        UsageError: it is no Pod, there is none, or there was no such attempt.
    """
    from k8s_tutor.explain.pods_scheduling import left_out, recompute  # noqa: PLC0415
    from k8s_tutor.render.placement_table import PlacementTable  # noqa: PLC0415

    if target.kind.kind != "Pod":
        raise UsageError(
            msg("{kind} is not placed on a node, its Pods are.", kind=target.kind.kind),
            next_step=msg('Ask for one of them: t.placement("pod/NAME"). Their names: t.kubectl("get pods").'),
        )
    pod = require_object(client, target)
    made: tuple[Decision, ...] = ()
    if Feature.SCHEDULER_DECISIONS in cluster.features:
        made = cast("RecordsDecisions", cluster).scheduler_decisions(metadata.uid(pod))
    if not made:
        snapshot = take_snapshot(client, "", ("pods", "nodes"), time=cluster.clock.now())
        return PlacementTable(recompute(snapshot, pod), _reason(cluster, pod), left_out(pod))
    chosen = [decision for decision in made if decision.attempt == attempt] if attempt else [made[-1]]
    if not chosen:
        raise UsageError(
            msg("There was no attempt {attempt} to place {pod}.", attempt=attempt, pod=metadata.name(pod)),
            why=msg("There were {n}.", n=made[-1].attempt),
            next_step=msg("For example {example}.", example=f't.placement("pod/{metadata.name(pod)}")'),
        )
    return PlacementTable(chosen[-1], attempts=made[-1].attempt)


def _reason(cluster: Cluster, pod: Obj) -> Message:
    if Feature.SCHEDULER_DECISIONS not in cluster.features:
        return msg("This cluster's scheduler keeps to itself what it weighed: its scores cannot be seen.")
    spec = pod.get("spec") or {}
    if spec.get("nodeName"):
        return msg("No scheduler was asked, as far as is remembered: who made this Pod named its node.")
    if spec.get("schedulingGates"):
        return msg("The scheduler has not looked at this Pod: scheduling gates hold it back.")
    if (name := spec.get("schedulerName", DEFAULT_SCHEDULER)) != DEFAULT_SCHEDULER:
        return msg("It asks for a scheduler called {name}; nobody by that name has decided about it.", name=name)
    return msg("The scheduler has not decided about this Pod yet.")


def switch(cluster: Cluster, node: Target, *, on: bool) -> Message:
    """Switches a machine, and says what that means.

    Raises:
        UsageError: it is no node, or this cluster's machines are not ours to switch.
    """
    if node.kind.kind != "Node":
        raise UsageError(msg("{object} is no machine.", object=str(node)), next_step=msg('Name a node: "node/NAME".'))
    if Feature.SWITCHES_NODES not in cluster.features:
        raise UsageError(
            msg("The machines of this cluster cannot be switched off from here."),
            why=msg("They are real, or containers that real ones run, and others may need them."),
            next_step=msg('On the embedded cluster they can, or on a kind cluster of ours: connect("embedded").'),
        )
    cast("SwitchesNodes", cluster).switch_node(node.name, on=on)
    if on:
        return msg("{node} is switched on.", node=node.name)
    return msg("{node} is switched off: nothing on it goes on, and nobody has told the cluster.", node=node.name)


def show_drawing(lesson: Lesson, name: str) -> None:
    """Shows a drawing that a lesson brings along, in the reader's language.

    Raises:
        UsageError: it has no such drawing.
    """
    from k8s_tutor.course.drawings import find_drawing  # noqa: PLC0415
    from k8s_tutor.language.choice import current_language  # noqa: PLC0415
    from k8s_tutor.render.picture import ShownDrawing  # noqa: PLC0415

    drawing, language = find_drawing(lesson, name), current_language()
    show(ShownDrawing(drawing.draw(language), drawing.tell(language)))
