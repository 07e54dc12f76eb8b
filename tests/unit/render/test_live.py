"""The widget's Python side, without a browser; see tests/notebook for the other side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.clock import RealClock
from k8s_tutor.errors import UsageError
from k8s_tutor.graph.build import build
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.picture import picture
from tests.unit.graph.test_fold import crashing, crowds, owned, running, shop

pytest.importorskip("anywidget")
from k8s_tutor.render.live import LiveGraph, live


class Source:
    """An informer in the test's hand."""

    clock = RealClock()

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

    def subscribe(self, on_change: Callable[[Snapshot], None], **more: Callable[..., None]) -> Callable[[], None]:
        self.subscribers.append(on_change)
        self.rest, self.lose = more["at_rest"], more["on_loss"]
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
    assert widget.frame["alt_text"].startswith("Service shop → 2 of 3 Pods ready")
    assert widget.frame["count"] == 0
    assert "<style>" not in widget.frame["svg"]


def test_a_change_draws_anew_and_is_said(widget: LiveGraph, source: Source, seven: Snapshot) -> None:
    source.tell(seven)
    assert widget.frame["count"] == 1
    assert "Service shop: 2 of 3 ready → 7 of 7 ready" in widget.frame["changes"]


def test_a_change_elsewhere_draws_nothing(widget: LiveGraph, source: Source, unready: Snapshot) -> None:
    frame = widget.frame
    source.tell(Snapshot([obj for obj in unready.objects if obj["metadata"]["name"] != "web"], namespace="demo"))
    assert widget.frame is frame


def test_a_notebook_without_a_kernel_shows_the_picture_as_it_was(widget: LiveGraph) -> None:
    data, _metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.frame["alt_text"]
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


# ---- Laws of motion


def places(widget: LiveGraph) -> dict[str, str]:
    """Where each card stands, as the page is told."""
    return dict(re.findall(r'data-id="([^"]*)"[^>]*? transform="translate\(([^)]*)\)"', widget.frame["svg"]))


def some(snapshot: Snapshot, chosen: list[bool]) -> Snapshot:
    """A part of it: what comes and goes."""
    kept = [obj for obj, keep in zip(snapshot.objects, chosen * len(snapshot.objects), strict=False) if keep]
    return Snapshot(kept, namespace="demo")


@settings(max_examples=20, deadline=None)
@given(crowds(), st.lists(st.lists(st.booleans(), min_size=3, max_size=7), min_size=1, max_size=4))
def test_while_things_change_every_card_keeps_its_place_and_at_rest_all_stand_as_in_a_fresh_picture(
    snapshot: Snapshot, moments: list[list[bool]]
) -> None:
    source = Source(snapshot)
    widget = live(source)  # type: ignore[arg-type]
    for chosen in moments:
        before, columns = places(widget), widget._picture.layout
        source.tell(some(snapshot, chosen))
        after, now = places(widget), widget._picture.layout
        assert columns is not None
        assert now is not None
        stayed = [key for key in before.keys() & after.keys() if columns.places[key].column == now.places[key].column]
        assert [after[key] for key in stayed] == [before[key] for key in stayed]
    source.rest()
    assert widget.frame["svg"] == picture(build(source.present), styled=False).svg
    widget.close()


def test_a_picture_that_is_settled_already_is_not_drawn_again(widget: LiveGraph, source: Source) -> None:
    frame = widget.frame
    source.rest()
    assert widget.frame is frame


def test_after_many_pods_have_become_one_card_their_owner_stands_beside_it() -> None:
    source = Source(shop([crashing(number) for number in range(1, 12)]))
    widget = live(source)  # type: ignore[arg-type]
    source.tell(shop([running()] * 55))
    source.rest()
    tops = {place.partition(",")[2] for place in places(widget).values()}
    assert tops == {"0"}
    widget.close()


# ---- Folding, asking, and less room


def test_a_folded_card_opens_and_folds_again_and_that_is_no_news() -> None:
    source = Source(shop([running()] * 9 + [crashing(1)] * 3))
    widget = live(source)  # type: ignore[arg-type]
    assert widget.frame["folded"][0] == "stack:rs"
    widget.opened = "stack:rs"
    assert "Pod web-0: Running" in widget.frame["alt_text"]
    assert "4 more Pods" in widget.frame["alt_text"]
    widget.opened = ""
    assert "Pod web-0" not in widget.frame["alt_text"]
    assert widget.frame["changes"] == []
    widget.close()


def test_pods_that_fold_are_not_said_to_be_deleted() -> None:
    source = Source(shop([running()] * 5))
    widget = live(source)  # type: ignore[arg-type]
    source.tell(shop([running()] * 9))
    assert "9 Pods" in widget.frame["alt_text"]
    assert not [line for line in widget.frame["changes"] if "deleted" in line]
    widget.close()


def test_a_card_answers_who_asks_it(source: Source) -> None:
    def answer(*ref: str) -> str:
        return " ".join(ref)

    widget = live(source, answer=answer)  # type: ignore[arg-type]
    asked = next(key for key in widget.frame["asks"] if widget._graph.by_id[key].name == "front")
    widget.asked = asked
    assert widget.said == {"id": asked, "html": "Service front demo"}
    widget.asked = "gone"
    assert widget.said == {}
    widget.close()


@pytest.mark.parametrize("room", [560, 700, 1400])
def test_a_picture_is_as_wide_as_there_is_room(widget: LiveGraph, source: Source, room: int) -> None:
    widget.room = room
    found = re.search(r'viewBox="\S+ \S+ (\d+) ', widget.frame["svg"])
    assert found is not None
    assert int(found.group(1)) <= room
    source.rest()
    assert widget.frame["svg"] == picture(widget._graph, styled=False, room=room).svg


def test_a_server_that_has_fallen_silent_is_told_and_forgotten_when_it_is_back(
    widget: LiveGraph, source: Source
) -> None:
    source.lose(1_800_000_000.0)
    assert re.fullmatch(r"last seen \d\d:\d\d:\d\d", widget.frame["lost"])
    source.lose(None)
    assert widget.frame["lost"] == ""


def test_what_a_cluster_says_cannot_break_the_page() -> None:
    pod: dict[str, Any] = owned("Pod", "web", "u", status={"phase": "Failed", "message": "\x1b[31mno\x00way\u202e"})
    widget = live(Source(Snapshot([pod], namespace="demo")))  # type: ignore[arg-type]
    assert widget.frame["alt_text"] == "Pod web: Failed: no way"
    widget.close()
