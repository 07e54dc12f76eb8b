"""What pauses the embedded cluster's time, steps it, lets it go on and turns it back: by playing its journal again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any

from k8s_tutor.api.cluster import Answered, Asked, FunctionImage
from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.admission.webhook_review import CallFailed
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.embedded.runner import files
from k8s_tutor.embedded.runner.controller_runs import take_step, tell_time
from k8s_tutor.embedded.runner.journal import Astray, Door, Entry, Moment, copied, load
from k8s_tutor.embedded.runner.pace import Pace, PaceMode
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.version import __version__

__all__ = ["PaceClock", "Replay", "TimeControl", "explain_astray"]

_JUST_BEFORE = 1e-6  # seconds
_ENDED = "the process that asked has ended"


class PaceClock:
    """The cluster's time as a `Clock`, one that can be paused."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def now(self) -> float:
        """Seconds since the Unix epoch, of the cluster's time."""
        return self._pace.now()

    @property
    def paused(self) -> bool:
        """See `PausableClock.paused`."""
        return self._pace.mode is PaceMode.PAUSED

    def errand(self) -> AbstractContextManager[None]:
        """See `PausableClock.errand`."""
        return self._pace.errand()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """See `PausableClock.listen`."""
        return self._pace.listen(listener)

    def advance(self, seconds: float) -> None:
        """Moves the cluster's time, running everything that becomes due on the way.

        Args:
            seconds: Of the cluster's time; how long it takes depends on what happens in it, not on the wall clock.
        """
        self._pace.run(seconds)


class TimeControl:
    """Implements `MovesTime`.

    Attributes:
        began: When the cluster's time did.

    Args:
        pace: Whose time.
        door: The cluster in it, and the journal of what it was asked.
        turn_back: Makes the cluster what it was at a moment.
    """

    def __init__(self, pace: Pace, door: Door, turn_back: Callable[[Moment], None]) -> None:
        self._pace = pace
        self._door = door
        self._turn_back = turn_back
        self.began = door.kubernetes.loop.now()
        self._flowing = PaceMode.REALTIME if pace.mode is PaceMode.PAUSED else pace.mode

    def pause(self) -> Wording:
        """See `MovesTime.pause`."""
        if self._pace.mode is not PaceMode.PAUSED:
            self._flowing = self._pace.mode
            self._pace.set(PaceMode.PAUSED, self._pace.speed)
        return msg(
            "‖ The cluster's time is paused at {time}. t.step() lets one thing happen, t.play() lets time go on.",
            time=tell_time(self._pace.now()),
        )

    def play(self, speed: float) -> Wording:
        """See `MovesTime.play`."""
        self._pace.set(self._flowing, speed)
        time = tell_time(self._pace.now())
        if self._flowing is PaceMode.AWAITED:
            return msg("▶ The cluster's time goes on from {time}, whenever a cell waits: it has no speed.", time=time)
        return msg("▶ The cluster's time goes on from {time}, at speed {speed:g}.", time=time, speed=speed)

    def step(self) -> Wording:
        """See `MovesTime.step`."""
        return take_step(self._door.kubernetes, self._pace)

    def wake(self) -> float:
        """See `MovesTime.wake`."""
        return self._pace.wake()

    # ---- back

    def mark(self) -> Moment:
        """See `MovesTime.mark`."""
        with self._pace.hold():
            return self._door.now()

    def knows(self, moment: object) -> bool:
        """See `MovesTime.knows`."""
        assert isinstance(moment, Moment)
        with self._pace.hold():
            now = self._door.now()
        return moment.entries <= now.entries and moment.instant <= now.instant

    def before(self, seconds: float) -> Moment:
        """See `MovesTime.before`."""
        with self._pace.hold():
            now = self._pace.now()
            if seconds > now - self.began:
                raise UsageError(
                    msg("This cluster's time cannot be turned back by {seconds:g} s.", seconds=seconds),
                    why=msg("It began {age:.1f} s ago.", age=now - self.began),
                    next_step=msg("For example {example}.", example='t.rewind("10 s")'),
                )
            return self._at(now - seconds)

    def before_event(self, reason: str, namespace: str, name: str = "") -> Moment:
        """See `MovesTime.before_event`."""
        with self._pace.hold():
            told = [change for change in self._door.kubernetes.store.kept("events") if change.type != "DELETED"]
            own = [change for change in told if change.obj["metadata"].get("namespace") == namespace]
            for change in reversed(own):
                about = change.obj.get("involvedObject") or {}
                if change.obj.get("reason") == reason and name in ("", about.get("name")):
                    return self._at(change.time - _JUST_BEFORE)
        reasons = sorted({str(change.obj.get("reason", "")) for change in own})
        near = nearest(reason, reasons)
        raise UsageError(
            msg("There was no event {reason} in namespace {namespace}.", reason=reason, namespace=namespace),
            why=msg("There were {reasons}.", reasons=", ".join(reasons)) if reasons else msg("There were none."),
            next_step=msg("Did you mean {near}?", near=near) if near else msg("t.events() lists them."),
        )

    def rewind(self, moment: object, say: Callable[[Wording], None]) -> None:
        """See `MovesTime.rewind`."""
        assert isinstance(moment, Moment)
        with self._pace.hold():
            if self._door.asking:
                raise UsageError(
                    msg("Time cannot be turned back just now."),
                    why=msg("A webhook is being asked, and its answer is still to come."),
                    next_step=msg("Run the cell again when it has answered."),
                )
            time = tell_time(moment.instant)
            later = self._door.entries[moment.entries :]
            requests = sum(entry.what in ("request", "outside", "forward") for entry in later)
            say(
                msg(
                    "Turned back by {seconds:.1f} s: what happened since {time} is forgotten, with {requests} "
                    "requests that came after it.",
                    seconds=self._pace.now() - moment.instant,
                    time=time,
                    requests=requests,
                )
            )
            try:
                self._turn_back(moment)
            except Astray as astray:
                raise UsageError(
                    msg("The cluster's time cannot be turned back to {time}; it stays as it is.", time=time),
                    why=msg("Playing its journal again led elsewhere: {astray}.", astray=astray.args[0]),
                    next_step=msg("t.reset() empties the lesson's namespace; connect() in a new kernel begins anew."),
                ) from None
        say(self.pause())

    def _at(self, instant: float) -> Moment:
        entries = sum(entry.instant <= instant for entry in self._door.entries)
        return Moment(entries, None, instant)


