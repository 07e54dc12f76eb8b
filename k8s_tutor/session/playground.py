"""The playground: a namespace of its own, things to do to it, and a stream of requests; what was done is undone."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from k8s_tutor.api.cluster import Cluster, Feature
from k8s_tutor.clock import is_paused
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import Wording, join_words, msg
from k8s_tutor.language.message import plain
from k8s_tutor.objects import metadata
from k8s_tutor.session.calls import answer_politely
from k8s_tutor.session.cluster_session import ClusterSession
from k8s_tutor.session.deeds import MOST_REPLICAS, MOST_REQUESTS, SERVICE, SHELF, Aim, Command, Line, aim, command
from k8s_tutor.session.pacing import time_of
from k8s_tutor.session.targets import find_target, read_manifest

if TYPE_CHECKING:  # brought in when a playground is opened: connecting stays quick
    from k8s_tutor.course.record import Lesson
    from k8s_tutor.observe.snapshot import Snapshot
    from k8s_tutor.observe.traffic import Traffic
    from k8s_tutor.render.playground import PlaygroundWidget
    from k8s_tutor.session.lesson_namespace import LessonNamespace
    from k8s_tutor.session.whereabouts import Whereabouts

__all__ = ["Playground", "PlayingSession"]

_NAME = "playground"
_TITLE = msg("The playground")
_KINDS = ("deployments", "replicasets", "pods", "services", "nodes")  # what deeds are aimed at
_LINES = 40  # of the log that are kept
_BACK = 30.0  # seconds of the cluster's time
_LONG = ("drain", "clear")
_SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Means:
    """What a playground works with.

    Attributes:
        cluster: Whose.
        inside: Its namespace.
        kubectl: Runs a line without the word kubectl, with what it reads; returns what it printed.
        apply: Applies a manifest; returns what that did, as kubectl says it.
        send: Sends so many requests to the Service.
        switch: Switches a machine.
        turn_back: Turns time back, `"30 s"`, and says what that meant.
        say: Tells a person.
    """

    cluster: Cluster
    inside: LessonNamespace
    kubectl: Callable[[str], str]
    apply: Callable[[str], str]
    send: Callable[[int], Traffic]
    switch: Callable[[str, bool], str]
    turn_back: Callable[[str, Callable[[Wording], None]], None]
    say: Callable[[Wording], None]


class Playground:
    """Does what its controls say, one after the other, and keeps the lines they stand for.

    Attributes:
        lines: The latest, newest last.
        stream: The requests.
    """

    def __init__(self, means: Means, seed: int) -> None:
        from k8s_tutor.session.traffic_routes import Stream  # noqa: PLC0415

        self.lines: deque[Line] = deque(maxlen=_LINES)
        self._means = means
        self._seed, self._kills = seed, 0
        self._latest = ""
        self._speed = 1.0
        self._opened = means.cluster.clock.now()
        self._cordoned: set[str] = set()
        self._switched: list[tuple[float, str, bool]] = []  # when, which machine, on or off: turned back, these go
        self._changed: Callable[[], None] = lambda: None
        self._asked: queue.SimpleQueue[tuple[str, Any, str] | None] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        self._closed = False
        self.stream = Stream(means.send, self._show, lambda: is_paused(means.cluster.clock))

    # ---- what the page shows

    def listen(self, changed: Callable[[], None]) -> None:
        """Has `changed` called whenever there is something new to show, in whatever thread."""
        self._changed = changed

    def _show(self) -> None:
        self._changed()

    def describe(self, snapshot: Snapshot, picked: str = "") -> dict[str, Any]:
        """What the page shows beside the picture: what its controls act upon, what they cannot do and why.

        Args:
            snapshot: What the picture shows.
            picked: The UID of the card that was picked.
        """
        at = self._aim(snapshot, picked)
        return {
            "shelf": [[name, str(example.title)] for name, example in SHELF.items()],
            "app": {"name": at.deployment, "replicas": at.replicas, "most": MOST_REPLICAS, "image": at.image,
                    "next": at.next_image.rpartition("/")[2]},
            "pod": {"name": at.pod, "unready": at.unready, "switchable": at.switchable},
            "node": {"name": at.node, "cordoned": at.cordoned, "off": at.node in self._off(),
                     "why": str(self._no_nodes())},
            "off": [metadata.uid(node) for node in snapshot.of("Node") if metadata.name(node) in self._off()],
            "traffic": self._traffic(at),
            "time": {"paused": is_paused(self._means.cluster.clock), "speed": self._speed, "speeds": list(_SPEEDS),
                     "why": self._no_time()},
            "log": [vars(line) for line in self.lines],
        }  # fmt: skip

    def _traffic(self, at: Aim) -> dict[str, Any]:
        return {
            **self.stream.describe(),
            "most": MOST_REQUESTS,
            "why": "" if at.served else str(msg("There is no Service yet: put the web application on the cluster.")),
        }

    def _no_time(self) -> str:
        try:
            time_of(self._means.cluster)
        except UsageError as error:
            return f"{error.what} {error.why}"
        return ""

    def _no_nodes(self) -> Wording:
        if Feature.SWITCHES_NODES in self._means.cluster.features:
            return ""
        return msg("The nodes of this cluster are left alone: others may need them.")

    # ---- what it does

    def ask(self, deed: str, value: Any, picked: str) -> None:
        """Has something done in another thread, after what was asked before; the kernel is never kept waiting.

        What itself waits for something has a thread of its own: meanwhile everything else can be done.
        """
        if deed in _LONG:
            threading.Thread(target=self.act, args=(deed, value, picked), daemon=True).start()
            return
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="k8s-tutor-playground", daemon=True)
            self._worker.start()
        self._asked.put((deed, value, picked))

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None and not self._closed:
            self.act(*asked)

    def act(self, deed: str, value: Any = None, picked: str = "") -> Line:
        """Does something now, and returns its line. Whatever goes wrong stands there.

        Args:
            deed: A control's name.
            value: What it is set to, where that can be.
            picked: The UID of the card it is aimed at; by default the first worker, a Pod by chance.
        """
        line = Line(f"{deed} {'' if value is None else value}".strip())
        self.lines.append(line)
        try:
            own = getattr(self, f"_do_{deed}", None) if deed.isidentifier() else None
            answer = own(line, value, picked) if own else self._run(line, deed, value, picked)
            line.answer, line.state = _told(answer), "done"
        except TutorError as error:
            said = " ".join(filter(None, (error.what, error.why, error.next_step)))
            line.answer, line.state = _told(said), "failed"
        except (OSError, ValueError) as error:  # the way to the cluster has broken off
            line.answer, line.state = _told(str(error)), "failed"
        self._changed()
        return line

    def _run(self, line: Line, deed: str, value: Any, picked: str) -> str:
        if deed in ("cordon", "drain") and (why := self._no_nodes()):
            raise UsageError(why)
        at = self._aim(self._look(), picked)
        wanted = command(deed, value, at)
        self._say(line, wanted)
        if deed == "put":
            self._latest = value
            return self._means.apply(wanted.stdin)
        self._kills += deed == "kill"
        if deed in ("cordon", "drain"):
            closes = deed == "drain" or not at.cordoned
            (self._cordoned.add if closes else self._cordoned.discard)(at.node)
        return self._means.kubectl(wanted.kubectl)

    def _do_switch(self, line: Line, value: Any, picked: str) -> str:
        if why := self._no_nodes():
            raise UsageError(why)
        node = self._aim(self._look(), picked).node
        on = node in self._off()
        self._say(line, f't.switch_node("node/{node}", on={on})')
        said = self._means.switch(node, on)
        self._switched.append((self._means.cluster.clock.now(), node, on))
        return said

    def _do_traffic(self, line: Line, value: Any, picked: str) -> str:
        rate = min(max(int(value or 0), 0), MOST_REQUESTS)
        self._say(line, f't.traffic("svc/{SERVICE}", requests={rate})')
        if rate and not self.stream.is_alive():
            self.stream.start()
        self.stream.set_rate(rate)
        return str(msg("so many every second, from now on") if rate else msg("No more requests are sent."))

    def _do_pause(self, line: Line, value: Any, picked: str) -> str:
        self._say(line, "t.pause()")
        return str(time_of(self._means.cluster).pause())

    def _do_step(self, line: Line, value: Any, picked: str) -> str:
        self._say(line, "t.step()")
        time = time_of(self._means.cluster)
        time.pause()
        return str(time.step())

    def _do_play(self, line: Line, value: Any, picked: str) -> str:
        speed = float(value or self._speed)
        self._say(line, f"t.play(speed={speed:g})" if speed != 1 else "t.play()")
        said = str(time_of(self._means.cluster).play(speed))
        self._speed = speed
        return said

    def _do_rewind(self, line: Line, value: Any, picked: str) -> str:
        """Not to before the playground was opened: it would not be there."""
        time_of(self._means.cluster)
        back = min(_BACK, int(self._means.cluster.clock.now() - self._opened))
        self._say(line, f't.rewind("{back:g} s")')
        if back < 1:
            raise UsageError(msg("Nothing has happened here yet that could be turned back."))
        said: list[str] = []
        with self.stream.between():  # a command in the client Pod cannot be turned back halfway
            self._means.turn_back(f"{back:g} s", lambda words: said.append(str(words)))
        now = self._means.cluster.clock.now()
        self._switched = [entry for entry in self._switched if entry[0] <= now]
        return " ".join(said)

    def _do_clear(self, line: Line, value: Any, picked: str) -> str:
        self._say(line, "t.reset()")
        self.stream.set_rate(0)
        with self.stream.between():
            return str(self._means.inside.describe_prepared(self._means.inside.prepare()))

    def _say(self, line: Line, what: Command | str) -> None:
        line.said, line.stdin = (what, "") if isinstance(what, str) else (what.line, what.stdin)
        self._changed()

    # ---- what it is aimed at

    def _look(self) -> Snapshot:
        from k8s_tutor.observe.snapshot import take_snapshot  # noqa: PLC0415

        inside, now = self._means.inside, self._means.cluster.clock.now()
        return take_snapshot(inside.client, inside.name, _KINDS, time=now)

    def _aim(self, snapshot: Snapshot, picked: str) -> Aim:
        """In a namespace that is shared only what is ours is aimed at."""
        from k8s_tutor.observe.snapshot import Snapshot  # noqa: PLC0415

        home = self._means.inside.name
        inside = [obj for obj in snapshot.objects if metadata.namespace(obj) == home]
        mine = Snapshot([*self._means.inside.own(inside), *snapshot.of("Node")], time=snapshot.time, namespace=home)
        return aim(mine, picked, latest=self._latest, chance=f"{self._seed}/{self._kills}")

    def _off(self) -> set[str]:
        """The machines that we have switched off and not on again."""
        latest = {node: on for _, node, on in self._switched}
        return {node for node, on in latest.items() if not on}

    # ---- the end

    def close(self) -> None:
        """Stops the requests, and undoes what was done to nodes; says so. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._asked.put(None)
        self.stream.stop()
        undone: list[Wording] = []
        for node in sorted(self._off()):
            undone += self._undo(partial(self._means.switch, node, True), f't.switch_node("node/{node}", on=True)')
        for node in sorted(self._cordoned):
            undone += self._undo(partial(self._means.kubectl, f"uncordon {node}"), f"kubectl uncordon {node}")
        if undone:
            self._means.say(msg("The playground has put the nodes right again: {done}", done=join_words(undone)))

    @staticmethod
    def _undo(deed: Callable[[], str], words: Wording) -> list[Wording]:
        try:
            deed()
        except (TutorError, OSError):  # the node is gone, or the cluster is: nothing to put right
            return []
        return [words]


