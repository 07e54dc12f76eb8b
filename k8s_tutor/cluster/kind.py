"""A real cluster out of containers, made by kind: created, found again, started again, made anew if half-made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import KubeAPI
from k8s_tutor.clock import Clock, RealClock
from k8s_tutor.cluster import kind_failures, kubeconfig, readiness
from k8s_tutor.cluster.context import answers
from k8s_tutor.cluster.engine import Container, require_engine, require_kind
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.images import course_images, held, missing_on, node_image
from k8s_tutor.cluster.interrupts import held_back
from k8s_tutor.cluster.kind_cli import CREATE_STEPS, KindCli
from k8s_tutor.cluster.loadbalancer import LoadBalancers
from k8s_tutor.cluster.metallb.balancers import MetalLB
from k8s_tutor.cluster.ownership import Note, making
from k8s_tutor.cluster.progress import Progress, for_here
from k8s_tutor.cluster.protocol import Feature
from k8s_tutor.cluster.state import state_dir, write_private
from k8s_tutor.cluster.tls import login
from k8s_tutor.errors import Cancelled, ClusterUnavailable, UsageError

__all__ = ["KindCluster", "cluster_name", "take_down"]

_NODES = ("control-plane", "worker", "worker2")
_READY_WITHIN = 180.0  # seconds, for the nodes of a new or restarted cluster
_EMBEDDED = 'connect("embedded") needs no containers'


def cluster_name() -> str:
    """The name of our kind cluster: `K8S_TUTOR_KIND_NAME`, else `k8s-tutor`."""
    return os.environ.get("K8S_TUTOR_KIND_NAME", "") or "k8s-tutor"


def take_down(cli: KindCli, note: Note) -> None:
    """Removes a cluster of ours, whole or half-made, with our note and kubeconfig of it.

    Raises:
        ClusterUnavailable: kind could not remove it.
    """
    removed = cli.delete()
    if removed.returncode:
        raise ClusterUnavailable(
            f'the kind cluster "{note.name}" could not be removed',
            why=removed.stderr.strip(),
            next_step=f"`kind delete cluster --name {note.name}`",
        )
    note.remove()
    _kubeconfig(note.name).unlink(missing_ok=True)


def _kubeconfig(name: str) -> Path:
    return kubeconfig.folder() / f"kind-{name}"


class KindCluster:
    """One control plane and two workers in containers.

    Attributes:
        progress: Told about the steps of creating and starting.
    """

    name = "kind"

    def __init__(self, progress: Progress | None = None) -> None:
        """Finds, starts or creates the cluster, and waits until it is ready.

        Raises:
            ClusterUnavailable: it cannot be had; says why and what to do.
            Cancelled: Ctrl-C; what was half-made is removed.
        """
        self.progress = progress or for_here()
        self._kind = require_kind()
        self._engine = require_engine()
        self._name = cluster_name()
        self._cli = KindCli(self._kind, self._engine, self._name)
        self._note = Note(self._name)
        self.context = f"kind-{self._name}"
        self.kubeconfig = _kubeconfig(self._name)
        self.clock: Clock = RealClock()
        self._loaded: dict[str, str] = {}
        with making(self._name, self._say_waiting):
            try:
                self._ensure()
            except BaseException:
                self.progress.finish(done=False)
                raise
            self.progress.finish(done=True)
        self.api: KubeAPI = self._http
        self._metallb = MetalLB(Client(self.api), self._engine, self._name, self._load, self.progress)
        self.load_balancers: LoadBalancers = self._metallb
        self._closed = False
        self.title = (
            f'kind cluster "{self._name}" (Kubernetes {self._version}, {len(_NODES)} nodes in {self._engine.name})'
        )

    @property
    def features(self) -> frozenset[Feature]:
        """See `Cluster.features`."""
        found = {Feature.REAL_CONTAINERS}
        return frozenset(found | {Feature.REACHABLE_LOAD_BALANCER} if self._metallb.reachable() else found)

    def alive(self) -> bool:
        """Whether it is open and its API server answers."""
        if self._closed:
            return False
        try:
            return self._http.send(readiness.VERSION).code == 200
        except ClusterUnavailable:
            return False

    def close(self) -> None:
        """Lets go of it; the cluster stays, and the next connection finds it. Safe to call twice."""
        if not self._closed:
            self._closed = True
            kubeconfig.forget(self.kubeconfig)
            self._http.close()

    def delete(self) -> None:
        """Removes the cluster. Safe to call twice.

        Raises:
            UsageError: somebody else has made one of its name since.
            ClusterUnavailable: kind could not remove it.
        """
        self.close()
        with making(self._name, self._say_waiting):
            containers = self._containers()
            if not self._note.covers(container.id for container in containers) and containers:
                raise self._not_ours()
            self._remove()

    # ---- bringing it up

    def _ensure(self) -> None:
        containers = self._containers()
        ours = self._note.covers(container.id for container in containers)
        if containers and not ours and not self._carries_our_label(containers):
            raise self._not_ours()
        whole = [container.name for container in containers] == sorted(f"{self._name}-{node}" for node in _NODES)
        if not containers:
            self._start_progress(CREATE_STEPS + 2)
            self._create()
        elif not whole or (ours and not self._note.complete):
            self._start_progress(CREATE_STEPS + 3)
            self.progress.step("Removing a half-made cluster")
            self._note.end_leftover()
            self._remove()
            self._create()
        else:
            if not all(container.running for container in containers):
                self._restart(containers)
            else:
                self._connect()
            self._load_news()
        self._note.end((container.id for container in self._containers()), self._loaded)

    def _create(self) -> None:
        local = self._engine.images()
        image = os.environ.get("K8S_TUTOR_KIND_IMAGE", "") or node_image(local)
        course = {reference: local[reference] for reference in course_images(local)}
        self._note.begin()
        fresh = self.kubeconfig.with_name(f"{self.kubeconfig.name}.new")
        fresh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            code, said = self._cli.create(image, fresh, on_step=self.progress.step, on_start=self._note.process)
            if code:
                log = state_dir() / "kind" / f"{self._name}.log"
                write_private(log, said)
                self.progress.finish(done=False)
                self._remove()
                raise kind_failures.explain(said, log, kind_failures.watchers())
            self._adopt(fresh)
            self._connect(load=course)
        except KeyboardInterrupt:
            with held_back():
                self.progress.finish(done=False)
                self._remove()
            raise Cancelled(
                "creating the kind cluster was interrupted",
                why="you pressed Ctrl-C; what was half-made is removed",
                next_step=f"connect again to create it, or {_EMBEDDED}",
            ) from None
        finally:
            fresh.unlink(missing_ok=True)

    def _restart(self, containers: list[Container]) -> None:
        self._start_progress(2)
        self.progress.step("Starting its containers")
        started = self._engine.run("start", *(container.id for container in containers))
        if started.returncode:
            raise ClusterUnavailable(
                f'the containers of the kind cluster "{self._name}" do not start',
                why=started.stderr.strip(),
                next_step=f"`kind delete cluster --name {self._name}`, then connect again; or {_EMBEDDED}",
            )
        self._connect(wait=True)

    def _connect(self, *, load: dict[str, str] | None = None, wait: bool = False) -> None:
        """Opens the API, loads images where the cluster is new, waits for its nodes."""
        if not self.kubeconfig.exists():
            self._adopt(None)
        entry = kubeconfig.entry(self.context, [self.kubeconfig])
        self._http = HttpAPI(entry, login(entry, self.kubeconfig))
        if load:
            self.progress.step(f"Loading the course's images ({len(load)})")
            self._load(load)
            self._loaded = load
        if load is not None or wait or not readiness.nodes_ready(self._http, len(_NODES)):
            self.progress.step("Waiting for the nodes")
            readiness.wait_for_nodes(self._http, len(_NODES), _READY_WITHIN)
        self._version = answers(self._http, self.context)

    def _adopt(self, written: Path | None) -> None:
        """Keeps the cluster's kubeconfig, as kind wrote or prints it, in a file of ours."""
        if written is not None:
            text = written.read_text(encoding="utf-8")
        else:
            printed = self._cli.kubeconfig()
            if printed.returncode:
                raise ClusterUnavailable("kind does not give the cluster's kubeconfig", why=printed.stderr.strip())
            text = printed.stdout
        write_private(self.kubeconfig, text.strip() + "\n")

    def _load(self, images: Iterable[str]) -> None:
        """Copies onto the nodes what the engine holds and they lack.

        Without them nodes pull by themselves: slower, or not at all; nothing to fail for.
        """
        missing = missing_on(self._engine, f"{self._name}-worker", held(images, self._engine.images()))
        if missing:
            self._cli.load(missing)

    def _load_news(self) -> None:
        """Copies the course's images that the engine got since the last time: one question to it where it got none."""
        local = self._engine.images()
        course = {reference: local[reference] for reference in course_images(local)}
        self._loaded = self._note.images
        news = [reference for reference, id_ in course.items() if self._loaded.get(reference) != id_]
        if not self._loaded:  # others have made it, or another folder's note knows
            news = missing_on(self._engine, f"{self._name}-worker", news)
        if news:
            self._start_progress(1)
            self.progress.step(f"Loading the course's new images ({len(news)})")
            self._cli.load(news)
        self._loaded = course

    # ---- whose it is, and taking it down

    def _carries_our_label(self, containers: list[Container]) -> bool:
        """Whether a running cluster was made by us with another state folder."""
        if not all(container.running for container in containers):
            return False
        with suppress(ClusterUnavailable, UsageError):
            self._adopt(None)
            entry = kubeconfig.entry(self.context, [self.kubeconfig])
            with closing(HttpAPI(entry, login(entry, self.kubeconfig))) as api:
                return readiness.made_by_us(api)
        return False

    def _not_ours(self) -> UsageError:
        return UsageError(
            f'there is a kind cluster "{self._name}" that k8s-tutor did not make',
            why="k8s-tutor changes and deletes only what it created",
            next_step=(
                f'use it with connect("context:{self.context}"), or remove it with '
                f"`kind delete cluster --name {self._name}`"
            ),
        )

    def _containers(self) -> list[Container]:
        return self._engine.containers(self._cli.label)

    def _remove(self) -> None:
        take_down(self._cli, self._note)

    def _start_progress(self, steps: int) -> None:
        self.progress.start(f'kind cluster "{self._name}"', steps)

    def _say_waiting(self) -> None:
        self._start_progress(1)
        self.progress.step("Waiting: another process is making it")
