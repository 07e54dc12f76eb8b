"""A real cluster out of containers, made by kind: created, found again, started again, made anew if half-made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Feature, LoadBalancers, require_worker
from k8s_tutor.api.protocol import KubeAPI, Request, StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.cluster import kind_cli
from k8s_tutor.cluster.context import GREETING, ask_version
from k8s_tutor.cluster.engine import Container, Engine, require_engine, require_kind
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.images import Loading, choose_node_image, fetch_missing, find_held, find_missing
from k8s_tutor.cluster.kind_cli import CREATE_STEPS, NODES_RUN, KindCli
from k8s_tutor.cluster.login import read_login
from k8s_tutor.cluster.metallb import MetalLB
from k8s_tutor.cluster.ownership import NAME, Note, choose_cluster_name, lock_cluster
from k8s_tutor.cluster.progress import ProgressReport, choose_report
from k8s_tutor.embedded.runner.fair_lock import hold_back_interrupts
from k8s_tutor.errors import Cancelled, ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, join_words, msg
from k8s_tutor.state import write_private

__all__ = ["IMAGE", "NAME", "KindCluster", "choose_cluster_name", "find_trouble", "take_down"]

IMAGE = "K8S_TUTOR_KIND_IMAGE"
"""The node image of a new kind cluster; without it, the newest `kindest/node` the engine holds, else kind's own."""

_NODES = ("control-plane", "worker", "worker2")
_GLANCE = 3.0  # seconds to see whether it is ready
_READY_WITHIN = 180.0  # seconds, for the nodes of a new or restarted cluster
_LOADED_WITHIN = 600.0  # seconds, for the course's images; nodes pull by themselves what is not there by then
_UNPACKING = msg("the nodes, each of which unpacks them")
_EMBEDDED = msg('connect("embedded") needs no containers')


def take_down(cli: KindCli, note: Note) -> None:
    """Removes a cluster of ours, whole or half-made, with our note and kubeconfig of it.

    Raises:
        ClusterUnavailable: kind could not remove it.
    """
    removed = cli.delete()
    with suppress(ClusterUnavailable):  # what the engine was still making when kind asked it what there is
        if not removed.returncode and cli.list_containers():
            removed = cli.delete()
    if removed.returncode:
        raise ClusterUnavailable(
            msg('the kind cluster "{name}" could not be removed', name=note.name),
            why=removed.stderr.strip(),
            next_step=msg("`kind delete cluster --name {name}`", name=note.name),
        )
    note.remove()


def find_trouble(engine: Engine, containers: Sequence[Container], note: Note) -> Wording:
    """Why a cluster is of no use though it has containers; empty where it is, or where they do not run."""
    if not note.covers(container.id for container in containers):
        return msg("k8s-tutor did not make it, or not from here; `k8s-tutor up` says which")
    if not note.complete:
        return msg(
            "it is half-made, as who made it was killed; `k8s-tutor up` makes it anew, `k8s-tutor down` removes it"
        )
    if frozen := [container.name for container in containers if container.paused]:
        command = f"{engine.name} unpause {' '.join(frozen)}"
        return msg(
            "frozen (paused): {names}; `{command}` or `k8s-tutor up` lets it go on",
            names=join_words(frozen),
            command=command,
        )
    if not all(container.running for container in containers):
        return ""
    if len(containers) < len(_NODES):
        return msg("{count} of {all} nodes are there", count=len(containers), all=len(_NODES))
    return _find_unready(note)


def _find_unready(note: Note) -> Wording:
    """What its API server says of its nodes; empty where they are ready."""
    entry = kubeconfig.contexts([note.kubeconfig]).get(f"kind-{note.name}")
    if entry is None:
        return ""  # nothing is known against it, and `connect` fetches the kubeconfig anew
    with closing(HttpAPI(entry, read_login(entry, note.kubeconfig))) as api:
        return kind_cli.find_unready(Client(api).within(_GLANCE), len(_NODES))


