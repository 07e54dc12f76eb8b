"""Which cluster: the argument, else `K8S_TUTOR_CLUSTER`, else the saved setting, else what this machine can do.

And which ones there are: those that run in other processes, and our kind cluster, without making one.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from k8s_tutor import kubeconfig
from k8s_tutor.api.cluster import Cluster
from k8s_tutor.cluster.progress import ProgressReport, choose_report, reported
from k8s_tutor.embedded.runner.files import CONTEXT, find_embedded_kubeconfigs
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, join_sentences, msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.state import read_settings, write_settings

__all__ = [
    "Choice",
    "KindStatus",
    "choose",
    "connect_cluster",
    "find_embedded_kubeconfigs",
    "find_running_cluster",
    "prefetch_images",
    "read_kind_status",
    "remove_kind_cluster",
    "save_choice",
    "take_in_bundle",
]

VARIABLE = "K8S_TUTOR_CLUSTER"
"""What `connect()` takes: `embedded`, `kind` or `context:NAME`; without it, the saved choice, else what is there."""
_CONTEXT = "context:"
_SETTING = "cluster"
_HOW = msg('another: connect("kind"), connect("embedded"), connect("context:NAME")')


class _Open(Cluster, Protocol):
    def alive(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of cluster.

    Attributes:
        cluster: `embedded`, `kind` or `context:NAME`.
        why: Half a sentence after "because".
    """

    cluster: str
    why: Wording


_lock = threading.RLock()
_open: dict[tuple[str, str], _Open] = {}
"""By the choice, and by the name of our kind cluster: whoever has named another one means that."""


def connect_cluster(
    choice: str | None = None,
    *,
    announce: Callable[[str], None],
    progress: ProgressReport | None = None,
    images: Callable[[], Sequence[str]] = list,
) -> Cluster:
    """The chosen cluster, created or started if need be; the same one again for the same choice.

    From then on `KUBECONFIG` of this process, and of all it starts, names our own file for it.

    Args:
        choice: `embedded`, `kind`, `context:NAME`; None chooses as the module says.
        announce: Gets one line: which cluster, why, and how to choose another.
        progress: Told about the steps where it takes long; None for a bar or lines, as fits the place.
        images: What will run on it; asked only for nodes that we make: they get them before anybody waits for a pull.

    Raises:
        UsageError: no such choice.
        ClusterUnavailable: the cluster cannot be created or reached.
        Cancelled: Ctrl-C during creation.
    """
    with _lock:
        chosen = choose(choice)
        key = (chosen.cluster, _name_of_ours(chosen.cluster))
        cluster = _open.get(key)
        if cluster is None or not cluster.alive():
            cluster = _open[key] = _make(chosen.cluster, progress, images)
        kubeconfig.adopt(cluster.kubeconfig)
    words = msg("Connected to {title}, because {why}; {how}", title=cluster.title, why=chosen.why, how=_HOW)
    announce(str(words))
    return cluster


def choose(choice: str | None = None) -> Choice:
    """Which cluster `connect_cluster` would take, and why.

    Raises:
        UsageError: no such choice.
    """
    if choice:
        return Choice(_known(choice, "connect()"), msg("you asked for it"))
    if wanted := os.environ.get(VARIABLE, ""):
        return Choice(_known(wanted, VARIABLE), msg("K8S_TUTOR_CLUSTER says so"))
    if saved := str(read_settings().get(_SETTING, "")):
        return Choice(_known(saved, msg("the saved setting")), msg("you saved that choice"))
    return _automatic()


def save_choice(choice: str | None) -> None:
    """Remembers a choice for the next time; None forgets it.

    Raises:
        UsageError: no such choice.
    """
    settings = read_settings()
    settings.pop(_SETTING, None)
    if choice:
        settings[_SETTING] = _known(choice, msg("the choice to save"))
    write_settings(settings)


def _automatic() -> Choice:
    from k8s_tutor.cluster.engine import PROVIDER, find_engine, find_kind  # noqa: PLC0415  # only here

    if find_kind() is None:
        return Choice("embedded", msg("kind is not installed"))
    engine = find_engine()
    if engine is None and (wanted := os.environ.get(PROVIDER, "")):
        words = msg('{variable} is "{name}", and no such engine answers', variable=PROVIDER, name=wanted)
        return Choice("embedded", words)
    if engine is None:
        return Choice("embedded", msg("no container engine answers"))
    return Choice("kind", msg("{name} answers and kind is installed", name=engine.name))