def _told(answer: str) -> str:
    return "\n".join(plain(line) for line in answer.strip().splitlines())


# ---- The way to it: `t.playground()`


@answer_politely
class PlayingSession(ClusterSession):
    """A session that has a playground."""

    _whereabouts: Whereabouts

    def playground(self, seed: int = 0) -> PlaygroundWidget:
        """Opens the playground: nodes and their Pods, alive, and things to do to them, in a namespace of its own.

        Each control prints the line it stands for. `t.leave()` tidies up: it stops the requests, puts the nodes right
        and leads back to the lesson.

        Args:
            seed: Decides which Pod a control takes where you have picked none.
        """
        from k8s_tutor.render.playground import play  # noqa: PLC0415  brings anywidget

        self._whereabouts.depart()
        place = _place()
        inside = self._whereabouts.look_into(place)
        self.client.owner = None
        inside.prepare()
        player = Playground(self._means(inside), seed)
        self._whereabouts.visit(place, inside)
        self.namespace = self.client.namespace
        widget = self._pictures.follow_placement(self.namespace, "", partial(play, player=player))
        self._whereabouts.on_departure(widget.close)
        return widget

    def _means(self, inside: LessonNamespace) -> Means:
        from k8s_tutor.api.applying import apply  # noqa: PLC0415
        from k8s_tutor.session.pictures import switch  # noqa: PLC0415
        from k8s_tutor.session.traffic_routes import find_route  # noqa: PLC0415

        client, cluster, home = self.client, self.cluster, inside.name

        def put(manifest: str) -> str:
            objects = read_manifest(manifest, is_file=False, kinds=client.refresh_kinds)
            return "\n".join(str(apply(client, obj, home)) for obj in objects)

        def send(count: int) -> Traffic:
            target = find_target(client, f"service/{SERVICE}", home)
            return self._senders().send(find_route(client, target, outside=cluster.load_balancers.url), count)

        def turn(ref: str, on: bool) -> str:
            return str(switch(cluster, find_target(client, f"node/{ref}", home), on=on))

        return Means(cluster, inside, self._run_builtin, put, send, turn, self._turn_back, self._say)

    def _run_builtin(self, line: str) -> str:
        """The built-in kubectl: it answers at once, which a program that has to be started does not."""
        from k8s_tutor.kubectl.builtin import Builtin  # noqa: PLC0415

        load = partial(read_manifest, kinds=self.client.refresh_kinds)
        output = Builtin(self.client, self.namespace, load, self._wait_gone, self.cluster.clock).run(line)
        return "\n".join([*output.notes, output.text])


def _place() -> Lesson:
    from k8s_tutor.course.finding import find_own_course  # noqa: PLC0415
    from k8s_tutor.course.record import Lesson  # noqa: PLC0415
    from k8s_tutor.language.choice import LANGUAGES  # noqa: PLC0415

    titles = {language: _TITLE.render(language) for language in LANGUAGES}
    return Lesson(_NAME, find_own_course(), 0, _NAME, titles, titles, 1)
