"""Following objects, on a server in a few lines whose watches end whenever the test likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.api.follow import Selection, follow, wait_until
from k8s_tutor.api.protocol import StatusError, WatchClosed, WatchEvent, failure
from k8s_tutor.clock import VirtualClock
from k8s_tutor.objects.types import Obj

PODS = Selection("pods", "demo")


def pod(name: str, phase: str = "Pending") -> Obj:
    return {"metadata": {"name": name, "namespace": "demo"}, "status": {"phase": phase}}


@dataclass
class Server:
    """Enough of `Client`: what happens to it is a script of (seconds until then, what)."""

    script: list[tuple[float, Any]] = field(default_factory=list)
    frozen: bool = False
    held: dict[str, Obj] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(0))

    def list_with_version(self, kind: str, namespace: str, **selectors: str) -> tuple[list[Obj], str]:
        self.asked.append({"list": kind, **selectors})
        return [self.held[name] for name in sorted(self.held)], "7"

    @contextmanager
    def watch(self, kind: str, namespace: str, **selectors: str) -> Iterator[Server]:
        self.asked.append({"watch": kind, **selectors})
        yield self

    def next(self, timeout: float) -> WatchEvent | None:
        if not self.script or self.script[0][0] > timeout:
            if self.script:
                self.script[0] = (self.script[0][0] - timeout, self.script[0][1])
            self._pass(timeout)
            return None
        seconds, happening = self.script.pop(0)
        self._pass(seconds)
        return self.do(happening)

    def do(self, happening: Any) -> WatchEvent:
        if isinstance(happening, BaseException):
            raise happening
        if isinstance(happening, WatchEvent):
            return happening
        name, phase = happening
        if phase is None:
            return WatchEvent("DELETED", self.held.pop(name, None) or pod(name))
        new = name not in self.held
        self.held[name] = pod(name, phase)
        return WatchEvent("ADDED" if new else "MODIFIED", self.held[name])

    def _pass(self, seconds: float) -> None:
        if not self.frozen:
            self.clock.advance_to(self.clock.now() + seconds)


EXPIRED = WatchEvent("ERROR", failure(410, "Expired", "too old resource version: 1 (7)"))
BOOKMARK = WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": "9"}})


def phases(states: Any) -> list[dict[str, str]]:
    return [{one["metadata"]["name"]: one["status"]["phase"] for one in objects} for objects in states]


def seen(server: Server, seconds: float = 10, **how: Any) -> list[dict[str, str]]:
    return phases(follow(server, server.clock, PODS, server.clock.now() + seconds, **how))  # type: ignore[arg-type]


def test_it_gives_what_is_there_and_each_change() -> None:
    server = Server([(1, ("db", "Running")), (1, ("web", None))], held={"web": pod("web")})
    assert seen(server)[:3] == [{"web": "Pending"}, {"db": "Running", "web": "Pending"}, {"db": "Running"}]


def test_it_ends_at_the_deadline() -> None:
    server = Server()
    assert set(map(len, seen(server))) == {0}
    assert server.clock.now() == 10


def test_who_has_seen_enough_leaves_and_no_watch_is_opened() -> None:
    server = Server(held={"web": pod("web")})
    assert next(follow(server, server.clock, PODS, 10))  # type: ignore[arg-type]
    assert [next(iter(request)) for request in server.asked] == ["list"]


def test_a_deadline_that_is_past_gives_one_look() -> None:
    assert seen(Server(held={"web": pod("web")}), seconds=-1) == [{"web": "Pending"}]


@pytest.mark.parametrize(
    "end", [WatchClosed(), EXPIRED, StatusError(EXPIRED.object)], ids=["closed", "expired", "refused as expired"]
)
def test_after_the_end_of_a_watch_it_looks_anew(end: Any) -> None:
    server = Server([(1, end), (1, ("web", "Running"))])
    assert list(islice(seen(server), 3)) == [{}, {}, {"web": "Running"}]


def test_another_refusal_is_not_hidden() -> None:
    with pytest.raises(StatusError, match="forbidden"):
        seen(Server([(1, StatusError(failure(403, "Forbidden", "forbidden")))]))


def test_bookmarks_are_no_change() -> None:
    assert len(seen(Server([(1, BOOKMARK), (1, BOOKMARK)]))) == len(seen(Server()))


def test_a_beat_gives_the_same_again() -> None:
    server = Server([(5, ("web", "Running"))])
    told = (server.clock.now() for _ in follow(server, server.clock, PODS, 6, beat=2))  # type: ignore[arg-type]
    assert list(told)[:5] == [0, 2, 4, 5, 6]


@pytest.mark.parametrize("beat", [0.5, 100], ids=["with beats", "without"])
def test_where_time_stands_still_it_ends_all_the_same(beat: float) -> None:
    server = Server(frozen=True)
    assert set(map(len, seen(server, beat=beat))) == {0}


def test_the_selection_is_asked_for_in_the_list_and_in_the_watch() -> None:
    server = Server()
    selection = Selection("pods", "demo", name="web", labels="app=web", fields="spec.nodeName=one")
    list(follow(server, server.clock, selection, 1))  # type: ignore[arg-type]
    words = {"labels": "app=web", "fields": "metadata.name=web,spec.nodeName=one"}
    assert server.asked[:2] == [{"list": "pods", **words}, {"watch": "pods", **words, "since": "7"}]


def test_waiting_ends_as_soon_as_it_is_so() -> None:
    server = Server([(3, ("web", "Running"))])
    assert wait_until(server, server.clock, PODS, bool, 10)  # type: ignore[arg-type]
    assert server.clock.now() == 3


def test_waiting_in_vain_says_no() -> None:
    server = Server()
    assert not wait_until(server, server.clock, PODS, bool, 10)  # type: ignore[arg-type]
    assert server.clock.now() == 10


changes = st.tuples(st.sampled_from(["db", "web"]), st.sampled_from(["Pending", "Running", None]))
ends = st.sampled_from([WatchClosed(), EXPIRED, StatusError(EXPIRED.object), BOOKMARK])


class Forgetful(Server):
    """Its watches may end with changes that they never told of: whoever looks anew sees them."""

    def do(self, happening: Any) -> WatchEvent:
        untold, end = happening if isinstance(happening, tuple) and isinstance(happening[0], list) else ([], happening)
        for change in untold:
            super().do(change)
        return super().do(end)


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.5, 1.0, 3.0]), changes | ends | st.tuples(st.lists(changes), ends)),
        max_size=12,
    ),
    st.sampled_from([0.3, 1.0, 100.0]),
)
def test_whatever_happens_the_last_state_before_the_deadline_is_seen(script: list[Any], beat: float) -> None:
    server = Forgetful([step for step in script if not _loses_silently(step[1])])
    states = seen(server, beat=beat)
    assert states[-1] == phases([server.held[name] for name in sorted(server.held)] for _ in "1")[0]
    assert server.clock.now() == pytest.approx(10) or not server.script


def _loses_silently(happening: Any) -> bool:
    """A bookmark is no end: a server that has sent one keeps nothing back."""
    return isinstance(happening, tuple) and happening[1] is BOOKMARK and bool(happening[0])