def _known(choice: str, source: Wording) -> str:
    word = str(choice).strip()
    if word in ("embedded", "kind") or (word.startswith(_CONTEXT) and word != _CONTEXT):
        return word
    names = list(kubeconfig.contexts(kubeconfig.user_files())) if word not in ("embedded", "kind") else []
    if word in names:
        near = f"{_CONTEXT}{word}"
    else:
        near = nearest(word, ["embedded", "kind", *(f"{_CONTEXT}{name}" for name in names)])
    raise UsageError(
        msg('{source} is "{choice}", which is no cluster I know', source=source, choice=choice),
        why=msg('clusters are "embedded", "kind" and "context:NAME" with a context of your kubeconfig'),
        next_step=msg('did you mean "{near}"?', near=near) if near else msg('connect("embedded") works everywhere'),
    )


def _name_of_ours(choice: str) -> str:
    """What our kind cluster is called; `""` for another choice."""
    if choice != "kind":
        return ""
    from k8s_tutor.cluster.ownership import choose_cluster_name  # noqa: PLC0415  only what is chosen is imported

    return choose_cluster_name()


def _make(choice: str, progress: ProgressReport | None, images: Callable[[], Sequence[str]]) -> _Open:
    if choice == "embedded":
        from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  # only what is chosen is imported
        from k8s_tutor.embedded.runner.pace import PaceMode, read_pace  # noqa: PLC0415

        return EmbeddedCluster(
            keep=read_pace() is not PaceMode.AWAITED
        )  # where all is the same every time, this is too
    if choice == "kind":
        from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

        return KindCluster(progress, images())
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415

    return ContextCluster(choice.removeprefix(_CONTEXT))


# ---- Clusters that run already, found from another process: the kind cluster, and embedded ones in notebooks' kernels


def find_running_cluster() -> Cluster:
    """The cluster that a notebook works on, as `connect()` would choose it, but never a new one.

    Raises:
        UsageError: none runs.
        ClusterUnavailable: it does not answer.
    """
    choice = choose().cluster
    if choice == "kind":
        if read_kind_status().containers:
            return connect_cluster(choice, announce=lambda _: None)
        choice = "embedded"
    if choice != "embedded":
        return connect_cluster(choice, announce=lambda _: None)
    running = find_embedded_kubeconfigs()
    if not running:
        raise UsageError(
            msg("no cluster is running"),
            why=msg(
                "an embedded cluster lives in the kernel of the notebook that connected to it, or in `k8s-tutor serve`"
            ),
            next_step=msg(
                "run a lesson's first cell (`k8s-tutor lab`), or keep one up for a terminal (`k8s-tutor serve`)"
            ),
        )
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415

    return ContextCluster(CONTEXT, [running[-1]], personal=True)


# ---- What there is of our kind cluster, without making one: for `k8s-tutor status` and `down`


@dataclass(frozen=True)
class KindStatus:
    """What there is.

    Attributes:
        name: The cluster's name.
        missing: What this machine lacks for kind; empty if nothing.
        engine: The container engine; empty if none answers.
        containers: How many containers the cluster has.
        running: How many of them run.
        trouble: What keeps it from being whole and ready although they are there; empty if nothing.
    """

    name: str
    missing: Wording = ""
    engine: str = ""
    containers: int = 0
    running: int = 0
    trouble: Wording = ""

    def __str__(self) -> str:
        return str(self._words())

    def _words(self) -> Wording:
        if self.missing:
            return msg("not possible here: {missing}; `k8s-tutor doctor` says more", missing=self.missing)
        if self.trouble:
            return msg('"{name}" is not ready: {trouble}', name=self.name, trouble=self.trouble)
        if not self.containers:
            return msg('none yet (kind is installed, {engine} answers); "k8s-tutor up" makes one', engine=self.engine)
        if self.running == self.containers:
            return msg(
                '"{name}" runs: {containers} nodes in {engine}',
                name=self.name,
                containers=self.containers,
                engine=self.engine,
            )
        return msg(
            '"{name}" is stopped or half-made: {running} of {containers} nodes run',
            name=self.name,
            running=self.running,
            containers=self.containers,
        )


