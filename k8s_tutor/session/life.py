"""Recording what one object goes through, to show it as a picture of its life."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Watch, WatchClosed
from k8s_tutor.clock import Clock
from k8s_tutor.observe.recording import Change, Recording
from k8s_tutor.session.shown import show
from k8s_tutor.session.targets import Target

__all__ = ["Life"]

_LAST_NEWS = 0.3  # seconds: what a real server has sent may still be on the wire when the block ends


class Life:
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
        from k8s_tutor.render.lifeline import life  # noqa: PLC0415

        return life(self.recording, f"{self._target.kind.singular}/{self._target.name}")

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
        self.recording.append(Change.of(self._clock.now(), kind, obj))
