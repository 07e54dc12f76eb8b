"""Two embedded clusters that are the same: one for the built-in kubectl, one for the real one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import TutorError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.builtin import Builtin, Real
from tests.interop.session.likeness import likeness

if TYPE_CHECKING:
    from k8s_tutor.session import Session

__all__ = ["HERE", "Twins", "lines_of", "said", "twins"]

HERE = Path(__file__).parent
NAMESPACE = "shop"
CAKE = """
apiVersion: bakery.example.com/v1
kind: Cake
metadata: {name: tall, labels: {size: big}}
spec: {layers: 3, iced: true, toppings: [nuts, 'a b'], ovenURL: 'http://x'}
"""
_SETTLED, _BETWEEN = 60.0, 8.0  # seconds of the clusters' time
_FIRST = ("LimitRange", "ConfigMap", "Secret", "ServiceAccount", "CustomResourceDefinition")
# What a rollout said on its way depends on when somebody looked.
_ON_THE_WAY = re.compile(r"^[Ww]aiting for .*\n(?=.)", re.MULTILINE)
_BUSY = re.compile(r"E\d{4} .*memcache\.go.*\n")  # a busy machine: the real one tries again by itself


@dataclass
class Twins:
    """The same line through both."""

    builtin: Builtin
    real: Real
    sessions: list[Session]

    def outputs(self, line: str) -> tuple[str, str]:
        """What the built-in and the real kubectl say, with what must differ from run to run replaced."""
        found = _likeness(said(self.builtin, line)), _likeness(said(self.real, line))
        for t in self.sessions:
            _let_pass(t, _BETWEEN)
        return found


def said(kubectl: Builtin | Real, line: str) -> str:
    """What a line printed; where it failed, the exit code too."""
    try:
        output = kubectl.run(line)
    except KubectlError as error:
        return f"failed {error.code}: {error.what}"
    except TutorError as error:
        return f"failed: {error.what}"
    return "\n".join([*output.notes, output.text])


def _likeness(text: str) -> str:
    return likeness(_ON_THE_WAY.sub("", _BUSY.sub("", text)), NAMESPACE)


def lines_of(name: str) -> list[str]:
    """The lines of a chapter."""
    text = (HERE / "chapters" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@contextmanager
def twins(kubectl: str, cache: Path) -> Iterator[Twins]:
    """A shop on each, settled."""
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy
    from k8s_tutor.session.targets import read_manifest  # noqa: PLC0415

    clusters = [EmbeddedCluster(PaceMode.AWAITED) for _ in range(2)]
    sessions = [Session(cluster) for cluster in clusters]
    before = Path.cwd()
    os.chdir(HERE)  # files of the chapters
    try:
        for t in sessions:
            _furnish(t)
        ours, theirs = sessions
        real = Real(kubectl, theirs.cluster.kubeconfig, theirs.cluster.context, NAMESPACE, cache)
        yield Twins(Builtin(ours.client, NAMESPACE, read_manifest, ours._wait_gone, ours.cluster.clock), real, sessions)
    finally:
        os.chdir(before)
        for cluster in clusters:
            cluster.close()


def _furnish(t: Session) -> None:
    t.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    t.namespace = t.client.namespace = NAMESPACE
    t.wait("serviceaccount/default", "exists")
    shop = (HERE / "shop.yaml").read_text(encoding="utf-8")
    needed = [part for part in shop.split("\n---\n") if re.search(rf"^kind: ({'|'.join(_FIRST)})$", part, re.MULTILINE)]
    t.apply("\n---\n".join(needed))
    t.apply(shop)
    for ref, state in (
        ("pod/duo", "Ready"),
        ("deploy/web", "Available"),
        ("pod/huge", "Unschedulable"),
        ("job/count", "Complete"),
        ("pod/db-0", "Ready"),
    ):
        t.wait(ref, state)
    t.apply(CAKE)
    _let_pass(t, _SETTLED)


def _let_pass(t: Session, seconds: float) -> None:
    """Lets a cluster's time pass, so that what a line began is done on both."""
    until = t.cluster.clock.now() + seconds
    with t.client.watch("namespaces", name="nobody") as quiet:
        while (left := until - t.cluster.clock.now()) > 0:
            quiet.next(left)
