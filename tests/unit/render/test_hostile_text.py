"""Whatever bytes a cluster sends as text, every picture is well-formed and no control character comes through."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.api.runs import Act, Decision, Fact, NodeVerdict, Run
from k8s_tutor.explain import explain
from k8s_tutor.graph.build import LENSES, build
from k8s_tutor.language import plain
from k8s_tutor.objects.metadata import Key
from k8s_tutor.observe.recording import RecordedChange, Recording
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import Failure, Reply, Traffic, Via
from k8s_tutor.render.explanation import cards
from k8s_tutor.render.flow import traffic_picture
from k8s_tutor.render.picture import Picture, picture
from k8s_tutor.render.placement_table import PlacementTable
from k8s_tutor.render.steps import describe_runs, run_picture
from k8s_tutor.render.timeline import draw_timeline

WORST = (
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b1m", "a\x00b\x08c\x7f", "half \ud83d a sign", "\u202egnp.exe\u2066",
    "two\nlines\r\n\ttabs", "\u2028\u2029\x85", "\ufffe\uffff\ufeff", "]]><script>&\"'", "long " * 2000, "\u200b\u200f",
)  # fmt: skip
HOSTILE = st.sampled_from(WORST) | st.text(st.characters(), max_size=60)
"""Also half characters: `characters()` without a codec gives them."""
KEPT = {"uid", "kind", "apiVersion", "namespace", "type", "status", "reason", "phase"}
"""Fields that say what a thing is; all other texts may be anything."""


def poisoned(value: Any, words: Iterator[str], key: str = "") -> Any:
    """The same with a hostile text behind each of its own."""
    if isinstance(value, dict):
        return {name: poisoned(below, words, name) for name, below in value.items()}
    if isinstance(value, list):
        return [poisoned(below, words, key) for below in value]
    free = isinstance(value, str) and key not in KEPT and "Time" not in key and not value[:1].isdigit()
    return f"{value}{next(words)}" if free else value  # numbers, addresses and times the API server has checked


def endless(words: list[str]) -> Iterator[str]:
    while True:
        yield from words


def clean(text: str) -> bool:
    return all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)


def check(found: Picture) -> None:
    ElementTree.fromstring(found.svg)
    assert clean(found.svg)
    assert clean(found.alt_text)
    assert max(map(len, found.alt_text.splitlines()), default=0) < 8_000
    found.svg.encode("utf-8")
    if found.graph is not None:
        assert clean(found.to_dot().replace("\t", ""))


def sick(unready: Snapshot, words: list[str]) -> Snapshot:
    stream = endless(words)
    return Snapshot([poisoned(obj, stream) for obj in json.loads(json.dumps(unready.objects))], namespace="demo")


@settings(max_examples=12, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
@pytest.mark.parametrize("lens", [lens.id for lens in LENSES if lens.of is None and lens.id != "anatomy"])
def test_every_lens_stays_whole(unready: Snapshot, lens: str, words: list[str]) -> None:
    check(picture(build(sick(unready, words), lens=lens)))


@pytest.mark.parametrize("words", WORST, ids=range(len(WORST)))
def test_every_pod_and_what_is_inside_stays_whole(unready: Snapshot, words: str) -> None:
    snapshot = sick(unready, [words])
    for pod in snapshot.of("Pod"):
        for lens in ("default", "anatomy"):
            check(picture(build(snapshot, f"pod/{pod['metadata']['name']}", lens)))


@pytest.mark.parametrize("words", WORST, ids=range(len(WORST)))
def test_rollouts_lives_requests_and_runs_stay_whole(stuck: Snapshot, unready: Snapshot, words: str) -> None:
    snapshot = sick(stuck, [words])
    check(picture(build(snapshot, f"deployment/{snapshot.of('Deployment')[0]['metadata']['name']}", "rollout")))
    name = f"web{words}"
    said = {"containerStatuses": [{"name": name, "state": {"waiting": {"reason": words, "message": words}}}]}
    pod = {
        "kind": "Pod",
        "metadata": {"name": name, "uid": "u"},
        "spec": {"containers": [{"name": name}]},
        "status": said,
    }
    check(draw_timeline(Recording([RecordedChange.of(0.0, "ADDED", pod)]), name))
    answers = (Reply(1, pod=words), Reply(2, failure=Failure.STATUS, code=500, says=words))
    check(traffic_picture(unready, Traffic("service/shop", f"http://{words}/", Via.SERVICE, 80, answers, 2)))
    run = Run(1, words, (Fact(words, words),), words, (words,), words, (Act(words, words),), error=words)
    check(run_picture(words, [run]))
    assert clean(describe_runs(words, [run]))


@pytest.mark.parametrize("words", WORST, ids=range(len(WORST)))
def test_tables_and_explanations_stay_whole(unready: Snapshot, words: str) -> None:
    table = PlacementTable(Decision(Key(words, words), words, 0.0, 1, (NodeVerdict(words),), message=words))
    shown = [table._repr_mimebundle_()["text/html"], str(table)]
    snapshot = sick(unready, [words])
    for pod in snapshot.of("Pod")[:4]:
        found = explain(snapshot, f"pod/{pod['metadata']['name']}", namespace="demo")
        shown += [str(found), cards(found)]
    assert all(clean(text) for text in shown)


@given(st.text(st.characters(), max_size=40))
def test_what_is_plain_is_one_line_and_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert once.isprintable()
    assert plain(once) == once


def test_a_coloured_word_is_the_word() -> None:
    assert plain("\x1b[1;31mERROR\x1b[0m in\nline 3") == "ERROR in line 3"
