"""The pictures of a session: what they are made of, and where things were drawn the time before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.api.client import Client
from k8s_tutor.clock import Clock

if TYPE_CHECKING:  # brought in by the first picture: connecting stays quick
    from k8s_tutor.graph.layout import Layout
    from k8s_tutor.observe.informer import Informer
    from k8s_tutor.render.picture import Picture

__all__ = ["Pictures"]


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
        from k8s_tutor.observe.take import take  # noqa: PLC0415
        from k8s_tutor.render.picture import picture  # noqa: PLC0415

        snapshot = take(self._client, namespace, self._kinds(), time=self._clock.now())
        place = (namespace, focus, lens)
        drawn = picture(build(snapshot, focus=focus, lens=lens), previous=self._layouts.get(place))
        if drawn.layout is not None:
            self._layouts[place] = drawn.layout
        return drawn

    def follow(self, namespace: str, focus: str, lens: str) -> object:
        """The same, alive: a widget that follows the cluster until `close`."""
        from k8s_tutor.render.live import live  # noqa: PLC0415  brings anywidget

        informer = self._informer(namespace)
        informer.sync()  # the first picture holds what the cells above have done
        return live(informer, focus, lens)

    def close(self) -> None:
        """Stops following. Safe to call twice."""
        while self._informers:
            self._informers.popitem()[1].stop()

    def _kinds(self) -> tuple[str, ...]:
        """What pictures are made of: the usual kinds, and the custom ones that were met so far."""
        from k8s_tutor.observe.take import KINDS  # noqa: PLC0415

        return (*KINDS, *(f"{kind.plural}.{kind.group}" for kind in self._client.custom_kinds if kind.namespaced))

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
