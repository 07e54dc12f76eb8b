"""A real cluster out of containers, made by kind: created, found again, started again, made anew if half-made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Feature, LoadBalancers, require_worker
from k8s_tutor.api.protocol import KubeAPI, Request
from k8s_tutor.clock import Clock
from k8s_tutor.cluster import kind_cli
from k8s_tutor.cluster.context import ask_version
from k8s_tutor.cluster.engine import Container, require_engine, require_kind
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.kind_cli import (
    CREATE_STEPS,
    KindCli,
    choose_node_image,
    find_held,
    find_missing,
)
from k8s_tutor.cluster.metallb.balancers import MetalLB
from k8s_tutor.cluster.ownership import Note, lock_cluster
from k8s_tutor.cluster.progress import ProgressReport, choose_report
from k8s_tutor.cluster.tls import read_login
from k8s_tutor.embedded.runner.fair_lock import hold_back_interrupts
from k8s_tutor.errors import Cancelled, ClusterUnavailable, UsageError
from k8s_tutor.language import msg, plain
from k8s_tutor.state import state_dir, write_private

__all__ = ["IMAGE", "NAME", "KindCluster", "choose_cluster_name", "take_down"]

NAME = "K8S_TUTOR_KIND_NAME"
"""The name of the kind cluster that we make and find; without it, `k8s-tutor`."""
IMAGE = "K8S_TUTOR_KIND_IMAGE"
"""The node image of a new kind cluster; without it, the newest `kindest/node` the engine holds, else kind's own."""

_NODES = ("control-plane", "worker", "worker2")
_IS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 50  # what kind calls too long: "-control-plane" and "-worker2" make it a host's name
_READY_WITHIN = 180.0  # seconds, for the nodes of a new or restarted cluster
_EMBEDDED = msg('connect("embedded") needs no containers')


def choose_cluster_name() -> str:
    """The name of our kind cluster: `K8S_TUTOR_KIND_NAME`, else `k8s-tutor`.

    Raises:
        UsageError: it is no name: kind would refuse it, or engines would.
    """
    name = os.environ.get(NAME, "") or "k8s-tutor"
    if _IS_NAME.fullmatch(name) and len(name) <= _LONGEST_NAME:
        return name
    near = re.sub(r"[^a-z0-9.-]+", "-", name.lower())[:_LONGEST_NAME].strip(".-") or "k8s-tutor"
    raise UsageError(
        msg('{variable} is "{name}", which is no name for a cluster', variable=NAME, name=plain(name)),
        why=msg(
            "its nodes are named after it: lower-case letters, digits, dots and dashes, at most {count}",
            count=_LONGEST_NAME,
        ),
        next_step=msg('set it to "{near}", for example', near=near),
    )


def take_down(cli: KindCli, note: Note) -> None:
    """Removes a cluster of ours, whole or half-made, with our note and kubeconfig of it.

    Raises:
        ClusterUnavailable: kind could not remove it.
    """
    removed = cli.delete()
    if removed.returncode:
        raise ClusterUnavailable(
            msg('the kind cluster "{name}" could not be removed', name=note.name),
            why=removed.stderr.strip(),
            next_step=msg("`kind delete cluster --name {name}`", name=note.name),
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
        self._cli = KindCli(self._kind, self._engine, self._name)
        self._note = Note(self._name)
        self.context = f"kind-{self._name}"
        self.kubeconfig = _kubeconfig(self._name)
        self._loaded: dict[str, str] = {}
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
        words = msg(
            'kind cluster "{name}" (Kubernetes {version}, {count} nodes in {engine})',
            name=self._name,
            version=self._version,
            count=len(_NODES),
            engine=self._engine.name,
        )
        return str(words)

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
            self.progress.step(msg("Removing a half-made cluster"))
            self._note.end_leftover()
            self._remove()
            self._create()
        else:
            for container in containers:
                if container.paused:  # a lesson has frozen it, and nobody has let it go on since
                    self._engine.unpause(container.name)
            if not all(container.running for container in containers):
                self._restart(containers)
            else:
                self._connect()
            self._load_news()
        self._note.end((container.id for container in self._containers()), self._loaded)

    def _create(self) -> None:
        local = self._engine.images()
        image = os.environ.get(IMAGE, "") or choose_node_image(local)
        course = {reference: local[reference] for reference in find_held(self._images, local)}
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
                raise kind_cli.explain(said, log, kind_cli.count_watchers())
            self._adopt(fresh)
            self._connect(load=course)
        except KeyboardInterrupt:
            with hold_back_interrupts():
                self.progress.finish(done=False)
                self._remove()
            raise Cancelled(
                msg("creating the kind cluster was interrupted"),
                why=msg("you pressed Ctrl-C; what was half-made is removed"),
                next_step=msg("connect again to create it, or {embedded}", embedded=_EMBEDDED),
            ) from None
        finally:
            fresh.unlink(missing_ok=True)

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

    def _connect(self, *, load: dict[str, str] | None = None, wait: bool = False) -> None:
        """Opens the API, loads images where the cluster is new, waits for its nodes."""
        if not self.kubeconfig.exists():
            self._adopt(None)
        entry = kubeconfig.entry(self.context, [self.kubeconfig])
        self._http = HttpAPI(entry, read_login(entry, self.kubeconfig))
        if load:
            self.progress.step(msg("Loading the course's images ({count})", count=len(load)))
            self._load(load)
            self._loaded = load
        if load is not None or wait or not kind_cli.are_nodes_ready(self._http, len(_NODES)):
            self.progress.step(msg("Waiting for the nodes"))
            kind_cli.wait_for_nodes(self._http, len(_NODES), _READY_WITHIN)
        self._version = ask_version(self._http, self.context)

    def _adopt(self, written: Path | None) -> None:
        """Keeps the cluster's kubeconfig, as kind wrote or prints it, in a file of ours."""
        if written is not None:
            text = written.read_text(encoding="utf-8")
        else:
            printed = self._cli.kubeconfig()
            if printed.returncode:
                raise ClusterUnavailable(msg("kind does not give the cluster's kubeconfig"), why=printed.stderr.strip())
            text = printed.stdout
        write_private(self.kubeconfig, text.strip() + "\n")

    def _load(self, images: Iterable[str]) -> None:
        """Copies onto the nodes what the engine holds and they lack.

        Without them nodes pull by themselves: slower, or not at all; nothing to fail for.
        """
        missing = find_missing(self._engine, f"{self._name}-worker", find_held(images, self._engine.images()))
        if missing:
            self._cli.load(missing)

    def _load_news(self) -> None:
        """Copies the course's images that the engine got since the last time: one question to it where it got none."""
        local = self._engine.images()
        course = {reference: local[reference] for reference in find_held(self._images, local)}
        self._loaded = self._note.images
        news = [reference for reference, id_ in course.items() if self._loaded.get(reference) != id_]
        if not self._loaded:  # others have made it, or another folder's note knows
            news = find_missing(self._engine, f"{self._name}-worker", news)
        if news:
            self._start_progress(1)
            self.progress.step(msg("Loading the course's new images ({count})", count=len(news)))
            self._cli.load(news)
        self._loaded = self._loaded | course

    # ---- whose it is, and taking it down

    def _carries_our_label(self, containers: list[Container]) -> bool:
        """Whether a running cluster was made by us with another state folder."""
        if not all(container.running for container in containers):
            return False
        with suppress(ClusterUnavailable, UsageError):
            self._adopt(None)
            entry = kubeconfig.entry(self.context, [self.kubeconfig])
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
