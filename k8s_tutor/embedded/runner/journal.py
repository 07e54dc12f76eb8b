"""The journal of an embedded cluster: what came from outside, in order; and how a cluster is made anew from it.

The engine's state follows from its seed and from what came from outside. So nothing of the state is kept, only that:
requests that change something, input of commands, forwarded ports, machines switched, images loaded, and what webhooks
and functions of learners answered. Played to a fresh engine it gives the same cluster, programs in containers included.

What only reads is not written down, nor are watches. Each entry carries the revision it met: where a replay meets
another, it has gone astray (something came in past the door) and is refused.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import WeakSet

from k8s_tutor.api.cluster import Answered, Asked, FunctionImage
from k8s_tutor.api.protocol import Request, failure
from k8s_tutor.embedded.core import (
    ADMIN,
    PortForward,
    ServerAnswer,
    Streaming,
    Upgrade,
    User,
    WebhookCaller,
)
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.nodeservices import ExecSession, HttpAnswer, HttpRequest, PodPort
from k8s_tutor.embedded.runner.in_process import TURNED_BACK, Tap
from k8s_tutor.language import msg
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

__all__ = ["Answers", "Astray", "Door", "Entry", "Keeps", "Moment", "ask_again", "copied", "load"]

_CONNECTING = {"proxy", "exec", "attach", "portforward"}  # a GET of these does something


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in a cluster's history.

    Attributes:
        entries: How many entries of the journal came before it.
        steps: How many callbacks had run; None for all that were due.
        instant: The time.
    """

    entries: int
    steps: int | None
    instant: float


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that came from outside.

    Attributes:
        steps: How many callbacks had run before it.
        instant: When it came.
        revision: What the store's revision was.
        what: Which kind: a method of the replay.
        args: Its arguments.
    """

    steps: int
    instant: float
    revision: int
    what: str
    args: tuple[Any, ...]


class Astray(Exception):
    """A replay does not meet what the journal says it should."""


class Answers(Protocol):
    """What a replay answers in place of the world."""

    def webhook(self) -> bytes:
        """What the next webhook answered."""
        ...

    def function(self, asked: Asked) -> Answered:
        """What a learner's function answered next."""
        ...


class Keeps(Protocol):
    """Who writes a journal down where it outlives the process."""

    def write(self, entry: Entry) -> None:
        """An entry more."""
        ...

    def cut(self, entries: int) -> None:
        """All entries but the first so many are forgotten."""
        ...

    def mark(self, steps: int, instant: float) -> None:
        """Time has come so far."""
        ...


# ---- The one way in