def explain_astray(version: str, astray: Wording) -> UsageError:
    """Why a journal could not be played."""
    why = msg("Playing its journal again led elsewhere: {astray}.", astray=astray)
    if version != __version__:
        why = msg(
            "k8s-tutor {version} wrote its journal, and with {this} it leads elsewhere: {astray}.",
            version=version, this=__version__, astray=astray,
        )  # fmt: skip
    return UsageError(msg("The cluster that was kept cannot be gone on with."), why=why, next_step=files.ANEW)


# ---- The way back: a fresh engine is played what is written down


class Replay:
    """Plays a journal to a fresh engine.

    Args:
        door: What asks this replay for the answers of webhooks and functions.
        kubernetes: As it was at the beginning.
        entries: The journal; None for the door's own.

    Attributes:
        added: Entries that the journal was given, as its process ended while it waited for an answer.
    """

    def __init__(self, door: Door, kubernetes: EmbeddedKubernetes, entries: list[Entry] | None = None) -> None:
        self.kubernetes = kubernetes
        self.position = 0
        self.added: list[Entry] = []
        self._door = door
        self._open: set[int] = set()
        self._ends_open = entries is not None
        self._entries = door.entries if entries is None else entries
        self._end = 0
        self._streams: dict[int, Any] = {}
        self._trouble: Wording = ""

    def run(self, moment: Moment) -> None:
        """Plays on up to a moment.

        Raises:
            Astray: the journal does not lead there.
        """
        self._end = moment.entries
        self._door.replay = self
        try:
            while self.position < self._end:
                self._next()
            self._advance(moment.steps, moment.instant)
        finally:
            self._door.replay = None

    def take_over(self) -> None:
        """The door goes on with what this has made; those who were connected to the process that ended hung up."""
        door = self._door
        door.entries, door.streams = self._entries, max(self._streams, default=0)
        for entry in self.added:
            door.keep(entry)
        door.go_on(self.kubernetes)
        for number in sorted(self._open):
            door.note("session", number, "close", ())
            self._do_session(number, "close", ())

    def _next(self) -> None:
        """Does the next entry; or lets time come to what asks for it, if it is an answer."""
        here = self.position
        entry = self._entries[here]
        if not self._reached(entry):
            return
        self.position += 1
        try:
            getattr(self, f"_do_{entry.what}", self._lost)(*entry.args)
        except (AttributeError, KeyError, ConnectionError) as error:  # a stream that was opened then, and not now
            self._stray(f"{entry.what}: {error!r}")
        if self._trouble:
            raise Astray(self._trouble)

    def _reached(self, entry: Entry) -> bool:
        """Lets time come to an entry; False where something on the way has done it already.

        A callback may ask a webhook or a function, and while a webhook is asked others come in: these entries are done
        from inside that callback, as they were.
        """
        here = self.position
        self._advance(entry.steps, entry.instant)
        if self.position != here:
            return False
        if self.kubernetes.store.revision != entry.revision:
            self._stray(
                msg("revision {met} where {written} was", met=self.kubernetes.store.revision, written=entry.revision)
            )
        return True

    def _advance(self, steps: int | None, instant: float) -> None:
        loop, here = self.kubernetes.loop, self.position
        if steps is None:
            loop.run_until(instant)
            return
        while loop.steps < steps:
            due = loop.next_due()
            if due is None or due > instant:
                self._stray(msg("nothing is due where something was"))
            loop.step()
            if self.position != here:
                return
        if loop.steps != steps:
            self._stray(msg("{met} callbacks where {written} were", met=loop.steps, written=steps))
        loop.clock.advance_to(instant)

    def _stray(self, why: Wording) -> None:
        self._trouble = self._trouble or why  # the API server makes a 500 of whatever is raised below it
        raise Astray(why)

    # ---- what the engine asks meanwhile

    def webhook(self) -> bytes:
        """The next answer of a webhook; what came in while it was asked comes in again."""
        answer = self._awaited("answer", CallFailed(f"failed to call webhook: {_ENDED}"))[0]
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    def function(self, asked: Asked) -> Answered:
        """The next answer of a function, and what it remembered."""
        came, memory = self._awaited("function", Answered(503, f"{_ENDED}\n"), copied(asked.memory))
        asked.memory.clear()
        asked.memory.update(copied(memory))
        assert isinstance(came, Answered)
        return came

    def _awaited(self, what: str, *unanswered: Any) -> tuple[Any, ...]:
        while self.position < self._end:
            entry = self._entries[self.position]
            if entry.what != what:
                if what == "function":
                    break  # nobody else is let in while one runs
                self._next()
            elif self._reached(entry):
                self.position += 1
                return entry.args
        if self._ends_open and self.position == self._end:
            return self._add(what, *unanswered)
        self._stray(msg("no {what} where one was", what=what))
        return ()

    def _add(self, what: str, *args: Any) -> tuple[Any, ...]:
        """Nobody wrote down what was answered: the process was killed while it waited."""
        loop = self.kubernetes.loop
        self.added.append(Entry(loop.steps, loop.now(), self.kubernetes.store.revision, what, args))
        self._entries.append(self.added[-1])
        self.position = self._end = len(self._entries)
        return args

    # ---- what came from outside

    def _do_request(self, request: Request, user: User, acting_as: User | None, number: int) -> None:
        self._streams[number] = self.kubernetes.handle(request, user, acting_as)

    def _do_token(self, token: str) -> None:
        self.kubernetes.authenticate(token)

    def _do_session(self, number: int, method: str, args: tuple[Any, ...]) -> None:
        session = self._streams[number].session
        if method == "attach":
            self._open.add(number)
            args = (lambda _: None, lambda _: None, lambda _: self._open.discard(number))
        elif method == "close":
            self._open.discard(number)
        getattr(session, method)(*args)

    def _do_connect(self, number: int, port: int, connection: int) -> None:
        self._streams[connection] = self._streams[number].connect(port)

    def _do_forward(self, connection: int, request: HttpRequest) -> None:
        self._streams[connection].request(request, lambda _: None)

    def _do_image(self, image: FunctionImage) -> None:
        door = self._door
        load(self.kubernetes, replace(image, answer=lambda asked: door.answer(image, asked)))

    def _do_node(self, name: str, on: bool) -> None:
        self.kubernetes.nodes.switch(name, on=on)

    def _do_outside(self, source: Any, address: str, port: int, request: HttpRequest, timeout: float) -> None:
        with suppress(Fault):  # which whoever asked was told
            self.kubernetes.nodes.network.request(source, address, port, request, timeout=timeout)

    def _do_fork(self, revision: int) -> None:
        self.kubernetes.store.go_on_above(revision)

    def _lost(self, *_: Any) -> None:
        self._stray(msg("an answer that nobody asked for"))