class KindCluster:
    """One control plane and two workers in containers.

    Attributes:
        progress: Told about the steps of creating and starting.
    """

    name = "kind"
    namespace = "default"

    def __init__(self, progress: ProgressReport | None = None, images: Sequence[str] = ()) -> None:
        """Finds, starts or creates the cluster, and waits until it is ready.

        Args:
            progress: See `progress`; None for a bar or lines, as fits the place.
            images: What will run on it: its nodes get what the engine holds of it, so that nobody waits for a pull.

        Raises:
            ClusterUnavailable: it cannot be had; says why and what to do.
            Cancelled: Ctrl-C; what was half-made is removed.
        """
        self.progress = progress or choose_report()
        self._images = images
        self._kind = require_kind()
        self._engine = require_engine()
        self._name = choose_cluster_name()
        self._cli, self._note = KindCli(self._kind, self._engine, self._name), Note(self._name)
        self.context = f"kind-{self._name}"
        self.kubeconfig = self._note.kubeconfig
        with lock_cluster(self._name, self._say_waiting):
            try:
                self._ensure()
            except BaseException:
                self.progress.finish(done=False)
                raise
            self.progress.finish(done=True)
        self.api: KubeAPI = self._http
        self.clock: Clock = self._http.clock
        self._metallb = MetalLB(Client(self.api), self._engine, self._name, self._load, self.progress)
        self.load_balancers: LoadBalancers = self._metallb
        self._closed = False

    @property
    def title(self) -> str:
        """See `Cluster`."""
        numbers = {"version": self._version, "count": len(_NODES), "engine": self._engine.name}
        return str(
            msg('kind cluster "{name}" (Kubernetes {version}, {count} nodes in {engine})', name=self._name, **numbers)
        )

    @property
    def features(self) -> frozenset[Feature]:
        """See `Cluster.features`."""
        reachable = {Feature.REACHABLE_LOAD_BALANCER} if self._metallb.reachable() else set()
        return frozenset({Feature.PERSONAL, Feature.SWITCHES_NODES, *reachable})

    def switch_node(self, name: str, *, on: bool) -> None:
        """See `SwitchesNodes.switch_node`."""
        worker = require_worker(name, self._workers)
        if not on:
            self._engine.pause(worker)
            return
        self._engine.unpause(worker)
        if self._http.send(Request("GET", f"/api/v1/nodes/{worker}")).code == 404:
            self._engine.run("exec", worker, "systemctl", "restart", "kubelet")

    @property
    def _nodes(self) -> list[str]:
        """The names of its containers, workers first: that is where Pods come to be."""
        return [*self._workers, *(f"{self._name}-{node}" for node in _NODES if not node.startswith("worker"))]

    @property
    def _workers(self) -> list[str]:
        return [f"{self._name}-{node}" for node in _NODES if node.startswith("worker")]

    def alive(self) -> bool:
        """Whether it is open and its API server answers."""
        if self._closed:
            return False
        try:
            return self._http.send(kind_cli.VERSION_REQUEST).code == 200
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
        with lock_cluster(self._name, self._say_waiting):
            containers = self._containers()
            if not self._note.covers(container.id for container in containers) and containers:
                raise self._not_ours()
            self._remove()

    # ---- bringing it up

    def _ensure(self) -> None:
        self._note.end_leftover()
        containers = self._containers()
        ours = self._note.covers(container.id for container in containers)
        if containers and not ours:
            if not self._carries_our_label(containers):
                raise self._not_ours()
            self._adopt(None)  # what is kept by that name is of an earlier one
        whole = sorted(container.name for container in containers) == sorted(self._nodes)
        if not containers:
            self._start_progress(CREATE_STEPS + 2)
            self._create()
        elif not whole or (ours and not self._note.complete):
            self._start_progress(CREATE_STEPS + 3)
            self.progress.step(msg("Removing a half-made cluster"))
            self._remove()
            self._create()
        else:
            self._find(containers)

    def _find(self, containers: list[Container]) -> None:
        """Connects to the one that there is."""
        for container in containers:
            if container.paused:  # a lesson has frozen it, and nobody has let it go on since
                self._engine.unpause(container.name)
        if not all(container.running for container in containers):
            self._restart(containers)
        else:
            self._connect()
        loaded = self._load_news()
        self._note.end((container.id for container in containers), loaded)

    def _create(self) -> None:
        local = fetch_missing(self._engine, self._kind, self._images, os.environ.get(IMAGE, ""), self.progress.step)
        image = os.environ.get(IMAGE, "") or choose_node_image(local)
        course = {reference: local[reference] for reference in find_held(self._images, local)}
        loading = Loading(self._engine, list(course), self._nodes)
        self._note.begin()
        fresh = self._note.fresh_kubeconfig
        kubeconfig.remove(fresh)  # with the lock of a kind that was killed, at which the next one would give up
        fresh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._run_kind(image, fresh, loading)
            self._adopt(fresh)
            ids = [container.id for container in self._containers()]
            self._note.end(ids, {})  # who is killed from here on finds a whole cluster, and images to load
            self._connect(wait=True)
            if loading.running:
                self.progress.step(msg("Loading the course's images ({count})", count=len(course)), _UNPACKING)
            self._note.end(ids, course if self._end(loading) else {})
        except KeyboardInterrupt:
            with hold_back_interrupts():
                self.progress.finish(done=False)
                loading.stop()
                self._remove()
            raise Cancelled(
                msg("creating the kind cluster was interrupted"),
                why=msg("you pressed Ctrl-C; what was half-made is removed"),
                next_step=msg("connect again to create it, or {embedded}", embedded=_EMBEDDED),
            ) from None
        finally:
            loading.stop()
            kubeconfig.remove(fresh)

    def _run_kind(self, image: str, fresh: Path, loading: Loading) -> None:
        """Has kind create it; the course's images go onto its nodes while they boot."""

        def begin(step: str, waits_for: Wording) -> None:
            self.progress.step(step, waits_for)
            if step.startswith(NODES_RUN):
                loading.start()

        code, said = self._cli.create(image, fresh, on_step=begin, on_start=self._note.process)
        if code:
            self.progress.finish(done=False)
            loading.stop()
            self._remove()
            write_private(self._note.log, said)
            raise kind_cli.explain(said, self._note.log, kind_cli.count_watchers())

    def _restart(self, containers: list[Container]) -> None:
        self._start_progress(2)
        self.progress.step(msg("Starting its containers"))
        started = self._engine.run("start", *(container.id for container in containers))
        if started.returncode:
            raise ClusterUnavailable(
                msg('the containers of the kind cluster "{name}" do not start', name=self._name),
                why=started.stderr.strip(),
                next_step=msg(
                    "`kind delete cluster --name {name}`, then connect again; or {embedded}",
                    name=self._name,
                    embedded=_EMBEDDED,
                ),
            )
        self._connect(wait=True)

    def _connect(self, *, wait: bool = False) -> None:
        """Opens the API and waits for its nodes."""
        if not self.kubeconfig.exists():
            self._adopt(None)
        entry = kubeconfig.entry(self.context, [self.kubeconfig])
        self._http = HttpAPI(entry, read_login(entry, self.kubeconfig), find_silence=self._find_silence)
        if not wait and kind_cli.find_unready(Client(self._http).within(GREETING), len(_NODES)):
            self._start_progress(1)
            wait = True
        if wait:
            self.progress.step(msg("Waiting for the nodes"), msg("its API server to answer"))
            kind_cli.wait_for_nodes(self._http, len(_NODES), _READY_WITHIN, self.progress.wait_for)
        self._version = ask_version(self._http, self.context)

    def _find_silence(self) -> tuple[Wording, Wording] | None:
        return kind_cli.find_silence(self._engine, self._cli.label)

    def _adopt(self, written: Path | None) -> None:
        """Keeps the kubeconfig of a cluster of ours, as kind wrote or prints it, in a file of ours."""
        text = self._cli.kubeconfig() if written is None else written.read_text(encoding="utf-8")
        write_private(self.kubeconfig, text.strip() + "\n")

    # ---- images

    def _load(self, images: Iterable[str]) -> None:
        """Copies onto the nodes what the engine holds and they lack.

        Without them nodes pull by themselves: slower, or not at all; nothing to fail for.
        """
        missing = find_missing(self._engine, self._workers[0], find_held(images, self._engine.images()))
        self._end(Loading(self._engine, missing, self._nodes))

    def _end(self, loading: Loading) -> bool:
        """Waits until the images are on the nodes; whether they are on all of them."""
        try:
            loading.start()
            over = loading.wait(_LOADED_WITHIN)
        finally:
            loading.stop()
        if over and loading.failed:  # a node whose containerd was not up yet, an engine that writes no such archive
            return self._cli.load(loading.images, loading.failed).returncode == 0
        return over

    def _load_news(self) -> dict[str, str]:
        """Copies the course's images that the engine got since the last time: one question to it where it got none.

        Returns:
            What its nodes have by now: references and ids.
        """
        local = self._engine.images()
        course = {reference: local[reference] for reference in find_held(self._images, local)}
        loaded = self._note.images
        news = [reference for reference, id_ in course.items() if loaded.get(reference) != id_]
        if not loaded and news:  # others have made it, another folder's note knows, or who loaded them was killed
            lacking = (find_missing(self._engine, node, news) for node in self._nodes)
            news = list(dict.fromkeys(image for missing in lacking for image in missing))
        if news:
            self._start_progress(1)
            self.progress.step(msg("Loading the course's new images ({count})", count=len(news)), _UNPACKING)
            if not self._end(Loading(self._engine, news, self._nodes)):
                return loaded
        return loaded | course

    # ---- whose it is, and taking it down

    def _carries_our_label(self, containers: list[Container]) -> bool:
        """Whether a running cluster was made by us with another state folder."""
        if not all(container.running and not container.paused for container in containers):
            return False
        with suppress(ClusterUnavailable, UsageError, StatusError):
            # In memory alone: as long as it may be somebody else's, its keys are none of ours to keep.
            entry = kubeconfig.parse(self._cli.kubeconfig(), self.context)
            with closing(HttpAPI(entry, read_login(entry, self.kubeconfig))) as api:
                return kind_cli.is_made_by_us(api)
        return False

    def _not_ours(self) -> UsageError:
        return UsageError(
            msg('there is a kind cluster "{name}" that k8s-tutor did not make', name=self._name),
            why=msg("k8s-tutor changes and deletes only what it created"),
            next_step=(
                msg(
                    'use it with connect("context:{context}"), or remove it with `kind delete cluster --name {name}`',
                    context=self.context,
                    name=self._name,
                )
            ),
        )

    def _containers(self) -> list[Container]:
        return self._engine.containers(self._cli.label)

    def _remove(self) -> None:
        take_down(self._cli, self._note)

    def _start_progress(self, steps: int) -> None:
        self.progress.start(msg('kind cluster "{name}"', name=self._name), steps)

    def _say_waiting(self) -> None:
        self._start_progress(1)
        self.progress.step(msg("Waiting: another process is making it"))
