"""The widget's Python side, without a browser; see tests/notebook for the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.observe.snapshot import Snapshot

pytest.importorskip("anywidget")
from k8s_tutor.render.live import LiveGraph, live


class Source:
    """An informer in the test's hand."""

    def __init__(self, snapshot: Snapshot, started: bool = False) -> None:
        self.present, self.started, self.stopped = snapshot, started, False
        self.subscribers: list[Callable[[Snapshot], None]] = []

    def start(self) -> Source:
        self.started = True
        return self

    def stop(self) -> None:
        self.stopped = True

    def snapshot(self) -> Snapshot:
        return self.present

    def subscribe(self, on_change: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.subscribers.append(on_change)
        return lambda: self.subscribers.remove(on_change)

    def tell(self, snapshot: Snapshot) -> None:
        self.present = snapshot
        for subscriber in tuple(self.subscribers):
            subscriber(snapshot)


@pytest.fixture
def source(unready: Snapshot) -> Source:
    return Source(unready)


@pytest.fixture
def widget(source: Source) -> Iterator[LiveGraph]:
    made = live(source, "service/shop")  # type: ignore[arg-type]
    yield made
    made.close()


def test_the_first_picture_is_there_at_once(widget: LiveGraph) -> None:
    assert widget.frame["twin"].startswith("Service shop → 2 of 3 Pods ready")
    assert widget.frame["count"] == 0
    assert "<style>" not in widget.frame["svg"]


def test_a_change_draws_anew_and_makes_news(widget: LiveGraph, source: Source, seven: Snapshot) -> None:
    source.tell(seven)
    assert widget.frame["count"] == 1
    assert "Service shop: 2 of 3 ready → 7 of 7 ready" in widget.frame["news"]


def test_a_change_elsewhere_draws_nothing(widget: LiveGraph, source: Source, unready: Snapshot) -> None:
    frame = widget.frame
    source.tell(Snapshot([obj for obj in unready.objects if obj["metadata"]["name"] != "web"], namespace="demo"))
    assert widget.frame is frame


def test_a_notebook_without_a_kernel_shows_the_picture_as_it_was(widget: LiveGraph) -> None:
    data, _metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.frame["twin"]
    assert data["text/html"].startswith('<img alt="Service shop')
    assert "application/vnd.jupyter.widget-view+json" in data


def test_closing_ends_the_subscription_and_stops_what_it_started(source: Source) -> None:
    live(source).close()  # type: ignore[arg-type]
    assert source.stopped
    assert source.subscribers == []


def test_an_informer_that_others_use_goes_on(unready: Snapshot) -> None:
    source = Source(unready, started=True)
    live(source).close()  # type: ignore[arg-type]
    assert not source.stopped


def test_a_focus_that_makes_no_sense_is_said_at_once_and_nothing_is_left_running(source: Source) -> None:
    with pytest.raises(UsageError):
        live(source, "nonsense")  # type: ignore[arg-type]
    assert source.stopped
