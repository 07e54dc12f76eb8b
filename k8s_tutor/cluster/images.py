"""Images of a kind cluster: which node image, which of the course's there are, how they come onto its nodes.

And before that onto this machine: pulled, through a mirror where one is named, or out of a bundle handed round.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from k8s_tutor.clock import RealClock
from k8s_tutor.cluster.engine import Engine, spell_architecture
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, msg

__all__ = [
    "MIRROR",
    "Loading",
    "choose_node_image",
    "fetch_missing",
    "find_held",
    "find_missing",
    "find_own_node_image",
    "list_missing",
    "list_sources",
    "load_bundle",
    "pull",
    "read_bundle",
    "save_bundle",
    "spell_out",
]

MIRROR = "K8S_TUTOR_MIRROR"
"""A registry (`host` or `host/path`) that images for kind are pulled from; without it, each image's own."""

# ---- Which node image, and names as engines and nodes write them

_NODE = re.compile(r"(?:docker\.io/|localhost/)?kindest/node:v(\d+)\.(\d+)\.(\d+)")
_OWN_NODE = re.compile(rb"kindest/node:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}")
_OLDEST = (1, 30, 0)  # older releases lack what the lessons show (sidecar containers on by default, …)
_NODE_IMAGE = "kindest/node:v1.37.2"  # where a kind does not tell its own


def choose_node_image(local: Iterable[str]) -> str:
    """The newest local node image that the course can use; `""` leaves the choice to kind, which may pull."""
    versions = [
        (tuple(int(part) for part in match.groups()), reference)
        for reference in local
        if (match := _NODE.fullmatch(reference))
    ]
    fitting = [(version, reference) for version, reference in versions if version >= _OLDEST]
    return max(fitting)[1] if fitting else ""


def find_own_node_image(kind: str) -> str:
    """The node image that a kind was released with: it prints it nowhere, but it is in the program, in one piece."""
    with suppress(OSError):
        if found := _OWN_NODE.search(Path(kind).read_bytes()):
            return found.group().decode("ascii").partition("@")[0]
    return _NODE_IMAGE


def find_held(images: Iterable[str], local: Iterable[str]) -> list[str]:
    """Those of `images` that the engine holds, as the engine writes them."""
    there = {spell_out(reference): reference for reference in local}
    return [there[spell_out(image)] for image in images if spell_out(image) in there]


def find_missing(engine: Engine, node: str, images: Iterable[str]) -> list[str]:
    """Those of `images` that a node does not have."""
    listed = engine.run("exec", node, "ctr", "--namespace=k8s.io", "images", "list", "-q")
    there = set(listed.stdout.split())
    return [image for image in images if spell_out(image) not in there]


def spell_out(reference: str) -> str:
    """A reference with its registry and library spelled out, as containerd lists it."""
    reference = reference.removeprefix("localhost/")
    first, slash, _ = reference.partition("/")
    if not slash:
        return f"docker.io/library/{reference}"
    return reference if "." in first or ":" in first or first == "localhost" else f"docker.io/{reference}"


# ---- From the engine onto nodes

_CHUNK = 2**20
# What `kind load` runs in a node. The engine hands the snapshotter on only where somebody chose another one.
_IMPORT = (
    "CONTAINERD_SNAPSHOTTER=${KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER:-overlayfs}"
    " exec ctr --namespace=k8s.io images import --all-platforms --digests -"
)