class Door:
    """Everything from outside goes through here, and is written down before it is done. Implements `ApiHandler`.

    All of it is to be called with the core held.

    Attributes:
        kubernetes: What is behind it; another one after time was turned back.
        entries: The journal.
        forgotten: How often time was turned back.
        streams: How many were opened.
        asking: How many wait for a webhook just now.
        replay: What a fresh engine is being played, if one is.
        keeper: Who writes the journal down, if anybody does.

    Args:
        call_webhook: Asks servers outside.
        released: While entered, others may use the core.
    """

    def __init__(self, call_webhook: WebhookCaller, released: Callable[[], AbstractContextManager[None]]) -> None:
        self.kubernetes: EmbeddedKubernetes
        self.entries: list[Entry] = []
        self.forgotten = self.streams = 0
        self.asking = 0
        self.replay: Answers | None = None
        self.keeper: Keeps | None = None
        self._call_webhook = call_webhook
        self._pace_released = released
        self._open: WeakSet[Tap[Any] | _Session] = WeakSet()
        self._mine = threading.local()
        self._again: dict[str, Callable[[Asked], Answered]] = {}

    def note(self, what: str, *args: Any) -> None:
        """Writes down what is about to be done."""
        loop, store = self.kubernetes.loop, self.kubernetes.store
        self._append(Entry(loop.steps, loop.now(), store.revision, what, args))

    def _append(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.keep(entry)

    def keep(self, entry: Entry) -> None:
        """Has an entry written down where it outlives the process."""
        if self.keeper is not None:
            self.keeper.write(entry)

    def mark(self) -> None:
        """Somebody may have seen the cluster as it is now."""
        if self.keeper is not None:
            loop = self.kubernetes.loop
            self.keeper.mark(loop.steps, loop.now())

    def now(self) -> Moment:
        """This moment."""
        loop = self.kubernetes.loop
        return Moment(len(self.entries), loop.steps, loop.now())

    # ---- the API

    @property
    def kinds(self) -> KindTable:
        """See `ApiHandler.kinds`."""
        return self.kubernetes.kinds

    def authenticate(self, token: str) -> User | None:
        """See `ApiHandler.authenticate`."""
        before, revision = self.now(), self.kubernetes.store.revision
        user = self.kubernetes.authenticate(token)
        if self.kubernetes.store.revision != revision:  # it was written down that it is in use
            self._append(Entry(before.steps or 0, before.instant, revision, "token", (token,)))
        return user

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> ServerAnswer:
        """See `ApiHandler.handle`."""
        if request.method in ("GET", "HEAD") and not _CONNECTING & set(request.path.split("/")):
            self._mine.reading = True  # a custom kind's server may be asked for it; a replay asks nothing
            try:
                answer = self.kubernetes.handle(request, user, acting_as)
            finally:
                self._mine.reading = False
            if isinstance(answer, Streaming):
                tap: Tap[Any] = Tap(answer.feed, watch=answer.content_type.startswith("application/"))
                self._open.add(tap)
                return replace(answer, feed=tap)
            self.mark()
            return answer
        self.streams += 1
        number = self.streams
        self.note("request", request, user, acting_as, number)
        answer = self.kubernetes.handle(request, user, acting_as)
        self.mark()
        if isinstance(answer, Upgrade):
            session = _Session(self, number, answer.session)
            self._open.add(session)
            return replace(answer, session=session)
        if isinstance(answer, PortForward):
            connect = answer.connect
            return PortForward(lambda port: self._connect(number, connect, port))
        return answer

    def _connect(self, number: int, connect: Callable[[int], PodPort], port: int) -> PodPort:
        inside = connect(port)
        self.streams += 1
        self.note("connect", number, port, self.streams)
        return _Port(self, self.streams, inside)

    # ---- beside the API

    def load_image(self, image: FunctionImage) -> None:
        """See `RunsFunctions.load_image`."""
        from k8s_tutor.embedded.images.own import build  # noqa: PLC0415  with the first one

        build(image)  # refuses what cannot be, before it is written down
        self._again[image.name] = image.answer
        self.note("image", image)
        load(self.kubernetes, replace(image, answer=lambda asked: self.answer(image, asked)))

    def switch_node(self, name: str, *, on: bool) -> None:
        """See `SwitchesNodes.switch_node`."""
        self.note("node", name, on)
        self.kubernetes.nodes.switch(name, on=on)

    def ask_network(self, source: Any, address: str, port: int, request: HttpRequest, timeout: float) -> Any:
        """A request from this computer into the cluster's network."""
        self.note("outside", source, address, port, request, timeout)
        return self.kubernetes.nodes.network.request(source, address, port, request, timeout=timeout)

    # ---- what the engine asks of the world

    def answer(self, image: FunctionImage, asked: Asked) -> Answered:
        """What a learner's function says, or in a replay what it said."""
        if self.replay is not None:
            return self.replay.function(asked)
        again = self._again.get(image.name, _say_lost(image)) if image.answer is ask_again else image.answer
        came = again(asked)
        self.note("function", came, copied(asked.memory))
        return came

    def call_webhook(self, settings: Obj, review: Obj) -> bytes:
        """Asks a server outside, or in a replay the journal."""
        if self.replay is not None:
            return self.replay.webhook()
        try:
            answer: bytes | Exception = self._call_webhook(settings, review)
        except Exception as error:
            self._remember(error)
            raise
        self._remember(answer)
        assert isinstance(answer, bytes)
        return answer

    def _remember(self, answer: bytes | Exception) -> None:
        if not getattr(self._mine, "reading", False):
            self._mine.answers = [*getattr(self._mine, "answers", ()), answer]

    @contextmanager
    def released(self) -> Iterator[None]:
        """The core is free for others inside; what was answered meanwhile is written down when it is held again."""
        if self.replay is not None:
            yield
            return
        self.asking += 1
        try:
            with self._pace_released():
                yield
        finally:
            self.asking -= 1
            for answer in getattr(self._mine, "answers", ()):
                self.note("answer", answer)
            self._mine.answers = []

    def fork(self, kubernetes: EmbeddedKubernetes, moment: Moment) -> None:
        """Goes on with what a replay has made: what came after that moment is forgotten.

        Streams into what was end; versions go on above all that clients have seen.
        """
        del self.entries[moment.entries :]
        if self.keeper is not None:
            self.keeper.cut(moment.entries)
        self.go_on(kubernetes)

    def go_on(self, kubernetes: EmbeddedKubernetes) -> None:
        """Goes on with another engine, of which this door has the journal; see `fork`."""
        self._cut_streams()
        above = self.kubernetes.store.revision + 1
        self.kubernetes = kubernetes
        self.forgotten += 1
        if above > kubernetes.store.revision:
            self.note("fork", above)
            kubernetes.store.go_on_above(above)

    def _cut_streams(self) -> None:
        """Watches end with 410, so that who watches lists anew."""
        for stream in list(self._open):
            stream.cut()
        self._open.clear()


def load(kubernetes: EmbeddedKubernetes, image: FunctionImage) -> None:
    """Brings an image onto every node."""
    from k8s_tutor.embedded.images.own import build  # noqa: PLC0415

    built = build(image)
    for kubelet in kubernetes.nodes.kubelets.values():
        kubelet.load(built)


def ask_again(_: Asked) -> Answered:
    """Stands for the function of an image that was registered in a process that has ended; see `Door.answer`."""
    raise LookupError


def _say_lost(image: FunctionImage) -> Callable[[Asked], Answered]:
    words = msg(
        'The function of image {image} has ended with its kernel: run the cell with @t.image("{image}") again.',
        image=image.name,
    )
    return lambda _: Answered(503, f"{words}\n", log=f"{words}\n")


def copied(memory: dict[str, Any]) -> dict[str, Any]:
    """What a function remembers, as it is now; what cannot be copied is shared."""
    try:
        return copy.deepcopy(memory)
    except Exception:  # whatever a learner keeps there
        return dict(memory)


class _Session:
    """An exec or attach whose input is written down. Implements `ExecSession`."""

    def __init__(self, door: Door, number: int, session: ExecSession) -> None:
        self._door = door
        self._number = number
        self._session = session
        self._done: Callable[[Obj], None] | None = None
        self._dead = False

    def attach(
        self, stdout: Callable[[bytes], None], stderr: Callable[[bytes], None], done: Callable[[Obj], None]
    ) -> None:
        self._done = done
        self._tell("attach")
        self._session.attach(stdout, stderr, done)

    def write(self, data: bytes) -> None:
        if self._tell("write", data):
            self._session.write(data)

    def close_stdin(self) -> None:
        if self._tell("close_stdin"):
            self._session.close_stdin()

    def resize(self, width: int, height: int) -> None:
        if self._tell("resize", width, height):
            self._session.resize(width, height)

    def close(self) -> None:
        if self._tell("close"):
            self._session.close()

    def cut(self) -> None:
        self._dead = True
        if self._done is not None:
            self._done(failure(410, "Expired", TURNED_BACK))

    def _tell(self, method: str, *args: Any) -> bool:
        if not self._dead:
            self._door.note("session", self._number, method, args)
        return not self._dead


class _Port:
    """A connection into a pod whose requests are written down. Implements `PodPort`."""

    def __init__(self, door: Door, number: int, inside: PodPort) -> None:
        self._door = door
        self._number = number
        self._inside = inside
        self._age = door.forgotten

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | None], None]) -> None:
        if self._age != self._door.forgotten:
            done(None)  # it led into a history that is gone
            return
        self._door.note("forward", self._number, request)
        self._inside.request(request, done)
