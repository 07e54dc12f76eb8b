"""A long session with real kubectl: the embedded cluster answers as real Kubernetes did when the text was written down.

Each chapter of `session/chapters` is one test. On a real cluster, which must still say the same, every run plays those
whose answers depend on what a cluster does over time; `K8S_TUTOR_TEST_SESSION=all` plays them all.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from tests import sample
from tests.interop.session.fresh import embedded_cluster
from tests.interop.session.playing import CHAPTERS, chapter, play
from tests.interop.session.transcript import Chapter

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

pytestmark = [pytest.mark.kubectl, pytest.mark.skipif(not shutil.which("sh"), reason="needs a POSIX shell")]
_PATIENCE = 240.0  # seconds for a chapter on a real cluster that has much else to do
_AT_ONCE = 5  # on a real cluster most of a chapter's time is waiting
_ALONE = "nodes"  # takes a node out of service
_EVERY_RUN = ("get", "inside", "rollout", "sets", "waiting")
_ON_REAL = CHAPTERS if os.environ.get(sample.SESSION) == "all" else _EVERY_RUN


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, kind_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[list[str]]]]:
    """Every chapter of this run on real Kubernetes, all begun at once, each in a namespace of its own."""
    names = [
        item.callspec.params["name"]  # type: ignore[attr-defined]
        for item in request.session.items
        if item.name.startswith("test_on_real_kubernetes[")
    ]
    cache = tmp_path_factory.mktemp("kubectl")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        begun: dict[str, Future[list[str]]] = {}
        for name in sorted(names, key=_ALONE.__eq__):
            if name == _ALONE:
                wait(begun.values())
            begun[name] = pool.submit(play, chapter(name), kind_cluster.kubeconfig, cache, _PATIENCE)
        yield begun


@pytest.mark.parametrize("name", CHAPTERS)
def test_on_the_embedded_cluster(kubectl: str, name: str) -> None:
    written = chapter(name)
    with embedded_cluster() as (kubeconfig, cache):
        said = play(written, kubeconfig, cache)
    _compare(written, said, embedded=True)


@pytest.mark.kind
@pytest.mark.parametrize("name", _ON_REAL)
def test_on_real_kubernetes(
    request: pytest.FixtureRequest, kubectl: str, played: dict[str, Future[list[str]]], name: str
) -> None:
    written, said = chapter(name), played[name]
    if getattr(request.node, "execution_count", 1) > 1:  # the second try is one
        said = Future[list[str]]()
        cluster, cache = request.getfixturevalue("kind_cluster"), request.getfixturevalue("tmp_path")
        said.set_result(play(written, cluster.kubeconfig, cache, _PATIENCE))
    _compare(written, said.result(), embedded=False)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_written_as_the_recorder_writes_it(name: str) -> None:
    written = chapter(name)
    assert Chapter.read(name, written.text()).text() == written.text()


def _compare(written: Chapter, said: list[str], *, embedded: bool) -> None:
    found = []
    for step, text in zip(written.steps, said, strict=True):
        expected = step.expected(embedded=embedded)
        if text not in (expected, step.real):  # a difference that is gone is no failure; the recorder clears it away
            lines = difflib.unified_diff(expected.split("\n"), text.split("\n"), "written", "said", lineterm="")
            found.append("\n".join([f"$ {step.command}", *lines]))
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)