class Loading:
    """Images on their way onto nodes: the engine writes one archive, once, and each node reads it as it is written.

    `kind load` would write each image to a file and read that once a node, one after the other. Nothing is kept in
    files here: who is killed meanwhile leaves none, and what reads and writes ends with its pipes.

    Attributes:
        images: What is loaded, as the engine writes it.
        failed: The nodes that did not get it all; known when it is over.
    """

    def __init__(self, engine: Engine, images: Sequence[str], nodes: Sequence[str]) -> None:
        self.images = tuple(images)
        self.failed: tuple[str, ...] = ()
        self._engine = engine
        self._nodes = tuple(nodes)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._over = threading.Condition()
        self._running = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="k8s-tutor-images", daemon=True)

    @property
    def running(self) -> bool:
        """Whether it has begun and is not over."""
        return self._running

    @property
    def begun(self) -> bool:
        """Whether it was started at all."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Begins, in the background; nothing to do where there are no images, or it has begun."""
        if self.images and not self.begun:
            self._running = True
            self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether it was over within so many seconds. Ctrl-C gets through."""
        clock = RealClock()
        deadline = clock.monotonic() + seconds
        with self._over:
            while self._running and (left := deadline - clock.monotonic()) > 0:
                clock.wait(self._over, min(left, 0.2))
        return not self._running

    def stop(self) -> None:
        """Breaks it off. Safe to call at any time."""
        self._stopped = True
        for process in self._processes:
            with suppress(OSError):
                process.kill()

    def _run(self) -> None:
        failed: Iterable[str] = self._nodes
        try:
            failed = self._copy()
        except OSError:
            pass  # the engine's program is gone, or no more processes may be started: nodes pull by themselves
        finally:
            with self._over:
                self.failed, self._running = tuple(failed), False
                self._over.notify_all()

    def _copy(self) -> list[str]:
        several = ["--multi-image-archive"] if self._engine.name == "podman" else []
        saving = self._begin("save", *several, *self.images, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        readers = {
            node: self._begin("exec", "-i", node, "sh", "-c", _IMPORT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            for node in self._nodes
        }
        broken: set[str] = set()
        assert saving.stdout is not None
        with saving.stdout as archive:
            for chunk in iter(partial(archive.read, _CHUNK), b""):
                broken |= {node for node, reader in readers.items() if not _write(reader, chunk)}
        whole = saving.wait() == 0
        for reader in readers.values():
            with suppress(OSError):
                assert reader.stdin is not None
                reader.stdin.close()
        ended = {node: reader.wait() for node, reader in readers.items()}
        return [node for node, code in ended.items() if code or node in broken or not whole]

    def _begin(self, *arguments: str, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
        if self._stopped:
            raise BrokenPipeError
        process = subprocess.Popen(
            [self._engine.path, *arguments], stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL
        )
        self._processes.append(process)
        return process


def _write(reader: subprocess.Popen[bytes], chunk: bytes) -> bool:
    assert reader.stdin is not None
    try:
        reader.stdin.write(chunk)
    except (OSError, ValueError):  # it has ended
        return False
    return True


# ---- From elsewhere onto this machine: pulled, through a mirror where one is named

_HUB = "docker.io"


def list_sources(image: str) -> list[str]:
    """Under which names an image can be pulled: its own, or, where a mirror is named, those that it may have there.

    Mirrors that stand for one registry have its paths; those that stand for several have its name before them.
    """
    full = spell_out(image)
    mirror = os.environ.get(MIRROR, "").removeprefix("https://").strip("/")
    if not mirror or full.startswith(f"{mirror}/"):
        return [full]
    registry, _, path = full.partition("/")
    return [f"{mirror}/{full}", f"{mirror}/{path}"] if registry != _HUB else [f"{mirror}/{path}", f"{mirror}/{full}"]


def pull(engine: Engine, image: str, say: Callable[[Wording], None] = lambda _: None) -> None:
    """Pulls an image, by whichever name there is, and has the engine call it by its own.

    Args:
        engine: Pulls it.
        image: What lessons call it.
        say: Told what the engine says meanwhile.

    Raises:
        ClusterUnavailable: it cannot be had there; says what was tried.
    """
    complaints = []
    for source in list_sources(image):
        said = _pull(engine, source, say)
        if said:
            complaints.append(f"{source}: {said}")
            continue
        if source != spell_out(image):
            engine.run("tag", source, spell_out(image) if engine.name == "podman" else image)
        return
    named = msg("look at {name}", name=MIRROR)
    unnamed = msg("where registries are closed, name a mirror: {example}", example=f"{MIRROR}=docker.m.daocloud.io")
    raise ClusterUnavailable(
        msg("the image {image} cannot be pulled", image=image),
        why="; ".join(complaints),
        next_step=msg(
            "{step}; or have it from somebody else in a bundle: `{command}`",
            step=named if os.environ.get(MIRROR) else unnamed,
            command="k8s-tutor up --bundle FILE",
        ),
    )


def _pull(engine: Engine, source: str, say: Callable[[Wording], None]) -> str:
    """What the engine complained of; `""` where it has pulled it."""
    process = subprocess.Popen(
        [engine.path, "pull", source],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    last = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip():
                last = line.strip()
                say(f"{source}: {last}")
        return "" if process.wait() == 0 else last or str(msg("exit code {code}", code=process.returncode))
    finally:
        with process:
            if process.poll() is None:
                process.kill()


def fetch_missing(
    engine: Engine, kind: str, images: Sequence[str], node: str, step: Callable[[Wording, Wording], None]
) -> dict[str, str]:
    """What the engine holds: references and ids. Where a mirror is named, what is missing is pulled from there first.

    Without one kind pulls the node image, and nodes what they run; behind closed registries they would ask in vain.

    Args:
        engine: Holds images.
        kind: The program, which knows its node image.
        images: What will run.
        node: The node image that somebody chose; `""` for any.
        step: Told about each pull as it begins.
    """
    local = engine.images()
    if not os.environ.get(MIRROR, ""):
        return local
    for image in list_missing(local, kind, images, node):
        step(msg("Pulling {image}", image=image), msg("the mirror that {name} names", name=MIRROR))
        pull(engine, image)
    return engine.images()


def list_missing(local: Iterable[str], kind: str, images: Sequence[str], node: str) -> list[str]:
    """Of a node image and what runs on it, what is not among the local images."""
    local = list(local)
    nodes = [node] if node else [] if choose_node_image(local) else [find_own_node_image(kind)]
    return [image for image in (*nodes, *images) if not find_held([image], local)]


# ---- In one file, to be handed round


def save_bundle(engine: Engine, images: Sequence[str], path: Path) -> None:
    """Writes images into one file, whole or not at all.

    Raises:
        ClusterUnavailable: the engine cannot.
        UsageError: the folder is not there.
    """
    if not path.parent.is_dir():
        raise UsageError(msg("there is no folder {folder}", folder=path.parent))
    part = path.with_name(f"{path.name}.part")
    several = ["--multi-image-archive"] if engine.name == "podman" else []
    try:
        saved = engine.run("save", *several, "-o", str(part), *images)
        if saved.returncode:
            raise ClusterUnavailable(
                msg("{engine} cannot write the bundle {path}", engine=engine.name, path=path),
                why=saved.stderr.strip(),
                next_step=msg("it takes about 1 GB; make room, or name another place"),
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_bundle(path: Path) -> tuple[list[str], str]:
    """The images of a bundle and for which architecture they are (in Go's words), read off its list of contents.

    Raises:
        UsageError: there is no such file, or it is no archive of images.
    """
    made = msg(
        "`{command}` makes one where registries can be reached", command=f"k8s-tutor prefetch --bundle {path.name}"
    )
    if not path.is_file():
        raise UsageError(msg("there is no file {path}", path=path), next_step=made)
    try:
        with tarfile.open(path) as archive:
            rows = json.load(_member(archive, "manifest.json"))
            images = [str(name) for row in rows for name in row.get("RepoTags") or ()]
            config = json.load(_member(archive, str(rows[0]["Config"])))
            return images, spell_architecture(str(config.get("architecture") or ""))
    except (OSError, tarfile.TarError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise UsageError(msg("{path} is no archive of images", path=path), why=str(error), next_step=made) from error


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def load_bundle(engine: Engine, path: Path, architecture: str) -> list[str]:
    """Has the engine take in a bundle; returns what is in it.

    Args:
        engine: Takes it in.
        path: The bundle.
        architecture: Of this engine's containers, in Go's words; `""` where it does not say.

    Raises:
        UsageError: it is no bundle, or one for other machines.
        ClusterUnavailable: the engine does not take it.
    """
    images, theirs = read_bundle(path)
    if theirs and architecture and theirs != architecture:
        words = msg("the bundle is for {theirs}, and this engine runs {ours}", theirs=theirs, ours=architecture)
        command = f"k8s-tutor prefetch --bundle {path.name}"
        raise UsageError(words, next_step=msg("have one made on a machine like this one: `{command}`", command=command))
    loaded = engine.run("load", "-i", str(path))
    if loaded.returncode:
        what = msg("{engine} does not take in the bundle {path}", engine=engine.name, path=path)
        raise ClusterUnavailable(what, why=loaded.stderr.strip())
    return images