def read_kind_status() -> KindStatus:
    """Asks the engine, and the API server where all nodes run; changes nothing."""
    from k8s_tutor.cluster.engine import find_engine, find_kind  # noqa: PLC0415
    from k8s_tutor.cluster.kind import find_trouble  # noqa: PLC0415
    from k8s_tutor.cluster.kind_cli import KindCli  # noqa: PLC0415
    from k8s_tutor.cluster.ownership import Note, choose_cluster_name, is_being_made  # noqa: PLC0415

    name = choose_cluster_name()
    kind = find_kind()
    if kind is None:
        return KindStatus(name, missing=msg("kind is not installed"))
    engine = find_engine()
    if engine is None:
        return KindStatus(name, missing=msg("no container engine answers"))
    containers = engine.containers(KindCli(kind, engine, name).label)
    running, note = sum(container.running for container in containers), Note(name)
    trouble: Wording = ""
    if is_being_made(name):
        trouble = msg("another process is making it, starting it, or taking it away")
    elif containers:
        trouble = find_trouble(engine, containers, note)
    return KindStatus(name, "", engine.name, len(containers), running, trouble)


# ---- Images for it, beforehand


def prefetch_images(images: Sequence[str], bundle: Path | None = None, progress: ProgressReport | None = None) -> str:
    """Pulls what kind and the lessons on it need and the engine lacks; puts all of it into one file where one is named.

    Args:
        images: What runs on the cluster.
        bundle: The file.
        progress: Told about the steps; None for a bar or lines, as fits the place.

    Returns:
        A line that says what there is by now.

    Raises:
        ClusterUnavailable: something cannot be pulled; says what was tried.
        UsageError: the file cannot be written.
    """
    from k8s_tutor.cluster.engine import require_engine, require_kind  # noqa: PLC0415
    from k8s_tutor.cluster.images import choose_node_image, find_held, list_missing, pull, save_bundle  # noqa: PLC0415
    from k8s_tutor.cluster.kind import IMAGE  # noqa: PLC0415

    engine, kind, node = require_engine(), require_kind(), os.environ.get(IMAGE, "")
    missing = list_missing(engine.images(), kind, images, node)
    with reported(progress or choose_report(), msg("images for kind"), len(missing) + (bundle is not None)) as report:
        for image in missing:
            report.step(msg("Pulling {image}", image=image), msg("the registry"))
            pull(engine, image, report.wait_for)
        local = engine.images()
        held = [*(find_held([node], local) or [choose_node_image(local)]), *find_held(images, local)]
        if bundle is not None:
            report.step(msg("Writing {path}", path=bundle), msg("the engine, which reads {n} images", n=len(held)))
            save_bundle(engine, held, bundle)
    there = msg("{engine} holds all {n} images that kind and the lessons need.", engine=engine.name, n=len(held))
    if bundle is None:
        return str(there)
    command = f"k8s-tutor up --bundle {bundle.name}"
    return str(join_sentences(there, msg("They are in {path}, too: `{command}`.", path=bundle, command=command)))


def take_in_bundle(bundle: Path, progress: ProgressReport | None = None) -> None:
    """Has the engine take in what `prefetch_images` has put into a file.

    Raises:
        UsageError: there is no such file, or it is none of these, or for other machines.
        ClusterUnavailable: the engine does not take it.
    """
    from k8s_tutor.cluster.engine import require_engine, spell_architecture  # noqa: PLC0415
    from k8s_tutor.cluster.images import load_bundle, read_bundle  # noqa: PLC0415

    images, _ = read_bundle(bundle)
    engine = require_engine()
    with reported(progress or choose_report(), msg("the bundle {path}", path=bundle.name), 1) as report:
        report.step(msg("Taking in {n} images", n=len(images)), msg("the engine, which unpacks them"))
        load_bundle(engine, bundle, spell_architecture(platform.machine()))


def remove_kind_cluster() -> bool:
    """Removes our kind cluster, half-made or whole; False if there is none.

    Raises:
        UsageError: there is one of that name that we did not make.
        ClusterUnavailable: kind could not remove it.
    """
    from k8s_tutor.cluster.engine import require_engine, require_kind  # noqa: PLC0415
    from k8s_tutor.cluster.kind import KindCluster, take_down  # noqa: PLC0415
    from k8s_tutor.cluster.kind_cli import KindCli  # noqa: PLC0415
    from k8s_tutor.cluster.ownership import Note, choose_cluster_name, lock_cluster  # noqa: PLC0415

    engine = require_engine()
    cli, note = KindCli(require_kind(), engine, choose_cluster_name()), Note(choose_cluster_name())
    kubeconfig.sweep()
    with lock_cluster(note.name, lambda: None):
        note.end_leftover()
        containers = engine.containers(cli.label)
        if note.covers(container.id for container in containers):
            take_down(cli, note)
            return bool(containers)
        if not containers:
            note.remove()  # the log of one that could not be made, a kubeconfig without its cluster
    if not containers:
        return False
    KindCluster().delete()  # which knows by its label whether it is ours after all
    return True
